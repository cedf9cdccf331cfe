package store_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"jackfield/flow"
	"jackfield/flow/value"
	"jackfield/store"
)

// orders makes n records of about 690 bytes of JSON with 14 members each.
func orders(n int) flow.Batch {
	var b flow.Batch
	for i := range n {
		items := []any{}
		for j := range 4 {
			items = append(items, map[string]any{
				"sku": fmt.Sprintf("SKU-%06d", i*7+j), "name": "A thing of some kind", "count": j + 1, "price": 12.5 * float64(j+1),
			})
		}
		b = append(b, flow.Record{
			ID: flow.Child("orders", nil, i), Parents: []flow.RecordID{flow.Child("nightly", nil, 0)},
			Data: map[string]any{
				"id": 1_000_000 + i, "number": fmt.Sprintf("O-2026-%07d", i), "customer": "Ada Lovelace", "email": "ada@example.org",
				"street": "Main Street 1", "city": "Vienna", "zip": "1010", "country": "AT", "currency": "EUR", "total": 312.5,
				"paid": true, "note": nil, "created_at": "2026-03-01T02:30:00Z", "items": items,
			},
		})
	}
	return b
}

func benchStore(b *testing.B, o store.Options) *store.Store {
	b.Helper()
	s, err := store.Open(b.TempDir(), o)
	must(b, err)
	b.Cleanup(func() { must(b, s.Close()) })
	must(b, s.Begin(b.Context(), flow.Run{ID: "r1", Flow: "orders", State: flow.Running}))
	return s
}

var batchSizes = []int{1, 100, 1000}

func BenchmarkAppend(b *testing.B) {
	for _, n := range batchSizes {
		b.Run(fmt.Sprint("records=", n), func(b *testing.B) {
			s, batch := benchStore(b, store.Options{}), orders(n)
			b.SetBytes(int64(len(value.Append(nil, batch[0].Data)) * n))
			for i := 0; b.Loop(); i++ {
				got(s.Append(b.Context(), entry("r1", fmt.Sprint(i), batch)))(b)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/record")
		})
	}
}

// Eight steps that end at the same time share transactions.
func BenchmarkAppendByEight(b *testing.B) {
	for _, n := range batchSizes {
		b.Run(fmt.Sprint("records=", n), func(b *testing.B) {
			s, batch := benchStore(b, store.Options{}), orders(n)
			var i atomic.Int64
			b.SetParallelism(4) // times two cores
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if _, err := s.Append(b.Context(), entry("r1", fmt.Sprint(i.Add(1)), batch)); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/record")
		})
	}
}

// What an append costs beside a bare transaction of bbolt that puts the same bytes
// under one key, taken in turn.
func BenchmarkAppendBesideBarePut(b *testing.B) {
	for _, n := range batchSizes {
		b.Run(fmt.Sprint("records=", n), func(b *testing.B) {
			s, batch := benchStore(b, store.Options{}), orders(n)
			db, err := bbolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, &bbolt.Options{NoFreelistSync: true, FreelistType: bbolt.FreelistMapType})
			must(b, err)
			defer db.Close()
			var bytes []byte
			for _, r := range batch {
				bytes = value.Append(bytes, r.Data)
			}
			put := func(key string) error {
				return db.Update(func(tx *bbolt.Tx) error {
					bucket, err := tx.CreateBucketIfNotExists([]byte("b"))
					must(b, err)
					bucket.FillPercent = 1
					return bucket.Put([]byte(key), bytes)
				})
			}
			var ours, bare time.Duration
			for i := 0; b.Loop(); i++ {
				start := time.Now()
				got(s.Append(b.Context(), entry("r1", fmt.Sprint(i), batch)))(b)
				between := time.Now()
				must(b, put(fmt.Sprintf("%08d", i)))
				ours, bare = ours+between.Sub(start), bare+time.Since(between)
			}
			b.ReportMetric(ours.Seconds()/bare.Seconds(), "times-bare")
			b.ReportMetric(float64(bare.Microseconds())/float64(b.N), "µs-bare")
		})
	}
}

