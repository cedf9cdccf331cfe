package inbox

import (
	"slices"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// fieldsOf makes a form's fields of what its values look like. Values that have a
// default begin with it, also in values. leftOver says that the schema allows more
// than the fields show.
func fieldsOf(s flow.Schema, values flow.Values) (fields, defaults kit.Fields, leftOver bool) {
	for _, p := range s.Properties {
		fields = append(fields, fieldOf(p))
		defaults = append(defaults, fieldOf(flow.Property{Name: p.Name, Required: p.Required, Schema: withoutDefault(p.Schema)}))
		if p.Schema.Default != nil {
			values[p.Name] = p.Schema.Default
		}
	}
	fields.Bind("", values)
	return fields, defaults, len(s.Properties) == 0 || s.Rest != nil
}

func withoutDefault(s flow.Schema) flow.Schema {
	s.Default = nil
	return s
}

// fieldOf is one value of the form, as the control that fits it.
func fieldOf(p flow.Property) kit.Field {
	label := p.Schema.Title
	if label == "" {
		label = p.Name
	}
	f := control(p, label)
	if p.Required {
		f = f.Needed()
	}
	if p.Schema.Description != "" {
		f = f.Help(p.Schema.Description)
	}
	return f
}

func control(p flow.Property, label string) kit.Field {
	is := func(k flow.Kind) bool {
		return slices.Contains(p.Schema.Types, k) && !slices.ContainsFunc(p.Schema.Types, func(o flow.Kind) bool { return o != k && o != flow.Null })
	}
	if choices, ok := texts(p.Schema.Enum); ok {
		return kit.Pick(new(string), p.Name, label, choices...)
	}
	switch {
	case is(flow.Boolean):
		return kit.Toggle(new(bool), p.Name, label)
	case is(flow.Integer):
		return kit.Int(new(int), p.Name, label)
	case is(flow.Number):
		return kit.Number(new(float64), p.Name, label)
	case is(flow.String) && p.Schema.Format == "multiline":
		return kit.Long(new(string), p.Name, label)
	case is(flow.String):
		return kit.Text(new(string), p.Name, label)
	}
	return kit.Value(new(any), p.Name, label)
}

// texts are the members of an enumeration, where all are texts.
func texts(enum []any) (choices []kit.Choice, ok bool) {
	for _, v := range enum {
		text, is := v.(string)
		if !is {
			return nil, false
		}
		choices = append(choices, kit.Choice{Value: text, Label: text})
	}
	return choices, len(enum) > 0
}
