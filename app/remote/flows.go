package remote

import (
	"context"

	"jackfield/app"
	"jackfield/flow"
)

// Whether a call may be repeated when its answer was lost.
const (
	harmless = true
	lasting  = false
)

// one calls a method that gives one result.
func one[T any](ctx context.Context, c *Client, name string, harmless bool, args ...any) (v T, err error) {
	err = c.do(ctx, name, harmless, args, &v)
	return v, err
}

// Flows lists the stored flows.
func (c *Client) Flows(ctx context.Context) ([]flow.Overview, error) {
	return one[[]flow.Overview](ctx, c, "Flows", harmless)
}

// Flow gives one version of a flow.
func (c *Client) Flow(ctx context.Context, id flow.ID, version int) (flow.Flow, error) {
	return one[flow.Flow](ctx, c, "Flow", harmless, id, version)
}

// Versions lists the versions of a flow.
func (c *Client) Versions(ctx context.Context, id flow.ID) ([]app.Version, error) {
	return one[[]app.Version](ctx, c, "Versions", harmless, id)
}

// Open reads a flow file; path is absolute, because the other process has a folder of
// its own.
func (c *Client) Open(ctx context.Context, path string) (f flow.Flow, problems []flow.Problem, err error) {
	err = c.do(ctx, "Open", harmless, []any{path}, &f, &problems)
	return f, problems, err
}

// Save stores a new version of a flow.
func (c *Client) Save(ctx context.Context, f flow.Flow) (flow.Flow, error) {
	return one[flow.Flow](ctx, c, "Save", lasting, f)
}

// Check lists the problems of a flow.
func (c *Client) Check(ctx context.Context, f flow.Flow) (problems []flow.Problem) {
	if err := c.do(ctx, "Check", harmless, []any{f}, &problems); err != nil {
		return []flow.Problem{{Code: "unchecked", What: "the flow could not be checked: " + err.Error(), Warning: true}}
	}
	return problems
}

// Enable makes the triggers of a flow live, or lets them rest.
func (c *Client) Enable(ctx context.Context, id flow.ID, on bool) error {
	return c.do(ctx, "Enable", harmless, []any{id, on})
}

// RemoveFlow forgets a flow.
func (c *Client) RemoveFlow(ctx context.Context, id flow.ID) error {
	return c.do(ctx, "RemoveFlow", lasting, []any{id})
}

// KeepDraft keeps changes that are not saved yet.
func (c *Client) KeepDraft(ctx context.Context, f flow.Flow) error {
	return c.do(ctx, "KeepDraft", harmless, []any{f})
}

// Draft gives changes that were kept.
func (c *Client) Draft(ctx context.Context, id flow.ID) (f flow.Flow, kept bool) {
	if err := c.do(ctx, "Draft", harmless, []any{id}, &f, &kept); err != nil {
		return flow.Flow{}, false
	}
	return f, kept
}

// DropDraft forgets changes that were kept.
func (c *Client) DropDraft(ctx context.Context, id flow.ID) error {
	return c.do(ctx, "DropDraft", harmless, []any{id})
}

// Examples lists the flows that come with the program.
func (c *Client) Examples(ctx context.Context) ([]app.Example, error) {
	return one[[]app.Example](ctx, c, "Examples", harmless)
}

// Example copies one of them into the home folder.
func (c *Client) Example(ctx context.Context, name string) (flow.Flow, error) {
	return one[flow.Flow](ctx, c, "Example", lasting, name)
}
