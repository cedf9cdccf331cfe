// Package filter is the language in which a person says which records are wanted,
// whatever the service: it is read, printed, evaluated on records, and taken apart into
// what a service can filter itself and what is left to be done here.
//
//	status = 'open' and (total > 100 or `due date` between 2024-01-01 and 2024-01-31) limit 50
//
// Its nouns: a Filter is a condition and a limit; a condition is an Expr, built of
// Compare by And, Or and Not; a Value is what stands right of a comparison.
//
// Its rules: the language is that of filters in Amazon AppFlow's connector SDK, so that
// connectors made for it can be asked; what only we understand (names in backquotes, texts
// as E'…', a limit below 10) is told by Portable. A condition is true or false, never
// unknown: a comparison with a field that is null or missing is false, but for = null. What
// a service is asked for is never less than what the filter wants (Split).
package filter

// Filter says which records are wanted: those for which Where holds, and of them the
// first Limit. The zero Filter wants all.
type Filter struct {
	Where Expr // nil is every record
	Limit int  // 0 is no limit
}

// Empty says whether f wants every record.
func (f Filter) Empty() bool { return f.Where == nil && f.Limit == 0 }

// Expr is a condition: And, Or, Not, Compare, Truth or Constant.
type Expr interface {
	// strength is how closely the parts hold together when written: or 1, and 2, not 3, the
	// others 4.
	strength() int
	append(dst []byte) []byte
}

// And holds where all its parts hold. It has two or more.
type And []Expr

// Or holds where one of its parts holds. It has two or more.
type Or []Expr

// Not holds where Expr does not.
type Not struct{ Expr Expr }

// Compare compares a field with values: two for Between, one or more for In, else one.
type Compare struct {
	Field  string // a member's name, or a path of names with dots
	Op     Operator
	Values []Value
	At     Place
}

// Truth is a field's name alone. It holds where the field is true.
type Truth struct {
	Field string
	At    Place
}

// Constant is a value alone. It holds unless it is null, whatever the record.
type Constant struct {
	Value Value
	At    Place
}

// Place is where in its text something stands. The zero Place is nowhere.
type Place struct {
	Line, Column int // from 1; the column in runes
}

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

// Operators lists the comparisons in the order in which a person is offered them.
func Operators() []Operator {
	return []Operator{Equal, NotEqual, Greater, GreaterEqual, Less, LessEqual, Contains, Between, In}
}

// Value is what a field is compared with.
type Value struct {
	Kind Kind
	Text string // of a String what is in it; else as it is written
}

// Kind is the kind of a value.
type Kind string

// The kinds.
const (
	Null     Kind = "null"
	Bool     Kind = "bool"     // true, false
	Number   Kind = "number"   // 12, -0.50; of any length
	Date     Kind = "date"     // 2024-05-01
	DateTime Kind = "datetime" // 2024-05-01T10:15:30.250Z
	String   Kind = "string"   // 'open'
)

// Text is the value of a text.
func Text(s string) Value { return Value{Kind: String, Text: s} }
