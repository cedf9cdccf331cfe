package app_test

import (
	"errors"
	"fmt"
	"testing"

	"jackfield/app"
	"jackfield/connectors/core"
	"jackfield/connectors/kit"
	"jackfield/connectors/sqlite"
	"jackfield/engine/enginetest"
	"jackfield/flow"
	"jackfield/store"
	"jackfield/store/vault"
)

const fillRows = `jackfield: 1
name: Fill
steps:
  - id: fill
    uses: sqlite.query
    with:
      path: %[1]s/source.db
      sql: |
        create table rows (id integer primary key, at text, text text);
        insert into rows with recursive n(i) as (select 1 union all select i + 1 from n where i < 25)
        select i, '2026-03-01 10:00:' || printf('%%02d', i / 7), 'row ' || i from n
`

const syncRows = `jackfield: 1
name: Sync
steps:
  - {id: read, uses: sqlite.read, with: {path: %[1]s/source.db, table: rows, cursor: at, page_size: 4}}
  - {id: keep, uses: sqlite.upsert, with: {path: %[1]s/target.db, table: rows, key: [id]}}
edges: [read -> keep]
`

const lookAtRows = `jackfield: 1
name: Look
steps:
  - {id: look, uses: sqlite.query, with: {path: %[1]s/target.db, sql: "select count(*) as n, sum(id) as ids, min(text) as first from rows"}}
`

func TestASyncThatIsKilledGoesOnWithoutAGapAndWithoutRepeating(t *testing.T) {
	for after := range 2 {
		for dies := 1; ; dies++ {
			home, data := t.TempDir(), t.TempDir()
			st, err := store.Open(home, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			ops := kit.Set{core.New(), sqlite.New()}
			begin := func(h *enginetest.Mortal) *desk {
				secrets, err := vault.Open(home, st, vault.Options{})
				if err != nil {
					t.Fatal(err)
				}
				return &desk{t: t, home: home, Local: app.New(app.Options{Store: st, Vault: secrets, History: h, Ops: ops, Home: home})}
			}
			mortal := &enginetest.Mortal{History: st}
			d := begin(mortal)
			fill := d.opened(d.file(fmt.Sprintf(fillRows, data)))
			if r := d.ran(d.Start(t.Context(), app.Start{Flow: fill.ID})); r.State != flow.RunDone {
				t.Fatalf("to fill the table: %s, %v", r.State, r.Problem)
			}
			f := d.opened(d.file(fmt.Sprintf(syncRows, data)))
			mortal.DieAt, mortal.After = mortal.Writes()+dies, after == 1
			if id, err := d.Start(t.Context(), app.Start{Flow: f.ID}); err == nil {
				_, _ = d.Wait(t.Context(), id)
			}
			died := mortal.Dead()
			if err := d.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			d = begin(&enginetest.Mortal{History: st})
			if err := d.Serve(t.Context()); err != nil {
				t.Fatal(err)
			}
			runs, err := d.Runs(t.Context(), app.Query{Flow: f.ID})
			if err != nil {
				t.Fatal(err)
			}
			given := 0
			for _, r := range runs { // one, unless it died before it began
				if r = d.ran(r.ID, nil); r.State != flow.RunDone {
					t.Errorf("killed at write %d the run is %s: %v", dies, r.State, r.Problem)
				}
				given += r.Given
			}
			given += d.ran(d.Start(t.Context(), app.Start{Flow: f.ID})).Given
			look := d.opened(d.file(fmt.Sprintf(lookAtRows, data)))
			seen := d.ran(d.Start(t.Context(), app.Start{Flow: look.ID}))
			batch, err := d.Records(t.Context(), flow.Ref{Run: seen.ID, Seq: 1, Outlet: flow.Done})
			if err != nil || len(batch) != 1 {
				t.Fatalf("%v, %v", batch, err)
			}
			if got := fmt.Sprint(batch[0].Data); got != "map[first:row 1 ids:325 n:25]" || given != 25 {
				t.Errorf("killed at write %d (%d): the target has %s, and %d rows were read, want 25", dies, after, got, given)
			}
			if err := errors.Join(d.Close(t.Context()), st.Close(), ops.Close()); err != nil {
				t.Fatal(err)
			}
			if !died {
				break
			}
		}
	}
}
