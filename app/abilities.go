package app

import (
	"context"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Questions are what runs wait for a person to say.
type Questions interface {
	// Questions lists the open ones, oldest first; of all runs where id is "".
	Questions(ctx context.Context, id flow.RunID) ([]flow.Question, error)
	// Answer settles one. It is on disk when it returns; the run goes on by itself.
	Answer(ctx context.Context, question string, a flow.Answer) error
}

// Triggers shows when flows start by themselves.
type Triggers interface {
	// Triggers lists every trigger of the stored flows that the clock or a listener
	// serves, those of enabled flows first.
	Triggers(ctx context.Context) ([]Trigger, error)
	// Slots computes when the next n runs of a schedule of f start, which need not be
	// stored: its slots, each with its share of the jitter.
	Slots(ctx context.Context, f flow.Flow, step flow.StepID, n int) ([]time.Time, error)
	// Unmet lists the slots of a range that have no run and are not planned, oldest
	// first: what Backfill would plan.
	Unmet(ctx context.Context, id flow.ID, step flow.StepID, from, to time.Time) ([]time.Time, error)
	// Backfill plans a run for every slot of the range that has none, oldest first, and
	// gives their slots. They are on disk when it returns and survive a restart; they
	// start while the flow is enabled.
	Backfill(ctx context.Context, id flow.ID, step flow.StepID, from, to time.Time) ([]time.Time, error)
}

// Trigger is how one trigger of a flow stands.
type Trigger struct {
	Flow    flow.ID       `json:"flow_id"`
	Name    string        `json:"flow"`
	Step    flow.StepID   `json:"step"`
	Uses    flow.OpID     `json:"uses"`
	Title   string        `json:"title"`
	Enabled bool          `json:"enabled"`
	Spec    string        `json:"spec,omitempty"` // the schedule or the address, in words
	Last    time.Time     `json:"last,omitzero"`  // the last slot that was dealt with
	LastRun flow.RunID    `json:"last_run,omitempty"`
	Next    []time.Time   `json:"next,omitempty"`    // when the next ten runs start: slots, with their share of the jitter
	Missed  []time.Time   `json:"missed,omitempty"`  // slots without a run, newest last, a hundred at the most
	Waiting []time.Time   `json:"waiting,omitempty"` // slots planned and not started yet: queued, made up for, backfilled
	Events  int           `json:"events,omitempty"`  // events that are on disk and have no run yet
	Problem *flow.Problem `json:"problem,omitempty"` // why it does not fire: never fires, address taken
}

// Cursors shows and moves what incremental steps remember between runs.
type Cursors interface {
	// Cursors lists the stored ones of a flow; of all flows where id is "".
	Cursors(ctx context.Context, id flow.ID) ([]flow.Checkpoint, error)
	// CursorHistory lists every change of one, newest first.
	CursorHistory(ctx context.Context, id flow.ID, step flow.StepID) ([]flow.CursorChange, error)
	// SetCursor puts another value in its place; nil resets it, and the next run begins
	// at the very beginning. It is refused while a run of the flow goes on.
	SetCursor(ctx context.Context, id flow.ID, step flow.StepID, c flow.Cursor, why string) error
	// RewindCursor puts it back to what it was at a moment.
	RewindCursor(ctx context.Context, id flow.ID, step flow.StepID, at time.Time) error
}

// Storage is what history takes of the disk, and what may go.
type Storage interface {
	Usage(ctx context.Context) (Usage, error)
	Retention(ctx context.Context) (Retention, error)
	SetRetention(ctx context.Context, r Retention) error
	// Tidy removes what retention and quotas give up, now, and gives disk back. Runs go
	// on meanwhile. It gives the bytes freed.
	Tidy(ctx context.Context) (freed int64, err error)
}

// Usage is what is taken of the disk, and by which flow.
type Usage = flow.Usage

// FlowUsage is the part of one flow.
type FlowUsage = flow.FlowUsage

// Retention says how long history is kept.
type Retention = flow.Retention

// Secrets is what keeps the secrets of this machine.
type Secrets interface {
	// Secrecy tells how they stand. It asks nobody for a passphrase.
	Secrecy(ctx context.Context) (flow.Secrecy, error)
	// UnlockSecrets opens the vault for as long as the process lasts that has the home
	// folder open. Without a passphrase it takes what that process finds by itself.
	UnlockSecrets(ctx context.Context, passphrase string) error
	// ProtectSecrets moves the key of the vault; the passphrase is that of the new place,
	// where it has one. forget begins with a new key, for who has lost the old one: what
	// was kept does not open any more.
	ProtectSecrets(ctx context.Context, by flow.Protection, passphrase string, forget bool) error
	// RotateSecrets seals all secrets anew with a new key; the passphrase is the one that
	// the key has.
	RotateSecrets(ctx context.Context, passphrase string) error
	// CheckSecrets opens every secret.
	CheckSecrets(ctx context.Context) ([]kit.Check, error)
}
