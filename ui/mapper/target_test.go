package mapper

import (
	"strings"
	"testing"

	"jackfield/flow"
)

func TestMappingIsHeldAgainstTheOperation(t *testing.T) {
	with := flow.Values{"mode": "replace"}
	tests := []struct {
		name, op string
		values   []any
		want     string
	}{
		{"fits", "push", []any{object{"name": "Ada", "row": 1}}, ""},
		{"anything in a step of its own", "each", []any{1, "x"}, ""},
		{"no object", "push", []any{"Ada"}, "the mapping gives a text; the operation takes an object of its fields; write {row: .}"},
		{"several", "push", []any{1, 2}, "the mapping gives 2 values; the operation takes one object; put [ ] around it, take one with first(…), or map in a step of its own before this one"},
		{"none", "push", nil, "the mapping gives 0 values; the operation takes one object; put [ ] around it, take one with first(…), or map in a step of its own before this one"},
		{"unknown field", "push", []any{object{"name": "Ada", "rwo": 1}}, `there is no field "rwo"; did you mean "row"?`},
		{"wrong choice", "push", []any{object{"name": "Ada", "mode": "drop"}}, `"drop" is not one of the choices; one of add, replace`},
		{"needed one missing", "push", []any{object{"row": 1}}, `"Name" is needed; set "name", or map it`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			op := push
			if tt.op == "each" {
				op = each
			}
			var got []string
			for _, p := range newTarget(Target{Op: op, With: with}).check(tt.values) {
				got = append(got, join(p.What, p.Fix))
			}
			if strings.Join(got, "\n") != tt.want {
				t.Fatalf("got  %s\nwant %s", strings.Join(got, "\n"), tt.want)
			}
		})
	}
}

func TestWhatAConnectionGivesIsNotMissing(t *testing.T) {
	target := newTarget(Target{Op: push, Given: func(field string) bool { return field == "name" }})
	if p := target.check([]any{object{"row": 1}}); len(p) > 0 {
		t.Fatalf("it says %v", p)
	}
}

func TestUnknownOperationTakesAnything(t *testing.T) {
	target := newTarget(Target{})
	if len(target.check([]any{1, 2})) > 0 || target.wanted() != nil || target.hint() != "" {
		t.Fatal("a step whose operation is not known is held against something")
	}
}

func TestKeyIsAddedToTheObject(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing yet", " \n", "{\n  row: .x\n}"},
		{"empty object", "{}", "{\n  row: .x\n}"},
		{"one line", "{name: .n}", "{name: .n, row: .x}"},
		{"several lines", "{\n  name: .n\n}", "{\n  name: .n,\n  row: .x\n}"},
		{"a comma at the end", "{\n  name: .n,\n}", "{\n  name: .n,\n  row: .x\n}"},
		{"an object inside", "{a: {b: 1}}", "{a: {b: 1}, row: .x}"},
		{"a brace in a text", `{a: "}"}`, `{a: "}", row: .x}`},
		{"behind a definition", "def f: .n; {name: f}", "def f: .n; {name: f, row: .x}"},
		{"behind a binding", ".a as $a | {name: $a}", ".a as $a | {name: $a, row: .x}"},
		{"behind a pipe, where . is another", ".a | {name: .n}", "(.a | {name: .n}) + {row: .x}"},
		{"no object", ".row", "(.row) + {row: .x}"},
		{"an object within a call", "with_entries({a: 1})", "(with_entries({a: 1})) + {row: .x}"},
		{"not closed", "{a: 1", "({a: 1) + {row: .x}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := withKey(tt.text, "row", ".x"); got != tt.want {
				t.Fatalf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestMemberOfTheSameNameIsFound(t *testing.T) {
	sample := samples()[0].Data
	for name, want := range map[string]string{"name": ".name", "email_address": ".contact.emailAddress", "ID": ".id", "missing": ""} {
		if got, _ := match(sample, name); got != want {
			t.Errorf("%s is filled from %q, want %q", name, got, want)
		}
	}
}

func TestFieldsAreSuggestedWhereAKeyStands(t *testing.T) {
	target := newTarget(Target{Op: push})
	tests := []struct{ src, want string }{
		{"{|", "name: ,row: ,email_address: ,mode: "},
		{"{ro|", "row: "},
		{"{name: .a, em|", "email_address: "},
		{"{name: |", ""},
		{"{name: {n|", ""},
		{"[n|", ""},
		{`{name: "{|`, ""},
		{"n|", ""},
	}
	for _, tt := range tests {
		caret := strings.Index(tt.src, "|")
		var got []string
		for _, s := range target.suggest(tt.src[:caret]+tt.src[caret+1:], caret) {
			got = append(got, s.Text)
		}
		if strings.Join(got, ",") != tt.want {
			t.Errorf("at %s: %q", tt.src, got)
		}
	}
}
