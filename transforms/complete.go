package transforms

import "strings"

// Completion is something that could stand at the caret.
type Completion struct {
	Text       string    // what to put between Start and End
	Kind       TokenKind // field, function, variable or keyword
	Detail     string    // one line: a value of the sample, what a function does
	Start, End int       // in bytes
}

// Complete lists what could stand at the caret, best first. sample is a record that
// comes to the program, or nil.
func Complete(src string, caret int, sample any, vars Vars) []Completion {
	start := caret
	for start > 0 && (isLetter(src[start-1]) || isDigit(src[start-1])) {
		start--
	}
	var out []Completion
	for _, b := range Builtins() {
		if strings.HasPrefix(b.Name, src[start:caret]) {
			out = append(out, Completion{b.Name, FunctionToken, b.Summary, start, caret})
		}
	}
	return out
}
