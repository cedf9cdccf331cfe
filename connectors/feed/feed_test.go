package feed

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
	"jackfield/flow/value"
)

func TestDeclaration(t *testing.T) {
	c := New()
	kittest.Connector(t, c)
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// blog is a service with one feed.
type blog struct {
	mu     sync.Mutex
	items  []string // the newest first
	status int      // in place of the feed
	whole  int      // how often the feed was sent
	same   int      // and how often it had not changed
	text   string   // in place of what items make
	kind   string
}

func (b *blog) set(items ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.items = items
}

func (b *blog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.status != 0 {
		w.WriteHeader(b.status)
		return
	}
	text := b.text
	if text == "" {
		text = `<rss version="2.0"><channel><title>Blog</title><link>https://blog.example</link>`
		for _, id := range b.items {
			text += fmt.Sprintf(`<item><guid>%s</guid><title>Post %s</title><pubDate>Mon, 02 Mar 2026 10:00:00 +0100</pubDate></item>`, id, id)
		}
		text += `</channel></rss>`
	}
	tag := fmt.Sprintf("%q", fmt.Sprint(len(text), b.items))
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		b.same++
		w.WriteHeader(http.StatusNotModified)
		return
	}
	b.whole++
	if b.kind != "" {
		w.Header().Set("Content-Type", b.kind)
	}
	_, _ = w.Write([]byte(text))
}

func serve(t *testing.T, b *blog) string {
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	return server.URL + "/feed.xml"
}

func bind(t *testing.T, name string, with flow.Values) kit.Operation {
	t.Helper()
	c := New()
	t.Cleanup(func() { _ = c.Close() })
	op, _ := c.Op(name)
	made := op.New()
	if p := made.Fields().Bind("s", with); p != nil {
		t.Fatal(p)
	}
	return made
}

func titles(all []any) string {
	var out []string
	for _, v := range all {
		out = append(out, fmt.Sprint(v.(map[string]any)["title"]))
	}
	return strings.Join(out, ", ")
}

func TestReadGivesWhatIsNewOldestFirst(t *testing.T) {
	b := &blog{}
	b.set("2", "1")
	url := serve(t, b)
	var mark flow.Cursor
	look := func() string {
		t.Helper()
		page, err := bind(t, "read", flow.Values{"url": url}).(kit.Source).Read(t.Context(), kit.Env{}, mark)
		if err != nil || page.More {
			t.Fatalf("more %v, %v", page.More, err)
		}
		if page.Mark != nil {
			mark = page.Mark
		}
		return titles(page.Data)
	}
	for _, step := range []struct {
		items []string
		want  string
	}{
		{[]string{"2", "1"}, "Post 1, Post 2"},
		{[]string{"2", "1"}, ""},
		{[]string{"4", "3", "2"}, "Post 3, Post 4"},
		{[]string{"5"}, "Post 5"},
		{[]string{"5", "2", "1"}, ""}, // what comes back is not new
	} {
		b.set(step.items...)
		if got := look(); got != step.want {
			t.Errorf("with %v: %q, want %q", step.items, got, step.want)
		}
	}
	if b.same != 1 || b.whole != 4 {
		t.Errorf("the feed was sent %d times, and had not changed %d times", b.whole, b.same)
	}
	page, err := bind(t, "read", flow.Values{"url": url, "only_new": false}).(kit.Source).Read(t.Context(), kit.Env{}, mark)
	if err != nil || titles(page.Data) != "Post 1, Post 2, Post 5" || page.Mark != nil {
		t.Errorf("all of it: %s, %v", titles(page.Data), err)
	}
	other, err := bind(t, "read", flow.Values{"url": url + "?other"}).(kit.Source).Read(t.Context(), kit.Env{}, mark)
	if err != nil || len(other.Data) != 3 {
		t.Errorf("another feed by the mark of this one: %s, %v", titles(other.Data), err)
	}
}

