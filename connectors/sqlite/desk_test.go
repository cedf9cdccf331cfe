package sqlite

import (
	"database/sql"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/tables"
	"jackfield/flow"
)

// desk is a folder with one database, shop.db, and the connector's operations.
type desk struct {
	t   testing.TB
	env kit.Env
	set kit.Connector
	log []string
}

func newDesk(t testing.TB) *desk {
	d := &desk{t: t, set: New()}
	d.env = kit.Env{Run: "r1", Step: "s", Dir: t.TempDir(), Write: func(l flow.LogLine) { d.log = append(d.log, l.Text) }}
	t.Cleanup(func() {
		if err := d.set.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return d
}

func (d *desk) path() string { return filepath.Join(d.env.Dir, "shop.db") }

func (d *desk) bind(name string, with flow.Values) kit.Operation {
	d.t.Helper()
	op, ok := d.set.Op(name)
	if !ok {
		d.t.Fatalf("no operation %q", name)
	}
	o := op.New()
	if _, given := with["path"]; !given {
		with["path"] = "shop.db"
	}
	fields := o.Fields()
	for _, p := range append(fields.Bind("s", with), fields.Missing("s", func(n string) bool { return n == "row" })...) {
		d.t.Fatal(p)
	}
	return o
}

func (d *desk) query(with flow.Values) *tables.Query  { return d.bind("query", with).(*tables.Query) }
func (d *desk) read(with flow.Values) *tables.Read    { return d.bind("read", with).(*tables.Read) }
func (d *desk) upsert(with flow.Values) *tables.Write { return d.bind("upsert", with).(*tables.Write) }

// rows performs a query and gives its rows.
func (d *desk) rows(with flow.Values) ([]any, error) {
	res, err := d.query(with).Run(d.t.Context(), d.env, flow.Record{ID: "a"})
	return res.Data, err
}

// write upserts the rows and gives what became of each: "" or the error.
func (d *desk) write(with flow.Values, rows ...any) []string {
	d.t.Helper()
	batch := make(flow.Batch, len(rows))
	for i, r := range rows {
		batch[i] = flow.Record{ID: flow.RecordID(fmt.Sprint(i)), Data: r}
	}
	results, err := d.upsert(with).RunAll(d.t.Context(), d.env, batch)
	if err != nil {
		d.t.Fatal(err)
	}
	said := make([]string, len(results))
	for i, r := range results {
		if r.Err != nil {
			said[i] = r.Err.Error()
		} else if !r.Same {
			d.t.Errorf("row %d does not go on as it came", i)
		}
	}
	return said
}

// pages reads to the end and gives the pages' rows and the last mark.
func (d *desk) pages(r *tables.Read, after flow.Cursor) (pages [][]any, mark flow.Cursor) {
	d.t.Helper()
	for range 1000 {
		page, err := r.Read(d.t.Context(), d.env, after)
		if err != nil {
			d.t.Fatal(err)
		}
		pages = append(pages, page.Data)
		if page.Mark != nil {
			mark = page.Mark
		}
		if !page.More {
			return pages, mark
		}
		after = page.Next
	}
	d.t.Fatal("it reads without end")
	return nil, nil
}

// sql performs statements past the connector.
func (d *desk) sql(statements string) {
	d.t.Helper()
	db := d.open()
	defer db.Close()
	if _, err := db.Exec(statements); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) open() *sql.DB {
	d.t.Helper()
	db, err := sql.Open("sqlite", d.path())
	if err != nil {
		d.t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

// judge asks the database what is in it: through SQLite's own program where it is
// installed, which shares no code with ours. Columns come apart by |, rows by a line.
func (d *desk) judge(query string) string {
	d.t.Helper()
	if program, err := exec.LookPath("sqlite3"); err == nil {
		out, err := exec.Command(program, d.path(), query).CombinedOutput()
		if err != nil {
			d.t.Fatalf("sqlite3: %v: %s", err, out)
		}
		return strings.TrimRight(string(out), "\r\n")
	}
	db := d.open()
	defer db.Close()
	rows, err := db.Query(query)
	if err != nil {
		d.t.Fatal(err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	var lines []string
	for rows.Next() {
		cells, places := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range cells {
			places[i] = &cells[i]
		}
		if err := rows.Scan(places...); err != nil {
			d.t.Fatal(err)
		}
		texts := make([]string, len(cells))
		for i, c := range cells {
			texts[i] = c.String
		}
		lines = append(lines, strings.Join(texts, "|"))
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// wantFailure sees that err is a Failure of this kind on this field that tells a way
// out and speaks of each of the words.
func wantFailure(t *testing.T, err error, kind flow.Code, field string, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("it does not fail")
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
