package smtp

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gosmtp "github.com/emersion/go-smtp"

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

func desk(t *testing.T, p *post, more flow.Values) *kittest.Desk {
	return kittest.NewDesk(t, New(), p.with(more))
}

// leaves lists the parts of a mail that hold something: type, name and content.
func leaves(t *testing.T, head func(string) string, body io.Reader) (all []string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(head("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		for parts := multipart.NewReader(body, params["boundary"]); ; {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return all
			}
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, leaves(t, part.Header.Get, part)...)
		}
	}
	switch head("Content-Transfer-Encoding") {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	_, how, _ := mime.ParseMediaType(head("Content-Disposition"))
	name, err := new(mime.WordDecoder).DecodeHeader(how["filename"])
	if err != nil {
		t.Fatal(err)
	}
	return append(all, strings.TrimSpace(kind+" "+name+" "+strings.ReplaceAll(string(content), "\r\n", "\n")))
}

func TestAMailArrivesWhole(t *testing.T) {
	p := start(t, manner{})
	d := desk(t, p, nil)
	if err := os.WriteFile(filepath.Join(d.Env.Dir, "list.csv"), []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	given, err := d.Run("send", flow.Values{
		"to": []any{"Ada <ada@example.org>, bob@example.org"}, "cc": "Zoë <zoe@example.org>", "bcc": []any{"boss@example.org", "ada@example.org"}, "reply_to": "help@example.com",
		"subject": "Grüße aus Wien 🎻", "text": "Hello\n.\n..dots and a very long line " + strings.Repeat("x", 2000), "html": "<p>Größe</p>",
		"headers": map[string]any{"X-Order": "17", "List-Unsubscribe": "<mailto:off@example.com>"},
		"attachments": []any{
			"list.csv",
			map[string]any{"name": "naïve.bin", "content": "AP8Q\nCg==", "type": "application/octet-stream"},
			map[string]any{"name": "logo.png", "text": "no picture", "cid": "logo", "type": "image/png"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	all := p.taken()
	if len(all) != 1 {
		t.Fatalf("%d mails arrived", len(all))
	}
	got := all[0]
	if got.from != "shop@example.com" || fmt.Sprint(got.to) != "[ada@example.org bob@example.org zoe@example.org boss@example.org]" {
		t.Errorf("the envelope says from %s to %v", got.from, got.to)
	}
	m, err := mail.ReadMessage(strings.NewReader(got.text))
	if err != nil {
		t.Fatal(err)
	}
	words := new(mime.WordDecoder)
	subject, err := words.DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "Grüße aus Wien 🎻" {
		t.Errorf("the subject is %q, %v", subject, err)
	}
	for name, want := range map[string]string{"Reply-To": "<help@example.com>", "X-Order": "17", "Bcc": ""} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if strings.Contains(got.text, "boss@") {
		t.Error("an unseen recipient can be seen")
	}
	if to, err := m.Header.AddressList("Cc"); err != nil || len(to) != 1 || to[0].Name != "Zoë" {
		t.Errorf("cc is %v, %v", to, err)
	}
	found := leaves(t, m.Header.Get, m.Body)
	slices.Sort(found)
	want := []string{
		"application/octet-stream naïve.bin \x00\xff\x10", "image/png logo.png no picture",
		"text/csv list.csv a,b\n1,2", "text/html  <p>Größe</p>", "text/plain  Hello\n.\n..dots and a very long line " + strings.Repeat("x", 2000),
	}
	if !slices.Equal(found, want) {
		t.Errorf("the parts are %q,\nwant %q", found, want)
	}
	if id := given[0].(map[string]any)["message_id"]; id != m.Header.Get("Message-ID") || !strings.HasSuffix(id.(string), "@example.com>") {
		t.Errorf("the id is %v, and in the mail %q", id, m.Header.Get("Message-ID"))
	}
}

func TestEveryAttemptForARecordHasTheSameMessageID(t *testing.T) {
	p := start(t, manner{})
	d := desk(t, p, flow.Values{"to": "ada@example.org", "text": "hi"})
	id := func(rec flow.RecordID) string {
		t.Helper()
		r, err := d.Bind("send", nil).(kit.Action).Run(t.Context(), d.Env, flow.Record{ID: rec})
		if err != nil {
			t.Fatal(err)
		}
		return r.Data[0].(map[string]any)["message_id"].(string)
	}
	if first, again, other := id("a"), id("a"), id("b"); first != again || first == other {
		t.Errorf("the ids are %s, %s and, for another record, %s", first, again, other)
	}
	if p.made() != 1 {
		t.Errorf("%d lines for three mails one after the other", p.made())
	}
}

func TestWhatWouldBeAnotherHeaderIsRefused(t *testing.T) {
	p := start(t, manner{})
	d := desk(t, p, flow.Values{"to": "ada@example.org"})
	for _, c := range []struct {
		name, field string
		with        flow.Values
	}{
		{"a subject with a line", "subject", flow.Values{"subject": "Hi\r\nBcc: eve@example.net"}},
		{"a subject with a bare line feed", "subject", flow.Values{"subject": "Hi\nBcc: eve@example.net"}},
		{"a header with a line", "headers", flow.Values{"headers": map[string]any{"X-A": "1\r\nBcc: eve@example.net"}}},
		{"a name that is two headers", "headers", flow.Values{"headers": map[string]any{"X-A: 1\r\nBcc": "eve@example.net"}}},
		{"a header that has a setting", "headers", flow.Values{"headers": map[string]any{"bcc": "eve@example.net"}}},
		{"an address with a line", "to", flow.Values{"to": []any{"ada@example.org\r\nRCPT TO:<eve@example.net>"}}},
		{"a name with a line", "to", flow.Values{"to": []any{"\"Ada\r\nBcc: eve@example.net\" <ada@example.org>"}}},
		{"an encoded name with a line", "to", flow.Values{"to": []any{"=?utf-8?q?Ada=0D=0ABcc:_eve@example.net?= <ada@example.org>"}}},
		{"an id with a line", "message_id", flow.Values{"message_id": "a@b\r\nBcc: eve@example.net"}},
		{"a file's name with a line", "attachments", flow.Values{"attachments": []any{map[string]any{"name": "a\r\nBcc: eve", "text": "x"}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := d.Run("send", c.with)
			kittest.WantFailure(t, err, kit.Invalid, c.field)
		})
	}
	if p.made() != 0 {
		t.Error("the server was asked")
	}
}

func TestWhatCannotBeSentIsToldBeforeAnybodyIsAsked(t *testing.T) {
	p := start(t, manner{})
	d := desk(t, p, nil)
	for _, c := range []struct {
		name, field, word string
		kind              flow.Code
		with              flow.Values
	}{
		{"nobody", "to", "nobody would get", kit.Invalid, flow.Values{}},
		{"no address", "to", "no mail address", kit.Invalid, flow.Values{"to": "ada at example"}},
		{"one of many", "cc", "no mail address", kit.Invalid, flow.Values{"to": "a@b.c", "cc": []any{"a@b.c", "x"}}},
		{"two senders", "from", "from one address", kit.Invalid, flow.Values{"from": "a@b.c", "to": "a@b.c"}},
		{"no base64", "attachments", "no base64", kit.Invalid, flow.Values{"to": "a@b.c", "attachments": []any{map[string]any{"name": "a", "content": "%%"}}}},
		{"no name", "attachments", "no name", kit.Invalid, flow.Values{"to": "a@b.c", "attachments": []any{map[string]any{"text": "a"}}}},
		{"two contents", "attachments", "needs one", kit.Invalid, flow.Values{"to": "a@b.c", "attachments": []any{map[string]any{"name": "a", "text": "a", "path": "b"}}}},
		{"no such file", "attachments", "gone.pdf", kit.Missing, flow.Values{"to": "a@b.c", "attachments": "gone.pdf"}},
		{"too large", "attachments", "larger than", kit.Refused, flow.Values{"to": "a@b.c", "largest": 1, "attachments": []any{map[string]any{"name": "a", "text": strings.Repeat("x", 1<<20+1)}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			op := d.Bind("send", c.with).(*send)
			if c.name == "two senders" {
				op.From = "a@b.c, d@e.f"
			}
			_, err := op.Run(t.Context(), d.Env, flow.Record{ID: "a"})
			kittest.WantFailure(t, err, c.kind, c.field, c.word)
		})
	}
	if p.made() != 0 {
		t.Error("the server was asked")
	}
}

func TestRefusedRecipients(t *testing.T) {
	gone := &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	full := &gosmtp.SMTPError{Code: 452, EnhancedCode: gosmtp.EnhancedCode{4, 2, 2}, Message: "mailbox full"}
	for _, c := range []struct {
		name, partly string
		refuse       map[string]*gosmtp.SMTPError
		kind         flow.Code
		to           string
	}{
		{name: "one for good, so nobody", partly: nobody, refuse: map[string]*gosmtp.SMTPError{"bob@example.org": gone}, kind: kit.Refused},
		{name: "one for now, so nobody yet", partly: nobody, refuse: map[string]*gosmtp.SMTPError{"bob@example.org": full}, kind: kit.Busy},
		{name: "one, and the other gets it", partly: others, refuse: map[string]*gosmtp.SMTPError{"bob@example.org": gone}, to: "[ada@example.org]"},
		{name: "all", partly: others, refuse: map[string]*gosmtp.SMTPError{"bob@example.org": gone, "ada@example.org": full}, kind: kit.Refused},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := start(t, manner{})
			p.refuse = c.refuse
			d := desk(t, p, flow.Values{"text": "hi"})
			given, err := d.Run("send", flow.Values{"to": []any{"ada@example.org", "bob@example.org"}, "partly": c.partly})
			if c.kind != "" {
				kittest.WantFailure(t, err, c.kind, "to", "bob@example.org")
				if f := kit.AsFailure(err); f.Uncertain || len(p.taken()) > 0 {
					t.Errorf("uncertain %v, and %d arrived", f.Uncertain, len(p.taken()))
				}
				if _, err := d.Run("send", flow.Values{"to": "zoe@example.org"}); err != nil || p.made() != 1 {
					t.Errorf("the line is of no more use: %v, %d lines", err, p.made())
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(p.taken()[0].to); got != c.to || !strings.Contains(kittest.JSON(given[0]), "no such user") {
				t.Errorf("%s got it, and %s is told", got, kittest.JSON(given[0]))
			}
		})
	}
}

func TestTheSizeThatTheServerTakesIsKept(t *testing.T) {
	p := start(t, manner{limit: 20_000})
	d := desk(t, p, flow.Values{"to": "ada@example.org"})
	_, err := d.Run("send", flow.Values{"text": strings.Repeat("long ", 10_000)})
	kittest.WantFailure(t, err, kit.Refused, "attachments", "19.5 kB")
	if _, err := d.Run("send", flow.Values{"text": "short"}); err != nil || len(p.taken()) != 1 {
		t.Errorf("behind that: %v, %d arrived", err, len(p.taken()))
	}
}

func TestALostLineIsUncertainOnlyBehindTheLastByte(t *testing.T) {
	for _, c := range []struct {
		hang      string
		uncertain bool
		arrived   int
	}{{"rcpt", false, 0}, {"after", true, 1}} {
		t.Run(c.hang, func(t *testing.T) {
			p := start(t, manner{})
			p.hang = c.hang
			d := desk(t, p, flow.Values{"to": "ada@example.org", "text": "hi"})
			_, err := d.Run("send", nil)
			kittest.WantFailure(t, err, kit.Unavailable, "", "was lost")
			if f := kit.AsFailure(err); f.Uncertain != c.uncertain || len(p.taken()) != c.arrived {
				t.Errorf("uncertain is %v, and %d arrived", f.Uncertain, len(p.taken()))
			}
			p.mu.Lock()
			p.hang = ""
			p.mu.Unlock()
			if _, err := d.Run("send", nil); err != nil {
				t.Errorf("a new line is not made: %v", err)
			}
		})
	}
}

func TestALineThatWasLostMeanwhileIsMadeAnew(t *testing.T) {
	p := start(t, manner{})
	d := desk(t, p, flow.Values{"to": "ada@example.org", "text": "hi"})
	for range 2 {
		if _, err := d.Run("send", nil); err != nil {
			t.Fatal(err)
		}
		p.cut()
	}
	if p.made() != 2 || len(p.taken()) != 2 {
		t.Errorf("%d lines, %d mails", p.made(), len(p.taken()))
	}
}

func TestWaysToTheServer(t *testing.T) {
	sealed, begun, plain := start(t, manner{sealed: true}), start(t, manner{}), start(t, manner{plain: true})
	for _, c := range []struct {
		name  string
		to    *post
		with  flow.Values
		kind  flow.Code
		field string
		words []string
	}{
		{name: "TLS from the beginning", to: sealed, with: flow.Values{"secure": "implicit"}},
		{name: "STARTTLS", to: begun},
		{name: "STARTTLS where there is", to: begun, with: flow.Values{"secure": "opportunistic"}},
		{name: "none", to: plain, with: flow.Values{"secure": "none"}},
		{name: "STARTTLS is missing", to: plain, kind: kit.Refused, field: "secure", words: []string{"no STARTTLS"}},
		{name: "no password without TLS", to: plain, with: flow.Values{"secure": "opportunistic"}, kind: kit.Denied, field: "secure", words: []string{"is not sent"}},
		{name: "TLS is not from the beginning", to: plain, with: flow.Values{"secure": "implicit"}, kind: kit.Invalid, field: "secure", words: []string{"starttls"}},
		{name: "a certificate that nobody knows", to: begun, with: flow.Values{"tls_ca_file": ""}, kind: kit.Denied, words: []string{"tls_pin", "sha256:"}},
		{name: "a wrong password", to: begun, with: flow.Values{"password": "wrong-canary"}, kind: kit.Denied, field: "password", words: []string{"ada"}},
		{name: "another's address", to: begun, with: flow.Values{"from": "stranger@example.com"}, kind: kit.Denied, field: "from", words: []string{"not your address"}},
		{name: "without signing in", to: begun, with: flow.Values{"auth": "none"}, kind: kit.Denied, field: "from", words: []string{"sign in first"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := desk(t, c.to, flow.Values{"to": "ada@example.org", "text": "hi"})
			before := len(c.to.taken())
			_, err := d.Run("send", c.with)
			if c.kind == "" {
				if err != nil || len(c.to.taken()) != before+1 {
					t.Fatalf("%v, %d arrived", err, len(c.to.taken())-before)
				}
				return
			}
			kittest.WantFailure(t, err, c.kind, c.field, c.words...)
			if strings.Contains(fmt.Sprintf("%v %+v", err, kit.AsFailure(err)), "canary") || strings.Contains(d.Log(), "canary") {
				t.Errorf("the password is told: %v", err)
			}
		})
	}
}

func TestATokenThatHasEndedIsRenewed(t *testing.T) {
	p := start(t, manner{})
	service := tokens(t, "token-canary-1", fresh)
	d := desk(t, p, flow.Values{
		"auth": "oauth2", "account": "ada@example.com", "oauth_grant": "client", "oauth_client_id": "app", "oauth_client_secret": "s", "oauth_token_url": service.URL,
		"to": "ada@example.org", "text": "hi",
	})
	d.Env.Tokens = kit.NewTokens(nil)
	if _, err := d.Run("send", nil); err != nil || len(p.taken()) != 1 {
		t.Fatalf("%v, %d arrived", err, len(p.taken()))
	}
}

func TestAConnectionSaysHowFarItGets(t *testing.T) {
	p := start(t, manner{limit: 35 << 20})
	for _, c := range []struct {
		name string
		with flow.Values
		want string
	}{
		{"all is well", nil, "Name ok, Connection ok, Sign in ok, Permission ok, Limits ok"},
		{"a wrong password", flow.Values{"password": "no"}, "Name ok, Connection ok, Sign in no"},
		{"another's address", flow.Values{"from": "stranger@example.com"}, "Name ok, Connection ok, Sign in ok, Permission no"},
	} {
		t.Run(c.name, func(t *testing.T) {
			connector := New()
			defer connector.Close()
			made := connector.Connection()
			for _, problem := range made.Fields().Bind("c", p.with(c.with)) {
				t.Fatal(problem)
			}
			var got []string
			for _, check := range made.Test(t.Context(), kittest.Env(t)) {
				got = append(got, check.Name+map[bool]string{true: " ok", false: " no"}[check.OK])
			}
			if text := strings.Join(got, ", "); text != c.want {
				t.Errorf("%s, want %s", text, c.want)
			}
			if len(p.taken()) > 0 {
				t.Error("a test sends a mail")
			}
		})
	}
}
