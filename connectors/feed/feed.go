// Package feed reads web feeds: RSS, Atom and JSON Feed.
//
// Its nouns: an item is one entry of a feed; a memory is which items were given before.
// Its rules: an item is known again by its id, else by its link, else by what it says; a
// feed that has not changed is not sent again by services that know how to tell (RFC 9110,
// 13.1); what leaves a feed and comes back is not new for a while.
package feed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// New declares the connector.
func New() kit.Connector {
	client := web.NewClient()
	return kit.Connector{
		ID: "feed", Title: "Feeds", Icon: "feed", Tint: "amber",
		Summary:    "Read news and other feeds, in RSS, Atom or JSON, and start runs when something new appears.",
		Connection: func() kit.Connection { return &connection{newSettings(client)} },
		Close:      func() error { client.Close(); return nil },
		Ops: []kit.Op{{
			ID: "read", Title: "Read a feed", Icon: "list", Effect: kit.Reads,
			Summary: "Reads the items of a feed, the oldest first; after the first run only those that are new.",
			Words:   []string{"rss", "atom", "news", "blog", "podcast", "source"},
			New:     func() kit.Operation { return &read{settings: newSettings(client), News: true} },
			Out:     itemSchema(),
			Examples: []kit.Example{{
				Title: "What a blog has written since the last run",
				With:  flow.Values{"url": "https://example.com/feed.xml"},
			}},
		}, {
			ID: "new", Title: "When something new appears", Icon: "watch", Effect: kit.Reads, Trigger: true,
			Summary: "Looks at a feed from time to time and starts a run for each item that is new.",
			Words:   []string{"rss", "atom", "news", "blog", "podcast", "trigger", "watch"},
			New:     func() kit.Operation { return &watch{settings: newSettings(client), Interval: 15 * time.Minute} },
			Out:     itemSchema(),
			Examples: []kit.Example{{
				Title: "Each new episode of a podcast",
				With:  flow.Values{"url": "https://example.com/podcast.rss", "interval": "1h"},
			}},
		}},
	}
}

// settings are what a connection knows of a feed.
type settings struct {
	web.Site
	auth.Access
}

func newSettings(c *web.Client) settings {
	return settings{Site: web.NewSite(c), Access: auth.New(auth.None, auth.Basic, auth.Bearer, auth.APIKey, auth.Digest, auth.Custom)}
}

func (s *settings) common() kit.Fields {
	fields := kit.Fields{s.AddressField().Eg("https://example.com/feed.xml")}
	return append(append(fields, s.Access.Fields()...), s.AccessFields()...)
}

// connection is the settings as a connection of their own.
type connection struct{ settings }

func (c *connection) Fields() kit.Fields { return c.common() }

// Paste takes the address and the sign-in of a request.
func (c *connection) Paste(text string) (flow.Values, bool) {
	p, ok := web.Paste(text)
	all := p.Account()
	if ok && p.URL != nil {
		all["url"] = p.URL.String()
	}
	fresh := *c
	return web.Fitting(fresh.Fields(), all), ok
}

// Test goes the way of a request and looks whether there is a feed.
func (c *connection) Test(ctx context.Context, env kit.Env) []kit.Check {
	return c.TryTo(ctx, env, c.Signer(env), func(*url.URL) (string, error) {
		f, _, err := c.fetch(ctx, env, memory{})
		if err != nil {
			return "", err
		}
		return strings.TrimSpace(f.Title + ": " + f.FeedType + " with " + counted(len(f.Items))), nil
	})
}

func counted(n int) string {
	if n == 1 {
		return "1 item"
	}
	return strconv.Itoa(n) + " items"
}

// memory is what a mark holds: which items were given.
type memory struct {
	Of       string `json:"of,omitempty"` // the feed
	Seen     []byte `json:"seen,omitempty"`
	Tag      string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
}

const (
	sumSize    = 8
	mostMemory = 4000 // items that are known again
)

func (m *memory) knows(sum []byte) bool {
	for one := range slices.Chunk(m.Seen, sumSize) {
		if bytes.Equal(one, sum) {
			return true
		}
	}
	return false
}

// readMemory reads a memory as it was stored; that of another feed counts for nothing.
func readMemory(from flow.Cursor, of string) (m memory, err error) {
	if len(from) == 0 {
		return memory{Of: of}, nil
	}
	if err := json.Unmarshal(from, &m); err != nil {
		return m, kit.Fail(kit.Malformed, "the stored cursor does not read: %w", err).Hint("reset the cursor of this step")
	}
	if m.Of != of || len(m.Seen)%sumSize != 0 {
		return memory{Of: of}, nil
	}
	return m, nil
}

