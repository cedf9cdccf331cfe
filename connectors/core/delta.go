package core

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// The outlets of delta.
const (
	created   flow.Outlet = "created"
	changed   flow.Outlet = "changed"
	deleted   flow.Outlet = "deleted"
	unchanged flow.Outlet = "unchanged"
)

func deltaOp() kit.Op {
	person := func(id int, name string) any { return map[string]any{"id": id, "name": name} }
	return kit.Op{
		ID: "delta", Title: "What changed", Icon: "delta", Effect: kit.Reads, Barrier: true, Whole: true,
		Summary: "Compares a whole list with what it was at the last run that ended well, by a key, and tells what is new, what changed and what is gone.",
		Words:   []string{"compare", "diff", "difference", "change", "incremental", "sync", "created", "deleted", "updated", "snapshot"},
		New:     func() kit.Operation { return &delta{Guard: 50} },
		Outlets: []flow.Outlet{created, changed, deleted, unchanged},
		Examples: []kit.Example{{
			Title: "Customers by their id",
			With:  flow.Values{"key": []any{"id"}},
			In:    []any{person(2, "Grace"), person(1, "Ada")},
			Out:   []any{person(1, "Ada"), person(2, "Grace")},
		}, {
			Title: "All but the time of the last look, with what was before",
			With:  flow.Values{"key": []any{"id"}, "ignore": []any{"seen_at"}, "before": "before"},
		}},
	}
}

// delta compares what comes with the snapshot of the last run that ended well.
type delta struct {
	Key, Only, Ignore []string
	Before            string
	Guard             int
}

func (d *delta) Fields() kit.Fields {
	return kit.Fields{
		kit.List(&d.Key, "key", "Key").Needed().Eg("id").Help("The fields that tell records apart; with dots one inside another."),
		kit.List(&d.Only, "compare", "Compare").Help("Only these fields; empty compares all."),
		kit.List(&d.Ignore, "ignore", "But not").Help("Fields whose change does not count, such as the time of an export."),
		kit.Text(&d.Before, "before", "Say what was before in").Eg("before").
			Help("The name of a member that a changed record gets, with the record as it was; a deleted one then is the whole record too. Empty keeps only digests."),
		kit.Int(&d.Guard, "guard", "Most deleted, in percent").More().Checked(d.checkGuard).
			Help("Where more than so much of more than 20 records is gone, the run fails instead, since most often what came was not the whole list. 100 takes everything."),
	}
}

func (d *delta) checkGuard() error {
	if d.Guard < 0 || d.Guard > 100 {
		return errors.New("a part in percent is from 0 to 100")
	}
	return nil
}

// guardFrom is how many records a list has at least for the guard to look at it.
const guardFrom = 20

// deltaWork is one gathering: what came, and the snapshot that it is compared with.
type deltaWork struct {
	*delta
	env     kit.Env
	desk    *deltaDesk
	came    *kit.Sorter
	partial bool // what is missing does not count as deleted
}

// Gather puts what comes in the order of the keys and compares it with the snapshot,
// twice: first to make the new snapshot and to see how much is gone, then to give.
func (d *delta) Gather(ctx context.Context, env kit.Env, all iter.Seq2[flow.Record, error], give func(flow.Outlet, flow.Record) error) error {
	desk, err := openDeltaDesk(ctx, env)
	if err != nil {
		return err
	}
	w := &deltaWork{delta: d, env: env, desk: desk, came: kit.NewSorter(env, "delta"), partial: env.Partial || desk.later()}
	defer w.came.Close()
	for rec, err := range all {
		if err != nil {
			return err
		}
		if bad := w.take(ctx, rec); bad != nil {
			w.partial = true
			p := kit.AsFailure(bad).Problem(env.Step, rec.ID)
			if rec.Problem = &p; kit.AsFailure(bad).Kind != kit.Malformed {
				return bad
			}
			if err := give(flow.Failed, rec); err != nil {
				return err
			}
		}
	}
	if err := w.remember(ctx); err != nil {
		return err
	}
	return w.each(ctx, func(was, is *seen, recs []flow.Record) error { return w.tell(was, is, recs, give) })
}

// take puts a record aside under its key.
func (w *deltaWork) take(ctx context.Context, rec flow.Record) error {
	keys := make([]any, len(w.Key))
	for i, name := range w.Key {
		v, ok := kit.Dig(rec.Data, name)
		if !ok || v == nil {
			return kit.Fail(kit.Malformed, "the record has no %q, which is part of the key", name).On("key").
				Hint("choose fields that all records have")
		}
		keys[i] = v
	}
	return w.came.Add(ctx, value.AppendKey(nil, keys), packRecord(rec))
}

