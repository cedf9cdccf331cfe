package kittest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// checkFields wants of fields what a form, a check and a document rely on.
func checkFields(t reporter, newOp func() kit.Operation) {
	fields := newOp().Fields()
	mains := 0
	for i, f := range fields {
		checkField(t, f)
		for _, other := range fields[:i] {
			if other.Name == f.Name {
				t.Errorf("the field %q is there twice", f.Name)
			}
			if other.Label == f.Label {
				t.Errorf("the fields %q and %q have the same label", other.Name, f.Name)
			}
		}
		if f.Main {
			mains++
		}
	}
	if mains > 1 {
		t.Errorf("%d fields want to be the main one", mains)
	}
	checkUnknown(t, newOp)
	checkNeeded(t, newOp)
	checkOwn(t, newOp)
	checkSecrets(t, newOp)
}

func checkField(t reporter, f kit.Field) {
	if !name.MatchString(f.Name) {
		t.Errorf("the field name %q is not [a-z][a-z0-9_]*", f.Name)
	}
	checkTitle(t, "label of "+f.Name, f.Label)
	if f.Hint != "" {
		checkSentence(t, "hint of "+f.Name, f.Hint)
	}
	switch f.Kind {
	case kit.TextField, kit.LongField, kit.SecretField, kit.IntField, kit.NumberField, kit.ToggleField,
		kit.ChoiceField, kit.DurationField, kit.FileField, kit.FolderField, kit.ListField, kit.PairsField,
		kit.ValueField, kit.ExprField, kit.TestField, kit.CasesField, kit.FilterField:
	default:
		t.Errorf("field %q: there is no kind %q", f.Name, f.Kind)
	}
	checkChoices(t, f)
	before := f.Get()
	if err := f.Set(before); err != nil && !isEmpty(before) {
		t.Errorf("field %q: its default %v is refused: %v", f.Name, before, err)
	}
	if after := f.Get(); !reflect.DeepEqual(before, after) && !isEmpty(before) {
		t.Errorf("field %q: set to its own value %#v it gives %#v", f.Name, before, after)
	}
}

func checkChoices(t reporter, f kit.Field) {
	if (f.Kind == kit.ChoiceField) != (len(f.Choices) > 0) {
		t.Errorf("field %q: kind %q with %d choices", f.Name, f.Kind, len(f.Choices))
	}
	seen := map[string]bool{}
	for _, c := range f.Choices {
		if c.Label == "" || seen[c.Value] {
			t.Errorf("field %q: the choice %q has no label or is there twice", f.Name, c.Value)
		}
		seen[c.Value] = true
	}
	if f.Kind == kit.ChoiceField && !seen[fmt.Sprint(f.Get())] {
		t.Errorf("field %q: its default %q is not one of its choices", f.Name, f.Get())
	}
}

func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case kit.Secret:
		return v.Empty()
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// checkUnknown misspells a field's name: the problem must name the right one.
func checkUnknown(t reporter, newOp func() kit.Operation) {
	fields := newOp().Fields()
	for _, f := range fields {
		wrong := f.Name + "x"
		if _, taken := fields.Field(wrong); taken {
			continue
		}
		problems := newOp().Fields().Bind("step", flow.Values{wrong: "x"})
		if len(problems) != 1 || problems[0].Field != wrong || !strings.Contains(problems[0].Fix, `"`) {
			t.Errorf("the unknown field %q gives %v, want one problem that names a known one", wrong, problems)
		}
	}
}

// checkNeeded leaves out each needed field: there must be a problem with a fix, and
// none where a mapping fills the field.
func checkNeeded(t reporter, newOp func() kit.Operation) {
	fields := newOp().Fields()
	for _, f := range fields {
		if !f.Required || !f.Matters() {
			continue
		}
		if !isEmpty(f.Get()) {
			t.Errorf("field %q is needed, but has a default", f.Name)
		}
		others := func(name string) bool { return name != f.Name }
		problems := fields.Missing("step", others)
		if len(problems) != 1 || problems[0].Field != f.Name || problems[0].Fix == "" {
			t.Errorf("without %q: %v, want one problem with a fix", f.Name, problems)
		}
	}
	if problems := fields.Missing("step", func(string) bool { return true }); len(problems) > 0 {
		t.Errorf("with all fields filled there still is %v", problems)
	}
}

// checkOwn binds one operation and looks whether another one noticed.
func checkOwn(t reporter, newOp func() kit.Operation) {
	one, other := newOp(), newOp()
	fields := one.Fields()
	for i, f := range other.Fields() {
		before, err := json.Marshal(f.Get())
		if err != nil {
			t.Fatalf("field %q: %v", f.Name, err)
		}
		if sample, ok := another(f); ok {
			if err := fields[i].Set(sample); err != nil {
				continue // the operation checks it; the default stays
			}
		}
		if after, err := json.Marshal(f.Get()); err != nil || string(after) != string(before) {
			t.Errorf("field %q: New gives operations that share it: %s became %s (%v)", f.Name, before, after, err)
		}
	}
}

// another is a value for f that differs from its default.
func another(f kit.Field) (any, bool) {
	switch f.Kind {
	case kit.IntField:
		return 7 + f.Get().(int), true
	case kit.NumberField:
		return 7 + f.Get().(float64), true
	case kit.ToggleField:
		return !f.Get().(bool), true
	case kit.DurationField:
		return "7m", true
	case kit.ListField:
		return []any{"x"}, true
	case kit.PairsField:
		return map[string]any{"x": "y"}, true
	case kit.CasesField:
		return []any{map[string]any{"name": "x", "when": "true"}}, true
	case kit.ChoiceField:
		for _, c := range f.Choices {
			if c.Value != f.Get() {
				return c.Value, true
			}
		}
		return nil, false
	case kit.FilterField:
		return "x = 7", true
	}
	return "x", true
}

// checkSecrets looks whether a secret shows when an operation is printed.
func checkSecrets(t reporter, newOp func() kit.Operation) {
	const hidden = "h1dden-from-all"
	op := newOp()
	fields := op.Fields()
	found := false
	for _, f := range fields {
		if f.Kind == kit.SecretField {
			found = true
			if err := f.Set(hidden); err != nil {
				t.Errorf("field %q: %v", f.Name, err)
			}
		}
	}
	if !found {
		return
	}
	for _, f := range fields {
		text, _ := json.Marshal(f.Get())
		if strings.Contains(string(text), hidden) {
			t.Errorf("field %q: its secret shows in JSON", f.Name)
		}
	}
	schema, _ := json.Marshal(fields.Schema())
	for _, text := range []string{fmt.Sprintf("%v", op), fmt.Sprintf("%+v", op), fmt.Sprintf("%s", op), string(schema)} {
		if strings.Contains(text, hidden) {
			t.Errorf("a secret shows when the operation is printed: %s", text)
		}
	}
}
