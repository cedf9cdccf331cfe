package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"jackfield/connectors/core"
	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
	"jackfield/store"
)

// lightSteps is a start with so many mappings behind it in a row.
func lightSteps(n int) string {
	text, edges := "jackfield: 1\nname: Light\nsteps:\n  - {id: s0, uses: core.manual, with: {items: [{n: 0}]}}\n", "edges:\n"
	for i := 1; i <= n; i++ {
		text += fmt.Sprintf("  - {id: s%d, uses: core.map, map: '{n: (.n + 1)}'}\n", i)
		edges += fmt.Sprintf("  - s%d -> s%d\n", i-1, i)
	}
	return text + edges
}

const loopFlow = `jackfield: 1
name: Loop
steps:
  - {id: start, uses: core.manual, with: {items: [{items: [%s]}]}}
  - {id: loop, uses: core.each, with: {items: .items, at_once: 1}}
  - {id: twice, uses: core.map, map: '{n: (. * 2)}', in: loop}
edges: [start -> loop]
`

// coreHouse is a runner of the core operations over a real store.
func coreHouse(b *testing.B) *enginetest.House {
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
	return enginetest.OpenWith(b, kit.Set{core.New()}, s)
}

// medianOf runs something until the benchmark has enough of it.
func medianOf(b *testing.B, do func()) time.Duration {
	b.Helper()
	var all []time.Duration
	for b.Loop() {
		began := time.Now()
		do()
		all = append(all, time.Since(began))
	}
	b.ReportMetric(0, "ns/op")
	return median(all)
}

