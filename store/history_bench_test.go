package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"jackfield/flow"
	"jackfield/store"
)

// runsOf puts so many runs of fifty flows, each of five step runs with a few records;
// the last unfinished of them have not ended. Several people do it at the same time.
func runsOf(b *testing.B, s *store.Store, runs, unfinished int) {
	b.Helper()
	batch := orders(2)
	var wg sync.WaitGroup
	for person := range 16 {
		wg.Go(func() {
			for n := person; n < runs; n += 16 {
				id, of := flow.RunID(fmt.Sprintf("p%06d", n)), flow.ID(fmt.Sprint("f", n%50))
				must(b, s.Begin(b.Context(), flow.Run{ID: id, Flow: of, Name: "Orders", State: flow.Running, Started: time.Now()}))
				for k := range 5 {
					if _, err := s.Append(b.Context(), entry(id, fmt.Sprint(k), batch)); err != nil {
						b.Error(err)
					}
				}
				if n < runs-unfinished {
					must(b, s.Update(b.Context(), flow.Run{ID: id, Flow: of, Name: "Orders", State: flow.RunDone, Started: time.Now(), Ended: time.Now()}))
				}
			}
		})
	}
	wg.Wait()
}

// Reopening a store with 10,000 runs, and reading what a recovery folds: the rows and
// step runs of those that have not ended.
func BenchmarkReopenTenThousandRuns(b *testing.B) {
	for _, unfinished := range []int{0, 100, 10_000} {
		b.Run(fmt.Sprint("unfinished=", unfinished), func(b *testing.B) {
			home := b.TempDir()
			s, err := store.Open(home, store.Options{})
			must(b, err)
			runsOf(b, s, 10_000, unfinished)
			must(b, s.Close())
			var opening, reading time.Duration
			for b.Loop() {
				began := time.Now()
				s, err := store.Open(home, store.Options{})
				must(b, err)
				opened := time.Now()
				all := got(s.Unfinished(b.Context()))(b)
				for _, r := range all {
					stepRuns(b, s, r.ID)
				}
				opening, reading = opening+opened.Sub(began), reading+time.Since(opened)
				if len(all) != unfinished {
					b.Fatalf("%d runs are unfinished", len(all))
				}
				b.StopTimer()
				must(b, s.Close())
				b.StartTimer()
			}
			b.ReportMetric(opening.Seconds()*1e3/float64(b.N), "ms-open")
			b.ReportMetric(reading.Seconds()*1e3/float64(b.N), "ms-unfinished")
			info, err := os.Stat(filepath.Join(home, "jackfield.db"))
			must(b, err)
			b.ReportMetric(float64(info.Size()>>20), "MB")
		})
	}
}

// What looking at 10,000 runs costs that are all to be kept, and the meter.
func BenchmarkMeterOfTenThousandRuns(b *testing.B) {
	s, err := store.Open(b.TempDir(), store.Options{})
	must(b, err)
	defer s.Close()
	runsOf(b, s, 10_000, 0)
	b.Run("tidy", func(b *testing.B) {
		for b.Loop() {
			got(s.Tidy(b.Context(), flow.Retention{Keep: 1000, Quota: 5 << 30}, noLimits))(b)
		}
	})
	b.Run("meter", func(b *testing.B) {
		for b.Loop() {
			got(s.Meter(b.Context()))(b)
		}
	})
}

