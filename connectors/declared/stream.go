package declared

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// stream is a list of the service.
type stream struct {
	id, title, summary string
	inner              bool // only others are parted by it
	ask                request
	selection
	pager    *pager
	dividers []divider
	news     *news
	key      []string
	schema   flow.Schema
	cannot   *flow.Problem // what of it is not known here

	service *service
}

func (s *stream) op() kit.Op {
	return kit.Op{
		ID: s.id, Title: titled(s.title, s.id), Icon: "list", Effect: kit.Reads, Out: s.schema,
		Summary: cmp.Or(s.summary, fmt.Sprintf("Reads the list %q page by page, each item a record.", cmp.Or(s.title, s.id))),
		Words:   []string{"list", "read", "source"},
		New:     func() kit.Operation { return newReader(s) },
	}
}

// page asks for the page at a position.
func (s *stream) page(ctx context.Context, by *session, pos position) (records []any, next web.Place, more bool, err error) {
	if s.cannot != nil {
		return nil, next, false, failureOf(*s.cannot)
	}
	in := by.scene(by.env)
	in.partition = pos.partition()
	var x extra
	if s.news != nil {
		if err := s.news.onto(ctx, &x, pos, in); err != nil {
			return nil, next, false, in.masked(err)
		}
	}
	for i, d := range s.dividers {
		if err := d.onto(ctx, &x, pos.Parts[i], in); err != nil {
			return nil, next, false, in.masked(err)
		}
	}
	if err := s.pager.onto(ctx, &x, pos.At, in); err != nil {
		return nil, next, false, in.masked(err)
	}
	reply, left, err := s.ask.sendWith(ctx, by, in, x, "")
	if err != nil {
		return nil, next, false, err
	}
	if left {
		by.env.Log(flow.Info, "", "%s: the manifest takes the reply with status %d for nothing", reply.Asked, reply.Status)
		return nil, next, false, nil
	}
	records, next, more, err = s.read(ctx, reply, in, pos.At)
	return records, next, more, in.masked(err)
}

// read takes the records out of a reply, and says where the next page is.
func (s *stream) read(ctx context.Context, reply *web.Reply, in *scene, at web.Place) (records []any, next web.Place, more bool, err error) {
	in.response, err = s.ask.decode.body(reply)
	if err != nil {
		return nil, next, false, err
	}
	in.headers = headersOf(reply.Header)
	in.headers["link"] = linksOf(reply.Header)
	in.status = reply.Status
	records, in.size, in.last, err = s.take(ctx, in.response, in, s.schema)
	if err != nil {
		return nil, next, false, err
	}
	next, more, err = s.pager.behind(ctx, at, reply, in, in.size)
	return records, next, more, err
}

// reader reads a stream as a step of a flow.
type reader struct {
	account
	kit.Sync
	stream *stream
	Whole  bool
}

func newReader(s *stream) *reader {
	r := &reader{account: s.service.account(), Sync: kit.NewSync(), stream: s}
	r.asks = &s.ask
	if s.news != nil {
		r.Cursor, r.Key = s.news.field, s.key
		if back := s.news.lookback.Length; back > 0 {
			r.Overlap = flow.FormatDuration(back)
		}
	}
	return r
}

// Fields are the settings of the reading, and of the service.
func (r *reader) Fields() kit.Fields {
	var fields kit.Fields
	if r.stream.news != nil {
		fields = append(fields, kit.Toggle(&r.Whole, "whole", "Read everything each time").
			Help(fmt.Sprintf("Else a run gives only what is new since the last one, by %q.", r.stream.news.field)))
		fields = append(fields, web.Folded(r.Sync.More())...)
	}
	return append(fields, web.Folded(r.accountFields())...)
}

// Read gives one page.
func (r *reader) Read(ctx context.Context, env kit.Env, after flow.Cursor) (kit.Page, error) {
	if r.stream.cannot != nil {
		return kit.Page{}, failureOf(*r.stream.cannot)
	}
	if r.stream.news == nil || r.Whole {
		return r.all(ctx, env, after)
	}
	return r.fresh(ctx, env, after)
}

