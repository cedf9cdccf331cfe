package sqlite

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/tables"
	"jackfield/flow"
)

// gather takes one column of all pages.
func gather(pages [][]any, name string) []any {
	var all []any
	for _, p := range pages {
		for _, row := range p {
			all = append(all, row.(map[string]any)[name])
		}
	}
	return all
}

func TestReadLosesNoRowsWithEqualCursorsBetweenPages(t *testing.T) {
	tables := map[string]string{
		"a table":                 "create table src (id integer primary key, at datetime, x real); insert into src select * from rows",
		"a table without numbers": "create table src (id integer, at datetime, x real, primary key (id)) without rowid; insert into src select * from rows",
		"a view":                  "create view src as select id, at, x from rows",
		"columns named rowid":     "create table src (id integer primary key, at datetime, x real, rowid text, _rowid_ text); insert into src select *, 'z', 'z' from rows",
	}
	for name, make := range tables {
		for _, cursor := range []string{"", "at", "x", "id"} {
			for _, size := range []int{1, 2, 3, 10, 100} {
				t.Run(fmt.Sprintf("%s by %q in pages of %d", name, cursor, size), func(t *testing.T) {
					d := newDesk(t)
					d.sql("create table rows (id integer primary key, at datetime, x real);" +
						"insert into rows values (1, null, 3), (2, null, 3), (3, '2024-01-01', 3), (4, '2024-01-01', 1e20), (5, '2024-01-01', 1e20)," +
						"(6, '2023-12-31 10:00', 1e20), (7, '2024-01-01', 0.5), (8, '2024-06-01', 0.5), (9, '2024-06-01', 7)")
					d.sql(make)
					pages, mark := d.pages(d.read(flow.Values{"table": "src", "cursor": cursor, "page_size": size}), nil)
					seen := map[any]int{}
					for _, id := range gather(pages, "id") {
						seen[id]++
					}
					if len(seen) != 9 {
						t.Fatalf("%d of 9 rows: %v", len(seen), seen)
					}
					for id, n := range seen {
						if n != 1 {
							t.Errorf("row %v came %d times", id, n)
						}
					}
					if (mark != nil) != (cursor != "") {
						t.Errorf("mark %s", mark)
					}
				})
			}
		}
	}
}

func TestReadGoesOnFromItsMark(t *testing.T) {
	d := newDesk(t)
	d.sql("create table orders (id integer primary key, at text); insert into orders values (1, '10:00'), (2, '10:00'), (3, '11:00')")
	read := func(after flow.Cursor) ([]any, flow.Cursor) {
		t.Helper()
		pages, mark := d.pages(d.read(flow.Values{"table": "ORDERS", "cursor": "At", "page_size": 2}), after)
		return gather(pages, "id"), mark
	}
	first, mark := read(nil)
	if want := []any{1, 2, 3}; !reflect.DeepEqual(first, want) {
		t.Fatalf("first %v, want %v", first, want)
	}
	again, unmoved := read(mark)
	if len(again) != 0 || unmoved != nil {
		t.Errorf("nothing is new, but it gave %v and moved to %s", again, unmoved)
	}
	d.sql("insert into orders values (5, '11:00'), (4, '10:30'), (6, '12:00')")
	if late, _ := read(mark); !reflect.DeepEqual(late, []any{5, 6}) {
		t.Errorf("then %v, want 5 and 6: the one of 10:30 is older than the cursor", late)
	}
}

func TestReadStartsOverWhereTheCursorIsOfAnotherColumn(t *testing.T) {
	d := newDesk(t)
	d.sql("create table t (a integer, b integer); insert into t values (1, 9), (2, 8)")
	_, mark := d.pages(d.read(flow.Values{"table": "t", "cursor": "a"}), nil)
	pages, _ := d.pages(d.read(flow.Values{"table": "t", "cursor": "b"}), mark)
	if got := gather(pages, "b"); !reflect.DeepEqual(got, []any{8, 9}) {
		t.Errorf("got %v", got)
	}
	if len(d.log) != 1 {
		t.Errorf("it says nothing of it: %q", d.log)
	}
}

