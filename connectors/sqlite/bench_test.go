package sqlite

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func BenchmarkUpsertOfAThousandRows(b *testing.B) {
	d := newDesk(b)
	batch := make(flow.Batch, 1000)
	for i := range batch {
		batch[i] = flow.Record{Data: map[string]any{"id": i, "name": fmt.Sprintf("row %d", i), "total": float64(i) / 4, "paid": i%2 == 0}}
	}
	b.ReportAllocs()
	for b.Loop() {
		u := d.upsert(flow.Values{"table": "rows", "key": []any{"id"}})
		if _, err := u.RunAll(b.Context(), d.env, batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(batch))/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkQueryForEachRecord(b *testing.B) {
	d := newDesk(b)
	d.sql("create table t (id integer primary key, name text); insert into t values (1, 'one')")
	for b.Loop() {
		q := d.query(flow.Values{"sql": "select * from t where id = ?", "params": []any{1}})
		if _, err := q.Run(b.Context(), d.env, flow.Record{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadOfAHundredThousandRows(b *testing.B) {
	d := newDesk(b)
	d.sql(`create table t as with recursive n(i) as (values (1) union all select i + 1 from n where i < 100000)
		select i as id, 'name ' || i as name, i / 4.0 as total from n`)
	for b.Loop() {
		r := d.read(flow.Values{"table": "t", "cursor": "id"})
		var after flow.Cursor
		for more := true; more; {
			page, err := r.Read(b.Context(), d.env, after)
			if err != nil {
				b.Fatal(err)
			}
			after, more = page.Next, page.More
		}
	}
}

// BenchmarkAMillionRowsOfCSV puts a file of a million rows into a table by a flow with its
// durable history, and by the import of SQLite's own program.
func BenchmarkAMillionRowsOfCSV(b *testing.B) {
	program, dir := kittest.Program(b), b.TempDir()
	var text bytes.Buffer
	text.WriteString("id,customer,total,at\n")
	for i := range 1_000_000 {
		fmt.Fprintf(&text, "%d,customer %d,%g,2024-01-01 %02d:%02d:00\n", i, i%5000, float64(i%100_000)/100, i%24, i%60)
	}
	flowText := `jackfield: 1
name: Load
steps:
  - {id: read, uses: csv.read, with: {path: rows.csv}}
  - {id: write, uses: sqlite.upsert, with: {path: ours.db, table: rows, key: [id]}}
edges:
  - read -> write
`
	for name, content := range map[string][]byte{"rows.csv": text.Bytes(), "load.flow.yaml": []byte(flowText)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	const table = "create table rows (id integer primary key, customer text, total real, at text)"
	n := 0
	for b.Loop() {
		n++
		limit := kittest.Timed(b, in(dir, "sqlite3", fmt.Sprintf("limit%d.db", n), table, ".mode csv", ".import --skip 1 rows.csv rows"))
		kittest.Timed(b, in(dir, "sh", "-c", "rm -f ours.db*; sqlite3 ours.db '"+table+"'"))
		ours := kittest.Timed(b, in(dir, program, "run", "load.flow.yaml", "--home", fmt.Sprintf("home%d", n)))
		if out, err := in(dir, "sqlite3", "ours.db", "select count(*), sum(total) from rows").Output(); err != nil || string(out) != "1000000|499995000.0\n" {
			b.Fatalf("it holds %s, %v", out, err)
		}
		b.ReportMetric(ours.Seconds(), "s/ours")
		b.ReportMetric(limit.Seconds(), "s/import")
		b.ReportMetric(ours.Seconds()/limit.Seconds(), "ours/import")
	}
}

func in(dir, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	return cmd
}
