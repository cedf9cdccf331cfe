package kit

import (
	"context"
	"iter"
	"time"

	"jackfield/flow"
)

// Operation is one operation with its settings. Fields binds the settings to the
// struct that implements it, whose initial values are the defaults. Everything
// else it can do is an ability below.
type Operation interface {
	Fields() Fields
}

// Action takes one record. The operation's fields are bound for this record when
// Run is called; rec is the record as it came, before any mapping.
type Action interface {
	Operation
	Run(ctx context.Context, env Env, rec flow.Record) (Result, error)
}

// Bulk takes a batch at once, where that is faster than one by one. Fields are
// bound once for the batch; each record's Data is its value of the main field, or
// what came where no field is the main one. It gives one Result for each record, in order. An error means that none was done.
type Bulk interface {
	Operation
	RunAll(ctx context.Context, env Env, batch flow.Batch) ([]Result, error)
}

// Barrier takes everything that came to its step, one record after the other in the
// order they came, and gives as many as it likes; what it cannot hold it puts aside,
// mostly into a Sorter. Neither all nor what was given is ever in memory as a whole.
//
// When all yields a record, expression fields are bound for it; other settings are the
// same for all. An error that all yields is to be returned, and so is one of give. What
// is given leaves by the outlet, "" meaning the first one: with an ID it is one of the
// records that came, going on; without one it is new, and a child of all of them. One
// that came and is given to flow.Failed with a problem has failed.
//
// Gather is asked again from the beginning after a crash, and then has to give the same
// in the same order; it may be left in the middle of a give, which then tells so. An
// error fails the run, and what came waits for a resume.
type Barrier interface {
	Operation
	Gather(ctx context.Context, env Env, all iter.Seq2[flow.Record, error], give func(flow.Outlet, flow.Record) error) error
}

// Finisher has something to complete once nothing more can come to its step, like
// moving a file into its place. The engine calls Finish when every task of the step
// is done and the run can only end well or partial: in each run whose start leads to
// the step, also when no record came. Of the fields only those are bound that the
// step's settings and connection name; what a mapping gave for a record is not
// there. Finish can be called again after a crash or in a resumed run, and then
// changes nothing more than what is still open. An error fails the run.
type Finisher interface {
	Operation
	Finish(ctx context.Context, env Env) error
}

// Committer has a cursor of its own that moves when its run has ended well: when
// everything is done, every step that has something to finish has done so, and no failed
// record rests in the run. Commit gives where the step then stands, nil to leave it. It
// is stored in one transaction with the fact that Commit was done; asked again after a
// crash, it gives the same. A run with a limit commits nothing. An error fails the run.
type Committer interface {
	Operation
	Commit(ctx context.Context, env Env) (flow.Cursor, error)
}

// Source reads many records page by page. after is nil for the very first page,
// the checkpoint where an earlier run left one, or the last page's Next.
type Source interface {
	Operation
	Read(ctx context.Context, env Env, after flow.Cursor) (Page, error)
}

// Starter is a trigger that can say what a start by hand gives. Each value is one
// record.
type Starter interface {
	Operation
	Start(ctx context.Context, env Env) ([]any, error)
}

// Listener is a trigger that waits for something to happen outside. Listen
// returns when ctx ends. give returns when the records are safe on disk.
type Listener interface {
	Operation
	Listen(ctx context.Context, env Env, give func(context.Context, Event) (Receipt, error)) error
}

// Event is what a listener gives: one run is started for it, or it is gathered with
// others.
type Event struct {
	Data  []any
	Cause string      // as flow.Run.Cause
	Mark  flow.Cursor // where the listener stands behind it, stored in one with it; nil leaves its mark as it is
}

// Receipt answers an Event. Wait returns when the run has ended. An event that is
// gathered with others has no run yet, and nothing to wait for.
type Receipt struct {
	Run  flow.RunID
	Wait func(context.Context) (flow.Run, error)
}

