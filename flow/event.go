package flow

// Event is one thing that changed, as those who watch are told.
type Event struct {
	Kind EventKind `json:"kind"`
	Flow ID        `json:"flow,omitempty"`
	Run  Run       `json:"run,omitzero"`   // of RunChanged, and the id alone for the others
	Step StepRun   `json:"step,omitzero"`  // of StepBegan (its counts are zero), StepEnded
	Line LogLine   `json:"line,omitzero"`  // of Logged
	What string    `json:"what,omitempty"` // of Trouble: what a person should know
	// Pressure is of PressureChanged: all that waits in the run now.
	Pressure Pressure `json:"pressure,omitzero"`
}

// EventKind says which part of an Event holds.
type EventKind string

// The kinds of event.
const (
	RunChanged        EventKind = "run"
	StepBegan         EventKind = "began"
	StepEnded         EventKind = "ended"
	Logged            EventKind = "log"
	FlowChanged       EventKind = "flow"
	ConnectionChanged EventKind = "connection"
	SecretsChanged    EventKind = "secrets"    // unlocked, or protected in another way
	ConnectorsChanged EventKind = "connectors" // some have come or gone
	Trouble           EventKind = "trouble"
	// PressureChanged comes at most a few times a second, and where it is not seen the
	// next one tells all.
	PressureChanged EventKind = "pressure"
)
