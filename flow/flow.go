// Package flow holds the words that the whole program shares: the flow that a
// person draws, the records that walk through it, the runs that come of it, and
// the problems a person is told about.
//
// Its rules: plain data and pure functions; no clock, no disk, no goroutine. What
// is here can be written to a file, sent through a socket and compared.
package flow

import (
	"slices"
	"strings"
	"time"
)

// ID names a flow on one machine: a short slug, given when it is first stored.
type ID string

// StepID names a step inside its flow: [a-z][a-z0-9_]*, at most 64 bytes.
type StepID string

// OpID names an operation: its connector's id, a dot, its own: "csv.read".
type OpID string

// Connector is the part of the id before the dot.
func (id OpID) Connector() string { c, _, _ := strings.Cut(string(id), "."); return c }

// Name is the part of the id after the dot.
func (id OpID) Name() string { _, n, _ := strings.Cut(string(id), "."); return n }

// Outlet is where records leave a step.
type Outlet string

// The outlets that every step has. An operation may declare others.
const (
	Done   Outlet = "done"
	Failed Outlet = "failed"
)

// Waiting is where records rest about which a step asks a person, until the answer
// takes them back into the step. No edge leaves it.
const Waiting Outlet = "waiting"

// Values are named settings or inputs: what stands under a step's "with".
// A value is what JSON knows: nil, bool, float64, int, string, []any, map[string]any.
type Values map[string]any

// Flow is the document that a person draws. Steps and Edges keep the order of
// the file.
type Flow struct {
	ID       ID     // given by the store; not in the file
	Version  int    // 1 is the first one stored; 0 is not stored yet; not in the file
	Path     string // the absolute path of its file, "" where it lives in the store only; not in the file
	Name     string
	Note     string // what it is for, in the words of who drew it
	Steps    []Step
	Edges    []Edge
	Settings Settings
}

// Settings hold for the flow as a whole.
type Settings struct {
	Timeout     time.Duration // the longest that a run may take; 0 is without end
	Keep        int           // how many runs to keep; 0 is the store's own limit
	Quota       int64         // how many bytes its runs may take of the disk; 0 is without limit of its own
	Retries     int           // how many attempts a run may make beyond the first ones, all steps together; 0 is RetryBudget
	Concurrency int           // how many runs may go on at the same time, the others wait in order; 0 is without limit
	OnFailure   ID            // the flow, by id or name, that is started when a run ends failed or partial
	Unresolved  Unresolved    // what becomes of failed runs when the next scheduled one is due
}

// RetryBudget is how many retries a run may make where its flow does not say.
const RetryBudget = 1000

// Unresolved says what becomes of a run that failed when the next scheduled run of its
// flow is due.
type Unresolved string

// Resuming it first is the default.
const (
	ResumeFirst Unresolved = ""
	LeaveIt     Unresolved = "leave"
)

// Which names one of two versions of a flow: the one that a run began with, or the
// newest.
type Which string

// Fitting leaves it to what is done: a resume takes the newest where that hangs
// together as the old one does, a replay the old one.
const (
	Fitting Which = ""
	Old     Which = "old"
	Newest  Which = "newest"
)

// Step is one operation with a jq mapping in front of it.
type Step struct {
	ID         StepID
	Title      string // what the card shows; the id where it is empty
	Uses       OpID
	In         StepID // the container in whose scope it is; "" is none
	Connection string // names a connection of this machine
	With       Values
	Map        string // jq from the incoming record to the operation's input
	Retry      Retry
	OnError    OnError
	Uncertain  WhenUncertain // what becomes of a record of which nobody knows whether the operation did its work
	Timeout    time.Duration // of one attempt; 0 leaves it to the operation
	Rate       Rate          // how often it may be attempted, all runs together
	Parallel   int           // how many records it takes at the same time; 0 and 1 are one after the other
	Order      string        // jq: records for which it comes to the same are kept in order
	Off        bool          // records pass it untouched
	At         Point
}

// Retry says how often an attempt that failed for a passing reason is made.
type Retry struct {
	Tries int           // all attempts together; 0 leaves it to the operation's effect
	First time.Duration // the pause before the second attempt; doubles after that; 0 is one second
	Most  time.Duration // the longest pause; 0 is one minute
	Only  []Code        // the kinds of failure that are worth another attempt; none is those that pass by themselves
}

// Equal says whether both mean the same.
func (r Retry) Equal(s Retry) bool {
	return r.Tries == s.Tries && r.First == s.First && r.Most == s.Most && slices.Equal(r.Only, s.Only)
}

// OnError says what a failed record means for the run.
type OnError string

// Going on is the default: the record leaves by the failed outlet.
const (
	GoOn    OnError = ""
	StopRun OnError = "stop"
)

// WhenUncertain says what becomes of a record of which nobody knows whether an operation
// did its work, each performance of which counts: the program ended in the middle of it,
// or the other side never said how it went.
type WhenUncertain string

// Asking a person is the default: meanwhile the record rests, and the others go on.
const (
	AskPerson WhenUncertain = ""
	DoAgain   WhenUncertain = Again
	LetPass   WhenUncertain = Skip
)

// Point is a place on the canvas, in its own units (one is a pixel at zoom 1).
type Point struct{ X, Y float32 }

// Edge leads records from one step's outlet to another step.
type Edge struct {
	From   StepID
	Outlet Outlet // "" means Done
	To     StepID
	When   string // a jq condition; "" lets every record pass
}

// Leaves is the outlet with its default filled in.
func (e Edge) Leaves() Outlet {
	if e.Outlet == "" {
		return Done
	}
	return e.Outlet
}

// Step finds a step by its id.
func (f *Flow) Step(id StepID) (Step, bool) {
	for _, s := range f.Steps {
		if s.ID == id {
			return s, true
		}
	}
	return Step{}, false
}

// Label is what a person reads on the step's card.
func (s Step) Label() string {
	if s.Title != "" {
		return s.Title
	}
	return string(s.ID)
}
