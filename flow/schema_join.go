package flow

import (
	"slices"

	"jackfield/flow/value"
)

// union allows what one of the two allows, and as little else as a Schema can say.
func union(a, b Schema) Schema {
	s := Schema{Types: unionKinds(a.Types, b.Types), Secret: a.Secret || b.Secret}
	s.Title, s.Description, s.Format = same(a.Title, b.Title), same(a.Description, b.Description), same(a.Format, b.Format)
	if !a.allows(String) {
		s.Format = b.Format
	} else if !b.allows(String) {
		s.Format = a.Format
	}
	if len(a.Enum) > 0 && len(b.Enum) > 0 {
		s.Enum = slices.Clone(a.Enum)
		for _, v := range b.Enum {
			if !slices.ContainsFunc(s.Enum, func(known any) bool { return value.Equal(known, v) }) {
				s.Enum = append(s.Enum, v)
			}
		}
	}
	switch {
	case !a.allows(Object):
		s.takeObject(b)
	case !b.allows(Object):
		s.takeObject(a)
	default:
		s.unionObject(a, b)
	}
	switch {
	case !a.allows(Array):
		s.Items = b.Items
	case !b.allows(Array):
		s.Items = a.Items
	case a.Items != nil && b.Items != nil:
		items := union(*a.Items, *b.Items)
		s.Items = &items
	}
	return s
}

func same(a, b string) string {
	if a == b {
		return a
	}
	return ""
}

// allows says whether a value of this kind may fit.
func (s Schema) allows(k Kind) bool {
	return len(s.Types) == 0 || slices.Contains(s.Types, k) || k == Integer && slices.Contains(s.Types, Number)
}

func unionKinds(a, b []Kind) []Kind {
	if len(a) == 0 || len(b) == 0 {
		return nil
	}
	kinds := slices.Clone(a)
	for _, k := range b {
		if !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	if slices.Contains(kinds, Number) {
		kinds = slices.DeleteFunc(kinds, func(k Kind) bool { return k == Integer })
	}
	return kinds
}

func (s *Schema) takeObject(from Schema) {
	s.Properties, s.Closed, s.Rest = from.Properties, from.Closed, from.Rest
}

func (s *Schema) unionObject(a, b Schema) {
	for _, p := range a.Properties {
		if q, ok := b.property(p.Name); ok {
			s.Properties = append(s.Properties, Property{p.Name, p.Required && q.Required, union(p.Schema, q.Schema)})
		} else {
			s.Properties = append(s.Properties, Property{Name: p.Name, Schema: b.withOther(p.Schema)})
		}
	}
	for _, q := range b.Properties {
		if _, ok := a.property(q.Name); !ok {
			s.Properties = append(s.Properties, Property{Name: q.Name, Schema: a.withOther(q.Schema)})
		}
	}
	switch {
	case a.Closed && b.Closed && a.Rest == nil && b.Rest == nil:
		s.Closed = true
	case a.Rest != nil && b.Rest != nil:
		rest := union(*a.Rest, *b.Rest)
		s.Rest = &rest
	case a.Rest != nil && b.Closed:
		s.Rest = a.Rest
	case b.Rest != nil && a.Closed:
		s.Rest = b.Rest
	}
}

// withOther is what a property may be that s does not name, where another schema
// says p of it.
func (s Schema) withOther(p Schema) Schema {
	switch {
	case s.Rest != nil:
		return union(p, *s.Rest)
	case s.Closed:
		return p
	}
	return Any()
}

func (s Schema) property(name string) (Property, bool) {
	for _, p := range s.Properties {
		if p.Name == name {
			return p, true
		}
	}
	return Property{}, false
}

// both allows what the two allow together, or more where a Schema cannot say it. The
// words of a go before those of b.
func both(a, b Schema) Schema {
	s := a
	s.Types = bothKinds(a.Types, b.Types)
	s.Title, s.Description, s.Format = first(a.Title, b.Title), first(a.Description, b.Description), first(a.Format, b.Format)
	s.Secret = a.Secret || b.Secret
	if len(s.Enum) == 0 {
		s.Enum = b.Enum
	}
	if s.Default == nil {
		s.Default = b.Default
	}
	if s.Items == nil {
		s.Items = b.Items
	}
	s.Properties = slices.Clone(a.Properties)
	for _, q := range b.Properties {
		i := slices.IndexFunc(s.Properties, func(p Property) bool { return p.Name == q.Name })
		if i < 0 {
			s.Properties = append(s.Properties, q)
			continue
		}
		p := s.Properties[i]
		s.Properties[i] = Property{p.Name, p.Required || q.Required, both(p.Schema, q.Schema)}
	}
	// What one names, the other's list of names would refuse; so they stay open
	// unless both end alike.
	if a.Closed != b.Closed && len(a.Properties) > 0 && len(b.Properties) > 0 {
		s.Closed = false
	} else {
		s.Closed = a.Closed || b.Closed
	}
	if s.Rest == nil {
		s.Rest = b.Rest
	}
	return s
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func bothKinds(a, b []Kind) []Kind {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	var kinds []Kind
	for _, k := range a {
		switch {
		case slices.Contains(b, k), k == Integer && slices.Contains(b, Number):
			kinds = append(kinds, k)
		case k == Number && slices.Contains(b, Integer):
			kinds = append(kinds, Integer)
		}
	}
	if len(kinds) == 0 {
		return a // nothing fits both, which cannot be said
	}
	return kinds
}
