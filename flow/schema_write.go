package flow

import "jackfield/flow/value"

// MarshalJSON writes s as JSON Schema 2020-12, with the properties in their order and
// "x-secret" for what must not be seen.
func (s Schema) MarshalJSON() ([]byte, error) { return s.append(nil), nil }

func (s Schema) append(dst []byte) []byte {
	w := schemaWriter{append(dst, '{')}
	switch len(s.Types) {
	case 0:
	case 1:
		w.put("type", string(s.Types[0]))
	default:
		kinds := make([]any, len(s.Types))
		for i, k := range s.Types {
			kinds[i] = string(k)
		}
		w.put("type", kinds)
	}
	w.text("title", s.Title)
	w.text("description", s.Description)
	w.properties(s.Properties)
	switch {
	case s.Rest != nil:
		w.schema("additionalProperties", *s.Rest)
	case s.Closed:
		w.put("additionalProperties", false)
	}
	if s.Items != nil {
		w.schema("items", *s.Items)
	}
	if len(s.Enum) > 0 {
		w.put("enum", s.Enum)
	}
	w.text("format", s.Format)
	if s.Default != nil {
		w.put("default", s.Default)
	}
	if s.Secret {
		w.put("x-secret", true)
	}
	return append(w.dst, '}')
}

// schemaWriter writes the members of one object.
type schemaWriter struct{ dst []byte }

func (w *schemaWriter) name(name string) {
	if w.dst[len(w.dst)-1] != '{' {
		w.dst = append(w.dst, ',')
	}
	w.dst = append(value.Append(w.dst, name), ':')
}

func (w *schemaWriter) put(name string, v any) {
	w.name(name)
	w.dst = value.Append(w.dst, v)
}

func (w *schemaWriter) text(name, s string) {
	if s != "" {
		w.put(name, s)
	}
}

func (w *schemaWriter) schema(name string, s Schema) {
	w.name(name)
	w.dst = s.append(w.dst)
}

func (w *schemaWriter) properties(list []Property) {
	if len(list) == 0 {
		return
	}
	w.name("properties")
	inner := schemaWriter{append(w.dst, '{')}
	var required []any
	for _, p := range list {
		inner.schema(p.Name, p.Schema)
		if p.Required {
			required = append(required, p.Name)
		}
	}
	w.dst = append(inner.dst, '}')
	if len(required) > 0 {
		w.put("required", required)
	}
}
