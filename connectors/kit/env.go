package kit

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"time"

	"jackfield/flow"
	"jackfield/flow/value"
)

// Env is what surrounds an operation while it works.
type Env struct {
	Run     flow.RunID
	Flow    flow.ID
	Name    string // the flow's
	Step    flow.StepID
	Started time.Time // the run's start: the only clock for values, so that a replay gives the same
	Dir     string    // what relative paths are relative to
	Scratch string    // a folder of this run's own, kept between its tasks and removed with it; "" puts one beside the flow
	Keep    string    // a folder of this flow and step that outlives runs, removed with the flow; "" where nothing outlives them
	Write   func(flow.LogLine)
	Answer  *flow.Answer // what a person said to what the operation asked about this record; nil where it has not asked
	Checked func(Check)  // hears of each check of a connection's test as it is made; nil where nobody does
	Woken   bool         // the record has waited for what the operation let it wait for
	// Documents says that a source may give records whose text it has as
	// *value.Document, with as much read as Want names. The text has no line breaks.
	Documents bool
	Want      *value.Want
	// Stand gives the stored cursor of this step; nil for none, or where nothing is stored.
	Stand func(ctx context.Context) (flow.Cursor, error)
	// Pass names what a barrier gathers: the same when it is asked again, another when it
	// takes what a resume brings. Partial says that not all has come that could have: the
	// run has a limit or does a part of another one again, or records failed on their way.
	Pass      string
	Partial   bool
	StartTo   func(ctx context.Context, name string, data []any) (flow.RunID, error)
	ResultsOf func(ctx context.Context, id flow.RunID) (data []any, ended bool, err error)
	CallTo    func(ctx context.Context, name string, data []any) ([]any, error)
	Keys      flow.RunID                                      // the run whose idempotency keys are sent, where that is another one
	Marked    func(ctx context.Context) (flow.Cursor, error)  // of a listener; nil elsewhere
	Mark      func(ctx context.Context, to flow.Cursor) error // of a listener; nil elsewhere

	// Tokens is what the connection keeps of its sign-in; nil where there is no connection.
	Tokens *Tokens

	// What a Client needs of its service's limits; nil outside a run.
	TakeTurn func(ctx context.Context) error
	Allowed  func(left int, in time.Duration)
}

// Path makes p absolute.
func (e Env) Path(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(e.Dir, p)
}

// Key is the idempotency key of a record at this step: the same on every retry of
// a run, after a crash too, and different from every other.
func (e Env) Key(id flow.RecordID) string {
	return fmt.Sprintf("%s-%s-%s", cmp.Or(e.Keys, e.Run), e.Step, id)
}

// Turn waits until one more request may be sent to the service. A Client calls it before
// each of its requests; the engine has waited for the first one of each attempt already.
func (e Env) Turn(ctx context.Context) error {
	if e.TakeTurn == nil {
		return ctx.Err()
	}
	return e.TakeTurn(ctx)
}

// Allowance tells what the service said of its limits: it takes left more requests, and
// after some time as many as it likes again. Nobody sends more than that.
func (e Env) Allowance(left int, in time.Duration) {
	if e.Allowed != nil {
		e.Allowed(left, in)
	}
}

// Log writes a line into the run's log.
func (e Env) Log(level flow.Level, rec flow.RecordID, format string, args ...any) {
	if e.Write == nil {
		return
	}
	e.Write(flow.LogLine{Level: level, Step: e.Step, Record: rec, Text: fmt.Sprintf(format, args...)})
}

// Call runs another flow to its end with data as its start, and gives what left
// its last steps.
func (e Env) Call(ctx context.Context, name string, data []any) ([]any, error) {
	if e.CallTo == nil {
		return nil, Fail(Invalid, "other flows cannot be called here")
	}
	return e.CallTo(ctx, name, data)
}

// LastMark is where the listener stood when it noted that last, in this or an earlier
// life of the program; nil where it never did, or where its flow was disabled since.
func (e Env) LastMark(ctx context.Context) (flow.Cursor, error) {
	if e.Marked == nil {
		return nil, nil
	}
	return e.Marked(ctx)
}

// SetMark notes where the listener stands, where no event brings its own.
func (e Env) SetMark(ctx context.Context, to flow.Cursor) error {
	if e.Mark == nil {
		return nil
	}
	return e.Mark(ctx, to)
}

// InScratch is the path of a file that the step keeps for itself in this run.
func (e Env) InScratch(name string) string { return filepath.Join(e.scratch(), name) }
