package remote_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"

	"jackfield/app"
	"jackfield/app/remote"
	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/uitest"
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

// atDoor is a client before a fake door.
func atDoor(t *testing.T, door *uitest.Door) *remote.Client {
	t.Helper()
	home := t.TempDir()
	server, err := remote.Listen(home, "1", door)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close(t.Context()) })
	c, err := remote.Dial(t.Context(), remote.Options{Home: home, Role: remote.Face, Version: "1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

var twoChecks = []kit.Check{{Name: "Name", OK: true, What: "10.0.0.7", Took: 3e6}, {Name: "Connection", What: "refused", Fix: "start it"}}

func TestChecksComeThroughTheSocketAsTheyAreMade(t *testing.T) {
	door := &uitest.Door{Checks: twoChecks, LastCheck: make(chan struct{})}
	c := atDoor(t, door)
	var all []kit.Check
	for one, err := range c.TestConnection(t.Context(), flow.Connection{Name: "crm"}) {
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, one); len(all) == 1 {
			close(door.LastCheck) // only who has the first lets the second come
		}
	}
	if !slices.Equal(all, twoChecks) {
		t.Errorf("it found %+v", all)
	}
}

func TestATestIsCancelledThroughTheSocket(t *testing.T) {
	c := atDoor(t, &uitest.Door{Checks: twoChecks, LastCheck: make(chan struct{})})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, err := range c.TestConnection(ctx, flow.Connection{Name: "crm"}) {
		cancel()
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("it ended with %v", last)
	}
	for range c.TestConnection(t.Context(), flow.Connection{Name: "crm"}) {
		break // who has enough need not wait for the last check
	}
}

func TestWhatIsWrongWithAConnectionComesThroughTheSocket(t *testing.T) {
	wrong := app.Problems{{Field: "url", What: "it has no scheme"}}
	c := atDoor(t, &uitest.Door{Err: wrong})
	_, err := found(c.TestConnection(t.Context(), flow.Connection{Name: "crm"}))
	if got, ok := errors.AsType[app.Problems](err); !ok || got.Error() != wrong.Error() {
		t.Errorf("it ended with %v", err)
	}
}
