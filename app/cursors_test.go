package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jackfield/app"
	"jackfield/flow"
)

const incremental = `jackfield: 1
name: Incremental
steps:
  - {id: rows, uses: csv.read, with: {path: rows.csv, cursor: n}}
  - {id: keep, uses: core.map}
edges: [rows -> keep]
`

// rows writes the file that the incremental flow reads.
func (d *desk) rows(f flow.Flow, lines ...string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(filepath.Dir(f.Path), "rows.csv"), []byte("n\n"+strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

// took runs the flow and tells how many rows it read.
func (d *desk) took(f flow.Flow) int {
	d.t.Helper()
	r := d.ran(d.Start(d.t.Context(), app.Start{Flow: f.ID}))
	if r.State != flow.RunDone {
		d.t.Fatalf("the run is %s: %v", r.State, r.Problem)
	}
	return r.Given
}

func (d *desk) refused(err error, words string) {
	d.t.Helper()
	problems, ok := errors.AsType[app.Problems](err)
	if !ok || !strings.Contains(err.Error(), words) || problems[0].Fix == "" {
		d.t.Errorf("it gave %v, want a problem with %q and a way out", err, words)
	}
}

func TestACursorIsRewoundSetAndReset(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(incremental))
	d.rows(f, "1", "2")
	if n := d.took(f); n != 2 {
		t.Fatalf("the first run read %d rows", n)
	}
	before := time.Now()
	d.rows(f, "1", "2", "3", "4", "5")
	if n := d.took(f); n != 3 {
		t.Fatalf("the second run read %d rows", n)
	}
	ctx := t.Context()
	if err := d.RewindCursor(ctx, f.ID, "rows", before); err != nil {
		t.Fatal(err)
	}
	if n := d.took(f); n != 3 {
		t.Errorf("after a rewind it read %d rows, want the 3 of the second run", n)
	}
	all, err := d.Cursors(ctx, "")
	if err != nil || len(all) != 1 || all[0].Flow != f.ID || all[0].Step != "rows" {
		t.Fatalf("the cursors are %+v, %v", all, err)
	}
	history, err := d.CursorHistory(ctx, f.ID, "rows")
	if err != nil || len(history) != 4 || history[1].Run != "" || !strings.HasPrefix(history[1].Why, "rewound to ") || history[0].Run == "" {
		t.Fatalf("its history is %+v, %v", history, err)
	}
	if err := d.SetCursor(ctx, f.ID, "rows", history[3].Cursor, "the shop asked for it"); err != nil {
		t.Fatal(err)
	}
	if n := d.took(f); n != 3 {
		t.Errorf("after it was set to the first one it read %d rows", n)
	}
	if err := d.SetCursor(ctx, f.ID, "rows", flow.Cursor("null"), ""); err != nil {
		t.Fatal(err)
	}
	if n := d.took(f); n != 5 {
		t.Errorf("after a reset it read %d rows", n)
	}
	if err := d.RewindCursor(ctx, f.ID, "rows", before.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if all, err = d.Cursors(ctx, f.ID); err != nil || len(all) != 0 {
		t.Errorf("rewound to before its first run it stands at %+v, %v", all, err)
	}
}

func TestACursorIsNotMovedWhereThatMakesNoSense(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(incremental))
	ctx := t.Context()
	d.refused(d.RewindCursor(ctx, f.ID, "rows", time.Now()), "no cursor")
	d.refused(d.SetCursor(ctx, f.ID, "rows", nil, ""), "no cursor")
	d.refused(d.SetCursor(ctx, f.ID, "row", flow.Cursor("1"), ""), `did you mean "rows"`)
	d.refused(d.SetCursor(ctx, f.ID, "rows", flow.Cursor("{"), ""), "no JSON")
	d.rows(f, "1")
	d.took(f)
	d.refused(d.RewindCursor(ctx, f.ID, "rows", time.Now()), "has not moved since")
}

func TestACursorStaysWhileARunGoesOn(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(strings.Replace(incremental, "{id: keep, uses: core.map}", "{id: keep, uses: core.wait, with: {for: 1h}}", 1)))
	d.rows(f, "1")
	ctx := t.Context()
	id, err := d.Start(ctx, app.Start{Flow: f.ID})
	if err != nil {
		t.Fatal(err)
	}
	d.refused(d.SetCursor(ctx, f.ID, "rows", flow.Cursor("1"), ""), "goes on")
	d.refused(d.SetCursor(ctx, f.ID, "rows", flow.Cursor("1"), ""), "jackfield runs stop "+string(id))
	if err := d.Stop(ctx, id); err != nil {
		t.Fatal(err)
	}
	if err := d.SetCursor(ctx, f.ID, "rows", flow.Cursor(`{"column":"n","above":{"value":"1","number":true}}`), ""); err != nil {
		t.Error(err)
	}
}
