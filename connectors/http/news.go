package http

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
	"jackfield/flow/value"
)

// read reads a list page by page; with a cursor only the items that are new.
type read struct {
	inquiry
	kit.Sync
	SinceAs    string
	Sorted     bool
	Partitions []string
}

// The ways to send where a run begins.
const (
	asGiven      = "given"
	asRFC3339    = "rfc3339"
	asDate       = "date"
	asUnix       = "unix"
	asUnixMillis = "unix_ms"
)

// What stands in an address for what changes from run to run.
const (
	sinceSign     = "{since}"
	partitionSign = "{partition}"
)

func newRead(w *shared) *read {
	return &read{inquiry: newInquiry(w, web.LinkPaging, 0), Sync: kit.NewSync(), SinceAs: asGiven}
}

// Fields offers POST for services that search with it; a list is only read.
func (q *read) Fields() kit.Fields {
	is := func() bool { return q.Cursor != "" }
	news := kit.Fields{
		kit.Text(&q.Cursor, "cursor", "Cursor field").Eg("updated_at").
			Help("A field of the items that only grows. The next run gives only what is new. Write {since} where the service is to be told from where on, as in the parameter updated_since; the first run leaves that parameter out."),
	}
	news = append(news, q.Sync.More()...)
	news = append(news,
		kit.Pick(&q.SinceAs, "since_as", "Write {since} as",
			kit.Choice{Value: asGiven, Label: "The service writes it"}, kit.Choice{Value: asRFC3339, Label: "2026-03-01T10:00:00Z"},
			kit.Choice{Value: asDate, Label: "2026-03-01"}, kit.Choice{Value: asUnix, Label: "Seconds since 1970"},
			kit.Choice{Value: asUnixMillis, Label: "Milliseconds since 1970"}).OnlyIf(is).More(),
		kit.Toggle(&q.Sorted, "sorted", "The service sorts by the cursor").OnlyIf(is).More().
			Help("The cursor then moves with every page, and an item that goes backwards is an error; else it moves when the list has come to its end."),
		kit.List(&q.Partitions, "partitions", "Partitions").OnlyIf(is).More().
			Help("Each is read in turn, with a cursor of its own, and stands for {partition} in the address and the parameters; a new one begins at its very beginning."),
	)
	return q.fields(methodChoices(http.MethodGet, http.MethodPost), q.bodyField(), news...)
}

// Read gives one page of the list.
func (q *read) Read(ctx context.Context, env kit.Env, after flow.Cursor) (kit.Page, error) {
	if q.Cursor != "" {
		return q.news(ctx, env, after)
	}
	at, err := web.ReadPlace(after)
	if err != nil {
		return kit.Page{}, err
	}
	items, next, more, err := q.page(ctx, env, "", "", at)
	if err != nil {
		return kit.Page{}, err
	}
	cursor, err := json.Marshal(next)
	return kit.Page{Data: items, Next: cursor, More: more}, err
}

// news gives what is new on one page.
func (q *read) news(ctx context.Context, env kit.Env, after flow.Cursor) (page kit.Page, err error) {
	order := kit.AnyOrder
	if q.Sorted {
		order = kit.InOrder
	}
	path, _, _ := strings.Cut(q.Path, "?")
	r, err := q.Resume(env, strings.TrimSpace(path+" "+q.Cursor), after, order)
	if err != nil {
		return page, err
	}
	if !r.Begun() {
		part, more := q.next(r)
		if !more {
			page.Mark, err = r.Mark()
			return page, err
		}
		if err := r.Begin(part, nil); err != nil {
			return page, err
		}
	}
	at, err := web.ReadPlace(r.At())
	if err != nil {
		return page, err
	}
	one, err := q.filled(r)
	if err != nil {
		return page, err
	}
	items, next, more, err := one.page(ctx, env, "", "", at)
	if err != nil {
		return page, err
	}
	page.Data = items
	if err := r.Sift(&page); err != nil {
		return kit.Page{}, err
	}
	return page, q.mark(&page, r, next, more)
}

