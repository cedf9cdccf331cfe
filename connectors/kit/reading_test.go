package kit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// heap is a table in memory that a service gives page by page, in the order of its keys
// or of its cursor.
type heap struct {
	rows  map[int]kittest.Row
	order kit.Order
	text  bool // cursors are times, in various ways to write them
}

func (h *heap) Put(_ testing.TB, r kittest.Row) { h.rows[r.Key] = r }
func (h *heap) Remove(_ testing.TB, key int)    { delete(h.rows, key) }
func (h *heap) Row(_ testing.TB, data any) kittest.Row {
	return data.(map[string]any)["row"].(kittest.Row)
}

func (h *heap) cursor(r kittest.Row) any {
	if !h.text {
		return r.At
	}
	at := time.Unix(int64(r.At), 0).UTC()
	switch r.Key % 3 {
	case 0:
		return at.Format(time.RFC3339)
	case 1:
		return at.In(time.FixedZone("", 7200)).Format(time.RFC3339)
	}
	return at.Format("2006-01-02 15:04:05.000")
}

func (h *heap) Source(_ testing.TB, overlap, now int) (kit.Source, kit.Env) {
	s := kit.NewSync()
	s.Cursor, s.Behind, s.Key, s.Settle = "at", kit.BehindGoesOn, []string{"id"}, time.Second
	if overlap > 0 {
		s.Overlap = fmt.Sprintf("%ds", overlap)
	}
	return &heapSource{heap: h, Sync: s}, kit.Env{Started: time.Unix(int64(now), 0)}
}

type heapSource struct {
	*heap
	kit.Sync
}

func (h *heapSource) Fields() kit.Fields { return nil }

// Read gives the three rows behind the last key.
func (h *heapSource) Read(_ context.Context, env kit.Env, after flow.Cursor) (page kit.Page, err error) {
	r, err := h.Resume(env, "heap", after, h.order)
	if err != nil {
		return page, err
	}
	if !r.Begun() {
		if err := r.Begin(nil, nil); err != nil {
			return page, err
		}
	}
	last := [2]int{-1, -1}
	if r.At() != nil {
		if err := json.Unmarshal(r.At(), &last); err != nil {
			return page, err
		}
	}
	var rows []kittest.Row
	for _, one := range h.rows {
		if p := h.place(one); p[0] > last[0] || p[0] == last[0] && p[1] > last[1] {
			rows = append(rows, one)
		}
	}
	slices.SortFunc(rows, func(a, b kittest.Row) int { x, y := h.place(a), h.place(b); return slices.Compare(x[:], y[:]) })
	page.More = len(rows) > 3
	for _, one := range rows[:min(3, len(rows))] {
		rec := map[string]any{"id": one.Key, "at": h.cursor(one), "text": one.Text}
		give, err := r.TakeRecord(rec)
		if err != nil {
			return page, err
		}
		if last = h.place(one); give {
			page.Data = append(page.Data, map[string]any{"row": one})
		}
	}
	if page.More {
		at, _ := json.Marshal(last)
		r.Put(at)
	} else if err := r.End(true); err != nil {
		return page, err
	}
	if page.Next, err = r.Next(); err != nil {
		return page, err
	}
	page.Mark, err = r.Mark()
	return page, err
}

func (h *heap) place(r kittest.Row) [2]int {
	if h.order == kit.AnyOrder {
		return [2]int{r.Key, 0}
	}
	return [2]int{r.At, r.Key}
}

func TestAReadingLosesNothingOfRecordsThatChange(t *testing.T) {
	for _, tt := range []struct {
		name  string
		order kit.Order
		text  bool
	}{{"not sorted, numbers", kit.AnyOrder, false}, {"not sorted, times", kit.AnyOrder, true}, {"sorted, numbers", kit.InOrder, false}, {"sorted, times", kit.InOrder, true}} {
		t.Run(tt.name, func(t *testing.T) {
			kittest.Incremental(t, 1, tt.order == kit.AnyOrder, func(testing.TB) kittest.Table {
				return &heap{rows: map[int]kittest.Row{}, order: tt.order, text: tt.text}
			})
		})
	}
}

// takes hands records with these cursor values to a pass and tells which were taken.
func takes(t *testing.T, s kit.Sync, order kit.Order, after flow.Cursor, cursors ...any) (taken string, mark flow.Cursor, err error) {
	t.Helper()
	s.Cursor = "at"
	r, err := s.Resume(kit.Env{Flow: "f", Step: "read", Started: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}, "list", after, order)
	if err == nil {
		err = r.Begin(nil, nil)
	}
	var all []string
	for _, c := range cursors {
		if err != nil {
			break
		}
		var give bool
		if give, err = r.TakeRecord(map[string]any{"at": c}); give {
			all = append(all, fmt.Sprint(c))
		}
	}
	if err == nil {
		err = r.End(true)
	}
	if err == nil {
		if mark, err = r.Mark(); mark == nil {
			mark = after
		}
	}
	return strings.Join(all, " "), mark, err
}

func TestAReadingTakesEqualRecordsAsOftenAsTheyCame(t *testing.T) {
	got, mark, err := takes(t, kit.NewSync(), kit.AnyOrder, nil, "10:00", "10:05", "10:05")
	if got != "10:00 10:05 10:05" || err != nil {
		t.Fatalf("first it took %q, %v", got, err)
	}
	got, _, err = takes(t, kit.NewSync(), kit.AnyOrder, mark, "10:00", "10:05", "10:05", "10:05")
	if got != "10:05" || err != nil {
		t.Errorf("then it took %q, %v; want the third one only", got, err)
	}
}

