package kittest

import (
	"fmt"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Shifting is a Table in a database: rows of id, at, part and text, which the connector's
// own operations put and remove.
type Shifting struct {
	*Desk
	Table     string // what is written
	From      string // what is read, the table itself where it is ""
	At        func(tick int) any
	Tick      func(v any) int
	Unit      string // of an overlap: s, or nothing where ticks are numbers
	Partition string
}

// Put adds the row, or puts it in place of the one with its key.
func (s *Shifting) Put(t testing.TB, r Row) {
	t.Helper()
	for _, said := range s.Write("upsert", flow.Values{"table": s.Table, "key": []any{"id"}},
		map[string]any{"id": r.Key, "at": s.At(r.At), "part": r.Part, "text": r.Text}) {
		if said != "" {
			t.Fatal(said)
		}
	}
}

// Remove takes the row with this key away.
func (s *Shifting) Remove(t testing.TB, key int) {
	t.Helper()
	for _, said := range s.Write("delete", flow.Values{"table": s.Table, "key": []any{"id"}, "missing": "fail"}, map[string]any{"id": key}) {
		if said != "" {
			t.Fatal(said)
		}
	}
}

// Source reads pages of three rows.
func (s *Shifting) Source(_ testing.TB, overlap, _ int) (kit.Source, kit.Env) {
	from := s.From
	if from == "" {
		from = s.Table
	}
	with := flow.Values{"table": from, "cursor": "at", "page_size": 3, "behind": "go_on", "partition": s.Partition}
	if overlap > 0 {
		with["overlap"] = fmt.Sprint(overlap) + s.Unit
	}
	return s.Bind("read", with).(kit.Source), s.Env
}

// Row makes a row of what was read.
func (s *Shifting) Row(_ testing.TB, data any) Row {
	m := data.(map[string]any)
	return Row{Key: m["id"].(int), At: s.Tick(m["at"]), Part: m["part"].(int), Text: m["text"].(string)}
}

// Ticks writes ticks as times in a layout and reads them back.
func Ticks(layout string) (at func(int) any, tick func(any) int) {
	return func(n int) any { return time.Unix(int64(n), 0).UTC().Format(layout) },
		func(v any) int {
			when, err := time.Parse(layout, v.(string))
			if err != nil {
				panic(err)
			}
			return int(when.Unix())
		}
}

// Numbers are ticks as they are.
func Numbers() (at func(int) any, tick func(any) int) {
	return func(n int) any { return n }, func(v any) int {
		if f, ok := v.(float64); ok {
			return int(f)
		}
		return v.(int)
	}
}
