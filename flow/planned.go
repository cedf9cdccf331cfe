package flow

import (
	"encoding/json"
	"time"
)

// Planned is a start of a flow that is on disk and has no run yet.
type Planned struct {
	Key   string          `json:"key"` // names it among those of its trigger, and orders them
	Why   Reason          `json:"why"`
	Slot  time.Time       `json:"slot,omitzero"`   // of a schedule
	Data  json.RawMessage `json:"data,omitempty"`  // of an event: the list of records that it gives
	Cause string          `json:"cause,omitempty"` // as Run.Cause
	Of    RunID           `json:"of,omitempty"`    // as Run.Of
	Since time.Time       `json:"since"`
}

// Reason says why a start is planned and not made at once.
type Reason string

// The reasons.
const (
	Queued     Reason = "queued"   // the run before goes on
	Missed     Reason = "missed"   // its time passed while nothing ran
	Backfilled Reason = "backfill" // a person asked for it
	Happened   Reason = "event"    // it is gathered with others, or waits for the flow to be live
)

// Standing is what lasts of one trigger of one flow.
type Standing struct {
	Mark    Cursor // its own note of where it stands; nil is the very beginning
	Planned []Planned
}

// Arrangement changes the standing of a trigger. A history takes it whole or not at
// all.
type Arrangement struct {
	Flow ID
	Step StepID
	Put  []Planned // each takes the place of one with its key
	Drop []string  // keys; taken away before Put
	Mark Cursor    // nil leaves it as it is
	Run  *Run      // begins with it
}
