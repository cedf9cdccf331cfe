package declared

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"jackfield/connectors/declared/template"
	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow/value"
)

// divider parts a stream.
type divider struct {
	name    string     // what the partition is called in expressions
	values  expression // a list; nil where parents say it
	parents []parent
	in      place // where the partition goes in the request by itself; "" nowhere
	as      expression
}

// parent is a stream whose records part another.
type parent struct {
	stream *stream
	key    expression // of the record that is the partition, as the scene's record
	name   string
	extra  map[string]expression // more that the partition knows of the record
	in     place
	as     expression
}

// position says where a reader of a stream stands. It is kept between pages, and holds all
// that is needed to go on.
type position struct {
	Begun bool      `json:"begun,omitempty"` // a partition is being read
	Parts []level   `json:"parts,omitempty"` // one for each divider
	From  string    `json:"from,omitempty"`  // where the window begins and ends
	To    string    `json:"to,omitempty"`
	Least string    `json:"least,omitempty"` // no record before it counts
	At    web.Place `json:"at,omitzero"`
}

// level is where a divider stands.
type level struct {
	Part   map[string]any   `json:"part,omitempty"`
	Left   []map[string]any `json:"left,omitempty"`   // that are known and not read yet
	Parent int              `json:"parent,omitempty"` // the parent that is being read
	Up     *position        `json:"up,omitempty"`     // where it stands
	Ended  bool             `json:"ended,omitempty"`  // it gives no more
}

// read reads what a position was stored as.
func (p *position) read(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err := d.Decode(p)
	if err == nil {
		err = p.normalise()
	}
	if err != nil {
		return kit.Fail(kit.Malformed, "the stored place in the list does not read: %w", err).Hint("read the list from its beginning")
	}
	return nil
}

// normalise makes numbers of what was read as jq has them.
func (p *position) normalise() error {
	for i := range p.Parts {
		l := &p.Parts[i]
		for _, part := range append(slices.Clone(l.Left), l.Part) {
			for name, v := range part {
				fresh, err := value.Normal(v)
				if err != nil {
					return err
				}
				part[name] = fresh
			}
		}
		if l.Up != nil {
			if err := l.Up.normalise(); err != nil {
				return err
			}
		}
	}
	return nil
}

// walk goes through a stream page by page.
type walk struct {
	of  *stream
	by  *session
	pos position
	// begin is told of each partition, and says where it is to be read from; nil reads all.
	begin func(part map[string]any) (from string, err error)
	// end is told when a partition was read whole.
	end func() error
	// take is given the records of each page. When it fails the walk cannot go on.
	take func(records []any) error
	lost bool
}

// step asks for one page. more is false when the stream has come to its end.
func (w *walk) step(ctx context.Context) (records []any, more bool, err error) {
	if !w.pos.Begun {
		found, err := w.advance(ctx)
		if err != nil || !found {
			return nil, false, err
		}
		if err := w.enter(ctx); err != nil {
			return nil, false, err
		}
	}
	records, next, more, err := w.of.page(ctx, w.by, w.pos)
	if err != nil {
		return nil, false, err
	}
	if w.take != nil {
		if err := w.take(records); err != nil {
			w.lost = true
			return nil, false, err
		}
	}
	if more {
		w.pos.At = next
		return records, true, nil
	}
	if w.nextWindow(ctx) {
		return records, true, nil
	}
	w.pos.Begun, w.pos.At = false, web.Place{}
	if w.end != nil {
		if err := w.end(); err != nil {
			w.lost = true
			return nil, false, err
		}
	}
	return records, len(w.of.dividers) > 0, nil
}

// steps asks for pages until there is a record. What was got before one failed is kept: it
// gives that and goes on, so that the next attempt begins where this one failed.
func (w *walk) steps(ctx context.Context, enough func(records []any) bool) (more bool, err error) {
	before, answered := kept(w.pos), w.by.answered
	for range mostAsked {
		records, more, err := w.step(ctx)
		if err != nil {
			if !w.lost && ctx.Err() == nil && w.by.answered > answered && !bytes.Equal(before, kept(w.pos)) {
				return true, nil
			}
			return false, err
		}
		if enough(records) || !more {
			return more, nil
		}
	}
	return true, nil
}

// mostAsked is how many requests one page may take where they give no record.
const mostAsked = 20

// enter begins a partition.
func (w *walk) enter(ctx context.Context) error {
	var from string
	if w.begin != nil {
		var err error
		if from, err = w.begin(w.pos.partition()); err != nil {
			return err
		}
	}
	w.pos.Begun, w.pos.At, w.pos.From, w.pos.To, w.pos.Least = true, web.Place{}, from, "", ""
	if w.of.news == nil {
		return nil
	}
	return w.of.news.window(ctx, &w.pos, w.by.scene(w.by.env))
}

func (w *walk) nextWindow(ctx context.Context) bool {
	if w.of.news == nil || !w.of.news.onward(ctx, &w.pos, w.by.scene(w.by.env)) {
		return false
	}
	w.pos.At = web.Place{}
	return true
}