// all reads without a memory of earlier runs.
func (r *reader) all(ctx context.Context, env kit.Env, after flow.Cursor) (page kit.Page, err error) {
	w := &walk{of: r.stream, by: r.session(env)}
	if len(after) > 0 && !isMark(after) {
		if err := w.pos.read(after); err != nil {
			return page, err
		}
	}
	page.More, err = w.steps(ctx, func(records []any) bool { page.Data = records; return len(records) > 0 })
	if err != nil {
		return kit.Page{}, err
	}
	page.Next = flow.Cursor(kept(w.pos))
	return page, nil
}

// isMark says whether a cursor is one of an incremental reading.
func isMark(c flow.Cursor) bool {
	var m struct {
		Of *string `json:"of"`
	}
	return json.Unmarshal(c, &m) == nil && m.Of != nil
}

// fresh gives what is new.
func (r *reader) fresh(ctx context.Context, env kit.Env, after flow.Cursor) (page kit.Page, err error) {
	n := r.stream.news
	order := kit.AnyOrder
	if n.sorted && n.step.Length == 0 && n.step.Months == 0 {
		order = kit.InOrder
	}
	sync := r.Sync
	if n.backAs != nil && sync.Overlap == "" {
		back, err := spanOf(ctx, n.backAs, r.scene(env))
		if err != nil {
			return page, err
		}
		if d := back.Length + time.Duration(back.Months)*31*24*time.Hour; d > 0 {
			sync.Overlap = flow.FormatDuration(d)
		}
	}
	reading, err := sync.Resume(env, r.stream.id+" "+n.field, after, order)
	if err != nil {
		return page, err
	}
	w := &walk{of: r.stream, by: r.session(env)}
	if at := reading.At(); at != nil {
		if err := w.pos.read(at); err != nil {
			return page, err
		}
	} else if reading.Ended() && len(r.stream.dividers) == 0 {
		page.Mark, err = reading.Mark()
		return page, err
	}
	w.begin = func(part map[string]any) (string, error) { return r.begin(reading, part) }
	w.end = func() error { return reading.End(false) }
	w.take = func(records []any) error { return r.sift(reading, records, &page, w.pos) }
	page.More, err = w.steps(ctx, func([]any) bool { return len(page.Data)+len(page.Bad) > 0 })
	if err != nil {
		return kit.Page{}, err
	}
	reading.Put(kept(w.pos))
	if page.Next, err = reading.Next(); err == nil {
		page.Mark, err = reading.Mark()
	}
	return page, err
}

// begin begins a partition, and says where.
func (r *reader) begin(reading *kit.Reading, part map[string]any) (string, error) {
	var of any
	if part != nil {
		of = part
	}
	if err := reading.Begin(of, nil); err != nil {
		return "", err
	}
	since, ok := reading.Since()
	if !ok {
		return "", nil
	}
	if text, is := since.(string); is {
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return stored(t), nil
		}
		if t, ok := momentOf(text, nil); ok && !r.stream.news.number {
			return stored(t), nil
		}
	}
	return plainText(since), nil
}

// sift leaves what is to be given. A record without a cursor is given every time.
func (r *reader) sift(reading *kit.Reading, records []any, page *kit.Page, pos position) error {
	n := r.stream.news
	floor, _ := reading.Since()
	least, _ := floor.(string)
	for _, rec := range records {
		var key []any
		for _, name := range r.Key {
			if k, ok := kit.Dig(rec, name); ok {
				key = append(key, k)
			}
		}
		cursor, found := n.cursor(rec)
		if text, is := cursor.(string); is && !n.number && n.trusts && text < least || cursor == nil && !found {
			page.Data = append(page.Data, rec)
			continue
		} else if is && !n.number && text < pos.Least {
			continue
		}
		if cursor == nil && found {
			page.Bad = append(page.Bad, kit.Bad{At: len(page.Data) + len(page.Bad), Data: rec, Failure: kit.Fail(kit.Malformed,
				"%q of the record does not read as a time, by which new ones are known", r.stream.news.field).
				Hint("name the format of the times in the manifest, or read everything each time")})
			continue
		}
		give, err := reading.Take(cursor, key, rec)
		if err != nil {
			return err
		}
		if give {
			page.Data = append(page.Data, rec)
		}
	}
	return nil
}

// Describe knows the shape that the manifest names.
func (r *reader) Describe(context.Context, kit.Env) (in, out flow.Schema, err error) {
	return flow.Schema{}, r.stream.schema, nil
}
