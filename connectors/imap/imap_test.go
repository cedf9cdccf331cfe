package imap

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
	"jackfield/transforms"
)

func eval(src string, in any) ([]any, error) {
	p, err := transforms.Compile(src)
	if err != nil {
		return nil, err
	}
	v, err := p.One(context.Background(), in, transforms.Vars{})
	return []any{v}, err
}

func TestDeclaration(t *testing.T) { kittest.Connector(t, New(), kittest.Eval(eval)) }

// rig is a real Dovecot and a desk before it.
type rig struct {
	*kittest.Desk
	server *kittest.Dovecot
}

func start(t *testing.T) *rig {
	t.Helper()
	s, err := kittest.StartDovecot()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	c := New()
	c.Close = func() error { return nil }
	return &rig{server: s, Desk: kittest.NewDesk(t, c, flow.Values{
		"host": "127.0.0.1", "port": strconv.Itoa(s.Port), "secure": "none", "user": kittest.MailUser, "password": kittest.MailPassword,
	})}
}

// box is a line of the test's own.
func (r *rig) box(mailbox string) *box {
	r.T.Helper()
	s := r.Bind("read", nil).(*read)
	b, err := s.dial(r.T.Context(), r.Env, nil)
	if err == nil {
		err = b.open(mailbox, false)
	}
	if err != nil {
		r.T.Fatal(err)
	}
	return b
}

// post puts mails into a mailbox.
func (r *rig) post(mailbox string, mails ...string) {
	r.T.Helper()
	b := r.box("INBOX")
	defer b.close()
	for _, m := range mails {
		m = strings.ReplaceAll(m, "\n", "\r\n")
		c := b.client.Append(mailbox, int64(len(m)), nil)
		if _, err := c.Write([]byte(m)); err != nil {
			r.T.Fatal(err)
		}
		if err := c.Close(); err != nil {
			r.T.Fatal(err)
		}
		if _, err := c.Wait(); err != nil {
			r.T.Fatal(err)
		}
	}
}

func simple(subject string) string {
	return "From: Ada <ada@example.org>\nTo: bob@example.com\nSubject: " + subject + "\nMessage-ID: <" + subject + "@example.org>\n\nHello\n"
}

func TestOnlyWhatIsNewIsReadAndNothingTwice(t *testing.T) {
	r := start(t)
	var first []string
	for i := range pageSize + 7 {
		first = append(first, simple(fmt.Sprint("m", i)))
	}
	r.post("INBOX", first...)
	got, mark := r.Read("read", nil, nil)
	if len(got) != len(first) || got[0].(map[string]any)["subject"] != "m0" || got[pageSize+6].(map[string]any)["subject"] != fmt.Sprint("m", pageSize+6) {
		t.Fatalf("%d mails of %d", len(got), len(first))
	}
	if got, mark = r.Read("read", nil, mark); len(got) != 0 {
		t.Errorf("%d mails again", len(got))
	}
	r.post("INBOX", simple("later"))
	if got, _ = r.Read("read", nil, mark); fmt.Sprint(kittest.Column(got, "subject")) != "[later]" {
		t.Errorf("behind that %v", kittest.Column(got, "subject"))
	}
	if got, _ = r.Read("read", flow.Values{"only_new": false}, mark); len(got) != len(first)+1 {
		t.Errorf("all are %d mails", len(got))
	}
	if flags := got[0].(map[string]any)["flags"].([]any); strings.Contains(fmt.Sprint(flags), "Seen") {
		t.Error("reading marks a mail as read")
	}
}

func TestTheServerFilters(t *testing.T) {
	r := start(t)
	r.post("INBOX", simple("invoice-1"), simple("news"), strings.Replace(simple("invoice-2"), "ada@example.org", "eve@example.net", 1),
		strings.Replace(simple("grüße"), "Hello", "Wörter", 1))
	for _, c := range []struct {
		with flow.Values
		want string
	}{
		{flow.Values{"with_subject": "invoice"}, "[invoice-1 invoice-2]"},
		{flow.Values{"with_subject": "invoice", "with_from": "example.net"}, "[invoice-2]"},
		{flow.Values{"with_text": "Wörter"}, "[grüße]"},
		{flow.Values{"since": "24h", "unseen": true}, "[invoice-1 news invoice-2 grüße]"},
		{flow.Values{"with_to": "nobody"}, "[]"},
	} {
		got, mark := r.Read("read", c.with, nil)
		if text := fmt.Sprint(kittest.Column(got, "subject")); text != c.want {
			t.Errorf("%v gives %s, want %s", c.with, text, c.want)
		}
		if rest, _ := r.Read("read", c.with, mark); len(rest) != 0 {
			t.Errorf("%v gives %d again", c.with, len(rest))
		}
	}
}

