package openapi

import (
	"cmp"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// direction says for which way a shape is: what is sent, or what comes.
type direction bool

const (
	sent direction = true
	came direction = false
)

// The limits of a shape: schemas hold each other, many times over.
const (
	deepest = 6
	widest  = 300 // properties in all
)

// shaper makes shapes of one schema.
type shaper struct {
	way    direction
	inside []*openapi3.Schema
	left   int
}

// shapeOf is the shape of what a schema allows. Operations share many.
func (a *api) shapeOf(ref *openapi3.SchemaRef, way direction) flow.Schema {
	if ref == nil || ref.Value == nil {
		return flow.Any()
	}
	key := shaped{ref.Value, way}
	if known, is := a.shapes[key]; is {
		return known
	}
	s := &shaper{way: way, left: widest}
	made := s.shape(ref)
	if a.shapes == nil {
		a.shapes = map[shaped]flow.Schema{}
	}
	a.shapes[key] = made
	return made
}

type shaped struct {
	schema *openapi3.Schema
	way    direction
}

func (s *shaper) shape(ref *openapi3.SchemaRef) flow.Schema {
	if ref == nil || ref.Value == nil {
		return flow.Any()
	}
	schema := ref.Value
	if slices.Contains(s.inside, schema) || len(s.inside) >= deepest || s.left <= 0 {
		return flow.Schema{Types: kinds(schema), Title: schema.Title}
	}
	s.inside = append(s.inside, schema)
	defer func() { s.inside = s.inside[:len(s.inside)-1] }()
	out := flow.Schema{
		Types: kinds(schema), Title: schema.Title, Description: web.Sentence(schema.Description),
		Enum: schema.Enum, Format: schema.Format, Secret: schema.Format == "password",
	}
	if schema.Const != nil {
		out.Enum = []any{schema.Const}
	}
	if schema.Items != nil {
		items := s.shape(schema.Items)
		out.Items = &items
	}
	s.properties(&out, schema)
	for _, part := range schema.AllOf {
		merge(&out, s.shape(part))
	}
	s.either(&out, schema)
	for i, p := range out.Properties {
		out.Properties[i].Required = p.Required || slices.Contains(schema.Required, p.Name)
	}
	return out
}

func (s *shaper) properties(out *flow.Schema, schema *openapi3.Schema) {
	names := make([]string, 0, len(schema.Properties))
	for name := range schema.Properties {
		names = append(names, name)
	}
	required := func(name string) int {
		if slices.Contains(schema.Required, name) {
			return 0
		}
		return 1
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(required(a), required(b)), cmp.Compare(a, b))
	})
	for _, name := range names {
		p := schema.Properties[name]
		if p == nil || p.Value == nil || s.way == sent && p.Value.ReadOnly || s.way == came && p.Value.WriteOnly {
			continue
		}
		if s.left--; s.left < 0 {
			return
		}
		out.Properties = append(out.Properties, flow.Property{Name: name, Required: required(name) == 0, Schema: s.shape(p)})
	}
	if rest := schema.AdditionalProperties; rest.Schema != nil {
		all := s.shape(rest.Schema)
		out.Rest = &all
	} else if rest.Has != nil && !*rest.Has {
		out.Closed = true
	}
}

// either joins the shapes of which one holds: what is not in all of them may be missing.
func (s *shaper) either(out *flow.Schema, schema *openapi3.Schema) {
	parts := slices.Concat(schema.OneOf, schema.AnyOf)
	if len(parts) == 0 {
		return
	}
	var all []flow.Schema
	for _, part := range parts {
		all = append(all, s.shape(part))
	}
	joined := all[0]
	for _, one := range all[1:] {
		if len(one.Types) == 0 || len(joined.Types) == 0 {
			joined.Types = nil
		}
		for _, k := range one.Types {
			if len(joined.Types) > 0 && !slices.Contains(joined.Types, k) {
				joined.Types = append(slices.Clone(joined.Types), k)
			}
		}
		if len(joined.Enum) > 0 && len(one.Enum) > 0 {
			joined.Enum = append(slices.Clone(joined.Enum), one.Enum...)
		} else {
			joined.Enum = nil
		}
		joined.Closed, joined.Format = false, ""
		joined.Properties = either(joined.Properties, one.Properties)
		if joined.Items == nil {
			joined.Items = one.Items
		}
	}
	merge(out, joined)
}

func either(a, b []flow.Property) []flow.Property {
	out := slices.Clone(a)
	has := func(all []flow.Property, name string) int {
		return slices.IndexFunc(all, func(p flow.Property) bool { return p.Name == name })
	}
	for i, p := range out {
		if n := has(b, p.Name); n < 0 || !b[n].Required {
			out[i].Required = false
		}
	}
	for _, p := range b {
		if has(out, p.Name) < 0 {
			p.Required = false
			out = append(out, p)
		}
	}
	return out
}

// merge adds what another shape demands.
func merge(out *flow.Schema, other flow.Schema) {
	if len(out.Types) == 0 {
		out.Types = other.Types
	}
	if out.Items == nil {
		out.Items = other.Items
	}
	if out.Rest == nil {
		out.Rest = other.Rest
	}
	if len(out.Enum) == 0 {
		out.Enum = other.Enum
	}
	out.Format = cmp.Or(out.Format, other.Format)
	out.Title = cmp.Or(out.Title, other.Title)
	out.Description = cmp.Or(out.Description, other.Description)
	for _, p := range other.Properties {
		i := slices.IndexFunc(out.Properties, func(have flow.Property) bool { return have.Name == p.Name })
		if i < 0 {
			out.Properties = append(out.Properties, p)
		} else if p.Required {
			out.Properties[i].Required = true
		}
	}
}

// kinds are the types that a schema allows, by its words or by what else it says.
func kinds(s *openapi3.Schema) []flow.Kind {
	var all []flow.Kind
	for _, t := range s.Type.Slice() {
		all = append(all, flow.Kind(t))
	}
	if len(all) == 0 {
		switch {
		case len(s.Properties) > 0 || s.AdditionalProperties.Schema != nil:
			all = append(all, flow.Object)
		case s.Items != nil:
			all = append(all, flow.Array)
		}
	}
	if s.Nullable && len(all) > 0 && !slices.Contains(all, flow.Null) {
		all = append(all, flow.Null)
	}
	return all
}