// packRecord writes a record so that it can be put aside.
func packRecord(rec flow.Record) []byte {
	b := binary.AppendUvarint(nil, uint64(len(rec.Parents)))
	for _, id := range append([]flow.RecordID{rec.ID}, rec.Parents...) {
		b = append(binary.AppendUvarint(b, uint64(len(id))), id...)
	}
	return value.Append(b, rec.Data)
}

func unpackRecord(b []byte) (rec flow.Record, err error) {
	in := bytes.NewReader(b)
	parents, err := binary.ReadUvarint(in)
	if err != nil {
		return rec, err
	}
	for i := range parents + 1 {
		n, err := binary.ReadUvarint(in)
		if err != nil {
			return rec, err
		}
		id := make([]byte, n)
		if _, err := io.ReadFull(in, id); err != nil {
			return rec, err
		}
		if i == 0 {
			rec.ID = flow.RecordID(id)
		} else {
			rec.Parents = append(rec.Parents, flow.RecordID(id))
		}
	}
	rec.Data, err = value.Decode(b[len(b)-in.Len():])
	return rec, err
}

// remember writes the new snapshot, and refuses to go on where too much is gone.
func (w *deltaWork) remember(ctx context.Context) (err error) {
	out, err := writeSnapshot(w.desk.draft(), made{Key: w.Key, Fields: w.Only, Ignore: w.Ignore})
	if err != nil {
		return err
	}
	had, gone := 0, 0
	err = w.each(ctx, func(was, is *seen, _ []flow.Record) error {
		if was != nil {
			had++
		}
		switch {
		case is != nil:
			return out.add(*is)
		case w.partial:
			return out.add(*was)
		}
		gone++
		return nil
	})
	if err == nil && had > guardFrom && gone*100 > w.Guard*had {
		err = kit.Fail(kit.Refused, "%d of the %d records of the last run are gone, which is more than %d %%", gone, had, w.Guard).On("guard").
			Hint("see whether what came is the whole list; where it is, start the flow once with --set %s.guard=100", w.env.Step)
	}
	if err != nil {
		out.abandon()
		return err
	}
	if w.partial && had > 0 {
		w.env.Log(flow.Warn, "", "not all records came to this step, so what is missing does not count as deleted")
	}
	if err := out.done(); err != nil {
		return err
	}
	return w.desk.keepDraft(int(out.count))
}

// each goes through what was and what is, side by side. recs are all that came with a
// key, of which the last counts.
func (w *deltaWork) each(ctx context.Context, do func(was, is *seen, recs []flow.Record) error) error {
	old, err := readSnapshot(w.desk.base())
	if err != nil {
		return err
	}
	defer old.close()
	if err := w.compatible(old); err != nil {
		return err
	}
	was, more, err := old.next()
	if err != nil {
		return err
	}
	// before gives what was and lies before the key, all of it where that is nil.
	before := func(key []byte) error {
		for more && (key == nil || was.compare(key) < 0) {
			if err := do(&was, nil, nil); err != nil {
				return err
			}
			if was, more, err = old.next(); err != nil {
				return err
			}
		}
		return nil
	}
	group := func(key []byte, recs []flow.Record) error {
		if err := before(key); err != nil {
			return err
		}
		is := w.seenOf(key, recs[len(recs)-1])
		if !more || was.compare(key) != 0 {
			return do(nil, &is, recs)
		}
		if err := do(&was, &is, recs); err != nil {
			return err
		}
		was, more, err = old.next()
		return err
	}
	var key []byte
	var recs []flow.Record
	for k, err := range w.came.Sorted(ctx) {
		if err != nil {
			return err
		}
		if len(recs) > 0 && !bytes.Equal(k.Key, key) {
			if err := group(key, recs); err != nil {
				return err
			}
			recs = recs[:0]
		}
		rec, err := unpackRecord(k.Data)
		if err != nil {
			return fmt.Errorf("read a record that was put aside: %w", err)
		}
		key, recs = append(key[:0], k.Key...), append(recs, rec)
	}
	if len(recs) > 0 {
		if err := group(key, recs); err != nil {
			return err
		}
	}
	return before(nil)
}

