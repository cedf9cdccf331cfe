package flow

import "time"

// CursorChange is one move of a stored cursor, as its history keeps it.
type CursorChange struct {
	Flow   ID        `json:"flow"`
	Step   StepID    `json:"step"`
	Cursor Cursor    `json:"cursor"`        // what it was set to; nil where it was reset
	Run    RunID     `json:"run,omitempty"` // which moved it; "" for a person
	Why    string    `json:"why,omitempty"` // "edited", "rewound to …", "reset", in a person's case
	Moved  time.Time `json:"moved"`
}