// mark says where the next page begins, and the next run.
func (q *read) mark(page *kit.Page, r *kit.Reading, next web.Place, more bool) error {
	if page.More = more; more {
		at, err := json.Marshal(next)
		if err != nil {
			return err
		}
		r.Put(at)
	} else {
		if err := r.End(false); err != nil {
			return err
		}
		_, page.More = q.next(r)
	}
	var err error
	if page.Next, err = r.Next(); err == nil {
		page.Mark, err = r.Mark()
	}
	return err
}

// next is the partition behind the one that was read last.
func (q *read) next(r *kit.Reading) (part any, more bool) {
	if len(q.Partitions) == 0 {
		return nil, !r.Ended()
	}
	last, _ := r.Part().(string)
	i := 0
	if r.Part() != nil {
		i = slices.Index(q.Partitions, last) + 1
	}
	if i >= len(q.Partitions) {
		return nil, false
	}
	return q.Partitions[i], true
}

// filled is the request with what changes from run to run in its places.
func (q *read) filled(r *kit.Reading) (*inquiry, error) {
	one := q.inquiry
	since, has, err := q.since(r)
	if err != nil {
		return nil, err
	}
	if !has && strings.Contains(one.Path, sinceSign) {
		return nil, kit.Fail(kit.Invalid, "nothing was read yet, so nothing can stand for {since} in the path").On("path").
			Hint("write {since} into a parameter, which the first run leaves out, or say how far \"first\" goes back")
	}
	part, _ := r.Part().(string)
	fill := strings.NewReplacer(sinceSign, since, partitionSign, part).Replace
	path, query, asks := strings.Cut(one.Path, "?")
	one.Path = strings.NewReplacer(sinceSign, url.PathEscape(since), partitionSign, url.PathEscape(part)).Replace(path)
	if asks {
		one.Path += "?" + strings.NewReplacer(sinceSign, url.QueryEscape(since), partitionSign, url.QueryEscape(part)).Replace(query)
	}
	one.Query = maps.Clone(one.Query)
	for name, text := range one.Query {
		if !has && strings.Contains(text, sinceSign) {
			delete(one.Query, name)
			continue
		}
		one.Query[name] = fill(text)
	}
	one.Body, _ = filledBody(one.Body, fill, has)
	return &one, nil
}

// filledBody fills in every text of a body. A member that needs what is not there yet is
// left out.
func filledBody(body any, fill func(string) string, has bool) (filled any, wanted bool) {
	switch body := body.(type) {
	case string:
		return fill(body), has || !strings.Contains(body, sinceSign)
	case []any:
		list := make([]any, 0, len(body))
		for _, v := range body {
			if one, wanted := filledBody(v, fill, has); wanted {
				list = append(list, one)
			}
		}
		return list, true
	case map[string]any:
		object := make(map[string]any, len(body))
		for name, v := range body {
			if one, wanted := filledBody(v, fill, has); wanted {
				object[name] = one
			}
		}
		return object, true
	}
	return body, true
}

// since is where the pass begins, as the service wants to have it written.
func (q *read) since(r *kit.Reading) (text string, has bool, err error) {
	v, has := r.Since()
	if !has {
		return "", false, nil
	}
	if q.SinceAs == asGiven {
		if s, ok := v.(string); ok {
			return s, true, nil
		}
		return string(value.Append(nil, v)), true, nil
	}
	at, err := r.SinceTime()
	if err != nil {
		return "", false, err
	}
	switch q.SinceAs {
	case asDate:
		return at.UTC().Format(time.DateOnly), true, nil
	case asUnix:
		return strconv.FormatInt(at.Unix(), 10), true, nil
	case asUnixMillis:
		return strconv.FormatInt(at.UnixMilli(), 10), true, nil
	}
	return at.UTC().Format(time.RFC3339), true, nil
}
