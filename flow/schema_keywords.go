package flow

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"jackfield/flow/value"
)

// partialSchema gathers keywords whose meaning hangs on each other.
type partialSchema struct {
	reader   *schemaReader
	s        *Schema
	required []string
	nullable bool
	open     bool // something beside the properties may allow more
	tuple    bool // items are not all alike
	joined   []Schema
}

func (p *partialSchema) keyword(w word) (err error) {
	s := p.s
	switch w.name {
	case "type":
		s.Types, err = kindsOf(w.raw)
	case "title":
		return readInto(&s.Title, w.raw)
	case "description":
		return readInto(&s.Description, w.raw)
	case "format":
		return readInto(&s.Format, w.raw)
	case "x-secret":
		return readInto(&s.Secret, w.raw)
	case "nullable":
		return readInto(&p.nullable, w.raw)
	case "required":
		if kindOfJSON(w.raw) == Boolean {
			return nil // of draft 3, where it stood in the property
		}
		return readInto(&p.required, w.raw)
	case "properties":
		return p.properties(w.raw)
	case "patternProperties":
		p.open = true
	case "additionalProperties":
		return p.additional(w.raw)
	case "prefixItems":
		p.tuple = true
	case "items":
		if kindOfJSON(w.raw) == Array {
			p.tuple = true
			return nil
		}
		var items Schema
		items, err = p.reader.schema(w.raw)
		s.Items = &items
	case "enum":
		return readInto(&s.Enum, w.raw)
	case "const":
		var v any
		v, err = value.Decode(w.raw)
		s.Enum = []any{v}
	case "default":
		s.Default, err = value.Decode(w.raw)
	case "$ref":
		return p.reference(w.raw)
	case "anyOf", "oneOf":
		return p.alternatives(w.raw)
	case "allOf":
		return p.all(w.raw)
	}
	return err
}

func (p *partialSchema) properties(raw json.RawMessage) error {
	for _, w := range words(raw) {
		s, err := p.reader.schema(w.raw)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		p.s.Properties = slices.DeleteFunc(p.s.Properties, func(old Property) bool { return old.Name == w.name })
		p.s.Properties = append(p.s.Properties, Property{Name: w.name, Schema: s})
	}
	return nil
}

func (p *partialSchema) additional(raw json.RawMessage) error {
	if kindOfJSON(raw) == Boolean {
		return readInto(&p.s.Closed, []byte(strconv.FormatBool(string(raw) == "false")))
	}
	rest, err := p.reader.schema(raw)
	p.s.Rest = &rest
	return err
}

func (p *partialSchema) reference(raw json.RawMessage) error {
	var ref string
	if err := readInto(&ref, raw); err != nil {
		return err
	}
	r := p.reader
	target, ok := r.find(ref)
	if !ok || slices.Contains(r.following, ref) {
		p.open = true
		return nil
	}
	r.following = append(r.following, ref)
	s, err := r.schema(target)
	r.following = r.following[:len(r.following)-1]
	p.joined = append(p.joined, s)
	return err
}

func (p *partialSchema) alternatives(raw json.RawMessage) error {
	list, err := p.reader.list(raw)
	if err != nil || len(list) == 0 {
		return err
	}
	s := list[0]
	for _, other := range list[1:] {
		s = union(s, other)
	}
	p.joined = append(p.joined, s)
	return nil
}

func (p *partialSchema) all(raw json.RawMessage) error {
	list, err := p.reader.list(raw)
	p.joined = append(p.joined, list...)
	return err
}

func (p *partialSchema) finished() Schema {
	s := *p.s
	for _, name := range p.required {
		i := slices.IndexFunc(s.Properties, func(q Property) bool { return q.Name == name })
		if i < 0 {
			i = len(s.Properties)
			s.Properties = append(s.Properties, Property{Name: name})
		}
		s.Properties[i].Required = true
	}
	for _, other := range p.joined {
		s = both(s, other)
	}
	if p.open {
		s.Closed, s.Rest = false, nil
	}
	if p.tuple {
		s.Items = nil
	}
	if p.nullable && len(s.Types) > 0 && !slices.Contains(s.Types, Null) {
		s.Types = append(s.Types, Null)
		if len(s.Enum) > 0 {
			s.Enum = append(s.Enum, nil)
		}
	}
	return s
}
