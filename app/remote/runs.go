package remote

import (
	"context"

	"jackfield/app"
	"jackfield/flow"
)

// Start starts a run.
func (c *Client) Start(ctx context.Context, s app.Start) (flow.RunID, error) {
	return one[flow.RunID](ctx, c, "Start", lasting, s)
}

// Wait returns when the run has ended, whichever process ends it.
func (c *Client) Wait(ctx context.Context, id flow.RunID) (flow.Run, error) {
	return one[flow.Run](ctx, c, "Wait", harmless, id)
}

// Stop ends a run.
func (c *Client) Stop(ctx context.Context, id flow.RunID) error {
	return c.do(ctx, "Stop", lasting, []any{id})
}

// Resume takes a run up again.
func (c *Client) Resume(ctx context.Context, id flow.RunID, by flow.Which) error {
	return c.do(ctx, "Resume", lasting, []any{id, by})
}

// GiveUp lets what a run left undone stay so.
func (c *Client) GiveUp(ctx context.Context, id flow.RunID) error {
	return c.do(ctx, "GiveUp", lasting, []any{id})
}

// Replay starts a new run that does an old one, or a part of it, again.
func (c *Client) Replay(ctx context.Context, r app.Replay) (flow.RunID, error) {
	return one[flow.RunID](ctx, c, "Replay", lasting, r)
}

// Runs lists runs.
func (c *Client) Runs(ctx context.Context, q app.Query) ([]flow.Run, error) {
	return one[[]flow.Run](ctx, c, "Runs", harmless, q)
}

// Run gives one run's row.
func (c *Client) Run(ctx context.Context, id flow.RunID) (flow.Run, error) {
	return one[flow.Run](ctx, c, "Run", harmless, id)
}

// StepRuns lists the step runs of a run.
func (c *Client) StepRuns(ctx context.Context, id flow.RunID) ([]flow.StepRun, error) {
	return one[[]flow.StepRun](ctx, c, "StepRuns", harmless, id)
}

// Digest gives the step runs that tell most of a run.
func (c *Client) Digest(ctx context.Context, id flow.RunID) ([]flow.StepRun, error) {
	return one[[]flow.StepRun](ctx, c, "Digest", harmless, id)
}

// Records gives one batch.
func (c *Client) Records(ctx context.Context, ref flow.Ref) (flow.Batch, error) {
	return one[flow.Batch](ctx, c, "Records", harmless, ref)
}

// Log gives the log of a run.
func (c *Client) Log(ctx context.Context, id flow.RunID) ([]flow.LogLine, error) {
	return one[[]flow.LogLine](ctx, c, "Log", harmless, id)
}

// RemoveRun forgets a run.
func (c *Client) RemoveRun(ctx context.Context, id flow.RunID) error {
	return c.do(ctx, "RemoveRun", lasting, []any{id})
}

// Usage is what history takes of the disk.
func (c *Client) Usage(ctx context.Context) (app.Usage, error) {
	return one[app.Usage](ctx, c, "Usage", harmless)
}

// Retention is how long history is kept.
func (c *Client) Retention(ctx context.Context) (app.Retention, error) {
	return one[app.Retention](ctx, c, "Retention", harmless)
}

// SetRetention changes how long history is kept. Doing it twice changes nothing.
func (c *Client) SetRetention(ctx context.Context, r app.Retention) error {
	return c.do(ctx, "SetRetention", harmless, []any{r})
}

// Tidy removes what retention gives up.
func (c *Client) Tidy(ctx context.Context) (freed int64, err error) {
	return one[int64](ctx, c, "Tidy", harmless)
}

// Questions lists what runs wait for a person to say.
func (c *Client) Questions(ctx context.Context, id flow.RunID) ([]flow.Question, error) {
	return one[[]flow.Question](ctx, c, "Questions", harmless, id)
}

// Answer settles a question. The same answer given twice changes nothing, so it may be
// repeated.
func (c *Client) Answer(ctx context.Context, question string, a flow.Answer) error {
	return c.do(ctx, "Answer", harmless, []any{question, a})
}
