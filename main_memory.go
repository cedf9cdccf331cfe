package main

import (
	"iter"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"jackfield/flow"
)

// tuneMemory trades memory that a desktop has for time: the collector runs when the
// heap has grown fivefold, and as often as needed to stay within usualMemory. GOGC and
// GOMEMLIMIT in the environment win.
func tuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		limitMemory()
	}
}

// usualMemory is what the program takes at the most while what it really holds is less
// than half of that, so that runs of any length stay below 200 MB with all that the
// collector does not count.
const usualMemory = 128 << 20

// limitMemory sets the limit anew each time the collector has run.
func limitMemory() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	debug.SetMemoryLimit(limitFor(live[0].Value.Uint64()))
	type afterNextCollection struct{ _ *int }
	runtime.AddCleanup(new(afterNextCollection), func(struct{}) { limitMemory() }, struct{}{})
}

// limitFor is the limit for a heap of so many bytes in use. It grows with them as fast
// as Go alone would let the heap grow, so that the collector never takes more time.
func limitFor(live uint64) int64 {
	return max(usualMemory, 2*int64(live))
}

// calm is how long nothing must have run before memory is given back.
const calm = 10 * time.Second

// giveBackMemory lets the system have what the start and the runs took, once nothing
// runs any more: by itself the heap would stay as large as a run made it. It returns
// when the events end.
func giveBackMemory(events iter.Seq[flow.Event], giveBack func()) {
	timer := time.AfterFunc(calm, giveBack)
	defer timer.Stop()
	going := map[flow.RunID]bool{}
	for e := range events {
		if e.Kind != flow.RunChanged {
			continue
		}
		if e.Run.State.Ended() {
			delete(going, e.Run.ID)
		} else {
			going[e.Run.ID] = true
		}
		if len(going) == 0 {
			timer.Reset(calm)
		} else {
			timer.Stop()
		}
	}
}
