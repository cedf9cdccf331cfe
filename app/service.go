// Package app is the door: everything that a face of the program may ask, and a
// stream of what changed. The window, the command line and a remote face stand
// before the same Service and see nothing behind it.
package app

import (
	"context"
	"iter"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Service is the door.
type Service interface {
	Flows
	Catalogue
	Runs
	Questions
	Connections
	Secrets
	Cursors
	Triggers
	Storage
	// Watch yields what changes from now on until ctx ends. A watcher that is
	// too slow loses log lines first, never the end of a run.
	Watch(ctx context.Context) iter.Seq[flow.Event]
}

// Flows keeps the flows of this machine.
type Flows interface {
	Flows(ctx context.Context) ([]flow.Overview, error)
	// Flow gives one version of a flow; 0 is the newest.
	Flow(ctx context.Context, id flow.ID, version int) (flow.Flow, error)
	Versions(ctx context.Context, id flow.ID) ([]Version, error)
	// Open reads a flow file and stores it when it is new or has changed. Where
	// the file is not a flow the problems say why, with line and column.
	Open(ctx context.Context, path string) (flow.Flow, []flow.Problem, error)
	// Save stores a new version, and writes the flow's file where it has one. A
	// flow with problems is saved too. The result has its ID and Version.
	Save(ctx context.Context, f flow.Flow) (flow.Flow, error)
	Check(ctx context.Context, f flow.Flow) []flow.Problem
	Enable(ctx context.Context, id flow.ID, on bool) error
	RemoveFlow(ctx context.Context, id flow.ID) error
	// KeepDraft keeps changes that are not saved yet, so that a crash does not lose
	// them; a flow without an ID has one place for its draft. Saving drops it.
	KeepDraft(ctx context.Context, f flow.Flow) error
	Draft(ctx context.Context, id flow.ID) (f flow.Flow, kept bool)
	DropDraft(ctx context.Context, id flow.ID) error
	// Examples lists the flows that come with the program. Example copies one, with
	// its data, into the home folder and opens it.
	Examples(ctx context.Context) ([]Example, error)
	Example(ctx context.Context, name string) (flow.Flow, error)
}

// Catalogue knows what can be done.
type Catalogue interface {
	Connectors(ctx context.Context) (kit.Set, error)
	// DescribedConnectors lists the files of the home folder that describe connectors,
	// those with problems too.
	DescribedConnectors(ctx context.Context) ([]kit.Described, error)
	// AddConnector takes a file by its absolute path, or what is at an address, or a manifest
	// drafted from an example request that is written as a command line of cURL, as the
	// connector of that name, "" being one made of where it comes from. One of the same
	// name is replaced. Where the file describes none the error is Problems, with line and
	// column.
	AddConnector(ctx context.Context, from, name string) (kit.Described, error)
	RemoveConnector(ctx context.Context, id string) error
	// Choices asks the service for the values that a field of a step may take.
	Choices(ctx context.Context, f flow.Flow, step flow.StepID, field string) ([]kit.Choice, error)
	// Note says what a person should know of a step that its settings do not show: the
	// address of a webhook, the next time of a schedule. The zero Note says nothing.
	Note(ctx context.Context, f flow.Flow, step flow.StepID) (kit.Note, error)
	// Sample gives up to limit records that would come to a step: those of the last
	// run, or else by reading and computing what comes before it without
	// touching anything. from says in words where they are from.
	Sample(ctx context.Context, f flow.Flow, step flow.StepID, limit int) (records flow.Batch, from string, err error)
}

// Runs starts, steers and shows runs.
type Runs interface {
	Start(ctx context.Context, s Start) (flow.RunID, error)
	// Wait returns when the run has ended.
	Wait(ctx context.Context, id flow.RunID) (flow.Run, error)
	Stop(ctx context.Context, id flow.RunID) error
	// Resume takes a run up again that failed, was stopped or left failed records:
	// only what failed or was not done yet is done. by says with which version of its
	// flow; the newest is refused where its steps or edges are others.
	Resume(ctx context.Context, id flow.RunID, by flow.Which) error
	// GiveUp says that what a run left undone stays so: no schedule resumes it. A resume
	// takes that back.
	GiveUp(ctx context.Context, id flow.RunID) error
	// Replay starts a new run that does an old one, or a part of it, again, with its
	// settings.
	Replay(ctx context.Context, r Replay) (flow.RunID, error)
	Runs(ctx context.Context, q Query) ([]flow.Run, error)
	Run(ctx context.Context, id flow.RunID) (flow.Run, error)
	StepRuns(ctx context.Context, id flow.RunID) ([]flow.StepRun, error)
	// Digest gives the step runs that tell most of a run, at once, however many it has:
	// where there are more than some thousand, those marked flow.Rest have the sums of
	// all that are left out.
	Digest(ctx context.Context, id flow.RunID) ([]flow.StepRun, error)
	Records(ctx context.Context, ref flow.Ref) (flow.Batch, error)
	Log(ctx context.Context, id flow.RunID) ([]flow.LogLine, error)
	RemoveRun(ctx context.Context, id flow.RunID) error
}

// Connections keeps the accounts of this machine.
type Connections interface {
	Connections(ctx context.Context) ([]flow.Connection, error)
	// SaveConnection stores c; secrets in its Values go to the vault.
	SaveConnection(ctx context.Context, c flow.Connection) error
	// TestConnection tries a connection out, stored or not, and yields each check as it is
	// made. An error comes last, where the test could not be made or ctx has ended.
	TestConnection(ctx context.Context, c flow.Connection) iter.Seq2[kit.Check, error]
	RemoveConnection(ctx context.Context, name string) error
	// ConnectionSlots lists what flows name as connections. Bind lets a connection serve on this
	// machine for one of them; "" takes that back.
	ConnectionSlots(ctx context.Context) ([]Slot, error)
	Bind(ctx context.Context, slot, connection string) error
	// Health tells how a connection has fared, who uses it, and what is about to go wrong.
	Health(ctx context.Context, name string) (Health, error)
	// SignIn begins to sign a stored connection in and gives what a person has to do. It
	// goes on for some minutes, or until another one for that connection begins.
	SignIn(ctx context.Context, connection string, way kit.Way) (kit.Invitation, error)
	// AwaitSignIn returns when a sign-in has ended; who stops waiting ends it.
	AwaitSignIn(ctx context.Context, id string) (kit.Standing, error)
	// PasteSignIn brings the address that the browser ended at, where it could not come
	// back by itself.
	PasteSignIn(ctx context.Context, id, address string) error
	SignOut(ctx context.Context, connection string) error
	// Standing tells how a connection's sign-in stands, without asking the service. One
	// that nobody signs in to has the zero standing.
	Standing(ctx context.Context, connection string) (kit.Standing, error)
}

// Start says which run to start.
type Start struct {
	Flow    flow.ID
	Version int            // 0 is the newest
	Trigger flow.StepID    // "" is the manual trigger, or else the first
	Input   []any          // records in place of what the trigger would give; nil for none
	Set     []flow.Setting // for this run only
	Limit   int            // how many records each source gives at the most; 0 is all
	Cause   string
}

// Replay says what of an old run is done again.
type Replay struct {
	Run    flow.RunID
	From   flow.StepID // the step to begin at, with the records that came to it; "" is the start
	Failed bool        // only records that had failed; those keep their idempotency keys
	By     flow.Which  // flow.Newest for the flow as it is now, else as the run had it
}

// Query selects runs, newest first.
type Query struct {
	Flow   flow.ID
	State  flow.RunState
	Before flow.RunID // only older ones
	Limit  int        // 0 is 100
}

// Version is one stored state of a flow.
type Version = flow.Saved

// Example is a flow that comes with the program.
type Example struct {
	Name    string // of its file, without the ending
	Title   string
	Summary string
	Steps   int
}
