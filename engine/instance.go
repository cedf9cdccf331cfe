package engine

import (
	"maps"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// instance is an operation with its settings bound. It serves many records, one
// after the other: what one record set is taken back before the next.
type instance struct {
	step   *step
	op     kit.Operation
	fields kit.Fields
	own    map[string]any // the settings' values of fields that a record has set
	dirty  []string
}

// newInstance makes an operation that has only its defaults yet.
func newInstance(s *step) *instance {
	op := s.op.New()
	return &instance{step: s, op: op, fields: op.Fields(), own: map[string]any{}}
}

// bound makes an operation with the settings of the step.
func bound(s *step) (*instance, error) {
	in := newInstance(s)
	if ps := in.fields.Bind(s.ID, s.values); len(ps) > 0 {
		return nil, ps[0]
	}
	return in, nil
}

// renew puts another operation in the place of one that was left to itself.
func (in *instance) renew() {
	if fresh, err := bound(in.step); err == nil {
		*in = *fresh
	}
}

// take binds what a record gives: inputs by name, and what its expressions came to.
func (in *instance) take(inputs map[string]any, decided []any) *flow.Problem {
	in.restore(inputs)
	for name := range inputs {
		in.remember(name)
	}
	if ps := in.fields.Bind(in.step.ID, in.decide(inputs)); len(ps) > 0 {
		return &ps[0]
	}
	for i, e := range in.step.evaluated {
		if _, mapped := inputs[e.name]; mapped {
			continue
		}
		if f, ok := in.fields.Field(e.name); ok {
			f.Decide(decided[i])
		}
	}
	if len(inputs) > 0 {
		if ps := in.fields.Missing(in.step.ID, nil); len(ps) > 0 {
			return &ps[0]
		}
	}
	return nil
}

// decide binds inputs for fields that hold jq: what a mapping gives for one of them
// stands for what the jq would come to. It gives the other inputs.
func (in *instance) decide(inputs map[string]any) flow.Values {
	var others flow.Values
	for name, v := range inputs {
		if f, ok := in.fields.Field(name); ok && f.Evaluated() {
			if others == nil {
				others = maps.Clone(inputs)
			}
			f.Decide(v)
			delete(others, name)
		}
	}
	if others == nil {
		return inputs
	}
	return others
}

// remember keeps a field's value before a record sets it for the first time.
func (in *instance) remember(name string) {
	f, ok := in.fields.Field(name)
	if !ok {
		return
	}
	if _, known := in.own[name]; !known {
		in.own[name] = f.Get()
	}
	in.dirty = append(in.dirty, name)
}

// restore takes back what the record before had set and this one does not.
func (in *instance) restore(inputs map[string]any) {
	for _, name := range in.dirty {
		if _, again := inputs[name]; again {
			continue
		}
		if f, ok := in.fields.Field(name); ok {
			_ = f.Set(in.own[name]) // its own value fits
		}
	}
	in.dirty = in.dirty[:0]
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
