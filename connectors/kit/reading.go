package kit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"slices"
	"time"

	"jackfield/flow"
	"jackfield/flow/value"
)

// Reading is one run's way through a source by a Sync. A source resumes it with the
// cursor it was given, begins a pass over each of its partitions, or the one it has,
// asks of each record whether to give it, and ends the pass. Next and Mark are what its
// page says.
//
// A source whose records come in order moves its checkpoint with every page; one that
// reads ByKey gives in a pass only those up to the greatest value that it had when the
// pass began. Others keep their own place with Put, and the checkpoint moves when the
// pass ends. Nothing is lost where records come and change
// while they are read, as long as what comes has a cursor value not below the greatest
// one there is, or not further below than the overlap.
type Reading struct {
	sync   Sync
	env    Env
	stored []byte // as it was when the reading was resumed, without its pass
	now    stand
	byHand bool // the cursor was a value alone, as a person sets it

	order   Order
	floor   cursorValue // no record below it is taken
	ceiling cursorValue // none above it
	mark    cursorValue
	equals  []held        // records that were given with the greatest value, where there is no overlap
	most    time.Duration // the overlap, as a length of time or as a number
	mostN   float64
}

// Order says how a source gives its records.
type Order int

// The orders.
const (
	ByKey    Order = iota // sorted by cursor and key, and read behind the last ones: a database does it
	InOrder               // sorted by the cursor, as a service promises; one that goes backwards is refused
	AnyOrder              // not sorted
)

// stand is what a cursor holds.
type stand struct {
	Of    string           `json:"of"` // what it is a place in
	*mark                  // of a source without partitions
	Parts map[string]*mark `json:"parts,omitempty"`
	Pass  *pass            `json:"pass,omitempty"` // where the run is, between its pages
}

// mark is where the next run begins.
type mark struct {
	Value   any    `json:"mark,omitempty"`    // the greatest cursor value that was given
	Key     []any  `json:"key,omitempty"`     // of the last record with it, of a sorted source
	Crowded bool   `json:"crowded,omitempty"` // those that have this value, of a sorted source up to the key, count as given
	Seen    []byte `json:"seen,omitempty"`    // what was given in the overlap or with this value: 16 bytes each
}

// pass is one run's way through a partition.
type pass struct {
	Part   any             `json:"part,omitempty"`
	Begun  bool            `json:"begun,omitempty"`
	Ended  bool            `json:"ended,omitempty"`
	Floor  any             `json:"floor,omitempty"`
	Top    any             `json:"top,omitempty"` // the greatest value the source had when it began
	Until  any             `json:"until,omitempty"`
	Strict bool            `json:"strict,omitempty"` // what has the floor's value was given before
	Left   []byte          `json:"left,omitempty"`   // of what was given before, what has not come again yet
	Moved  bool            `json:"moved,omitempty"`  // a record was read, so After says where
	After  any             `json:"after,omitempty"`
	Key    []any           `json:"key,omitempty"`
	At     json.RawMessage `json:"at,omitempty"`   // the source's own place
	Mark   *mark           `json:"next,omitempty"` // of a source that is not sorted: what becomes of the mark
	Newest any             `json:"newest,omitempty"`
}

// held is a record that may have to be known again.
type held struct {
	key []any
	rec any
}

// seenLimit is how many records a mark knows again.
const seenLimit = 2000

const seenSize = 16

// Resume goes on with a reading, or begins one at a checkpoint. of names what is read:
// a cursor of something else counts for nothing.
func (s Sync) Resume(env Env, of string, after flow.Cursor, order Order) (*Reading, error) {
	r := &Reading{sync: s, env: env, order: order}
	var err error
	if r.most, r.mostN, err = s.overlap(); err != nil {
		return nil, Fail(Invalid, "%w", err).On("overlap")
	}
	if len(after) > 0 {
		r.byHand = isPlain(after)
		if r.byHand {
			after = flow.Cursor(`{"mark":` + string(after) + `}`)
		}
		if err := r.now.read(after); err != nil {
			return nil, Fail(Malformed, "the stored cursor %s does not read: %w", after, err).On("cursor").
				Hint("set it to what it was, or reset it: jackfield flows state %s %s --history", env.Flow, env.Step)
		}
	}
	if r.byHand {
		r.now.Of = of
	}
	if r.now.Of != of {
		if r.now.Of != "" {
			env.Log(flow.Warn, "", "the cursor was of %s; %s is read from its beginning", r.now.Of, of)
		}
		r.now = stand{Of: of}
	}
	if r.stored, err = r.now.checkpoint(); err != nil {
		return nil, err
	}
	if r.now.Pass == nil {
		r.now.Pass = &pass{}
	}
	r.ready()
	return r, nil
}

