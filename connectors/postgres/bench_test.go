package postgres

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"jackfield/connectors/kit/kittest"
)

// BenchmarkAMillionUpserts puts a million rows of one table into another, empty and then
// full: by a flow with its durable history; by COPY through a pipe into a table beside,
// and from there; by a plain Go program with pgx that does the same in batches of a
// thousand. What COPY alone takes, without looking whether a row is there, stands beside.
func BenchmarkAMillionUpserts(b *testing.B) {
	r := newRig(b)
	program := kittest.Program(b)
	r.sql(`create table source (id int primary key, customer text, total numeric(10,2), at timestamptz, paid boolean);
		insert into source select i, 'customer ' || i % 5000, (i % 100000) / 100.0, timestamptz '2024-01-01' + i * interval '1 second', i % 2 = 0 from generate_series(1, 1000000) i;
		create table target (like source including all)`)
	if _, err := db.Psql("vacuum analyze " + r.schema + ".source"); err != nil {
		b.Fatal(err)
	}
	pipe := func(into ...string) *exec.Cmd {
		psql := fmt.Sprintf("%s -h %s -p %d -U %s -d shop -qX -v ON_ERROR_STOP=1 -c 'set search_path = %s'", db.Program("psql"), db.Dir, db.Port, db.User, r.schema)
		line := psql + " -c 'copy source to stdout' | " + psql
		for _, c := range into {
			line += " -c '" + c + "'"
		}
		return exec.Command("sh", "-c", line)
	}
	const then = "on conflict (id) do update set customer = excluded.customer, total = excluded.total, at = excluded.at, paid = excluded.paid"
	for _, target := range []string{"empty", "full"} {
		b.Run(target, func(b *testing.B) {
			for b.Loop() {
				fresh := func() {
					r.sql("truncate target")
					if target == "full" {
						r.sql("insert into target select * from source")
					}
					r.sql("checkpoint")
				}
				fresh()
				limit := kittest.Timed(b, pipe("begin", "create temporary table beside as select * from target with no data", "copy beside from stdin",
					"insert into target select * from beside "+then, "commit"))
				fresh()
				plain := plainUpsert(b, r, then)
				fresh()
				ours := kittest.Timed(b, r.flow(b, program))
				if got := r.sql("select count(*), sum(total) from target"); got != r.sql("select count(*), sum(total) from source") {
					b.Fatalf("the target holds %s", got)
				}
				r.sql("truncate target")
				alone := kittest.Timed(b, pipe("copy target from stdin"))
				b.ReportMetric(ours.Seconds(), "s/ours")
				b.ReportMetric(limit.Seconds(), "s/pipe")
				b.ReportMetric(plain.Seconds(), "s/pgx")
				b.ReportMetric(alone.Seconds(), "s/copy")
				b.ReportMetric(ours.Seconds()/limit.Seconds(), "ours/pipe")
				b.ReportMetric(ours.Seconds()/plain.Seconds(), "ours/pgx")
			}
		})
	}
}

// flow is the run of a flow from source to target, with a home of its own.
func (r *rig) flow(b *testing.B, program string) *exec.Cmd {
	b.Helper()
	dir := b.TempDir()
	with := fmt.Sprintf("host: %s, port: %d, user: %s, database: shop, schema: %s", db.Dir, db.Port, db.User, r.schema)
	text := fmt.Sprintf(`jackfield: 1
name: Upsert
steps:
  - {id: read, uses: postgres.read, with: {%[1]s, table: source}}
  - {id: write, uses: postgres.upsert, with: {%[1]s, table: target, key: [id]}}
edges:
  - read -> write
`, with)
	path := filepath.Join(dir, "up.flow.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
	return exec.Command(program, "run", path, "--home", filepath.Join(dir, "home"))
}

// plainUpsert is what a person would write with pgx.
func plainUpsert(b *testing.B, r *rig, then string) time.Duration {
	b.Helper()
	began, ctx := time.Now(), b.Context()
	open := func() *pgx.Conn {
		conn, err := pgx.Connect(ctx, fmt.Sprintf("host=%s port=%d user=%s database=shop search_path=%s", db.Dir, db.Port, db.User, r.schema))
		if err != nil {
			b.Fatal(err)
		}
		return conn
	}
	from, to := open(), open()
	defer from.Close(ctx)
	defer to.Close(ctx)
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	_, err := to.Exec(ctx, "create temporary table beside on commit delete rows as select * from target with no data")
	must(err)
	rows, err := from.Query(ctx, "select id, customer, total, at, paid from source order by id")
	must(err)
	columns := []string{"id", "customer", "total", "at", "paid"}
	put := func(batch [][]any) {
		tx, err := to.Begin(ctx)
		must(err)
		_, err = tx.CopyFrom(ctx, pgx.Identifier{"beside"}, columns, pgx.CopyFromRows(batch))
		must(err)
		_, err = tx.Exec(ctx, "insert into target select * from beside "+then)
		must(err)
		must(tx.Commit(ctx))
	}
	var batch [][]any
	for rows.Next() {
		values, err := rows.Values()
		must(err)
		if batch = append(batch, values); len(batch) == 1000 {
			put(batch)
			batch = nil
		}
	}
	must(rows.Err())
	put(batch)
	return time.Since(began)
}
