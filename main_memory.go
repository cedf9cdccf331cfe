package main

import (
	"iter"
	"os"
	"runtime/debug"
	"time"

	"jackfield/flow"
)

// tuneMemory trades memory that a desktop has for time: the collector runs when the
// heap has grown fivefold, and as often as needed beyond half a gigabyte. GOGC and
// GOMEMLIMIT in the environment win.
func tuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(512 << 20)
	}
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
