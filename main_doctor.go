package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/store"
)

// doctor looks at what a person would otherwise have to look for.
func doctor(ctx context.Context, home string) []kit.Check {
	var checks []kit.Check
	look := func(name string, do func() (what string, err error)) bool {
		began := time.Now()
		what, err := do()
		c := kit.Check{Name: name, OK: err == nil, Took: time.Since(began), What: what}
		if err != nil {
			failure := kit.AsFailure(err)
			c.What, c.Fix = failure.What, failure.Fix
		}
		checks = append(checks, c)
		return c.OK
	}
	var folder string
	if !look("home folder", func() (string, error) {
		var err error
		folder, err = homeFolder(home)
		return folder, err
	}) {
		return checks
	}
	look("store", func() (string, error) { return checkStore(ctx, folder) })
	look("time zone", func() (string, error) {
		zone, offset := time.Now().Zone()
		if offset == 0 {
			return zone, nil
		}
		return fmt.Sprintf("%s, %+.4g h from UTC", zone, float64(offset)/3600), nil
	})
	look("window", func() (string, error) {
		if window() == nil {
			return "this build has no window", nil
		}
		return "this build has a window", nil
	})
	return checks
}

// checkStore opens the store, reads all of it and counts what is there.
func checkStore(ctx context.Context, home string) (string, error) {
	st, err := store.Open(home, store.Options{})
	var open *store.OpenError
	if errors.As(err, &open) {
		return fmt.Sprintf("in use by process %d, so it was not looked at; end that first to have it looked at", open.PID), nil
	}
	if err != nil {
		return "", err
	}
	defer st.Close()
	if err := st.Check(ctx); err != nil {
		return "", err
	}
	flows, err := st.Flows(ctx)
	if err != nil {
		return "", err
	}
	usage, err := st.Meter(ctx)
	runs, bytes := 0, int64(0)
	for _, one := range usage.Flows {
		runs, bytes = runs+one.Runs, bytes+one.Bytes
	}
	return fmt.Sprintf("whole; %s and %s in %s, of which history takes %s and %s can be used again; %s are left on the disk",
		count(len(flows), "flow"), count(runs, "run"), flow.ShowSize(usage.Total), flow.ShowSize(bytes), flow.ShowSize(usage.Free), flow.ShowSize(usage.Disk)), err
}

// count says how many there are of a thing.
func count(n int, one string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(one, "ch"):
		one += "es"
	default:
		one += "s"
	}
	return fmt.Sprintf("%d %s", n, one)
}

// rescue saves what can be read of a damaged store into a new one.
func rescue(_ context.Context, home string) ([]string, error) {
	folder, err := homeFolder(home)
	if err != nil {
		return nil, err
	}
	moved, saved, err := store.Rescue(folder)
	if err != nil {
		return nil, err
	}
	lines := []string{
		"the damaged file is kept as " + moved,
		fmt.Sprintf("saved: %s with %s, %s, %s, %s, %s with %s and %s",
			count(saved.Flows, "flow"), count(saved.Versions, "version"), count(saved.Connections, "connection"), count(saved.Secrets, "secret"),
			count(saved.Checkpoints, "checkpoint"), count(saved.Runs, "run"), count(saved.StepRuns, "step run"), count(saved.Batches, "batch")),
	}
	for _, lost := range saved.Lost {
		lines = append(lines, "lost: "+lost)
	}
	return lines, nil
}
