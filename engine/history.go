package engine

import (
	"context"
	"iter"

	"jackfield/flow"
)

// History keeps runs. What it has taken is on disk when it returns; every History
// passes enginetest.History.
type History interface {
	// Begin writes a new run. A run of this id that is there already stays as it is.
	Begin(ctx context.Context, r flow.Run) error
	// Update writes the run's own row: its state, end and counts.
	Update(ctx context.Context, r flow.Run) error
	Run(ctx context.Context, id flow.RunID) (flow.Run, error)
	// Unfinished lists the runs whose state is flow.Running, oldest first.
	Unfinished(ctx context.Context) ([]flow.Run, error)
	// Runs lists runs, newest first: those of one flow, in one state, older than before,
	// where these are not empty, and at most limit; 0 is 100.
	Runs(ctx context.Context, f flow.ID, state flow.RunState, before flow.RunID, limit int) ([]flow.Run, error)
	// Append writes e whole or not at all and gives its place in the run. A second
	// append with the same Key changes nothing and gives the first one's place.
	Append(ctx context.Context, e flow.Entry) (seq int, err error)
	// Batch gives what left a step run by an outlet: no records where none did. What
	// was appended a moment ago is asked for next, so it is kept at hand.
	Batch(ctx context.Context, ref flow.Ref) (flow.Batch, error)
	StepRuns(ctx context.Context, id flow.RunID) iter.Seq2[flow.StepRun, error]
	Cursors
	// Standing is where a trigger stands and what is planned for it, by the keys. It is
	// empty where nothing was arranged.
	Standing(ctx context.Context, f flow.ID, s flow.StepID) (flow.Standing, error)
	// Arrange changes that whole or not at all, and with it begins a run as Begin does.
	Arrange(ctx context.Context, a flow.Arrangement) error
}

// Staging is a History that can begin to write a batch before its entry is appended, so
// that a source's next page goes to the disk while the page before is being written down.
type Staging interface {
	History
	// Stage begins to write a batch that will soon be appended to the run. It does not
	// wait, and the batch counts as nothing until then. Nobody changes b any more.
	Stage(id flow.RunID, b flow.Batch)
}

// Cursors keeps where incremental steps stand, and every change of that.
type Cursors interface {
	// Checkpoint is nil where none is stored.
	Checkpoint(ctx context.Context, f flow.ID, s flow.StepID) (*flow.Checkpoint, error)
	// Checkpoints lists those of a flow by step.
	Checkpoints(ctx context.Context, f flow.ID) ([]flow.Checkpoint, error)
	// SetCheckpoint moves a checkpoint outside any run.
	SetCheckpoint(ctx context.Context, c flow.Checkpoint) error
	// MoveCheckpoint moves one for a person; a nil cursor forgets it. It is refused while
	// a run of the flow goes on.
	MoveCheckpoint(ctx context.Context, m flow.CursorChange) error
	// CheckpointMoves lists the changes of one, newest first, at least the last 1,000.
	// Each is written together with the move itself, and what a run moved one after
	// another is one change.
	CheckpointMoves(ctx context.Context, f flow.ID, s flow.StepID) ([]flow.CursorChange, error)
}