// partition puts together what the dividers say.
func (p *position) partition() map[string]any {
	if len(p.Parts) == 0 {
		return nil
	}
	all := map[string]any{}
	for _, l := range p.Parts {
		maps.Copy(all, l.Part)
	}
	return all
}

// advance goes to the next partition, the last divider first.
func (w *walk) advance(ctx context.Context) (found bool, err error) {
	n := len(w.of.dividers)
	if n == 0 {
		return true, nil
	}
	i := n - 1
	if len(w.pos.Parts) != n {
		w.pos.Parts = make([]level, n)
		i = 0
	}
	for {
		l := &w.pos.Parts[i]
		switch {
		case len(l.Left) > 0:
			l.Part, l.Left = l.Left[0], l.Left[1:]
			if i == n-1 {
				return true, nil
			}
			i++
			w.pos.Parts[i] = level{}
		case !l.Ended:
			if err := w.fill(ctx, w.of.dividers[i], l); err != nil {
				return false, err
			}
		case i == 0:
			return false, nil
		default:
			i--
		}
		if err := ctx.Err(); err != nil {
			return false, err
		}
	}
}

// fill learns of more partitions: all of a list, or those of one page of a parent.
func (w *walk) fill(ctx context.Context, d divider, l *level) error {
	in := w.by.scene(w.by.env)
	if len(d.parents) == 0 {
		l.Ended = true
		v, err := d.values.value(ctx, in)
		if err != nil {
			return err
		}
		list, is := v.([]any)
		if !is && v != nil {
			list = []any{v}
		}
		for _, one := range list {
			l.Left = append(l.Left, map[string]any{d.name: one})
		}
		return nil
	}
	up := &walk{of: d.parents[l.Parent].stream, by: w.by}
	if up.of.cannot != nil {
		return failureOf(*up.of.cannot)
	}
	if l.Up != nil {
		up.pos = *l.Up
	}
	records, more, err := up.step(ctx)
	if err != nil {
		return err
	}
	if err := l.learn(ctx, d.parents[l.Parent], records, in, &up.pos); err != nil {
		return err
	}
	l.Up = &up.pos
	if !more {
		l.Up = nil
		l.Parent++
		l.Ended = l.Parent >= len(d.parents)
		if l.Ended {
			l.Parent = 0
		}
	}
	return nil
}

// learn makes partitions of the records of a parent.
func (l *level) learn(ctx context.Context, p parent, records []any, in *scene, of *position) error {
	for _, rec := range records {
		seen := *in
		seen.record = rec
		key, err := p.key.value(ctx, &seen)
		if err != nil {
			return err
		}
		if key == nil {
			continue // such a record parts nothing
		}
		part := map[string]any{p.name: key}
		if above := of.partition(); above != nil {
			part["parent_slice"] = above
		}
		if len(p.extra) > 0 {
			more := map[string]any{}
			for name, e := range p.extra {
				if more[name], err = e.value(ctx, &seen); err != nil {
					return err
				}
			}
			part["extra_fields"] = more
		}
		l.Left = append(l.Left, part)
	}
	return nil
}

// news says how a stream is read by what is new.
type news struct {
	field    string     // the cursor, with dots
	formats  []string   // of the cursor in records, tried in turn; none is as times are usually written
	format   string     // of what is sent
	number   bool       // the cursor is a number
	start    expression // where the very first run begins; nil is the very beginning
	startAs  []string   // formats of that
	end      expression // where a run ends; nil is now
	endAs    []string
	step     template.Span // of a window; zero is all at once
	stepAs   expression    // the same as a text of ISO 8601
	grain    template.Span // between windows
	lookback template.Span // before the mark
	backAs   expression    // the same as a text
	sorted   bool
	trusts   bool // what the service gives counts, also where it lies before the window
	fromIn   place
	fromAs   expression
	toIn     place
	toAs     expression
	names    [2]string // of the window's ends in expressions
}

// stored is how a moment is kept, and compared with the cursors of records.
func stored(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

func readStored(text string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, text)
	return t, err == nil
}

// momentOf reads a time by formats, or in one of the usual ways.
func momentOf(v any, formats []string) (time.Time, bool) {
	for _, f := range formats {
		if t, ok := template.ParseTime(plainText(v), f); ok {
			return t, true
		}
	}
	if len(formats) > 0 {
		if text, is := v.(string); !is || text == "" {
			return time.Time{}, false
		}
	}
	return template.GuessTime(v)
}

// window sets where the first window of a partition begins and ends.
func (n *news) window(ctx context.Context, pos *position, in *scene) error {
	if n.start != nil {
		v, err := n.start.value(ctx, in)
		if err != nil {
			return err
		}
		if n.number {
			if pos.From == "" && v != nil {
				pos.From = plainText(v)
			}
			return nil
		}
		t, ok := momentOf(v, n.startAs)
		if v != nil && !ok {
			return kit.Fail(kit.Invalid, "the first run is to begin at %q, which is no time", plainText(v)).Hint("write it like 2026-01-31T00:00:00Z")
		}
		if v != nil {
			pos.Least = stored(t)
			pos.From = max(pos.From, pos.Least)
		}
	}
	if n.number {
		return nil
	}
	end, err := n.ending(ctx, in)
	if err != nil {
		return err
	}
	step, err := n.stepOf(ctx, in)
	if err != nil {
		return err
	}
	pos.To = stored(n.until(pos.From, end, step))
	return nil
}

