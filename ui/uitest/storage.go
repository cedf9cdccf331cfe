package uitest

import (
	"context"

	"jackfield/app"
	"jackfield/flow"
)

// Digest gives Steps of the run.
func (d *Door) Digest(ctx context.Context, id flow.RunID) ([]flow.StepRun, error) {
	return d.StepRuns(ctx, id)
}

// Usage adds up what the runs take.
func (d *Door) Usage(context.Context) (app.Usage, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	u := app.Usage{Quota: d.Kept.Quota}
	at := map[string]int{}
	for _, r := range d.RunRows {
		i, seen := at[string(r.Flow)]
		if !seen {
			i = len(u.Flows)
			at[string(r.Flow)] = i
			u.Flows = append(u.Flows, app.FlowUsage{Flow: r.Flow, Name: r.Name})
		}
		u.Flows[i].Runs++
		u.Flows[i].Bytes += r.Bytes
		u.Total += r.Bytes
	}
	return u, d.Err
}

// Retention is Kept.
func (d *Door) Retention(context.Context) (app.Retention, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.Kept, d.Err
}

// SetRetention changes Kept.
func (d *Door) SetRetention(_ context.Context, r app.Retention) error {
	if err := d.note("set retention"); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.Kept = r
	return nil
}

// Tidy is written down.
func (d *Door) Tidy(context.Context) (int64, error) { return 0, d.note("tidy") }