// fetch asks for the feed; f is nil where it has not changed since the memory was made.
func (s *settings) fetch(ctx context.Context, env kit.Env, m memory) (f *gofeed.Feed, next memory, err error) {
	at, err := s.Base(ctx)
	if err != nil {
		return nil, m, err
	}
	headers := http.Header{"Accept": {"application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5"}}
	if m.Tag != "" {
		headers.Set("If-None-Match", m.Tag)
	}
	if m.Modified != "" {
		headers.Set("If-Modified-Since", m.Modified)
	}
	r, err := s.Send(ctx, env, s.Signer(env), web.Call{Method: http.MethodGet, URL: at, Headers: headers})
	switch {
	case err != nil:
		return nil, m, err
	case r.Status == http.StatusNotModified:
		return nil, m, nil
	case r.Status < 200 || r.Status > 299:
		return nil, m, r.Refusal(time.Now())
	}
	f, err = gofeed.NewParser().Parse(bytes.NewReader(r.Body))
	if err != nil {
		return nil, m, kit.Fail(kit.Malformed, "what %s gives is no feed: %s", r.Asked, plainly(err)).On("url").Hint("look for the feed's own address, often named RSS on the page")
	}
	next = m
	next.Tag, next.Modified = r.Header.Get("ETag"), r.Header.Get("Last-Modified")
	return f, next, nil
}

func plainly(err error) string {
	if errors.Is(err, gofeed.ErrFeedTypeNotDetected) {
		return "it is neither RSS nor Atom nor a JSON Feed"
	}
	text := strings.Join(strings.Fields(err.Error()), " ")
	return text[:min(len(text), 200)]
}

// sift gives the items that the memory does not know, the oldest first, and notes them.
func (m *memory) sift(f *gofeed.Feed) []any {
	var items []any
	var now []byte
	for _, item := range slices.Backward(f.Items) {
		sum := nameOf(item)
		now = append(now, sum...)
		if !m.knows(sum) {
			items = append(items, record(f, item))
		}
	}
	for one := range slices.Chunk(m.Seen, sumSize) {
		if len(now) >= mostMemory*sumSize {
			break
		}
		if !(&memory{Seen: now}).knows(one) {
			now = append(now, one...)
		}
	}
	m.Seen = now
	return items
}

// nameOf is the digest of that by which an item is known again.
func nameOf(item *gofeed.Item) []byte {
	name := "id " + strings.TrimSpace(item.GUID)
	if item.GUID == "" {
		name = "link " + strings.TrimSpace(item.Link)
	}
	if item.GUID == "" && item.Link == "" {
		name = "says " + item.Title + "\x00" + item.Published + "\x00" + item.Description
	}
	sum := sha256.Sum256([]byte(name))
	return sum[:sumSize]
}

// record is an item as a record.
func record(f *gofeed.Feed, item *gofeed.Item) map[string]any {
	id := item.GUID
	if id == "" {
		id = item.Link
	}
	if id == "" {
		id = base64.RawURLEncoding.EncodeToString(nameOf(item))
	}
	authors := []any{}
	for _, a := range item.Authors {
		if a != nil {
			authors = append(authors, map[string]any{"name": a.Name, "email": a.Email})
		}
	}
	enclosures := []any{}
	for _, e := range item.Enclosures {
		if e != nil {
			enclosures = append(enclosures, map[string]any{"url": e.URL, "type": e.Type, "length": e.Length})
		}
	}
	categories := []any{}
	for _, c := range item.Categories {
		categories = append(categories, c)
	}
	image := any(nil)
	if item.Image != nil {
		image = item.Image.URL
	}
	return map[string]any{
		"id": id, "title": item.Title, "link": item.Link, "summary": item.Description, "content": item.Content,
		"published": when(item.PublishedParsed), "updated": when(item.UpdatedParsed),
		"authors": authors, "categories": categories, "enclosures": enclosures, "image": image,
		"feed": map[string]any{"title": f.Title, "link": f.Link},
	}
}

