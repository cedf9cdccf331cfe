package flow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"jackfield/flow/value"
)

// UnmarshalJSON reads JSON Schema 2020-12, of which it takes what a Schema can say
// and leaves out the rest, so that s never refuses what the original allows.
// References within the document are followed; where one leads back into itself,
// anything is allowed.
func (s *Schema) UnmarshalJSON(data []byte) error {
	r := &schemaReader{root: data, found: map[string]json.RawMessage{}}
	read, err := r.schema(data)
	if err != nil {
		return err
	}
	*s = read
	return nil
}

const (
	deepestSchema = 64     // levels, those of references included
	mostSchemas   = 20_000 // in one document, repeated ones counted again
)

type schemaReader struct {
	root      json.RawMessage
	depth     int
	count     int
	following []string // the references that are being read
	found     map[string]json.RawMessage
}

// word is a member of an object, in the order of the text.
type word struct {
	name string
	raw  json.RawMessage
}

// words lists the members of an object; none where raw is something else.
func words(raw json.RawMessage) []word {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	var list []word
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return list
		}
		w := word{name: name}
		if d.Decode(&w.raw) != nil {
			return list
		}
		list = append(list, w)
	}
	return list
}

func (r *schemaReader) schema(raw json.RawMessage) (Schema, error) {
	var s Schema
	r.count++
	if r.depth >= deepestSchema || r.count > mostSchemas {
		return s, nil
	}
	r.depth++
	defer func() { r.depth-- }()
	k := kindOfJSON(raw)
	if k == Boolean || k == Null {
		return s, nil // true allows anything; that false allows nothing cannot be said
	}
	if k != Object {
		return s, fmt.Errorf("a schema is an object, and this is %s", kindName(k))
	}
	p := partialSchema{reader: r, s: &s}
	for _, w := range words(raw) {
		if err := p.keyword(w); err != nil {
			return s, fmt.Errorf("%s: %w", w.name, err)
		}
	}
	return p.finished(), nil
}

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

// find follows a reference like #/$defs/address.
func (r *schemaReader) find(ref string) (json.RawMessage, bool) {
	raw, known := r.found[ref]
	if !known {
		raw = lookUp(r.root, ref)
		r.found[ref] = raw
	}
	return raw, raw != nil
}

func lookUp(at json.RawMessage, ref string) json.RawMessage {
	if ref == "#" {
		return at
	}
	path, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil
	}
	for step := range strings.SplitSeq(path, "/") {
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		var next json.RawMessage
		for _, w := range words(at) {
			if w.name == step {
				next = w.raw
			}
		}
		if next == nil {
			return nil
		}
		at = next
	}
	return at
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

func (r *schemaReader) list(raw json.RawMessage) ([]Schema, error) {
	var raws []json.RawMessage
	if err := readInto(&raws, raw); err != nil {
		return nil, err
	}
	var list []Schema
	for i, one := range raws {
		s, err := r.schema(one)
		if err != nil {
			return nil, fmt.Errorf("%d: %w", i, err)
		}
		list = append(list, s)
	}
	return list, nil
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

// kindsOf reads "type": one name or a list of them. One that is not known allows
// anything.
func kindsOf(raw json.RawMessage) ([]Kind, error) {
	var names []string
	var one string
	if json.Unmarshal(raw, &one) == nil {
		names = []string{one}
	} else if err := json.Unmarshal(raw, &names); err != nil {
		return nil, fmt.Errorf("it is a text or a list of texts, and this is %s", kindName(kindOfJSON(raw)))
	}
	var kinds []Kind
	for _, name := range names {
		switch k := Kind(name); k {
		case Null, Boolean, Integer, Number, String, Array, Object:
			if !slices.Contains(kinds, k) {
				kinds = append(kinds, k)
			}
		default:
			return nil, nil
		}
	}
	return kinds, nil
}

// readInto reads the value of a keyword that has one type.
func readInto[T any](to *T, raw json.RawMessage) error {
	if list, ok := any(to).(*[]any); ok {
		v, err := value.Decode(raw)
		values, isList := v.([]any)
		if err != nil || !isList {
			return fmt.Errorf("it is a list, and this is %s", kindName(kindOfJSON(raw)))
		}
		*list = values
		return nil
	}
	if err := json.Unmarshal(raw, to); err != nil {
		return fmt.Errorf("it cannot be %s", kindName(kindOfJSON(raw)))
	}
	return nil
}

// kindOfJSON is the kind of a JSON text that is well formed.
func kindOfJSON(raw json.RawMessage) Kind {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return Null
	}
	switch raw[0] {
	case '{':
		return Object
	case '[':
		return Array
	case '"':
		return String
	case 't', 'f':
		return Boolean
	case 'n':
		return Null
	}
	return Number
}
