package core_test

import (
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/connectors/core"
	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

var order = map[string]any{"id": 7}

func TestApprovalAsksAndGoesOnWithTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := decide(t, made(t, "approval", flow.Values{"text": "x", "due": "2h", "else": "approve", "key": "said"}), "text", "May it?")
		got, err := run(t, a, order)
		want := flow.Ask{Kind: flow.Approval, Text: "May it?", Choices: []string{"approve", "reject"}, Due: time.Now().Add(2 * time.Hour), Else: "approve"}
		if err != nil || !reflect.DeepEqual(*got.Ask, want) {
			t.Errorf("%+v, %v", got.Ask, err)
		}
		given := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		for choice, outlet := range map[string]flow.Outlet{"approve": "approved", "reject": "rejected"} {
			env := kittest.Env(t)
			env.Answer = &flow.Answer{Choice: choice, Note: "fine", By: "window", Given: given}
			got, err := a.(kit.Action).Run(t.Context(), env, flow.Record{Data: order})
			decided := map[string]any{"id": 7, "said": map[string]any{"choice": choice, "note": "fine", "by": "window", "at": "2026-01-02T03:04:05Z"}}
			if err != nil || got.Outlet != outlet || !reflect.DeepEqual(got.Data, []any{decided}) {
				t.Errorf("%s: %+v, %v", choice, got, err)
			}
			plain := made(t, "approval", flow.Values{"text": "x"}).(kit.Action)
			if got, err := plain.Run(t.Context(), env, flow.Record{Data: order}); err != nil || got.Outlet != outlet || !got.Same {
				t.Errorf("%s, without a key: %+v, %v", choice, got, err)
			}
		}
	})
}

func TestFormGivesWhatWasEntered(t *testing.T) {
	fields := []any{map[string]any{"name": "who", "label": "Name", "needed": true}, "note"}
	env := kittest.Env(t)
	env.Answer = &flow.Answer{Values: flow.Values{"who": "Ada"}}
	for _, tt := range []struct {
		with flow.Values
		in   any
		want any
	}{
		{flow.Values{}, order, map[string]any{"id": 7, "who": "Ada"}},
		{flow.Values{}, 5, map[string]any{"value": 5, "who": "Ada"}},
		{flow.Values{"give": "alone"}, order, map[string]any{"who": "Ada"}},
		{flow.Values{"give": "under", "under": "call"}, order, map[string]any{"id": 7, "call": map[string]any{"who": "Ada"}}},
	} {
		tt.with["fields"], tt.with["text"] = fields, "x"
		f := decide(t, made(t, "form", tt.with), "text", "Who?")
		asked, err := run(t, f, tt.in)
		shape := flow.ObjectOf(flow.Property{Name: "who", Required: true, Schema: flow.Schema{Types: []flow.Kind{"string"}, Title: "Name"}},
			flow.Property{Name: "note", Schema: flow.Of(flow.String)})
		if err != nil || asked.Ask.Kind != flow.Form || asked.Ask.Text != "Who?" || !reflect.DeepEqual(*asked.Ask.Fields, shape) {
			t.Errorf("%v: %+v, %v", tt.with, asked.Ask, err)
		}
		got, err := f.(kit.Action).Run(t.Context(), env, flow.Record{Data: tt.in})
		if err != nil || !reflect.DeepEqual(got.Data, []any{tt.want}) {
			t.Errorf("%v: %+v, %v", tt.with, got, err)
		}
		late := env
		late.Answer = &flow.Answer{By: flow.ByTime}
		if got, err := f.(kit.Action).Run(t.Context(), late, flow.Record{Data: tt.in}); err != nil || got.Outlet != "overdue" || !got.Same {
			t.Errorf("%v, too late: %+v, %v", tt.with, got, err)
		}
	}
}

func TestFormTakesAJSONSchema(t *testing.T) {
	f := made(t, "form", flow.Values{"text": "x", "fields": map[string]any{"type": "object", "properties": map[string]any{"age": map[string]any{"type": "integer"}}}})
	got, err := run(t, decide(t, f, "text", "How old?"), order)
	if err != nil || !reflect.DeepEqual(got.Ask.Fields.Properties, []flow.Property{{Name: "age", Schema: flow.Of(flow.Integer)}}) {
		t.Errorf("%+v, %v", got.Ask.Fields, err)
	}
}

func TestFormSaysWhatIsWrongWithItsFields(t *testing.T) {
	for _, tt := range []struct {
		fields any
		want   string
	}{
		{[]any{}, "a form needs at least one field"},
		{"who", "a JSON Schema is an object"},
		{[]any{5}, "field 1: it is neither a name nor an object"},
		{[]any{map[string]any{"label": "Name"}}, "field 1: it has no name"},
		{[]any{"a", map[string]any{"name": "b", "type": "date"}}, `field 2: "type" cannot be date`},
		{[]any{"a", "a"}, `field 2: there is a field "a" already`},
		{[]any{map[string]any{"name": "a", "size": 3}}, `field 1: "size" is none of name, label, type, help, choices, default, needed`},
		{[]any{map[string]any{"name": "a", "needed": "yes"}}, `field 1: "needed" cannot be yes`},
	} {
		op, _ := core.New().Op("form")
		problems := op.New().Fields().Bind("s", flow.Values{"fields": tt.fields})
		if len(problems) != 1 || problems[0].What != tt.want {
			t.Errorf("%v: %v, want %s", tt.fields, problems, tt.want)
		}
	}
}
