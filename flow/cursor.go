package flow

import "time"

// CursorChange is one move of a stored cursor, as its history keeps it. The moves that
// one run makes one after another are one change: the last of them.
type CursorChange struct {
	Flow   ID        `json:"flow"`
	Step   StepID    `json:"step"`
	Number int       `json:"number"`           // counts the changes of this cursor from 1, given by the history; the first ones may be forgotten
	Cursor Cursor    `json:"cursor,omitempty"` // what it was set to; nil where it was reset
	Run    RunID     `json:"run,omitempty"`    // which moved it; "" for a person
	Why    string    `json:"why,omitempty"`    // "edited", "rewound to …", "reset", in a person's case
	Moved  time.Time `json:"moved"`
}

// Joins says whether c only goes on with what the change before it began, so that it
// takes its place in the history.
func (c CursorChange) Joins(before CursorChange) bool {
	return c.Run == before.Run && c.Why == "" && before.Why == "" && before.Cursor != nil
}

// Change is the move that brought the cursor to where it is.
func (c Checkpoint) Change() CursorChange {
	return CursorChange{Flow: c.Flow, Step: c.Step, Cursor: c.Cursor, Run: c.Run, Moved: c.Moved}
}

// Checkpoint is where the change leaves the cursor.
func (c CursorChange) Checkpoint() Checkpoint {
	return Checkpoint{Flow: c.Flow, Step: c.Step, Cursor: c.Cursor, Run: c.Run, Moved: c.Moved}
}