// compatible refuses a snapshot whose keys mean something else.
func (w *deltaWork) compatible(old *snapshotReader) error {
	if old.file == nil {
		return nil
	}
	if !slices.Equal(old.made.Key, w.Key) {
		return kit.Fail(kit.Refused, "the key is %s, and was %s at the last run", strings.Join(w.Key, ", "), strings.Join(old.made.Key, ", ")).On("key").
			Hint("put the key back, or begin anew, with every record a created one: jackfield flows state %s %s --reset", w.env.Flow, w.env.Step)
	}
	return nil
}

// seenOf is what a snapshot keeps of a record.
func (w *deltaWork) seenOf(key []byte, rec flow.Record) seen {
	s := seen{key: key}
	keys := make([]any, len(w.Key))
	for i, name := range w.Key {
		keys[i], _ = kit.Dig(rec.Data, name)
	}
	s.keys = value.Append(nil, keys)
	sum := sha256.Sum256(value.Append(nil, w.compared(rec.Data)))
	copy(s.digest[:], sum[:])
	if w.Before != "" {
		s.record = value.Append(nil, rec.Data)
	}
	return s
}

// compared is the part of a record whose change counts.
func (d *delta) compared(data any) any {
	if len(d.Only) > 0 {
		list := make([]any, len(d.Only))
		for i, name := range d.Only {
			v, ok := kit.Dig(data, name)
			if list[i] = v; ok && !slices.Contains(d.Ignore, name) {
				list[i] = []any{v} // null is another thing than nothing
			}
		}
		return list
	}
	for _, path := range d.Ignore {
		data = without(data, path)
	}
	return data
}

// without is data less what a path names.
func without(data any, path string) any {
	m, ok := data.(map[string]any)
	if !ok {
		return data
	}
	if _, ok := m[path]; ok {
		m = maps.Clone(m)
		delete(m, path)
		return m
	}
	for i := range len(path) {
		if path[i] != '.' {
			continue
		}
		if inner, ok := m[path[:i]]; ok {
			m = maps.Clone(m)
			m[path[:i]] = without(inner, path[i+1:])
			return m
		}
	}
	return data
}

// tell gives what became of a key.
func (w *deltaWork) tell(was, is *seen, recs []flow.Record, give func(flow.Outlet, flow.Record) error) error {
	if is == nil {
		if w.partial {
			return nil
		}
		gone, err := w.gone(was)
		if err != nil {
			return err
		}
		return give(deleted, flow.Record{Data: gone})
	}
	last := len(recs) - 1
	for _, rec := range recs[:last] {
		p := kit.Fail(kit.Malformed, "another record with the key %s comes behind it", is.keys).On("key").
			Hint("choose a key that tells the records apart").Problem(w.env.Step, rec.ID)
		rec.Problem = &p
		if err := give(flow.Failed, rec); err != nil {
			return err
		}
	}
	rec := recs[last]
	switch {
	case was == nil:
		return give(created, rec)
	case was.digest == is.digest:
		return give(unchanged, rec)
	}
	return w.tellChanged(was, rec, give)
}

func (w *deltaWork) tellChanged(was *seen, rec flow.Record, give func(flow.Outlet, flow.Record) error) error {
	m, ok := rec.Data.(map[string]any)
	if w.Before == "" || !ok {
		return give(changed, rec)
	}
	var old any
	if len(was.record) > 0 {
		var err error
		if old, err = value.Decode(was.record); err != nil {
			return fmt.Errorf("read what the record with the key %s was: %w", was.keys, err)
		}
	}
	m = maps.Clone(m)
	m[w.Before] = old
	return give(changed, flow.Record{ID: flow.Child(w.env.Step, []flow.RecordID{rec.ID}, 0), Parents: []flow.RecordID{rec.ID}, Data: m})
}

// gone is a record that did not come any more: as it was, or its key.
func (w *deltaWork) gone(was *seen) (any, error) {
	if len(was.record) > 0 {
		return value.Decode(was.record)
	}
	keys, err := value.Decode(was.keys)
	if err != nil {
		return nil, err
	}
	list, _ := keys.([]any)
	m := map[string]any{}
	for i, name := range w.Key {
		if i < len(list) {
			m[name] = list[i]
		}
	}
	return m, nil
}

// Commit makes the snapshot of this run the one that the next is compared with.
func (d *delta) Commit(ctx context.Context, env kit.Env) (flow.Cursor, error) {
	desk, err := openDeltaDesk(ctx, env)
	if err != nil {
		return nil, err
	}
	stands, err := desk.commit()
	if err != nil || stands == nil {
		return nil, err
	}
	return json.Marshal(stands)
}