func when(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

func itemSchema() flow.Schema {
	text, none := flow.Of(flow.String), flow.Schema{Types: []flow.Kind{flow.String, flow.Null}}
	p := func(name string, s flow.Schema) flow.Property {
		return flow.Property{Name: name, Required: true, Schema: s}
	}
	moment := none
	moment.Format = "date-time"
	return flow.ObjectOf(
		p("id", text), p("title", text), p("link", text), p("summary", text), p("content", text),
		p("published", moment), p("updated", moment),
		p("authors", flow.ListOf(flow.ObjectOf(p("name", text), p("email", text)))),
		p("categories", flow.ListOf(text)),
		p("enclosures", flow.ListOf(flow.ObjectOf(p("url", text), p("type", text), p("length", text)))),
		p("image", none), p("feed", flow.ObjectOf(p("title", text), p("link", text))))
}

// read is a source of a feed's items.
type read struct {
	settings
	News bool
}

func (q *read) Fields() kit.Fields {
	own := q.common()
	return append(kit.Fields{
		own[0],
		kit.Toggle(&q.News, "only_new", "Only what is new").Help("What an earlier run has given is not given again; turn it off to read all that the feed holds each time."),
	}, web.Folded(own[1:])...)
}

// Read gives the items on one page: no feed holds many.
func (q *read) Read(ctx context.Context, env kit.Env, after flow.Cursor) (page kit.Page, err error) {
	m := memory{}
	if q.News {
		if m, err = readMemory(after, strings.TrimSpace(q.URL)); err != nil {
			return page, err
		}
	}
	f, next, err := q.fetch(ctx, env, m)
	if err != nil || f == nil {
		return page, err
	}
	page.Data = next.sift(f)
	if q.News {
		page.Mark, err = json.Marshal(next)
	}
	return page, err
}

// watch is a trigger that looks at a feed from time to time.
type watch struct {
	settings
	Interval time.Duration
	Existing bool
	kit.Gathering
}

func (w *watch) Fields() kit.Fields {
	own := w.common()
	fields := kit.Fields{
		own[0],
		kit.Duration(&w.Interval, "interval", "Look every").Checked(w.check),
		kit.Toggle(&w.Existing, "existing", "Items that are there already").Help("Otherwise only those that appear once the flow is enabled, also while Jackfield is closed."),
	}
	return append(append(fields, w.GatherFields()...), web.Folded(own[1:])...)
}

func (w *watch) check() error {
	if w.Interval < time.Second {
		return kit.Fail(kit.Invalid, "less than a second would keep the service busy").Hint("every few minutes is often enough for a feed")
	}
	return nil
}

// Start gives the newest item, as an example.
func (w *watch) Start(ctx context.Context, env kit.Env) ([]any, error) {
	f, _, err := w.fetch(ctx, env, memory{})
	if err != nil {
		return nil, err
	}
	if len(f.Items) == 0 {
		return nil, kit.Fail(kit.Missing, "the feed has no items").On("url").Hint("wait for the first one")
	}
	return []any{record(f, f.Items[0])}, nil
}

// Listen looks until ctx ends. That a service does not answer now and then is told once,
// and changes nothing.
func (w *watch) Listen(ctx context.Context, env kit.Env, give func(context.Context, kit.Event) (kit.Receipt, error)) error {
	stored, err := env.LastMark(ctx)
	if err != nil {
		return err
	}
	m, err := readMemory(stored, strings.TrimSpace(w.URL))
	if err != nil {
		return err
	}
	told := ""
	for first := len(stored) == 0; ; {
		pause, err := w.look(ctx, env, &m, first && !w.Existing, give)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			first, told = false, ""
		default:
			f := kit.AsFailure(err)
			if f.What != told {
				env.Log(flow.Warn, "", "%s; it is asked again every %s", f.What, w.Interval)
			}
			told = f.What
		}
		if !rest(ctx, max(pause, w.Interval)) {
			return nil
		}
	}
}

// look gives what is new; of a first look only the memory is kept. pause is how long the
// service asked to wait.
func (w *watch) look(ctx context.Context, env kit.Env, m *memory, first bool, give func(context.Context, kit.Event) (kit.Receipt, error)) (pause time.Duration, err error) {
	f, next, err := w.fetch(ctx, env, *m)
	if err != nil {
		return kit.AsFailure(err).After, err
	}
	if f == nil {
		return 0, nil
	}
	before := m.Seen
	items := next.sift(f)
	if first || len(items) == 0 {
		mark, err := json.Marshal(next)
		if err == nil {
			err = env.SetMark(ctx, mark)
		}
		if err == nil {
			*m = next
		}
		return 0, err
	}
	told := memory{Of: next.Of, Seen: before}
	for i, item := range slices.Backward(f.Items) {
		sum := nameOf(item)
		if told.knows(sum) {
			continue
		}
		told.Seen = append(slices.Clone(sum), told.Seen...)
		kept := told
		if last := i == 0; last {
			kept = next
		}
		mark, err := json.Marshal(kept)
		if err != nil {
			return 0, err
		}
		if _, err := give(ctx, kit.Event{Data: []any{record(f, item)}, Cause: "feed", Mark: mark}); err != nil {
			return 0, err
		}
		*m = kept
	}
	return 0, nil
}

func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
