// Package filter is the language in which a person says which records are wanted,
// whatever the service: it is read, printed, evaluated on records, and taken apart into
// what a service can filter itself and what is left to be done here.
package filter

// Operator is one of the language's comparisons.
type Operator string

// The comparisons.
const (
	Equal        Operator = "="
	NotEqual     Operator = "!="
	Greater      Operator = ">"
	GreaterEqual Operator = ">="
	Less         Operator = "<"
	LessEqual    Operator = "<="
	Contains     Operator = "contains"
	Between      Operator = "between"
	In           Operator = "in"
)
