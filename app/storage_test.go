package app_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"jackfield/app"
	"jackfield/flow"
)

func TestRetentionIsKeptAndRefusesWhatIsLessThanNothing(t *testing.T) {
	d := open(t)
	usual, err := d.Retention(t.Context())
	if err != nil || usual.Quota <= 0 || usual.Quota > 5<<30 || usual.Keep != 200 || usual.Failed <= usual.Done {
		t.Errorf("the usual retention is %+v, %v", usual, err)
	}
	want := app.Retention{Quota: 1 << 30, Keep: 7, Done: time.Hour}
	if err := d.SetRetention(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Retention(t.Context()); err != nil || got != want {
		t.Errorf("it is %+v, %v", got, err)
	}
	err = d.SetRetention(t.Context(), app.Retention{Keep: -1})
	var ps app.Problems
	if !errors.As(err, &ps) || ps[0].Field != "keep" {
		t.Errorf("a negative number gave %v", err)
	}
}

// A flow's own limits go before the general ones.
func TestTidyKeepsAsManyRunsAsTheFlowSays(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(hello + "settings: {keep: 2, quota: 1MB}\n"))
	for range 4 {
		d.ran(d.Start(t.Context(), app.Start{Flow: f.ID, Cause: "test"}))
	}
	all, err := d.Runs(t.Context(), app.Query{Flow: f.ID})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SetRetention(t.Context(), app.Retention{Keep: 100}); err != nil {
		t.Fatal(err)
	}
	before, err := d.Usage(t.Context())
	if err != nil || len(before.Flows) != 1 || before.Flows[0].Bytes <= 0 || before.Flows[0].Quota != 1<<20 || before.Flows[0].Name != f.Name {
		t.Errorf("the meter says %+v, %v", before, err)
	}
	for range 4 { // partial runs are unresolved: up to twice the number stay
		d.ran(d.Start(t.Context(), app.Start{Flow: f.ID, Cause: "test"}))
	}
	if _, err := d.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, err := d.Runs(t.Context(), app.Query{Flow: f.ID})
	if err != nil || len(left) != 4 {
		t.Errorf("%d runs are left, %v", len(left), err)
	}
	for _, r := range left {
		for _, old := range all {
			if r.ID == old.ID {
				t.Errorf("run %s is older than others that went", r.ID)
			}
		}
		if r.Bytes <= 0 {
			t.Errorf("run %s takes %d bytes", r.ID, r.Bytes)
		}
	}
}

func TestARunIsRefusedWhileAllHistoryBelongsToRunsThatGoOn(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(hello))
	ctx := t.Context()
	events := make(chan flow.Event, 100)
	watched := d.Watch(ctx)
	go func() {
		for e := range watched {
			if e.Kind == flow.Trouble {
				events <- e
			}
		}
	}()
	long := flow.Run{ID: "r0", Flow: "other", State: flow.Running}
	entry := flow.Entry{
		StepRun: flow.StepRun{Run: "r0", Key: "k", Step: "s", Out: map[flow.Outlet]int{flow.Done: 1}},
		Batches: map[flow.Outlet]flow.Batch{flow.Done: {{ID: "a", Data: strings.Repeat("x", 200_000)}}},
	}
	if err := d.st.Begin(ctx, long); err != nil {
		t.Fatal(err)
	}
	if _, err := d.st.Append(ctx, entry); err != nil {
		t.Fatal(err)
	}
	if err := d.SetRetention(ctx, app.Retention{Quota: 100_000}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Tidy(ctx); err != nil {
		t.Fatal(err)
	}
	_, err := d.Start(ctx, app.Start{Flow: f.ID, Cause: "test"})
	var ps app.Problems
	if !errors.As(err, &ps) || ps[0].Code != "quota" || ps[0].Fix == "" {
		t.Fatalf("starting a run gave %v", err)
	}
	if err := d.st.Begin(ctx, flow.Run{ID: "r1", Flow: "other", State: flow.Running, Cause: "webhook"}); err == nil {
		t.Error("a run that a trigger starts was not refused")
	}
	if err := d.st.Begin(ctx, flow.Run{ID: "r2", Flow: "other", State: flow.Running, Cause: "flow"}); err != nil {
		t.Errorf("a run that another one calls was refused: %v", err)
	}
	if e := <-events; !strings.Contains(e.What, "of runs that still go on") && !strings.Contains(e.What, "runs that still go on") {
		t.Errorf("people are told %q", e.What)
	}
	long.State = flow.RunDone
	r2 := flow.Run{ID: "r2", Flow: "other", State: flow.RunDone}
	if err := errors.Join(d.st.Update(ctx, long), d.st.Update(ctx, r2)); err != nil {
		t.Fatal(err)
	}
	freed, err := d.Tidy(ctx)
	if err != nil || freed < 200_000 {
		t.Errorf("%d bytes were freed, %v", freed, err)
	}
	d.ran(d.Start(ctx, app.Start{Flow: f.ID, Cause: "test"}))
}

// What is left of a run whose records were given up cannot go on, nor begin again.
func TestARunOfWhichSamplesAreLeftSaysSo(t *testing.T) {
	d := open(t)
	ctx := context.WithoutCancel(t.Context())
	f := d.opened(d.file(hello))
	run := flow.Run{ID: "r0", Flow: f.ID, Version: f.Version, State: flow.Running}
	entry := flow.Entry{
		StepRun: flow.StepRun{Run: "r0", Key: "k", Step: "double", Out: map[flow.Outlet]int{flow.Failed: 200}},
		Batches: map[flow.Outlet]flow.Batch{},
	}
	for range 200 {
		entry.Batches[flow.Failed] = append(entry.Batches[flow.Failed], flow.Record{ID: "a", Data: strings.Repeat("x", 1000)})
	}
	err := d.st.Begin(ctx, run)
	if err == nil {
		_, err = d.st.Append(ctx, entry)
	}
	run.State = flow.RunFailed
	if err = errors.Join(err, d.st.Update(ctx, run)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.SetRetention(ctx, app.Retention{Quota: 100_000, Samples: 5})); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Tidy(ctx); err != nil {
		t.Fatal(err)
	}
	got, err := d.Run(ctx, "r0")
	batch, err2 := d.Records(ctx, flow.Ref{Run: "r0", Outlet: flow.Failed})
	if !got.Trimmed || len(batch) != 5 || err != nil || err2 != nil {
		t.Errorf("left are %+v with %d records, %v, %v", got, len(batch), err, err2)
	}
	for what, err := range map[string]error{
		"resume": d.Resume(ctx, "r0", flow.Fitting),
		"replay": func() error { _, err := d.Replay(ctx, app.Replay{Run: "r0"}); return err }(),
	} {
		var p flow.Problem
		var ps app.Problems
		if errors.As(err, &ps) {
			p = ps[0]
		}
		if p.Code != "trimmed" {
			t.Errorf("%s gave %v", what, err)
		}
	}
}
