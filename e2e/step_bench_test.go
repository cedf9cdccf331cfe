package e2e

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
	"jackfield/flow/value"
	"jackfield/store"
)

// BenchmarkStepRun is what a step costs that does nothing to its records but make new
// ones of them, with all its records durable, for batches of different sizes. In turn
// with each run a bare bbolt takes the same bytes, a transaction with its fdatasync for
// each batch: "x-bare" is how many times as long a step run takes.
func BenchmarkStepRun(b *testing.B) {
	const steps, batches = 10, 20
	for _, size := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			home := durableHouse(b)
			home.Add("f", stepsInARow(steps, batches, size))
			bare := bareStore(b)
			bytes := batchOf(size)
			var ours, plain time.Duration
			for b.Loop() {
				began := time.Now()
				if r := home.Run(engine.Start{Flow: "f"}); r.State != flow.RunDone {
					b.Fatal(r.Problem)
				}
				between := time.Now()
				for range steps * batches {
					bare(bytes)
				}
				ours, plain = ours+between.Sub(began), plain+time.Since(between)
			}
			each := ours.Seconds() / float64(b.N*steps*batches)
			b.ReportMetric(each*1e6, "µs/step-run")
			b.ReportMetric(each*1e6/float64(size), "µs/record")
			b.ReportMetric(plain.Seconds()/float64(b.N*steps*batches)*1e6, "µs/bare")
			b.ReportMetric(ours.Seconds()/plain.Seconds(), "x-bare")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// durableHouse is a runner over a real store.
func durableHouse(b *testing.B) *enginetest.House {
	b.Helper()
	s, err := store.Open(b.TempDir(), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return enginetest.Open(b, enginetest.NewWorld(), s)
}

// bareStore gives a function that makes bytes durable in a bbolt of its own, under
// ascending keys.
func bareStore(b *testing.B) (put func([]byte)) {
	b.Helper()
	db, err := bbolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, &bbolt.Options{NoFreelistSync: true, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	n := 0
	return func(bytes []byte) {
		n++
		if err := db.Update(func(tx *bbolt.Tx) error {
			bucket, err := tx.CreateBucketIfNotExists([]byte("batches"))
			if err != nil {
				return err
			}
			bucket.FillPercent = 1
			return bucket.Put(fmt.Appendf(nil, "%012d", n), bytes)
		}); err != nil {
			b.Fatal(err)
		}
	}
}

// inEach is what stands in each record: with it a record has about 610 bytes.
var inEach = map[string]any{
	"customer": map[string]any{"name": "Ada Lovelace", "email": "ada@example.org", "phone": "+43 1 0001815", "city": "Vienna", "country": "AT"},
	"lines": []any{
		map[string]any{"sku": "A-00017", "text": "Widget, blue, size 4", "qty": 3, "price": 12.5},
		map[string]any{"sku": "B-00042", "text": "Gadget with a longer description", "qty": 1, "price": 99.25},
		map[string]any{"sku": "C-00007", "text": "Gift wrapping", "qty": 1, "price": 2},
	},
	"note":    "Please leave the parcel at the door if nobody is at home, and ring the neighbour's bell before you go.",
	"history": []any{"placed", "paid", "packed", "labelled", "handed over", "on its way"},
	"tags":    []any{"web", "priority", "gift"}, "currency": "EUR", "status": "paid",
}

// batchOf is a batch of so many records as JSON.
func batchOf(size int) []byte {
	var bytes []byte
	for n := range size {
		bytes = append(value.Append(bytes, map[string]any{"page": 0, "n": n, "of": inEach}), '\n')
	}
	return bytes
}

// stepsInARow is a source of batches with steps behind it, one after the other.
func stepsInARow(steps, batches, size int) string {
	text := fmt.Sprintf("jackfield: 1\nname: Steps\nsteps:\n  - {id: s0, uses: test.pages, with: {pages: %d, size: %d, of: %s}}\n",
		batches, size, value.Append(nil, inEach))
	edges := "edges:\n"
	for i := 1; i <= steps; i++ {
		text += fmt.Sprintf("  - {id: s%d, uses: test.map}\n", i)
		edges += fmt.Sprintf("  - s%d -> s%d\n", i-1, i)
	}
	return text + edges
}