// stepOf is how long a window is; none is all at once.
func (n *news) stepOf(ctx context.Context, in *scene) (template.Span, error) {
	if n.stepAs == nil {
		return n.step, nil
	}
	return spanOf(ctx, n.stepAs, in)
}

func spanOf(ctx context.Context, e expression, in *scene) (template.Span, error) {
	text, err := textOf(ctx, e, in)
	if err != nil || text == "" {
		return template.Span{}, err
	}
	span, ok := template.ParseSpan(text)
	if !ok {
		return span, kit.Fail(kit.Invalid, "%q is no length of time of ISO 8601", text).Hint("write it like P30D")
	}
	return span, nil
}

func (n *news) ending(ctx context.Context, in *scene) (time.Time, error) {
	if n.end == nil {
		return in.now, nil
	}
	v, err := n.end.value(ctx, in)
	if err != nil || v == nil {
		return in.now, err
	}
	t, ok := momentOf(v, n.endAs)
	if !ok {
		return t, kit.Fail(kit.Invalid, "a run is to end at %q, which is no time", plainText(v))
	}
	if t.After(in.now) {
		t = in.now
	}
	return t, nil
}

// until is the end of the window that begins at from.
func (n *news) until(from string, end time.Time, step template.Span) time.Time {
	begin, ok := readStored(from)
	if !ok || step == (template.Span{}) {
		return end
	}
	to := n.grain.Back().After(step.After(begin))
	if !to.After(begin) {
		to = begin
	}
	if to.After(end) {
		return end
	}
	return to
}

// onward goes to the next window, if there is one.
func (n *news) onward(ctx context.Context, pos *position, in *scene) bool {
	to, ok := readStored(pos.To)
	end, err := n.ending(ctx, in)
	step, bad := n.stepOf(ctx, in)
	if !ok || err != nil || bad != nil || step == (template.Span{}) || pos.From == "" || !to.Before(end) {
		return false
	}
	next := n.grain.After(to)
	if from, _ := readStored(pos.From); !next.After(from) {
		next = step.After(from)
	}
	if next.After(end) {
		return false
	}
	pos.From = stored(next)
	pos.To = stored(n.until(pos.From, end, step))
	return true
}

// written is a stored value as the service wants to have it.
func (n *news) written(text string) any {
	if text == "" {
		return nil
	}
	if n.number {
		v, _ := numberOf(text)
		return v
	}
	t, ok := readStored(text)
	if !ok {
		return text
	}
	made := template.FormatTime(t, n.format)
	if v, is := numberOf(made); is {
		if _, whole := v.(int); whole && len(made) > 8 {
			return v
		}
	}
	return made
}

// cursor is that of a record, as it is compared; nil where it has none, or where the one
// that was found does not read.
func (n *news) cursor(rec any) (v any, found bool) {
	v, _ = kit.Dig(rec, n.field)
	if v == nil || n.number {
		return v, v != nil
	}
	t, ok := momentOf(v, n.formats)
	if !ok {
		return nil, true
	}
	return stored(t), true
}

// onto puts the window into a request.
func (n *news) onto(ctx context.Context, x *extra, pos position, in *scene) error {
	in.since, in.until = n.written(pos.From), n.written(pos.To)
	in.window = map[string]any{}
	for i, v := range []any{in.since, in.until} {
		if v != nil && n.names[i] != "" {
			in.window[n.names[i]] = v
		}
	}
	for _, one := range []struct {
		in place
		as expression
		v  any
	}{{n.fromIn, n.fromAs, in.since}, {n.toIn, n.toAs, in.until}} {
		if one.as == nil {
			continue
		}
		name, err := textOf(ctx, one.as, in)
		if err != nil {
			return err
		}
		x.set(one.in, name, one.v)
	}
	return nil
}

func (d divider) onto(ctx context.Context, x *extra, l level, in *scene) error {
	one, name := struct {
		in place
		as expression
	}{d.in, d.as}, d.name
	if len(d.parents) > 0 {
		p := d.parents[min(l.Parent, len(d.parents)-1)]
		for _, q := range d.parents {
			if _, is := l.Part[q.name]; is && q.as != nil {
				p = q
			}
		}
		one.in, one.as, name = p.in, p.as, p.name
	}
	if one.as == nil {
		return nil
	}
	as, err := textOf(ctx, one.as, in)
	if err != nil {
		return err
	}
	if as == "" {
		return fmt.Errorf("a partition is sent by no name")
	}
	x.set(one.in, as, l.Part[name])
	return nil
}
