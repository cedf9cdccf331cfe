package core

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func formOp() kit.Op {
	return kit.Op{
		ID: "form", Title: "Ask with a form", Icon: "form", Effect: kit.Pure,
		Summary: "Asks a person to fill in a form for each record, and goes on with what was entered.",
		Words:   []string{"human", "person", "input", "question", "fields", "enter", "questionnaire", "answer"},
		New:     func() kit.Operation { return &form{Give: giveMerged} },
		Outlets: []flow.Outlet{flow.Done, overdue},
		Examples: []kit.Example{{
			Title: "Who takes care of it",
			With: flow.Values{
				"text": `"Who calls \(.customer)?"`,
				"fields": []any{
					map[string]any{"name": "who", "label": "Name", "needed": true},
					map[string]any{"name": "urgent", "label": "Today?", "type": "boolean"},
				},
			},
			In: map[string]any{"customer": "Ada"},
		}},
	}
}

// What a form gives.
const (
	giveMerged = "merged"
	giveUnder  = "under"
	giveAlone  = "alone"
)

// form asks for values.
type form struct {
	question
	Ask   any
	Give  string
	Under string
	shape flow.Schema
}

func (f *form) Fields() kit.Fields {
	return append(f.fields(),
		kit.Value(&f.Ask, "fields", "Fields").Needed().Checked(f.check).
			Eg(`[{"name": "who", "label": "Name", "needed": true}]`).
			Help("A list of {name, label, type, help, choices, default, needed}, type being string, integer, number, boolean or array; or a JSON Schema."),
		kit.Pick(&f.Give, "give", "Give",
			kit.Choice{Value: giveMerged, Label: "The record with the answers in it"},
			kit.Choice{Value: giveUnder, Label: "The record with the answers under a name"},
			kit.Choice{Value: giveAlone, Label: "The answers alone"}),
		kit.Text(&f.Under, "under", "Name").Needed().Eg("answer").OnlyIf(func() bool { return f.Give == giveUnder }),
	)
}

func (f *form) check() (err error) {
	f.shape, err = shapeOf(f.Ask)
	if err == nil && len(f.shape.Properties) == 0 {
		return errors.New("a form needs at least one field")
	}
	return err
}

func (f *form) Run(_ context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	if env.Answer == nil {
		ask := f.ask(flow.Form, "")
		shape := f.shape
		ask.Fields = &shape
		return kit.Ask(ask), nil
	}
	if env.Answer.By == flow.ByTime {
		return kit.Pass(overdue), nil
	}
	answers := map[string]any(env.Answer.Values)
	if answers == nil {
		answers = map[string]any{}
	}
	switch f.Give {
	case giveAlone:
		return kit.Give(answers), nil
	case giveUnder:
		return kit.Give(with(rec.Data, f.Under, answers)), nil
	}
	m, is := rec.Data.(map[string]any)
	if !is {
		m = map[string]any{"value": rec.Data}
	}
	m = maps.Clone(m)
	if m == nil {
		m = map[string]any{}
	}
	maps.Copy(m, answers)
	return kit.Give(m), nil
}

// shapeOf reads how values look: a JSON Schema, or a list of fields.
func shapeOf(v any) (flow.Schema, error) {
	list, is := v.([]any)
	if !is {
		return schemaOf(v)
	}
	shape := flow.ObjectOf()
	seen := map[string]bool{}
	for i, one := range list {
		p, err := propertyOf(one)
		if err != nil {
			return shape, fmt.Errorf("field %d: %w", i+1, err)
		}
		if seen[p.Name] {
			return shape, fmt.Errorf("field %d: there is a field %q already", i+1, p.Name)
		}
		seen[p.Name] = true
		shape.Properties = append(shape.Properties, p)
	}
	return shape, nil
}

func propertyOf(v any) (flow.Property, error) {
	if name, is := v.(string); is {
		v = map[string]any{"name": name}
	}
	m, is := v.(map[string]any)
	if !is {
		return flow.Property{}, errors.New("it is neither a name nor an object")
	}
	p := flow.Property{Schema: flow.Of(flow.String)}
	for name, set := range m {
		text, isText := set.(string)
		switch name {
		case "name":
			p.Name = text
		case "label":
			p.Schema.Title = text
		case "help":
			p.Schema.Description = text
		case "type":
			p.Schema.Types = []flow.Kind{flow.Kind(text)}
			isText = isText && knownKinds[flow.Kind(text)]
		case "needed":
			p.Required, isText = set == true, set == true || set == false
		case "choices":
			p.Schema.Enum, isText = set.([]any)
		case "default":
			p.Schema.Default, isText = set, true
		default:
			return p, fmt.Errorf("%q is none of name, label, type, help, choices, default, needed", name)
		}
		if !isText {
			return p, fmt.Errorf("%q cannot be %v", name, set)
		}
	}
	if p.Name == "" {
		return p, errors.New("it has no name")
	}
	return p, nil
}

var knownKinds = map[flow.Kind]bool{flow.String: true, flow.Integer: true, flow.Number: true, flow.Boolean: true, flow.Array: true, flow.Object: true}
