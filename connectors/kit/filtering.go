package kit

import (
	"fmt"
	"slices"
	"strings"

	"jackfield/flow"
	"jackfield/flow/filter"
)

// Filter binds a filter. The setting is its text, "" for none. What the text names is
// offered to a person where the field is asked (Field.Ask): a Choice for each field that
// there is, with its Type.
func Filter(p *filter.Filter, name, label string) Field {
	src := filter.Print(*p)
	return Field{
		Name: name, Label: label, Kind: FilterField,
		set: func(v any) error { return setFilter(p, &src, v) }, get: func() any { return src },
	}
}

func setFilter(p *filter.Filter, src *string, v any) error {
	var text string
	if err := setText(&text, v); err != nil {
		return err
	}
	*src = text // also one that is no filter: there is one, and fields that matter without it do not
	if strings.TrimSpace(text) == "" {
		*p = filter.Filter{}
		return nil
	}
	f, err := filter.Parse(text)
	if err == nil {
		*p = f
	}
	return err
}

// FilterChoices lists the fields of the entity as a Filter field offers them.
func (e Entity) FilterChoices() []Choice {
	choices := make([]Choice, len(e.Fields))
	for i, f := range e.Fields {
		label := f.Title
		if label == "" {
			label = f.Name
		}
		choices[i] = Choice{Value: f.Name, Label: label, Type: typeName(f.Schema)}
	}
	return choices
}

// typeName is the format of a text, else the first kind that is not null.
func typeName(s flow.Schema) string {
	if s.Format != "" {
		return s.Format
	}
	for _, k := range s.Types {
		if k != flow.Null {
			return string(k)
		}
	}
	return ""
}

// Able is what the service can filter by itself: the comparisons that the entity's fields
// name, joined as can says.
func (e Entity) Able(can filter.Able) filter.Able {
	can.Takes = func(c filter.Compare) filter.Grade {
		for _, f := range e.Fields {
			if f.Name == c.Field && slices.Contains(f.Filter, c.Op) {
				return filter.Exactly
			}
		}
		return filter.Never
	}
	return can
}

// CheckFilter says what is wrong with a filter for records of the entity: a field that is
// not there, by name. setting is the name of the field that holds the filter.
func (e Entity) CheckFilter(f filter.Filter, setting string) error {
	types := e.Schema("")
	types.Closed = true
	for _, p := range f.Check(types) {
		if p.Warning {
			continue
		}
		return Fail(Invalid, "line %d, column %d: %s", p.Line, p.Column, p.What).On(setting).Hint("%s", p.Fix)
	}
	return nil
}

// TellFilter says in the run's log which part of a filter the service does and which is
// done here. Call it on the first page of a run.
func TellFilter(env Env, service string, pushed, rest filter.Filter) {
	if text := FilterParts(service, pushed, rest); text != "" {
		env.Log(flow.Info, "", "%s", text)
	}
}

// FilterParts says who does which part of a filter; "" where there is none.
func FilterParts(service string, pushed, rest filter.Filter) string {
	switch {
	case pushed.Empty() && rest.Empty():
		return ""
	case rest.Empty():
		return fmt.Sprintf("%s filters all of it: %s", service, pushed)
	case pushed.Empty():
		return fmt.Sprintf("all of it is filtered here, %s filters nothing of it: %s", service, rest)
	}
	return fmt.Sprintf("%s filters %s; what it gives is filtered here by %s", service, pushed, rest)
}