func TestReadKeepsBlobsAndBigNumbersInItsCursor(t *testing.T) {
	d := newDesk(t)
	d.sql("create table t (id integer primary key, c); insert into t values (1, x''), (2, x'00'), (3, x'ff'), (4, 9223372036854775807), (5, 9223372036854775806), (6, 'é')")
	pages, _ := d.pages(d.read(flow.Values{"table": "t", "cursor": "c", "page_size": 1}), nil)
	if got, want := gather(pages, "id"), []any{5, 4, 6, 1, 2, 3}; !reflect.DeepEqual(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
}

func TestReadTakesOnlyWhatItIsAskedFor(t *testing.T) {
	d := newDesk(t)
	d.sql(`create table "odd ""name""" (id integer primary key, "a b" text, total real);` +
		`insert into "odd ""name""" values (1, 'x', 5), (2, 'y', 50), (3, 'z', 500)`)
	pages, _ := d.pages(d.read(flow.Values{"table": `odd "name"`, "columns": []any{"a b"}, "where": "total >= 50 -- not the small ones"}), nil)
	if got, want := asJSON(pages[0]), `[{"a b":"y"},{"a b":"z"}]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestReadThatFailsSaysWhatToDo(t *testing.T) {
	d := newDesk(t)
	d.sql("create table orders (id integer, total real)")
	tests := []struct {
		name  string
		with  flow.Values
		after string
		kind  flow.Code
		field string
		words []string
	}{
		{"no such table", flow.Values{"table": "order"}, "", kit.Missing, "table", []string{`did you mean "orders"`}},
		{"a table that is SQL", flow.Values{"table": "orders; drop table orders"}, "", kit.Missing, "table", nil},
		{"no such column", flow.Values{"table": "orders", "columns": []any{"sum"}}, "", kit.Missing, "columns", []string{"id, total"}},
		{"no such cursor", flow.Values{"table": "orders", "cursor": "totl"}, "", kit.Missing, "cursor", []string{`"total"`}},
		{"a condition that is none", flow.Values{"table": "orders", "where": "total >"}, "", kit.Invalid, "where", []string{"syntax error"}},
		{"a page of nothing", flow.Values{"table": "orders", "page_size": 0}, "", kit.Invalid, "page_size", nil},
		{"a cursor that is none", flow.Values{"table": "orders", "cursor": "id"}, `[1`, kit.Malformed, "cursor", []string{"[1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			op, _ := d.set.Op("read")
			r := op.New().(*tables.Read)
			var err error
			tt.with["path"] = "shop.db"
			if problems := r.Fields().Bind("s", tt.with); len(problems) > 0 {
				err = problems[0]
			} else {
				_, err = r.Read(t.Context(), d.env, flow.Cursor(tt.after))
			}
			wantFailure(t, err, tt.kind, tt.field, tt.words...)
		})
	}
	if got := d.judge("select count(*) from orders"); got != "0" {
		t.Errorf("the table is %q", got)
	}
}

func TestReadDescribesAndOffersWhatIsThere(t *testing.T) {
	d := newDesk(t)
	d.sql("create table orders (id integer primary key, note text, total real not null, at datetime, x); create view late as select 1 as a")
	r := d.read(flow.Values{"table": "orders"})
	_, out, err := r.Describe(t.Context(), d.env)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := shape(out), "id integer, note string|null, total number, at string|null, x any"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for field, want := range map[string]string{
		"table":  "late late (view), orders orders",
		"cursor": "id id, note note, total total, at at, x x",
	} {
		f, _ := r.Fields().Field(field)
		choices, err := f.Live(t.Context(), d.env)
		if err != nil {
			t.Fatal(err)
		}
		var offered []string
		for _, c := range choices {
			offered = append(offered, c.Value+" "+c.Label)
		}
		if got := strings.Join(offered, ", "); got != want {
			t.Errorf("%s offers %s, want %s", field, got, want)
		}
	}
}
