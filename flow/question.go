package flow

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

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

// Ask is what is asked of a person, as an operation or the engine words it.
type Ask struct {
	Kind    QuestionKind `json:"kind"`
	Text    string       `json:"text"`              // what is asked, in words
	Choices []string     `json:"choices,omitempty"` // in the order to offer them
	Fields  *Schema      `json:"fields,omitempty"`  // of a form: what its values look like
	Due     time.Time    `json:"due,omitzero"`      // when it answers itself with Else
	Else    string       `json:"else,omitempty"`
}

// Question is what a run waits for a person to say. It follows from the run's history
// alone, so that every face shows the same ones, after a crash too.
type Question struct {
	ID    string `json:"id"` // names it on this machine; equal whenever the same history is folded
	Run   RunID  `json:"run"`
	Flow  ID     `json:"flow_id"`
	Name  string `json:"flow"` // the flow's
	Step  StepID `json:"step"`
	Title string `json:"title"` // the step's label
	Ask
	Record *Record   `json:"record,omitempty"` // what it is about
	Asked  time.Time `json:"asked"`
	Link   string    `json:"link,omitempty"` // the local address where it can be answered
}

// QuestionID names what a step run asks about the place-th of the records that it let
// wait.
func QuestionID(run RunID, seq, place int) string {
	id := string(run) + "." + strconv.Itoa(seq)
	if place > 0 {
		id += "." + strconv.Itoa(place)
	}
	return id
}

// ParseQuestionID takes a question's id apart. The record that it is about is the
// place-th at the ref.
func ParseQuestionID(id string) (ref Ref, place int, ok bool) {
	run, rest, ok := strings.Cut(id, ".")
	seq, nth, several := strings.Cut(rest, ".")
	n, err := strconv.Atoi(seq)
	if several && err == nil {
		place, err = strconv.Atoi(nth)
	}
	ref = Ref{Run: RunID(run), Seq: n, Outlet: Waiting}
	return ref, place, ok && err == nil && QuestionID(ref.Run, n, place) == id
}

// Fits tells what is wrong with an answer to what is asked.
func (a Ask) Fits(said Answer) []Problem {
	if len(a.Choices) > 0 && !slices.Contains(a.Choices, said.Choice) {
		what := "an answer needs a choice"
		if said.Choice != "" {
			what = fmt.Sprintf("%q is none of the choices", said.Choice)
		}
		return []Problem{{Field: "choice", Code: NotAllowed, What: what, Fix: "say one of " + strings.Join(a.Choices, ", ")}}
	}
	if a.Fields == nil || said.By == ByTime {
		return nil
	}
	values := map[string]any(said.Values)
	if values == nil {
		values = map[string]any{}
	}
	return a.Fields.Check(values)
}

// Answer is what a person said.
type Answer struct {
	Choice string    `json:"choice,omitempty"`
	Values Values    `json:"values,omitempty"` // of a form
	Note   string    `json:"note,omitempty"`   // why, in their words
	By     string    `json:"by,omitempty"`     // "window", "command line", "link", or ByTime where it was due
	Given  time.Time `json:"given"`
}

// ByTime is who answers a question that was due.
const ByTime = "time"

// Same says whether two answers come to the same, whoever gave them.
func (a Answer) Same(b Answer) bool {
	return a.Choice == b.Choice && (len(a.Values) == 0 && len(b.Values) == 0 || reflect.DeepEqual(a.Values, b.Values))
}