// isPlain says whether a person wrote but the value to go on from, a text or a number.
func isPlain(c flow.Cursor) bool {
	var v any
	if json.Unmarshal(c, &v) != nil {
		return false
	}
	switch v.(type) {
	case string, float64:
		return true
	}
	return false
}

func (r *Reading) overlaps() bool { return r.most > 0 || r.mostN > 0 }

func (s *stand) read(c flow.Cursor) error {
	s.mark = &mark{}
	d := json.NewDecoder(bytes.NewReader(c))
	d.UseNumber()
	if err := d.Decode(s); err != nil {
		return err
	}
	marks := []*mark{s.mark}
	for _, m := range s.Parts {
		marks = append(marks, m)
	}
	if p := s.Pass; p != nil {
		marks = append(marks, p.Mark)
		for _, v := range []*any{&p.Part, &p.Floor, &p.Top, &p.Until, &p.After, &p.Newest} {
			if err := normalise(v); err != nil {
				return err
			}
		}
		for i := range p.Key {
			if err := normalise(&p.Key[i]); err != nil {
				return err
			}
		}
	}
	for _, m := range marks {
		if m == nil {
			continue
		}
		if len(m.Seen)%seenSize != 0 {
			m.Seen = nil // edited by a person
		}
		if err := normalise(&m.Value); err != nil {
			return err
		}
		for i := range m.Key {
			if err := normalise(&m.Key[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func normalise(v *any) (err error) {
	*v, err = value.Normal(*v)
	return err
}

// checkpoint is the stand without where the run is.
func (s stand) checkpoint() ([]byte, error) {
	s.Pass = nil
	return json.Marshal(s)
}

// current is the mark of the partition that is being read.
func (r *Reading) current() *mark {
	if r.now.Pass.Mark != nil {
		return r.now.Pass.Mark
	}
	if r.now.Pass.Part == nil {
		if r.now.mark == nil {
			r.now.mark = &mark{}
		}
		return r.now.mark
	}
	name := partName(r.now.Pass.Part)
	if r.now.Parts[name] == nil {
		if r.now.Parts == nil {
			r.now.Parts = map[string]*mark{}
		}
		r.now.Parts[name] = &mark{}
	}
	return r.now.Parts[name]
}

// partName is a text as it is, unless it could be taken for another value.
func partName(v any) string {
	text, is := v.(string)
	if is && !json.Valid([]byte(text)) {
		return text
	}
	return string(value.Append(nil, v))
}

// ready makes what is compared with every record.
func (r *Reading) ready() {
	if p := r.now.Pass; p.Begun {
		r.floor, r.ceiling = cursorOf(p.Floor), cursorOf(p.Until)
		r.mark = cursorOf(r.current().Value)
	}
}

// Begun says whether a pass goes on. Where it does not, Part is the partition whose pass
// ended last, nil before the first.
func (r *Reading) Begun() bool { return r.now.Pass.Begun }

// Ended says whether a pass of this reading has come to its end.
func (r *Reading) Ended() bool { return r.now.Pass.Ended }

// Part is the partition that is being read, nil where there are none.
func (r *Reading) Part() any { return r.now.Pass.Part }

// Begin begins the pass over a partition, nil where the source has none. newest is the
// greatest cursor value that the source has now, nil where it has none or cannot tell.
func (r *Reading) Begin(part, newest any) error {
	if r.byHand && part != nil {
		return Fail(Invalid, "the stored cursor %v does not say of which partition it is", r.now.mark.Value).On("cursor").
			Hint("name each: jackfield flows state %s %s --set '{\"of\":%s,\"parts\":{%s:{\"mark\":%s}}}'", r.env.Flow, r.env.Step,
				value.Append(nil, r.now.Of), value.Append(nil, partName(part)), value.Append(nil, r.now.mark.Value))
	}
	r.now.Pass = &pass{Part: part, Begun: true, Top: newest}
	p, m := r.now.Pass, r.current()
	var err error
	if p.Floor, err = r.beginning(m, newest); err != nil {
		return err
	}
	if newest != nil {
		if err := r.behind(newest, m); err != nil {
			return err
		}
	}
	if r.sync.Settle > 0 {
		p.Until = cursorOf(cmpFirst(newest, m.Value)).at(r.env.Started.Add(-r.sync.Settle))
	}
	p.Left = slices.Clone(m.Seen)
	p.Strict = r.order != ByKey && m.Crowded && !r.overlaps()
	if r.order == AnyOrder {
		p.Mark = &mark{Value: m.Value, Crowded: m.Crowded, Seen: slices.Clone(m.Seen)}
	}
	r.equals = nil
	r.ready()
	return nil
}

func cmpFirst(a, b any) any {
	if a != nil {
		return a
	}
	return b
}

// beginning is the least cursor value that the pass takes, nil for all.
func (r *Reading) beginning(m *mark, newest any) (any, error) {
	if m.Value == nil {
		if r.sync.First == 0 {
			return nil, nil
		}
		like := cursorOf(newest)
		if newest != nil && !like.aTime() {
			return nil, r.noTime(newest)
		}
		return like.at(r.env.Started.Add(-r.sync.First).Truncate(time.Second)), nil
	}
	return r.back(cursorOf(m.Value))
}

func (r *Reading) noTime(v any) error {
	return Fail(Invalid, "%q holds %v, which is no time", r.sync.Cursor, v).On("first").
		Hint("leave \"first\" empty, or choose a cursor that is a time")
}

// back is the value by the overlap before s.
func (r *Reading) back(s cursorValue) (any, error) {
	if v, ok := s.before(r.most, r.mostN); ok {
		return v, nil
	}
	return nil, Fail(Invalid, "from %v of %q no %s can be counted back", s.value, r.sync.Cursor, r.sync.Overlap).On("overlap").
		Hint("an overlap is a length of time where the cursor is a time, else a number")
}

// behind refuses a source whose greatest value is below the one that was read before.
func (r *Reading) behind(newest any, m *mark) error {
	if m.Value == nil || r.sync.Behind == BehindGoesOn || compareCursors(cursorOf(newest), cursorOf(m.Value)) >= 0 {
		return nil
	}
	what := r.now.Of
	if r.now.Pass.Part != nil {
		what += " of " + partName(r.now.Pass.Part)
	}
	return Fail(Refused, "the cursor goes backwards: the greatest value of %s is %v, and up to %v was read before", what, newest, m.Value).On("cursor").
		Hint("where an older state came back, rewind or reset the cursor: jackfield flows state %s %s --rewind \"yesterday 03:00\"; where the newest records were removed, set \"behind\" to %s", r.env.Flow, r.env.Step, BehindGoesOn)
}

// Window says which records a sorted source is to read next.
type Window struct {
	From  any  // the least cursor value; nil for all
	To    any  // the greatest one; nil for all
	Moved bool // only those behind the cursor value After and the key Key
	After any
	Key   []any
}

// Window tells it. From may be a little lower than what Take takes.
func (r *Reading) Window() Window {
	p, m := r.now.Pass, r.current()
	w := Window{From: p.Floor, To: p.Top, Moved: p.Moved, After: p.After, Key: p.Key}
	switch {
	case w.Moved:
		w.From = nil
	case r.overlaps() || m.Value == nil:
		w.From = r.floor.loosely(-time.Second)
	}
	if p.Until != nil && (p.Top == nil || compareCursors(r.ceiling, cursorOf(p.Top)) < 0) {
		w.To = p.Until
	}
	if !w.Moved && m.Crowded && !r.overlaps() {
		w.Moved, w.After, w.Key = true, m.Value, m.Key
	}
	return w
}

// Take says whether a record is to be given: it lies in the pass's window and was not
// given before. Records of a source that is sorted are handed over in order.
// Nobody changes a record that was handed over.
func (r *Reading) Take(cursor any, key []any, rec any) (bool, error) {
	p := r.now.Pass
	s := cursorOf(cursor)
	if err := r.check(s); err != nil {
		return false, err
	}
	if p.Moved = true; r.order != AnyOrder {
		p.After, p.Key = cursor, key
	}
	if s.class == noCursor {
		return true, nil
	}
	if p.Newest == nil || compareCursors(s, cursorOf(p.Newest)) > 0 {
		p.Newest = cursor
	}
	if r.order != ByKey && r.ceiling.class != noCursor && compareCursors(s, r.ceiling) > 0 {
		return false, nil
	}
	trusted := r.order == ByKey && !r.overlaps() && r.current().Value != nil
	if !trusted && r.floor.class != noCursor && compareCursors(s, r.floor) < 0 {
		return false, nil
	}
	again := p.Strict && compareCursors(s, r.floor) == 0 || r.cameAgain(key, rec)
	return !again, r.note(s, key, rec, again)
}

// check refuses a record that goes backwards, and a first one whose cursor is no time
// where the first run goes back by one.
func (r *Reading) check(s cursorValue) error {
	p := r.now.Pass
	if r.order == InOrder && p.Moved {
		if before := cursorOf(p.After); compareCursors(s, before) < 0 {
			return Fail(Malformed, "the cursor goes backwards: %v of %q comes after %v", s.value, r.sync.Cursor, before.value).On("cursor").
				Hint("let the service sort by %q; or turn \"sorted\" off and put the cursor back to before this run: jackfield flows state %s %s --rewind TIME", r.sync.Cursor, r.env.Flow, r.env.Step)
		}
	}
	if !p.Moved && r.sync.First > 0 && r.current().Value == nil && s.class != noCursor && !s.aTime() {
		return r.noTime(s.value)
	}
	return nil
}

// cameAgain says whether the record was given by an earlier run, and crosses it off.
func (r *Reading) cameAgain(key []any, rec any) bool {
	p := r.now.Pass
	if len(p.Left) == 0 {
		return false
	}
	sum := digestOf(key, rec)
	for i := 0; i < len(p.Left); i += seenSize {
		if bytes.Equal(p.Left[i+8:i+seenSize], sum[:]) {
			p.Left = slices.Delete(p.Left, i, i+seenSize)
			return true
		}
	}
	return false
}

func digestOf(key []any, rec any) (sum [8]byte) {
	text := make([]byte, 0, 512)
	for _, k := range key {
		text = append(value.Append(text, k), 0)
	}
	all := sha256.Sum256(value.Append(text, rec))
	copy(sum[:], all[:])
	return sum
}

// note moves the mark past a record and keeps what is needed to know it again.
func (r *Reading) note(s cursorValue, key []any, rec any, again bool) error {
	m := r.current()
	c := compareCursors(s, r.mark)
	if r.order == ByKey && !r.overlaps() && c != 0 {
		c = 1 // the source's own order counts
	}
	if c > 0 {
		if !r.overlaps() {
			r.equals, m.Seen, m.Crowded = r.equals[:0], nil, false
		}
		r.mark, m.Value = s, s.value
	}
	if r.order == ByKey && c >= 0 {
		m.Key = key
	}
	switch {
	case again || m.Crowded:
	case r.overlaps():
		return r.keep(m, s, key, rec)
	case c >= 0:
		if r.equals = append(r.equals, held{key, rec}); len(r.equals)+len(m.Seen)/seenSize > seenLimit {
			r.crowd(m)
		}
	}
	return nil
}

// crowd gives up knowing the records with the greatest value one by one.
func (r *Reading) crowd(m *mark) {
	if r.order == ByKey {
		r.env.Log(flow.Warn, "", "more than %d records of %s have the cursor value %v; those that come later with it and a lower key are not seen, unless there is an overlap", seenLimit, r.now.Of, m.Value)
		r.equals, m.Seen, m.Crowded = nil, nil, true
		return
	}
	r.flush(m)
	m.Seen = m.Seen[len(m.Seen)-seenLimit*seenSize:]
}

// keep remembers a record of the overlap, and forgets those before it.
func (r *Reading) keep(m *mark, s cursorValue, key []any, rec any) error {
	floor, err := r.back(r.mark)
	if err != nil {
		return err
	}
	least := cursorOf(floor).sortable()
	at := s.sortable()
	if at < least {
		return nil
	}
	m.Seen = appendSeen(m.Seen, at, digestOf(key, rec))
	if len(m.Seen) <= seenLimit*seenSize {
		return nil
	}
	if m.Seen = since(m.Seen, least); len(m.Seen) > seenLimit*seenSize {
		m.Seen = latest(m.Seen, seenLimit*3/4)
	}
	return nil
}

func appendSeen(seen []byte, at uint64, sum [8]byte) []byte {
	return append(binary.BigEndian.AppendUint64(seen, at), sum[:]...)
}

// since keeps the entries from a place on.
func since(seen []byte, least uint64) []byte {
	var kept []byte
	for one := range slices.Chunk(seen, seenSize) {
		if binary.BigEndian.Uint64(one) >= least {
			kept = append(kept, one...)
		}
	}
	return kept
}

// latest keeps the n entries that are last in the order of the cursor.
func latest(seen []byte, n int) []byte {
	all := slices.Collect(slices.Chunk(seen, seenSize))
	slices.SortFunc(all, bytes.Compare)
	return slices.Concat(all[max(0, len(all)-n):]...)
}

// flush makes digests of the records that are held.
func (r *Reading) flush(m *mark) {
	for _, h := range r.equals {
		m.Seen = appendSeen(m.Seen, 0, digestOf(h.key, h.rec))
	}
	r.equals = nil
}

// Put keeps a place of the source's own for the next page.
func (r *Reading) Put(at json.RawMessage) { r.now.Pass.At = at }

// At is the place that Put kept, nil at the beginning of a pass.
func (r *Reading) At() json.RawMessage { return r.now.Pass.At }

// End ends the pass over the partition. whole says that all its records were read, and
// not only those from the window's beginning on.
func (r *Reading) End(whole bool) error {
	p := r.now.Pass
	m := r.current()
	r.settle(m)
	ended := &pass{Part: p.Part, Ended: true}
	if p.Mark != nil {
		p.Mark = nil
		if whole && p.Newest != nil {
			if err := r.behind(p.Newest, r.current()); err != nil {
				return err
			}
		}
		*r.current() = *m
	}
	r.now.Pass = ended
	return nil
}

// settle brings what a mark knows up to now.
func (r *Reading) settle(m *mark) {
	r.flush(m)
	if r.overlaps() && m.Value != nil && len(m.Seen) > 0 {
		if floor, err := r.back(cursorOf(m.Value)); err == nil {
			m.Seen = since(m.Seen, cursorOf(floor).sortable())
		}
	}
}

// Next is where the next page of this run goes on.
func (r *Reading) Next() (flow.Cursor, error) {
	if r.Begun() {
		r.settle(r.current())
	}
	return json.Marshal(r.now)
}

// Mark is the checkpoint behind what was taken so far; nil where it has not moved.
func (r *Reading) Mark() (flow.Cursor, error) {
	if r.Begun() && r.order != AnyOrder {
		r.settle(r.current())
	}
	c, err := r.now.checkpoint()
	if err != nil || bytes.Equal(c, r.stored) {
		return nil, err
	}
	return c, nil
}

// Since is where a pass begins, as a service understands it; ok is false where it begins
// at the very beginning.
func (r *Reading) Since() (v any, ok bool) {
	return r.now.Pass.Floor, r.now.Pass.Floor != nil
}

// SinceTime is the same as a moment.
func (r *Reading) SinceTime() (time.Time, error) {
	_, at, ok := r.floor.moment()
	if !ok {
		return at, Fail(Invalid, "the cursor value %v is no time", r.floor.value).On("since_as").
			Hint("send it as it is, or choose a cursor that is a time")
	}
	return at, nil
}

// Dig finds a field in a record by its name, or by a path with dots.
func Dig(rec any, path string) (any, bool) {
	m, ok := rec.(map[string]any)
	if !ok {
		return nil, false
	}
	if v, ok := m[path]; ok {
		return v, true
	}
	for i := range len(path) {
		if path[i] != '.' {
			continue
		}
		if inner, ok := m[path[:i]]; ok {
			if v, ok := Dig(inner, path[i+1:]); ok {
				return v, true
			}
		}
	}
	return nil, false
}

// TakeRecord is Take for a record that holds the cursor and the key itself.
func (r *Reading) TakeRecord(rec any) (bool, error) {
	cursor, key, bad := r.find(rec)
	if bad != nil {
		return false, bad
	}
	return r.Take(cursor, key, rec)
}

// find takes the cursor and the key out of a record.
func (r *Reading) find(rec any) (cursor any, key []any, bad *Failure) {
	cursor, _ = Dig(rec, r.sync.Cursor)
	if cursor == nil {
		return nil, nil, Fail(Malformed, "the record has no %q, by which new ones are known", r.sync.Cursor).On("cursor").
			Hint("choose a field that all records have")
	}
	for _, name := range r.sync.Key {
		k, ok := Dig(rec, name)
		if !ok {
			return nil, nil, Fail(Malformed, "the record has no %q, which is part of the key", name).On("key").
				Hint("choose fields that all records have")
		}
		key = append(key, k)
	}
	return cursor, key, nil
}

// Sift leaves on a page what is to be given. A record without a cursor is a bad one.
func (r *Reading) Sift(page *Page) error {
	data, bad := page.Data, page.Bad
	page.Data, page.Bad = make([]any, 0, len(data)), nil
	count := func() int { return len(page.Data) + len(page.Bad) }
	for n := range len(data) + len(bad) {
		if len(bad) > 0 && (bad[0].At <= n || len(data) == 0) {
			bad[0].At = count()
			page.Bad, bad = append(page.Bad, bad[0]), bad[1:]
			continue
		}
		rec := data[0]
		data = data[1:]
		cursor, key, wrong := r.find(rec)
		if wrong != nil {
			page.Bad = append(page.Bad, Bad{At: count(), Data: rec, Failure: wrong})
			continue
		}
		give, err := r.Take(cursor, key, rec)
		if err != nil {
			return err
		}
		if give {
			page.Data = append(page.Data, rec)
		}
	}
	return nil
}
