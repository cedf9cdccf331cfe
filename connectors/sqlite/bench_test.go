package sqlite

import (
	"fmt"
	"testing"

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
