package app_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// found gathers what a test finds.
func found(checks iter.Seq2[kit.Check, error]) (all []kit.Check, err error) {
	for one, bad := range checks {
		if bad != nil {
			err = bad
			continue
		}
		all = append(all, one)
	}
	return all, err
}

// slow makes two checks of which it tells, waits for the end, and finds a third by itself.
type slow struct {
	waits  bool
	second chan struct{} // closed when the second check has begun
}

func (s *slow) Fields() kit.Fields { return kit.Fields{kit.Toggle(&s.waits, "waits", "Waits")} }

func (s *slow) Test(ctx context.Context, env kit.Env) []kit.Check {
	t := kit.NewTrial(env)
	t.Try("Name", func() (string, error) { return "10.0.0.7", nil })
	t.Try("Connection", func() (string, error) {
		if !s.waits {
			return "reached", nil
		}
		close(s.second)
		<-ctx.Done()
		return "", context.Cause(ctx)
	})
	return append(t.Checks(), kit.Check{Name: "Sample", OK: true})
}

// openSlow is a door with such a connector.
func openSlow(t *testing.T) (*app.Local, chan struct{}) {
	t.Helper()
	second := make(chan struct{})
	made := kit.Connector{ID: "slow", Title: "Slow", Connection: func() kit.Connection { return &slow{second: second} }}
	return open(t, made).Local, second
}

func TestChecksComeAsTheyAreMade(t *testing.T) {
	d, second := openSlow(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var log []string
	for one, err := range d.TestConnection(ctx, flow.Connection{Connector: "slow", Values: flow.Values{"waits": true}}) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			log = append(log, "cancelled")
			continue
		}
		log = append(log, one.Name)
		select {
		case <-second:
			t.Error("the second check had begun when the first came")
		default:
		}
		go func() { <-second; cancel() }()
	}
	if want := []string{"Name", "cancelled"}; !slices.Equal(log, want) {
		t.Errorf("it told %q, want %q", log, want)
	}
}

func TestEachCheckIsToldOnce(t *testing.T) {
	d, _ := openSlow(t)
	checks, err := found(d.TestConnection(t.Context(), flow.Connection{Connector: "slow"}))
	var names []string
	for _, one := range checks {
		names = append(names, one.Name)
	}
	if want := []string{"Name", "Connection", "Sample"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("it told %q, %v; want %q", names, err, want)
	}
	for range d.TestConnection(t.Context(), flow.Connection{Connector: "slow"}) {
		break // who has enough ends it
	}
	if _, err := found(d.TestConnection(t.Context(), flow.Connection{Connector: "fax"})); err == nil {
		t.Error("an unknown connector was tried")
	}
}