func TestAReadingComparesCursorsByWhatTheyMean(t *testing.T) {
	for _, tt := range []struct {
		name  string
		mark  any
		below []any
		above []any
	}{
		{"numbers", 9, []any{8, 8.5, -1}, []any{9.5, 10, 100}},
		{"numbers in texts", "9", []any{"8", "8.9", "-10"}, []any{"10", "9.01", "1e3"}},
		{"ids of twenty digits", "12345678901234567891", []any{"12345678901234567890"}, []any{"12345678901234567892"}},
		{"dates", "2026-03-01", []any{"2026-02-28"}, []any{"2026-03-02", "2026-03-01T00:00:01Z"}},
		{"times of different zones", "2026-03-01T12:00:00+02:00", []any{"2026-03-01T09:59:59Z", "2026-03-01 09:59:59"}, []any{"2026-03-01T10:00:00.001Z", "2026-03-01T11:00:00+00:30"}},
		{"texts", "b", []any{"a", "B"}, []any{"ba", "c"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, mark, err := takes(t, kit.NewSync(), kit.AnyOrder, nil, tt.mark)
			if err != nil {
				t.Fatal(err)
			}
			s := kit.NewSync()
			s.Behind = kit.BehindGoesOn
			got, _, err := takes(t, s, kit.AnyOrder, mark, slices.Concat(tt.below, []any{tt.mark}, tt.above)...)
			if want := strings.Trim(fmt.Sprint(tt.above), "[]"); got != want || err != nil {
				t.Errorf("it took %q, want %q (%v)", got, want, err)
			}
		})
	}
}

func TestAReadingSaysWhatIsWrongWithACursor(t *testing.T) {
	with := func(change func(*kit.Sync)) kit.Sync {
		s := kit.NewSync()
		change(&s)
		return s
	}
	plain := with(func(*kit.Sync) {})
	for _, tt := range []struct {
		name    string
		sync    kit.Sync
		order   kit.Order
		after   string
		cursors []any
		field   string
		words   string
	}{
		{"goes backwards in a sorted list", plain, kit.InOrder, "", []any{1, 3, 2}, "cursor", "the cursor goes backwards: 2 of \"at\" comes after 3"},
		{"all of it is older", plain, kit.AnyOrder, `{"of":"list","mark":9}`, []any{1, 3, 2}, "cursor", "the greatest value of list is 3, and up to 9 was read before"},
		{"missing", plain, kit.AnyOrder, "", []any{nil}, "cursor", "has no \"at\""},
		{"no time to go back from", with(func(s *kit.Sync) { s.First = time.Hour }), kit.AnyOrder, "", []any{7}, "first", "is no time"},
		{"nothing to count back from", with(func(s *kit.Sync) { s.Overlap = "5m" }), kit.AnyOrder, `{"of":"list","mark":"abc"}`, nil, "overlap", "no 5m can be counted back"},
		{"a list for a cursor", plain, kit.AnyOrder, `[1]`, nil, "cursor", "does not read"},
		{"no cursor at all", plain, kit.AnyOrder, `[1`, nil, "cursor", "does not read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, mark, err := takes(t, tt.sync, tt.order, flow.Cursor(tt.after), tt.cursors...)
			f := kit.AsFailure(err)
			if err == nil || f.Field != tt.field || !strings.Contains(f.What, tt.words) || f.Fix == "" {
				t.Errorf("it gave %v and the mark %s, want field %q: %s, and a way out", err, mark, tt.field, tt.words)
			}
		})
	}
}

func TestAReadingStartsOverWhereTheCursorIsOfSomethingElse(t *testing.T) {
	got, _, err := takes(t, kit.NewSync(), kit.AnyOrder, flow.Cursor(`{"of":"other","mark":9}`), 1)
	if got != "1" || err != nil {
		t.Errorf("it took %q, %v", got, err)
	}
}

func TestALengthOfTimeMayCountDays(t *testing.T) {
	var d time.Duration
	f := kit.Duration(&d, "d", "D")
	for text, want := range map[string]time.Duration{"2d": 48 * time.Hour, "1d12h": 36 * time.Hour, "0.5d": 12 * time.Hour, "90m": 90 * time.Minute} {
		if err := f.Set(text); err != nil || d != want {
			t.Errorf("%q is %s, %v", text, d, err)
		}
	}
	for _, text := range []string{"d", "-1d", "2days", "1d-2d", "99999999d", "1d-40h"} {
		if err := f.Set(text); err == nil {
			t.Errorf("%q is read as %s", text, d)
		}
	}
}

// What flows state --set proposes, "2026-03-01", ended the next run.
func TestAValueAloneSetByHandIsWhereTheNextRunGoesOn(t *testing.T) {
	for _, order := range []kit.Order{kit.AnyOrder, kit.InOrder} {
		got, mark, err := takes(t, kit.NewSync(), order, flow.Cursor(`"2026-03-01"`), "2026-02-01", "2026-03-01", "2026-03-02")
		if got != "2026-03-01 2026-03-02" || err != nil {
			t.Errorf("it took %q, %v", got, err)
		}
		if !strings.Contains(string(mark), `"of":"list","mark":"2026-03-02"`) {
			t.Errorf("the cursor is then %s", mark)
		}
	}
}
