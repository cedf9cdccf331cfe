package transforms

// Builtin is a function that every program has.
type Builtin struct {
	Name      string
	Arity     int
	Signature string // test(re; flags)
	Summary   string // one line
	Example   string // a program that uses it
}

// Builtins lists the functions that every program has, by name and arity.
func Builtins() []Builtin {
	return []Builtin{
		{"length", 0, "length", "The length of a text, an array or an object; a number without its sign.", `.items | length`},
	}
}