func runs(b *testing.B, h *enginetest.House, id flow.ID) {
	b.Helper()
	if r := h.Run(engine.Start{Flow: id}); r.State != flow.RunDone {
		b.Fatal(r.State, r.Problem)
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// BenchmarkFortySteps is a run of 40 light steps, one behind the other, each durable.
func BenchmarkFortySteps(b *testing.B) {
	h := coreHouse(b)
	h.Add("f", lightSteps(40))
	took := milliseconds(medianOf(b, func() { runs(b, h, "f") }))
	b.ReportMetric(took, "ms/run")
	account("40 durable steps in sequence", fmt.Sprintf("%.1f ms", took), "50 ms", promised(took, 50))
}

// BenchmarkManyRuns is what a durable step takes where 16 runs go on side by side.
func BenchmarkManyRuns(b *testing.B) {
	const side, steps = 16, 40
	h := coreHouse(b)
	h.Add("f", lightSteps(steps))
	all := medianOf(b, func() {
		var work sync.WaitGroup
		for range side {
			work.Go(func() {
				id, err := h.Local.Start(context.Background(), engine.Start{Flow: "f"})
				if err == nil {
					_, err = h.Local.Wait(context.Background(), id)
				}
				if err != nil {
					b.Error(err)
				}
			})
		}
		work.Wait()
	})
	each := milliseconds(all) / (side * steps)
	b.ReportMetric(each, "ms/step")
	account("a durable step, 16 runs side by side", fmt.Sprintf("%.3f ms", each), "0.2 ms", promised(each, 0.2))
}

// BenchmarkLoopOfAHundred takes 100 items through a loop, one after the other.
func BenchmarkLoopOfAHundred(b *testing.B) {
	items := "1"
	for i := 2; i <= 100; i++ {
		items += fmt.Sprintf(", %d", i)
	}
	h := coreHouse(b)
	h.Add("f", fmt.Sprintf(loopFlow, items))
	took := milliseconds(medianOf(b, func() { runs(b, h, "f") }))
	b.ReportMetric(took, "ms/run")
	account("a loop of 100, one item at a time", fmt.Sprintf("%.1f ms", took), "", fmt.Sprintf("%.2f ms an item", took/100))
}

// BenchmarkFirstStep is the time from a start to the first step behind the trigger.
func BenchmarkFirstStep(b *testing.B) {
	s, err := store.Open(b.TempDir(), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	first := make(chan time.Time, 1)
	h := enginetest.OpenWith(b, kit.Set{core.New()}, s)
	h.Close()
	f := h.Add("f", lightSteps(1))
	local := engine.NewLocal(engine.LocalOptions{
		History: s, Ops: kit.Set{core.New()},
		Flows: func(context.Context, flow.ID, int) (flow.Flow, error) { return f, nil },
		Watch: func(e flow.Event) {
			if e.Kind == flow.StepBegan && e.Step.Step == "s1" {
				first <- time.Now()
			}
		},
	})
	defer local.Close(context.Background())
	var all []time.Duration
	for b.Loop() {
		began := time.Now()
		id, err := local.Start(context.Background(), engine.Start{Flow: "f"})
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, (<-first).Sub(began))
		if _, err := local.Wait(context.Background(), id); err != nil {
			b.Fatal(err)
		}
	}
	took := milliseconds(median(all))
	b.ReportMetric(took, "ms/start")
	b.ReportMetric(0, "ns/op")
	account("start of a run to its first step", fmt.Sprintf("%.2f ms", took), "", "")
}

// BenchmarkRecovery opens a store with 10,000 runs, 100 of which had not ended, and
// takes those up.
func BenchmarkRecovery(b *testing.B) {
	const all, unfinished = 10_000, 100
	home := b.TempDir()
	s, err := store.Open(home, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	f := enginetest.Parse(b, lightSteps(3))
	if f, err = s.PutFlow(b.Context(), f); err != nil {
		b.Fatal(err)
	}
	options := engine.LocalOptions{History: s, Ops: kit.Set{core.New()}, Flows: s.Flow, Workers: 64}
	local := engine.NewLocal(options)
	var work sync.WaitGroup
	for range 64 {
		work.Go(func() {
			for range all / 64 {
				id, err := local.Start(context.Background(), engine.Start{Flow: f.ID})
				if err == nil {
					_, err = local.Wait(context.Background(), id)
				}
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	work.Wait()
	if err := local.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	for b.Loop() {
		leaveUnfinished(b, home, f, unfinished)
		began := time.Now()
		s, err := store.Open(home, store.Options{})
		if err != nil {
			b.Fatal(err)
		}
		options.History, options.Flows = s, s.Flow
		local := engine.NewLocal(options)
		if err := local.Recover(context.Background()); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
		if err := local.Close(context.Background()); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	ms := milliseconds(median(took))
	b.ReportMetric(ms, "ms/recovery")
	b.ReportMetric(0, "ns/op")
	account("open and recover 10,000 runs, 100 unfinished", fmt.Sprintf("%.0f ms", ms), "1000 ms", promised(ms, 1000))
}

// leaveUnfinished begins runs that a program which died would have left.
func leaveUnfinished(b *testing.B, home string, f flow.Flow, n int) {
	b.Helper()
	s, err := store.Open(home, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for i := range n {
		id := flow.RunID(fmt.Sprintf("unfinished%06d", i))
		if err := s.Begin(b.Context(), flow.Run{ID: id, Flow: f.ID, Name: f.Name, Version: f.Version, Trigger: "s0", Cause: "manual", State: flow.Running, Started: time.Now()}); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkFreeing removes runs that hold a gigabyte of records.
func BenchmarkFreeing(b *testing.B) {
	const each, size = 64, 16 << 20
	home := b.TempDir()
	s, err := store.Open(home, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	text := make([]byte, size/16)
	for i := range text {
		text[i] = 'a' + byte(i%26)
	}
	var took []time.Duration
	var freed int64
	for b.Loop() {
		for n := range each {
			id := flow.RunID(fmt.Sprintf("r%d-%03d", len(took), n))
			if err := s.Begin(b.Context(), flow.Run{ID: id, Flow: "f", State: flow.Running}); err != nil {
				b.Fatal(err)
			}
			for k := range 16 {
				e := flow.Entry{StepRun: flow.StepRun{Run: id, Key: fmt.Sprint(k), Step: "s", Out: map[flow.Outlet]int{flow.Done: 1}}}
				e.Batches = map[flow.Outlet]flow.Batch{flow.Done: {{ID: "x", Data: string(text)}}}
				if _, err := s.Append(b.Context(), e); err != nil {
					b.Fatal(err)
				}
			}
			if err := s.Update(b.Context(), flow.Run{ID: id, Flow: "f", State: flow.RunDone, Ended: time.Now()}); err != nil {
				b.Fatal(err)
			}
		}
		before := diskOf(b, home)
		began := time.Now()
		for n := range each {
			if err := s.RemoveRun(b.Context(), flow.RunID(fmt.Sprintf("r%d-%03d", len(took), n))); err != nil {
				b.Fatal(err)
			}
		}
		took = append(took, time.Since(began))
		freed = before - diskOf(b, home)
	}
	ms := milliseconds(median(took))
	b.ReportMetric(ms, "ms/GB")
	b.ReportMetric(0, "ns/op")
	account("freeing of 1 GB of history, 64 runs", fmt.Sprintf("%.0f ms", ms), "", fmt.Sprintf("%.2f GB of disk came back", float64(freed)/(1<<30)))
}

// diskOf is how many bytes of the disk a folder takes.
func diskOf(b *testing.B, folder string) (total int64) {
	b.Helper()
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		var stat syscall.Stat_t
		if err := syscall.Stat(path, &stat); err != nil {
			return err
		}
		total += stat.Blocks * 512
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return total
}
