package main

import (
	"context"
	"fmt"
	"time"

	"jackfield/connectors/kit"
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
		return fmt.Sprintf("%s, %+d min from UTC", zone, offset/60), nil
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
	usage, err := st.Usage(ctx)
	return fmt.Sprintf("whole; %d flows, %d MB of which %d MB are free to use again", len(flows), usage.File>>20, usage.Free>>20), err
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
		fmt.Sprintf("saved: %d flows with %d versions, %d connections, %d secrets, %d checkpoints, %d runs with %d step runs and %d batches",
			saved.Flows, saved.Versions, saved.Connections, saved.Secrets, saved.Checkpoints, saved.Runs, saved.StepRuns, saved.Batches),
	}
	for _, lost := range saved.Lost {
		lines = append(lines, "lost: "+lost)
	}
	return lines, nil
}
