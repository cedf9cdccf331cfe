package kit

import "time"

// Scheduled is a trigger that the engine's clock fires.
type Scheduled interface {
	Operation
	Schedule() Schedule
}

// Schedule says when a Scheduled trigger fires, and what becomes of slots that cannot
// be met.
type Schedule struct {
	Cron     string        // five fields, or @hourly and the like; "" uses Every
	Every    time.Duration // counted from From, or else from the flow's being enabled
	Timezone string        // an IANA name; "" is the machine's
	From     string        // a date, or a date and time of the zone: no slot before it; "" is without
	Until    string        // no slot behind it; a date alone counts to its end
	Missed   string        // of slots that passed while nothing ran: "none", "last", "all"
	Jitter   time.Duration // a run starts up to so much behind its slot, always the same for one slot
	Overlap  Overlap       // while a run from the same trigger goes on
	Most     int           // of Queue: how many slots wait; of Parallel: how many runs go on; 0 is 1 or 2
}

// Overlap says what becomes of a slot that comes while the run of an earlier one goes
// on.
type Overlap string

// The overlaps. Queue is meant where none is named.
const (
	Queue    Overlap = "queue"    // it waits for the run's end
	Skip     Overlap = "skip"     // it is left out
	Replace  Overlap = "replace"  // the run is stopped for it
	Parallel Overlap = "parallel" // it starts beside it
)