func TestANewNumberingIsTold(t *testing.T) {
	r := start(t)
	r.post("INBOX", simple("a"))
	_, mark := r.Read("read", nil, nil)
	was, err := readPlace(mark, "INBOX")
	if err != nil || was.Validity == 0 {
		t.Fatalf("the mark is %s, %v", mark, err)
	}
	was.Validity++
	other := flow.Cursor(kittest.JSON(map[string]any{"of": was.Of, "uid_validity": int(was.Validity), "uid": int(was.UID)}))
	got, next := r.Read("read", nil, other)
	if len(got) != 1 || !strings.Contains(r.Log(), "numbered INBOX anew") || string(next) != string(mark) {
		t.Errorf("%d mails, mark %s, and the log says %q", len(got), next, r.Log())
	}
	_, err = r.Bind("read", flow.Values{"renumbered": "fail"}).(kit.Source).Read(t.Context(), r.Env, other)
	kittest.WantFailure(t, err, kit.Refused, "renumbered", "INBOX anew")
}

func TestOddMails(t *testing.T) {
	const jpeg = "/9j/4AAQ"
	for _, c := range []struct {
		name, mail string
		want       map[string]any // what parts of the record are
	}{
		{"nested parts", `From: =?utf-8?q?Zo=C3=AB?= <zoe@example.org>
To: a@example.com, "B, C" <b@example.com>
Subject: =?iso-8859-1?q?Gr=FC=DFe?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=o

--o
Content-Type: multipart/related; boundary=r

--r
Content-Type: multipart/alternative; boundary=i

--i
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe
--i
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64

PHA+R3LDvMOfZTwvcD4=
--i--
--r
Content-Type: image/jpeg
Content-ID: <logo>
Content-Transfer-Encoding: base64

` + jpeg + `
--r--
--o
Content-Type: message/rfc822

Subject: inner

inside
--o
Content-Type: text/csv; name="=?utf-8?q?na=C3=AFve.csv?="
Content-Disposition: attachment; filename="../../etc/=?utf-8?q?na=C3=AFve.csv?="

a,b
--o--
`, map[string]any{
			"subject": "Grüße", "text": "Grüße", "html": "<p>Grüße</p>",
			"from": `[{"address":"zoe@example.org","name":"Zoë"}]`, "to": `[{"address":"a@example.com","name":""},{"address":"b@example.com","name":"B, C"}]`,
			"names": "part-1 part-2.eml ../../etc/naïve.csv",
		}},
		{"a charset that is wrong", "Subject: x\nContent-Type: text/plain; charset=utf-8\n\ngr\xfc\xdfe", map[string]any{"text": "grüße"}},
		{"a charset that nobody knows", "Subject: x\nContent-Type: text/plain; charset=x-martian\n\nhello", map[string]any{"text": "hello"}},
		{"eight bits and no charset", "Subject: gr\xc3\xbc\xc3\x9fe\n\ngr\xc3\xbc\xc3\x9fe", map[string]any{"subject": "grüße", "text": "grüße"}},
		{"an encoding that nobody knows", "Subject: x\nContent-Transfer-Encoding: x-own\n\nhello", map[string]any{"text": "hello"}},
		{"no headers", "\nonly a body", map[string]any{"text": "only a body", "subject": "", "from": "[]", "sent": "null", "message_id": ""}},
		{"an address that is none", "From: undisclosed-recipients:;\nTo: <<>>\nDate: yesterday\nSubject: x\n\nhi", map[string]any{"from": "[]", "to": `[{"address":"","name":"<<>>"}]`, "sent": "null"}},
		{"a part that never ends", "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nhello", map[string]any{"text": "hello"}},
		{"a boundary that is nowhere", "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\nhello", map[string]any{"text": ""}},
		{"base64 that breaks off", "Subject: x\nContent-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\niVBORw0K*", map[string]any{"names": "a.png"}},
		{"a date in words", "Date: Mon, 2 Mar 2026 10:00:00 +0100 (CET)\nSubject: x\n\nhi", map[string]any{"sent": `"2026-03-02T09:00:00Z"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			content := newContent()
			rec, err := content.record(kittest.Env(t), letter{uid: 1, raw: []byte(strings.ReplaceAll(c.mail, "\n", "\r\n")), whole: true}, "INBOX", 7)
			if err != nil {
				t.Fatal(err)
			}
			for key, want := range c.want {
				got := any(nil)
				switch v := rec[key].(type) {
				case string:
					got = strings.TrimSpace(v)
					if key == "sent" {
						got = kittest.JSON(v)
					}
				case nil:
					got = "null"
					if key == "names" {
						var names []string
						for _, a := range rec["attachments"].([]any) {
							names = append(names, a.(map[string]any)["name"].(string))
						}
						got = strings.Join(names, " ")
					}
				default:
					got = kittest.JSON(v)
				}
				if got != want {
					t.Errorf("%s is %v, want %v", key, got, want)
				}
			}
			if p := mailSchema().Check(rec); len(p) > 0 {
				t.Errorf("it does not fit what reading says that it gives: %v", p)
			}
		})
	}
}

func TestAttachmentsAreSavedInTheirFolderAlone(t *testing.T) {
	r := start(t)
	r.post("INBOX", "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/csv\nContent-Disposition: attachment; filename=\"../../a.csv\"\n\n1,2\n--b--\n",
		"Subject: large\n\n"+strings.Repeat(strings.Repeat("x", 70)+"\n", 16_000))
	got, _ := r.Read("read", flow.Values{"attachments": "files", "save_to": "in", "largest": 1}, nil)
	if len(got) != 2 {
		t.Fatalf("%d mails", len(got))
	}
	path := got[0].(map[string]any)["attachments"].([]any)[0].(map[string]any)["path"].(string)
	text, err := os.ReadFile(path)
	if err != nil || strings.TrimSpace(string(text)) != "1,2" || filepath.Dir(path) != filepath.Join(r.Env.Dir, "in") {
		t.Errorf("%s holds %q, %v", path, text, err)
	}
	if large := got[1].(map[string]any); large["whole"] != false || large["subject"] != "large" || large["text"] != "" || large["size"].(int) < 1<<20 {
		t.Errorf("of the large one there is %v", large)
	}
}

// listening is a trigger at work.
type listening struct {
	events chan kit.Event
	stop   func()
	mark   *flow.Cursor
}

// listen lets the trigger live; where it stands is kept between lives in mark.
func (r *rig) listen(with flow.Values, mark *flow.Cursor) *listening {
	ctx, cancel := context.WithCancel(r.T.Context())
	l := &listening{events: make(chan kit.Event), mark: mark}
	env := r.Env
	stood := make(chan struct{}, 1)
	env.Marked = func(context.Context) (flow.Cursor, error) { return *mark, nil }
	env.Mark = func(_ context.Context, to flow.Cursor) error {
		*mark = to
		select {
		case stood <- struct{}{}:
		default:
		}
		return nil
	}
	fresh := *mark == nil
	ended := make(chan error, 1)
	op := r.Bind("new", with).(kit.Listener)
	go func() {
		ended <- op.Listen(ctx, env, func(ctx context.Context, e kit.Event) (kit.Receipt, error) {
			select {
			case l.events <- e:
				*mark = e.Mark
				return kit.Receipt{}, nil
			case <-ctx.Done():
				return kit.Receipt{}, ctx.Err()
			}
		})
	}()
	if fresh {
		<-stood
	}
	l.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			r.T.Error(err)
		}
	}
	return l
}

func (l *listening) next() string {
	e := <-l.events
	return e.Data[0].(map[string]any)["subject"].(string)
}

func TestNewMailIsHeardOfOnceThroughCrashesAndBreaks(t *testing.T) {
	r := start(t)
	r.post("INBOX", simple("before"))
	var mark flow.Cursor
	l := r.listen(nil, &mark)
	r.post("INBOX", simple("one"))
	if got := l.next(); got != "one" {
		t.Fatalf("the first is %s", got)
	}
	r.post("INBOX", simple("two")) // by IDLE: the interval is minutes
	if got := l.next(); got != "two" {
		t.Errorf("then %s", got)
	}
	r.server.Kill()
	if err := r.server.Restart(); err != nil {
		t.Fatal(err)
	}
	r.post("INBOX", simple("three"))
	if got := l.next(); got != "three" {
		t.Errorf("behind a crash of the server %s", got)
	}
	l.stop()
	r.post("INBOX", simple("four"), simple("five"))
	l = r.listen(nil, &mark)
	if a, b := l.next(), l.next(); a != "four" || b != "five" {
		t.Errorf("what came meanwhile is %s, %s", a, b)
	}
	l.stop()
	if strings.Contains(r.Log(), kittest.MailPassword) {
		t.Error("the password is told")
	}
}

func TestMailsAreMovedFlaggedAndRemoved(t *testing.T) {
	r := start(t)
	r.post("INBOX", simple("a"), simple("b"))
	b := r.box("INBOX")
	if err := b.client.Create("Archive", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	b.close()
	do := func(with flow.Values) {
		t.Helper()
		for range 2 { // the second time changes nothing more
			got, err := r.Bind("change", with).(kit.Action).Run(t.Context(), r.Env, flow.Record{ID: "a"})
			if err != nil || !got.Same {
				t.Errorf("%v: %v, %v", with, got, err)
			}
		}
	}
	subjects := func(mailbox string) string {
		got, _ := r.Read("read", flow.Values{"mailbox": mailbox}, nil)
		text := ""
		for _, one := range got {
			m := one.(map[string]any)
			text += fmt.Sprint(m["subject"], strings.Contains(fmt.Sprint(m["flags"]), "Flagged"), " ")
		}
		return text
	}
	do(flow.Values{"uid": 1, "do": "flag", "flags": []any{"\\Flagged"}})
	if got := subjects("INBOX"); got != "atrue bfalse " {
		t.Error(got)
	}
	do(flow.Values{"uid": 1, "do": "unflag", "flags": []any{"\\Flagged"}})
	do(flow.Values{"uid": 1, "do": "move", "target": "Archive"})
	if got := subjects("INBOX") + "| " + subjects("Archive"); got != "bfalse | afalse " {
		t.Error(got)
	}
	do(flow.Values{"uid": 2, "do": "delete"})
	if got := subjects("INBOX"); got != "" {
		t.Error(got)
	}
	_, err := r.Run("change", flow.Values{"uid": 1, "mailbox": "Archive", "uid_validity": 1, "do": "delete"})
	kittest.WantFailure(t, err, kit.Missing, "uid_validity")
	r.post("INBOX", simple("c"))
	_, err = r.Run("change", flow.Values{"uid": 3, "do": "move", "target": "Nowhere"})
	kittest.WantFailure(t, err, kit.Missing, "target")
}

func TestWhatIsWrongIsSaidInWords(t *testing.T) {
	r := start(t)
	for _, c := range []struct {
		name, field string
		with        flow.Values
		kind        flow.Code
	}{
		{"a wrong password", "password", flow.Values{"password": "wrong-canary"}, kit.Denied},
		{"no such mailbox", "mailbox", flow.Values{"mailbox": "Nowhere"}, kit.Missing},
		{"no TLS", "secure", flow.Values{"secure": "implicit"}, kit.Invalid},
		{"no STARTTLS", "secure", flow.Values{"secure": "starttls"}, kit.Refused},
		{"no password without TLS", "secure", flow.Values{"secure": "opportunistic"}, kit.Denied},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := r.Bind("read", c.with).(kit.Source).Read(t.Context(), r.Env, nil)
			kittest.WantFailure(t, err, c.kind, c.field)
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Error("the password is told:", err)
			}
		})
	}
	made := New().Connection()
	made.Fields().Bind("c", r.All)
	var said []string
	for _, check := range made.Test(t.Context(), r.Env) {
		said = append(said, check.Name+map[bool]string{true: " ok", false: " no: " + check.What}[check.OK])
	}
	if got := strings.Join(said, ", "); got != "Name ok, Connection ok, Sign in ok, Permission ok, Sample ok" {
		t.Error(got)
	}
	page, err := made.(kit.Catalog).Entities(t.Context(), r.Env, "", "")
	if err != nil || len(page.Entities) != 1 || page.Entities[0].Path != "INBOX" {
		t.Errorf("the mailboxes are %v, %v", page.Entities, err)
	}
}
