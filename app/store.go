package app

import (
	"context"
	"iter"

	"jackfield/flow"
)

// Store keeps what lasts. store.Store is one.
type Store interface {
	FlowStore
	ConnectionStore
	RunStore
	HistoryStore
	CursorStore
	// Pref and SetPref keep small texts by key; an empty one is as good as none.
	Pref(key string) (text string, set bool)
	SetPref(key, text string) error
}

// FlowStore keeps flows with all their versions.
type FlowStore interface {
	PutFlow(ctx context.Context, f flow.Flow) (flow.Flow, error)
	Flow(ctx context.Context, id flow.ID, version int) (flow.Flow, error)
	FlowByPath(ctx context.Context, path string) (flow.Flow, error)
	Flows(ctx context.Context) ([]flow.Overview, error)
	Versions(ctx context.Context, id flow.ID) ([]flow.Saved, error)
	SetEnabled(ctx context.Context, id flow.ID, on bool) error
	RemoveFlow(ctx context.Context, id flow.ID) error
}

// ConnectionStore keeps connections, without their secrets.
type ConnectionStore interface {
	PutConnection(ctx context.Context, c flow.Connection) error
	Connection(ctx context.Context, name string) (flow.Connection, error)
	Connections(ctx context.Context) ([]flow.Connection, error)
	RemoveConnection(ctx context.Context, name string) error
}

// RunStore shows what the engine's history wrote.
type RunStore interface {
	Run(ctx context.Context, id flow.RunID) (flow.Run, error)
	Runs(ctx context.Context, f flow.ID, state flow.RunState, before flow.RunID, limit int) ([]flow.Run, error)
	StepRuns(ctx context.Context, id flow.RunID) iter.Seq2[flow.StepRun, error]
	Digest(ctx context.Context, id flow.RunID, most int) ([]flow.StepRun, error)
	Batch(ctx context.Context, ref flow.Ref) (flow.Batch, error)
	Log(ctx context.Context, id flow.RunID) ([]flow.LogLine, error)
	RemoveRun(ctx context.Context, id flow.RunID) error
}

// HistoryStore keeps the history within its limits.
type HistoryStore interface {
	Meter(ctx context.Context) (flow.Usage, error)
	UsualRetention() flow.Retention
	// Tidy removes what retention gives up; limits are those of one flow.
	Tidy(ctx context.Context, r flow.Retention, limits func(flow.ID) flow.FlowLimits) (flow.Tidied, error)
	// Compact gives the room of what was removed back to the disk.
	Compact(ctx context.Context) error
	// Refuse says why no run may begin; nil says that they may again.
	Refuse(why *flow.Problem)
}

// Vault keeps secrets.
type Vault interface {
	Put(ctx context.Context, ref, plain string) error
	Get(ctx context.Context, ref string) (string, error)
	Remove(ctx context.Context, ref string) error
	Standing(ctx context.Context) (flow.Secrecy, error)
	// Unlock opens the vault for this process; without a passphrase it asks whoever can
	// be asked.
	Unlock(ctx context.Context, passphrase string) error
	Protect(ctx context.Context, by flow.Protection, passphrase string) error
	Forget(ctx context.Context, by flow.Protection, passphrase string) error
	Rotate(ctx context.Context, passphrase string) error
	Check(ctx context.Context) (good int, bad []string, err error)
}
