package main

import (
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/flow"
)

func TestMemoryIsGivenBackOnceNothingRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var given atomic.Int64
		expect := func(after time.Duration, want int64) {
			t.Helper()
			<-time.After(after)
			synctest.Wait()
			if got := given.Load(); got != want {
				t.Errorf("%v on, memory was given back %d times, not %d", after, got, want)
			}
		}
		events := make(chan flow.Event)
		run := func(id flow.RunID, s flow.RunState) {
			events <- flow.Event{Kind: flow.RunChanged, Run: flow.Run{ID: id, State: s}}
			synctest.Wait()
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			giveBackMemory(func(yield func(flow.Event) bool) {
				for e := range events {
					if !yield(e) {
						return
					}
				}
			}, func() { given.Add(1) })
		}()
		expect(calm+time.Second, 1) // what the start took

		run("a", flow.Running)
		run("b", flow.Running)
		run("a", flow.RunDone)
		expect(time.Hour, 1) // b still runs
		run("b", flow.RunFailed)
		expect(calm-time.Second, 1)
		run("c", flow.Running)
		run("c", flow.RunDone)
		expect(calm-time.Second, 1)
		expect(2*time.Second, 2)

		run("d", flow.RunDone)
		close(events)
		<-ended
		expect(time.Hour, 2)
	})
}

func TestMemoryLimitGrowsWithWhatIsHeld(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	percent := debug.SetGCPercent(400)
	defer func() { debug.SetGCPercent(percent) }()
	defer debug.SetMemoryLimit(before)
	for live, want := range map[uint64]int64{0: usualMemory, 60 << 20: usualMemory, 100 << 20: 200 << 20, 1 << 30: 2 << 30} {
		if got := limitFor(live); got != want {
			t.Errorf("with %d MB in use the limit is %d MB, want %d", live>>20, got>>20, want>>20)
		}
	}
	limitMemory()
	if got := debug.SetMemoryLimit(-1); got != usualMemory {
		t.Errorf("at the start the limit is %d MB", got>>20)
	}
	held := make([]byte, 100<<20)
	for debug.SetMemoryLimit(-1) < 200<<20 {
		runtime.GC() // the limit follows, in a goroutine of the runtime's
	}
	runtime.KeepAlive(held)
}
