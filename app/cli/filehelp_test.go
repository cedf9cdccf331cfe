package cli_test

import (
	"reflect"
	"strings"
	"testing"

	"jackfield/flow"
)

// A new user finds every key of a flow file without reading code.
func TestHelpFileShowsAllThatCanStandInAFlowFile(t *testing.T) {
	text := newDesk(t).call("help", "file").out
	_, file, _ := strings.Cut(text, "\n---\n")
	file, _, ok := strings.Cut(file, "\n---\n")
	if !ok {
		t.Fatalf("there is no file in it:\n%s", text)
	}
	f, problems := flow.ReadFile([]byte(file), "help")
	if len(problems) > 0 {
		t.Fatalf("the file in it has problems: %v", problems)
	}
	for _, name := range unset(reflect.ValueOf(f.Settings)) {
		t.Errorf("no setting shows %s", name)
	}
	missing := unset(reflect.ValueOf(flow.Step{}))
	for _, s := range f.Steps {
		missing = both(missing, unset(reflect.ValueOf(s)))
	}
	for _, name := range missing {
		if name != "Uncertain" { // to ask is what an empty one means
			t.Errorf("no step shows %s", name)
		}
	}
	if !strings.Contains(file, "uncertain: ask") {
		t.Error("no step shows uncertain")
	}
}

// unset names the fields that are at their zero values, those inside of structs in
// their place.
func unset(v reflect.Value) []string {
	var names []string
	for i := range v.NumField() {
		switch f := v.Field(i); {
		case f.Kind() == reflect.Struct:
			names = append(names, unset(f)...)
		case f.IsZero():
			names = append(names, v.Type().Field(i).Name)
		}
	}
	return names
}

func both(a, b []string) []string {
	var some []string
	for _, name := range a {
		for _, other := range b {
			if name == other {
				some = append(some, name)
			}
		}
	}
	return some
}