// Freeing 1 GB of history: ten runs of large batches, or very many small runs. The disk
// is free when the files are that small, not when the call returns; ms-longest is the
// longest that an append of somebody else took meanwhile.
func BenchmarkFreeOneGigabyte(b *testing.B) {
	for _, kind := range []struct {
		name           string
		runs, each, of int
	}{{"large", 10, 140, 1000}, {"small", 14_000, 5, 20}} {
		b.Run(kind.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s, err := store.Open(b.TempDir(), store.Options{})
				must(b, err)
				fillRuns(b, s, kind.runs, kind.each, kind.of)
				before := got(s.Usage(b.Context()))(b)
				stop := make(chan struct{})
				longest := make(chan time.Duration)
				must(b, s.Begin(b.Context(), flow.Run{ID: "z", Flow: "other", State: flow.Running}))
				go func() { longest <- appendUntil(b, s, stop) }()
				b.StartTimer()
				began := time.Now()
				done := got(s.Tidy(b.Context(), flow.Retention{Keep: 1}, noLimits))(b)
				tidied := time.Since(began)
				must(b, s.Compact(b.Context()))
				b.StopTimer()
				b.ReportMetric(time.Since(began).Seconds()*1e3, "ms-until-free")
				b.ReportMetric(tidied.Seconds()*1e3, "ms-removed")
				close(stop)
				b.ReportMetric((<-longest).Seconds()*1e3, "ms-longest")
				after := got(s.Usage(b.Context()))(b)
				b.ReportMetric(float64(before.File+before.Segments)/(1<<20), "MB-before")
				b.ReportMetric(float64(after.File+after.Segments)/(1<<20), "MB-after")
				if done.Removed != kind.runs-1 {
					b.Fatalf("%d runs were removed", done.Removed)
				}
				must(b, s.Close())
				b.StartTimer()
			}
		})
	}
}

func fillRuns(b *testing.B, s *store.Store, runs, each, of int) {
	batch := orders(of)
	var wg sync.WaitGroup
	for person := range 16 {
		wg.Go(func() {
			for n := person; n < runs; n += 16 {
				id := flow.RunID(fmt.Sprintf("p%06d", n))
				must(b, s.Begin(b.Context(), flow.Run{ID: id, Flow: "a", State: flow.Running}))
				for k := range each {
					if _, err := s.Append(b.Context(), entry(id, fmt.Sprint(k), batch)); err != nil {
						b.Error(err)
					}
				}
				must(b, s.Update(b.Context(), flow.Run{ID: id, Flow: "a", State: flow.RunDone}))
			}
		})
	}
	wg.Wait()
}

func appendUntil(b *testing.B, s *store.Store, stop chan struct{}) (longest time.Duration) {
	batch := orders(2)
	for n := 0; ; n++ {
		select {
		case <-stop:
			return longest
		default:
		}
		began := time.Now()
		if _, err := s.Append(b.Context(), entry("z", fmt.Sprint(n), batch)); err != nil {
			b.Error(err)
			return longest
		}
		longest = max(longest, time.Since(began))
	}
}

// Opening a run of a million records: what its page asks for first.
func BenchmarkOpenARunOfAMillionRecords(b *testing.B) {
	for _, kind := range []struct {
		name     string
		stepRuns int
		of       int
	}{{"in batches of 1000", 3000, 1000}, {"one by one", 1_000_000, 1}} {
		b.Run(kind.name, func(b *testing.B) {
			s, err := store.Open(b.TempDir(), store.Options{})
			must(b, err)
			defer s.Close()
			must(b, s.Begin(b.Context(), flow.Run{ID: "r", Flow: "a", State: flow.Running}))
			batch := orders(kind.of)
			var wg sync.WaitGroup
			for person := range 64 {
				wg.Go(func() {
					for n := person; n < kind.stepRuns; n += 64 {
						e := entry("r", fmt.Sprint(n), batch)
						e.Step = flow.StepID(fmt.Sprint("s", n%3))
						if _, err := s.Append(b.Context(), e); err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
			must(b, s.Update(b.Context(), flow.Run{ID: "r", Flow: "a", State: flow.RunDone}))
			got(s.Digest(b.Context(), "r", 3000))(b) // the last few thousand sums are still being kept
			for b.Loop() {
				got(s.Run(b.Context(), "r"))(b)
				steps := got(s.Digest(b.Context(), "r", 3000))(b)
				got(s.Log(b.Context(), "r"))(b)
				got(s.Batch(b.Context(), flow.Ref{Run: "r", Seq: steps[0].Seq, Outlet: flow.Done}))(b)
			}
		})
	}
}