func TestEveryKindOfFeedIsRead(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"RSS": {
			`<?xml version="1.0" encoding="ISO-8859-1"?><rss version="2.0"><channel><title>Caf` + "\xe9" + `</title><link>https://a.example</link>
			<item><title>Zo` + "\xeb" + `</title><link>https://a.example/1</link><description>short</description><category>x</category>
			<enclosure url="https://a.example/1.mp3" type="audio/mpeg" length="5"/><pubDate>Mon, 02 Mar 2026 10:00:00 +0100</pubDate></item></channel></rss>`,
			`{"authors":[],"categories":["x"],"content":"","enclosures":[{"length":"5","type":"audio/mpeg","url":"https://a.example/1.mp3"}],"feed":{"link":"https://a.example","title":"Café"},"id":"https://a.example/1","image":null,"link":"https://a.example/1","published":"2026-03-02T09:00:00Z","summary":"short","title":"Zoë","updated":null}`,
		},
		"Atom": {
			`<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><entry><id>urn:1</id><title>T</title><link href="https://a.example/1"/><updated>2026-03-02T10:00:00Z</updated><author><name>Ada</name></author><content>long</content></entry></feed>`,
			`{"authors":[{"email":"","name":"Ada"}],"categories":[],"content":"long","enclosures":[],"feed":{"link":"","title":"A"},"id":"urn:1","image":null,"link":"https://a.example/1","published":"2026-03-02T10:00:00Z","summary":"","title":"T","updated":"2026-03-02T10:00:00Z"}`,
		},
		"JSON": {
			`{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [{"id": "7", "title": "T", "content_text": "words", "date_published": "2026-03-02T10:00:00Z"}]}`,
			`{"authors":[],"categories":[],"content":"words","enclosures":[],"feed":{"link":"","title":"J"},"id":"7","image":null,"link":"","published":"2026-03-02T10:00:00Z","summary":"","title":"T","updated":null}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := bind(t, "read", flow.Values{"url": serve(t, &blog{text: tt.text})}).(kit.Source).Read(t.Context(), kit.Env{}, nil)
			if err != nil || len(page.Data) != 1 {
				t.Fatalf("%v, %v", page.Data, err)
			}
			if got := string(value.Append(nil, page.Data[0])); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestWhatIsNoFeedIsSaid(t *testing.T) {
	for name, tt := range map[string]struct {
		b    *blog
		kind flow.Code
		says string
	}{
		"a page":        {&blog{text: "<html><body>hello</body></html>"}, kit.Malformed, "neither RSS nor Atom"},
		"half a feed":   {&blog{text: "<rss><channel><item><title>x"}, kit.Malformed, "no feed"},
		"nothing there": {&blog{status: 404}, kit.Missing, "404"},
		"throttled":     {&blog{status: 429}, kit.Throttled, "429"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bind(t, "read", flow.Values{"url": serve(t, tt.b)}).(kit.Source).Read(t.Context(), kit.Env{}, nil)
			if f := kit.AsFailure(orNone(err)); f.Kind != tt.kind || !strings.Contains(f.What, tt.says) || f.Fix == "" {
				t.Errorf("got %+v", err)
			}
			c := New()
			defer c.Close()
			account := c.Connection()
			if p := account.Fields().Bind("", flow.Values{"url": serve(t, tt.b)}); p != nil {
				t.Fatal(p)
			}
			if checks := account.Test(t.Context(), kit.Env{}); checks[len(checks)-1].OK {
				t.Errorf("its test holds: %+v", checks)
			}
		})
	}
}

func orNone(err error) error {
	if err == nil {
		return errors.New("it does not fail")
	}
	return err
}

// listener hears what a trigger gives, and keeps its mark.
type listener struct {
	heard chan string
	mark  flow.Cursor
	noted chan struct{}
}

func (l *listener) env() kit.Env {
	return kit.Env{
		Marked: func(context.Context) (flow.Cursor, error) { return l.mark, nil },
		Mark: func(_ context.Context, to flow.Cursor) error {
			l.mark = to
			select {
			case l.noted <- struct{}{}:
			default:
			}
			return nil
		},
	}
}

func (l *listener) give(_ context.Context, e kit.Event) (kit.Receipt, error) {
	l.mark = e.Mark
	l.heard <- titles(e.Data)
	return kit.Receipt{}, nil
}

// listen lets a trigger listen until the function is called that it gives.
func (l *listener) listen(t *testing.T, with flow.Values) (end func()) {
	ctx, stop := context.WithCancel(t.Context())
	made := bind(t, "new", with).(*watch)
	made.Interval = time.Millisecond
	ended := make(chan error, 1)
	go func() { ended <- made.Listen(ctx, l.env(), l.give) }()
	return func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestATriggerFiresForEachNewItemAlsoAfterABreak(t *testing.T) {
	b := &blog{}
	b.set("2", "1")
	with := flow.Values{"url": serve(t, b)}
	l := &listener{heard: make(chan string, 10), noted: make(chan struct{}, 1)}
	end := l.listen(t, with)
	<-l.noted
	b.set("4", "3", "2", "1")
	if a, c := <-l.heard, <-l.heard; a != "Post 3" || c != "Post 4" {
		t.Errorf("heard %s, %s", a, c)
	}
	end()
	b.set("5", "4", "3")
	end = l.listen(t, with)
	if a := <-l.heard; a != "Post 5" {
		t.Errorf("after a break: %s", a)
	}
	end()
	first := &listener{heard: make(chan string, 10)}
	end = first.listen(t, flow.Values{"url": with["url"], "existing": true})
	if got := []string{<-first.heard, <-first.heard, <-first.heard}; strings.Join(got, ", ") != "Post 3, Post 4, Post 5" {
		t.Errorf("with those that are there: %v", got)
	}
	end()
}

func TestPasteTakesAnAddressAndASignIn(t *testing.T) {
	c := New()
	defer c.Close()
	account := c.Connection()
	values, ok := account.(kit.Paster).Paste("curl https://blog.example/feed.xml?full=1 -u ada:pw")
	if p := account.Fields().Bind("", values); !ok || p != nil || values["url"] != "https://blog.example/feed.xml?full=1" || values["user"] != "ada" {
		t.Errorf("%v, %v, %v", values, ok, p)
	}
	if values, _ := account.(kit.Paster).Paste("curl https://blog.example/feed.xml -E me.pem"); values["auth"] != nil {
		t.Errorf("a way to sign in that is not offered: %v", values)
	}
}

func TestATriggerIsTriedByHand(t *testing.T) {
	b := &blog{}
	b.set("2", "1")
	url := serve(t, b)
	all, err := bind(t, "new", flow.Values{"url": url}).(kit.Starter).Start(t.Context(), kit.Env{})
	if err != nil || titles(all) != "Post 2" {
		t.Errorf("%v, %v", all, err)
	}
	b.set()
	if _, err := bind(t, "new", flow.Values{"url": url}).(kit.Starter).Start(t.Context(), kit.Env{}); kit.AsFailure(orNone(err)).Kind != kit.Missing {
		t.Errorf("an empty feed: %v", err)
	}
}

func TestAStopEndsAReadAtOnce(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		stop()
		<-r.Context().Done()
	}))
	defer server.Close()
	if _, err := bind(t, "read", flow.Values{"url": server.URL}).(kit.Source).Read(ctx, kit.Env{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
