package flow

import "time"

// QuestionKind says what a run asks a person for.
type QuestionKind string

// The kinds of questions.
const (
	// Uncertain asks about an effect of which nobody knows whether it happened: its
	// intent is in the history, its result is not.
	Uncertain QuestionKind = "uncertain"
	Approval  QuestionKind = "approval"
	Form      QuestionKind = "form"
)

// The choices that answers name. A form has no choice but its values.
const (
	Again   = "again"   // uncertain: perform it once more
	Skip    = "skip"    // uncertain: it happened; go on as if it had ended well
	Approve = "approve" // approval
	Reject  = "reject"  // approval
)

// Question is what a run waits for a person to say. It follows from the run's history
// alone, so that every face shows the same ones, after a crash too.
type Question struct {
	ID      string       `json:"id"` // names it on this machine; equal whenever the same history is folded
	Run     RunID        `json:"run"`
	Flow    ID           `json:"flow_id"`
	Name    string       `json:"flow"` // the flow's
	Step    StepID       `json:"step"`
	Title   string       `json:"title"` // the step's label
	Kind    QuestionKind `json:"kind"`
	Text    string       `json:"text"`              // what is asked, in words
	Choices []string     `json:"choices,omitempty"` // in the order to offer them
	Fields  *Schema      `json:"fields,omitempty"`  // of a form: what its values look like
	Record  *Record      `json:"record,omitempty"`  // what it is about
	Asked   time.Time    `json:"asked"`
	Due     time.Time    `json:"due,omitzero"` // when it answers itself with Else
	Else    string       `json:"else,omitempty"`
	Link    string       `json:"link,omitempty"` // the local address where it can be answered
}

// Answer is what a person said.
type Answer struct {
	Choice string    `json:"choice,omitempty"`
	Values Values    `json:"values,omitempty"` // of a form
	Note   string    `json:"note,omitempty"`   // why, in their words
	By     string    `json:"by,omitempty"`     // "window", "command line", "link", or "time" where it was due
	Given  time.Time `json:"given"`
}
