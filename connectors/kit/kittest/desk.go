package kittest

import (
	"strings"
	"sync"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// Desk is a connector at work in a test: its operations with settings that they all have.
type Desk struct {
	T   testing.TB
	Set kit.Connector
	Env kit.Env
	All flow.Values // what every operation is set to, unless it is set to something else

	mu  sync.Mutex
	log []string
}

// NewDesk makes one. The connector is closed when the test ends.
func NewDesk(t testing.TB, c kit.Connector, all flow.Values) *Desk {
	d := &Desk{T: t, Set: c, Env: Env(t), All: all}
	d.Env.Write = func(l flow.LogLine) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.log = append(d.log, l.Text)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return d
}

// Log is what operations have said so far.
func (d *Desk) Log() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.log, "\n")
}

// Bind makes an operation with its settings; what is wrong with them fails the test.
func (d *Desk) Bind(name string, with flow.Values) kit.Operation {
	d.T.Helper()
	made, problems := d.Try(name, with)
	for _, p := range problems {
		d.T.Fatal(p)
	}
	return made
}

// Try makes an operation and says what is wrong with its settings.
func (d *Desk) Try(name string, with flow.Values) (kit.Operation, []flow.Problem) {
	d.T.Helper()
	op, ok := d.Set.Op(name)
	if !ok {
		d.T.Fatalf("no operation %q", name)
	}
	made := op.New()
	fields := made.Fields()
	problems := append(fields.Bind("s", d.All), fields.Bind("s", with)...)
	main, _ := fields.Main()
	return made, append(problems, fields.Missing("s", func(n string) bool { return n == main.Name })...)
}

// Run performs an action for one record.
func (d *Desk) Run(name string, with flow.Values) ([]any, error) {
	d.T.Helper()
	r, err := d.Bind(name, with).(kit.Action).Run(d.T.Context(), d.Env, flow.Record{ID: "a"})
	return r.Data, err
}

// Write lets a bulk operation take records, and gives what became of each: "" or why it
// failed.
func (d *Desk) Write(name string, with flow.Values, records ...any) []string {
	d.T.Helper()
	said, err := d.TryWrite(name, with, records...)
	if err != nil {
		d.T.Fatal(err)
	}
	return said
}

// TryWrite is Write where the batch as a whole may fail.
func (d *Desk) TryWrite(name string, with flow.Values, records ...any) ([]string, error) {
	d.T.Helper()
	batch := make(flow.Batch, len(records))
	for i, r := range records {
		batch[i] = flow.Record{ID: flow.RecordID(rune('a' + i%26)), Data: r}
	}
	results, err := d.Bind(name, with).(kit.Bulk).RunAll(d.T.Context(), d.Env, batch)
	if err != nil {
		return nil, err
	}
	said := make([]string, len(results))
	for i, r := range results {
		if r.Err != nil {
			said[i] = kit.AsFailure(r.Err).What
		} else if !r.Same {
			d.T.Errorf("record %d does not go on as it came", i)
		}
	}
	return said, nil
}

// Read reads a source from a cursor to its end, and gives its records and where the next
// run begins.
func (d *Desk) Read(name string, with flow.Values, after flow.Cursor) (records []any, mark flow.Cursor) {
	d.T.Helper()
	mark = after
	for range 10_000 {
		page, err := d.Bind(name, with).(kit.Source).Read(d.T.Context(), d.Env, after)
		if err != nil {
			d.T.Fatal(err)
		}
		for _, one := range page.Data {
			if document, ok := one.(*value.Document); ok {
				one = document.Whole()
			}
			records = append(records, one)
		}
		if page.Mark != nil {
			mark = page.Mark
		}
		if !page.More {
			return records, mark
		}
		after = page.Next
	}
	d.T.Fatal("it reads without end")
	return nil, nil
}

// Column takes one member of each record.
func Column(records []any, name string) []any {
	all := make([]any, len(records))
	for i, r := range records {
		all[i] = r.(map[string]any)[name]
	}
	return all
}

// JSON is a value as its text, to be compared.
func JSON(v any) string { return string(value.Append(nil, v)) }

// WantFailure sees that err is a Failure of this kind on this field that tells a way out
// and speaks of each of the words.
func WantFailure(t testing.TB, err error, kind flow.Code, field string, words ...string) {
	t.Helper()
	if err == nil {
		t.Error("it does not fail")
		return
	}
	f := kit.AsFailure(err)
	if f.Kind != kind || f.Field != field || f.Fix == "" {
		t.Errorf("%s on %q with fix %q, want %s on %q: %v", f.Kind, f.Field, f.Fix, kind, field, err)
	}
	for _, w := range words {
		if !strings.Contains(f.What+"; "+f.Fix, w) {
			t.Errorf("%q does not speak of %q", f.What+"; "+f.Fix, w)
		}
	}
}
