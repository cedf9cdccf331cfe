package kit

import (
	"time"

	"jackfield/flow"
)

// Gatherer is a listener whose events may be gathered, so that one run takes them all.
// It embeds a Gathering and puts its fields behind its own.
type Gatherer interface {
	Listener
	Gathers() Gathering
}

// Gathering says how events are gathered. They are on disk before the listener hears
// that they were taken. The zero value starts a run for each event.
type Gathering struct {
	Quiet   time.Duration // a run takes what came once nothing has come for so long
	Longest time.Duration // or once the first one waits for so long; 0 is ten times Quiet
}

// Gathers says how events are gathered.
func (g Gathering) Gathers() Gathering { return g }

// GatherFields are the settings of a gathering.
func (g *Gathering) GatherFields() Fields {
	return Fields{
		Duration(&g.Quiet, "quiet", "Gather until quiet for").More().Eg("30s").
			Help("One run takes everything that came, once nothing has come for so long; left empty, each event has a run of its own."),
		Duration(&g.Longest, "longest", "But at most for").More().Eg("5m").
			Help("The run starts at the latest when the first event has waited for so long; left empty it is ten times as long as it must be quiet.").
			OnlyIf(func() bool { return g.Quiet > 0 }),
	}
}

// Follower is a trigger that the end of another flow's run fires.
type Follower interface {
	Operation
	Follows() Following
}

// Following says whose ends a Follower waits for.
type Following struct {
	Flow   string // its id or its name
	States []flow.RunState
}
