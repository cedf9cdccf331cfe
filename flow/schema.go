package flow

// Schema says what a value may look like: the subset of JSON Schema 2020-12 that
// Jackfield works with. The zero Schema allows anything.
type Schema struct {
	Types       []Kind     `json:"type,omitempty"` // none is any
	Title       string     `json:"title,omitempty"`
	Description string     `json:"description,omitempty"`
	Properties  []Property `json:"properties,omitempty"` // in the order a person should see them
	Closed      bool       `json:"closed,omitempty"`     // no other properties than those named
	Rest        *Schema    `json:"rest,omitempty"`       // of properties that are not named
	Items       *Schema    `json:"items,omitempty"`
	Enum        []any      `json:"enum,omitempty"`
	Format      string     `json:"format,omitempty"`
	Default     any        `json:"default,omitempty"`
	Secret      bool       `json:"secret,omitempty"`
}

// Property is a named member of an object.
type Property struct {
	Name     string `json:"name"`
	Required bool   `json:"required,omitempty"`
	Schema   Schema `json:"schema"`
}

// Kind is one of the kinds of value that JSON knows.
type Kind string

// The kinds. A value of kind Integer is a Number too.
const (
	Null    Kind = "null"
	Boolean Kind = "boolean"
	Integer Kind = "integer"
	Number  Kind = "number"
	String  Kind = "string"
	Array   Kind = "array"
	Object  Kind = "object"
)

// Any allows every value.
func Any() Schema { return Schema{} }

// Of allows one kind.
func Of(k Kind) Schema { return Schema{Types: []Kind{k}} }

// ListOf allows arrays whose members fit s.
func ListOf(s Schema) Schema { return Schema{Types: []Kind{Array}, Items: &s} }

// ObjectOf allows objects with these properties, and others beside them.
func ObjectOf(p ...Property) Schema { return Schema{Types: []Kind{Object}, Properties: p} }
