package flow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
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