// The history's part of a run of 100,000 records: a source gives them in pages, a
// mapping makes new ones, a sink passes them on; each step works on what the one
// before it has just stored.
func BenchmarkThreeSteps(b *testing.B) {
	const pages, size = 100, 1000
	page := orders(size)
	s := benchStore(b, store.Options{})
	for run := 0; b.Loop(); run++ {
		id := flow.RunID(fmt.Sprintf("s%06d", run))
		must(b, s.Begin(b.Context(), flow.Run{ID: id, Flow: "orders", State: flow.Running}))
		read, mapped := make(chan flow.Ref, 4), make(chan flow.Ref, 4)
		give := func(key string, from []flow.Ref, batch flow.Batch) flow.Ref {
			e := entry(id, key, batch)
			e.From = from
			seq, err := s.Append(b.Context(), e)
			if err != nil {
				b.Error(err)
			}
			return flow.Ref{Run: id, Seq: seq, Outlet: flow.Done}
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			defer close(read)
			for n := range pages {
				read <- give(fmt.Sprint("read", n), nil, slices.Clone(page))
			}
		})
		wg.Go(func() {
			defer close(mapped)
			for ref := range read {
				came := got(s.Batch(b.Context(), ref))(b)
				made := make(flow.Batch, len(came))
				for i, r := range came {
					made[i] = flow.Record{ID: r.ID + "m", Parents: []flow.RecordID{r.ID}, Data: r.Data}
				}
				mapped <- give(fmt.Sprint("map", ref.Seq), []flow.Ref{ref}, made)
			}
		})
		wg.Go(func() {
			for ref := range mapped {
				give(fmt.Sprint("write", ref.Seq), []flow.Ref{ref}, got(s.Batch(b.Context(), ref))(b))
			}
		})
		wg.Wait()
		b.StopTimer()
		must(b, s.Update(b.Context(), flow.Run{ID: id, Flow: "orders", State: flow.RunDone}))
		must(b, s.RemoveRun(b.Context(), id))
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*pages*size), "ns/record")
}

func BenchmarkReadBatch(b *testing.B) {
	for _, n := range batchSizes {
		for name, o := range map[string]store.Options{"stored": {CacheBytes: 1}, "cached": {}} {
			b.Run(fmt.Sprint(name, "/records=", n), func(b *testing.B) {
				s := benchStore(b, o)
				got(s.Append(b.Context(), entry("r1", "k", orders(n))))(b)
				for b.Loop() {
					got(s.Batch(b.Context(), flow.Ref{Run: "r1", Outlet: flow.Done}))(b)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/record")
			})
		}
	}
}

func BenchmarkStepRuns(b *testing.B) {
	s := benchStore(b, store.Options{})
	for i := range 2000 {
		got(s.Append(b.Context(), entry("r1", fmt.Sprint(i), orders(1))))(b)
	}
	for b.Loop() {
		stepRuns(b, s, "r1")
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*2000), "ns/step-run")
}

// The fifty newest runs of one flow among many.
func BenchmarkRuns(b *testing.B) {
	s := benchStore(b, store.Options{})
	for i := range 2000 {
		putRun(b, s, fmt.Sprintf("s%06d", i), flow.ID(fmt.Sprint("f", i%20)), flow.RunDone)
	}
	for b.Loop() {
		got(s.Runs(b.Context(), "f7", "", "", 50))(b)
	}
}

// Runs of fifty step runs each, nearly all of them removed at once.
func BenchmarkTidy(b *testing.B) {
	s := benchStore(b, store.Options{})
	const runs, steps = 200, 50
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for r := w; r < runs; r += 8 {
				id := flow.RunID(fmt.Sprintf("p%03d", r))
				putRun(b, s, string(id), "pruned", flow.Running)
				for n := range steps {
					got(s.Append(b.Context(), entry(id, fmt.Sprint(n), orders(2))))(b)
				}
				must(b, s.Update(b.Context(), flow.Run{ID: id, Flow: "pruned", State: flow.RunDone}))
			}
		})
	}
	wg.Wait()
	start := time.Now()
	got(s.Tidy(b.Context(), flow.Retention{Keep: 1}, noLimits))(b)
	took := time.Since(start)
	for b.Loop() { // there is nothing left: this is what looking costs
		got(s.Tidy(b.Context(), flow.Retention{Keep: 1}, noLimits))(b)
	}
	b.ReportMetric(float64(took.Microseconds())/(runs-1), "µs/run")
}

// A store of 100 MB, all of it checked.
func BenchmarkOpen(b *testing.B) {
	home := b.TempDir()
	s, err := store.Open(home, store.Options{})
	must(b, err)
	must(b, s.Begin(b.Context(), flow.Run{ID: "r1", Flow: "orders", State: flow.Running}))
	batch := orders(50)
	var size int64
	for i := 0; size < 100<<20; i++ {
		got(s.Append(b.Context(), entry("r1", fmt.Sprint(i), batch)))(b)
		if i%100 == 0 {
			size = got(s.Usage(b.Context()))(b).File
		}
	}
	must(b, s.Close())
	b.SetBytes(size)
	for b.Loop() {
		s, err := store.Open(home, store.Options{})
		must(b, err)
		must(b, s.Close())
	}
}
