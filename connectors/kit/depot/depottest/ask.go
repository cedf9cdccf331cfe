package depottest

import (
	"maps"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// Set is settings with others in their place: names and values by turns.
func Set(with flow.Values, more ...any) flow.Values {
	all := maps.Clone(with)
	for i := 0; i < len(more); i += 2 {
		all[more[i].(string)] = more[i+1]
	}
	return all
}

// Bound is an operation of a connector with its settings.
func Bound(t testing.TB, c kit.Connector, name string, with flow.Values) kit.Operation {
	t.Helper()
	op, ok := c.Op(name)
	if !ok {
		t.Fatalf("no operation %q", name)
	}
	o := op.New()
	if problems := o.Fields().Bind("s", with); len(problems) > 0 {
		t.Fatal(problems)
	}
	return o
}

// Listing lists a folder, which is as much as signing in.
func Listing(t testing.TB, c kit.Connector, with flow.Values) error {
	t.Helper()
	_, err := Bound(t, c, "list", with).(kit.Source).Read(t.Context(), kittest.Env(t), nil)
	return err
}

// Perform performs an action for one record.
func Perform(t testing.TB, c kit.Connector, name string, with flow.Values) (any, error) {
	t.Helper()
	res, err := Bound(t, c, name, with).(kit.Action).Run(t.Context(), kittest.Env(t), flow.Record{ID: "rec1"})
	if err != nil {
		return nil, err
	}
	return res.Data[0], nil
}

// Retried does something until it fails no longer with what passes by itself.
func Retried(do func() error) error {
	for {
		if err := do(); err == nil || !kit.AsFailure(err).Passing() {
			return err
		}
	}
}
