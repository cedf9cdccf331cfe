package flow

import "time"

// Wait is what records wait for, other than an answer: a moment, or the end of another
// run.
type Wait struct {
	Until time.Time `json:"until,omitzero"`
	Run   RunID     `json:"run,omitempty"`
	Count int       `json:"count"` // how many records, one behind the other in their batch
}