// Brancher is an operation whose settings name outlets of its own. It is asked
// after its settings were bound.
type Brancher interface {
	Operation
	Outlets() []flow.Outlet
}

// Effector is an operation whose effect hangs on its settings: a request that only
// looks, or one that changes something. It is asked after its settings were bound,
// for a record where a mapping sets them, and its answer stands in place of
// Op.Effect, which then is the most lasting one that it may give.
type Effector interface {
	Operation
	Effect() Effect
}

// Client is an operation that asks a service which has limits. All that ask one host
// without a connection, and all that ask through one connection, share what is known of
// it: whether it answers, and how often it may be asked. It is asked after its settings
// were bound.
type Client interface {
	Operation
	// Service names the host that is asked, "" where it is not known, and how many
	// requests a second the settings allow; 0 sets no limit.
	Service() (host string, perSecond float64)
}

// Describer knows the shape of its records once its settings are bound.
type Describer interface {
	Operation
	Describe(ctx context.Context, env Env) (in, out flow.Schema, err error)
}

// Connection holds the settings of one account; they are inputs of every
// operation of the connector. Test tries them out.
type Connection interface {
	Operation
	Test(ctx context.Context, env Env) []Check
}

// Check is one named step of a connection's test.
type Check struct {
	Name string        `json:"name"`
	OK   bool          `json:"ok"`
	Took time.Duration `json:"took"`
	What string        `json:"what"` // what was found, or what went wrong
	Fix  string        `json:"fix,omitempty"`
	// Until is when what was found ends to hold, as of a certificate; zero for never.
	Until time.Time `json:"until,omitzero"`
}

// Page is what a Source reads in one go. A few hundred to a few thousand records
// make a good page.
type Page struct {
	Data []any
	Bad  []Bad       // records that could not be read
	Next flow.Cursor // where the next page of this run begins
	More bool        // there is a next page
	Mark flow.Cursor // where the next run begins; nil leaves the checkpoint as it is
}

// Bad is a record that a source could not read, while it could read on behind it.
// It becomes a record that leaves by flow.Failed with its problem. Good and bad
// records are numbered together, in the order they were read; At is the place among
// them, from 0 in each page. A bad record cannot be taken again by a resume, since
// only a new run reads the source anew.
type Bad struct {
	At      int
	Data    any // what a person needs to see of it, such as its line and its text
	Failure *Failure
}

// Result is what became of one record.
type Result struct {
	Outlet flow.Outlet // "" means flow.Done
	Data   []any       // the values it gives; each becomes a record
	Same   bool        // the record itself goes on, as it came; Data is ignored
	Ask    *flow.Ask   // the record waits for an answer, and is then taken again with Env.Answer; all else is ignored
	Wait   *flow.Wait  // the record waits for its time or a run, and is then taken again with Env.Woken; all else is ignored
	Err    error       // it failed (RunAll only)
}

// Give makes a result of values that leave by Done.
func Give(values ...any) Result { return Result{Data: values} }

// Pass lets the record itself go on by the outlet.
func Pass(o flow.Outlet) Result { return Result{Outlet: o, Same: true} }

// Ask lets the record wait until a person has answered. It holds no worker meanwhile,
// and survives the end of the program. Then the operation takes the record again, with
// the answer in its Env.
func Ask(what flow.Ask) Result { return Result{Ask: &what} }

// WaitUntil lets the record wait until t, as durably as Ask does. Then the operation
// takes the record again, with Woken in its Env.
func WaitUntil(t time.Time) Result { return Result{Wait: &flow.Wait{Until: t.Round(0)}} }

// WaitForRun lets the record wait until a run has ended.
func WaitForRun(id flow.RunID) Result { return Result{Wait: &flow.Wait{Run: id}} }

// Doubter is an operation that tells of settings that work and are most likely not meant.
// It is asked when a flow is checked; expressions that hang on the record are nil then.
type Doubter interface {
	Operation
	Doubts(now time.Time) []flow.Problem
}
