package mapper

import (
	"slices"
	"strings"
	"unicode"

	"jackfield/transforms"
	"jackfield/ui/widgets"
)

// withKey adds a key to the object that a program gives. An empty program becomes an
// object; one that ends in an object gets the key at its end; any other gets an object
// beside it, whose keys win.
func withKey(text, key, expression string) string {
	member := key + ": " + expression
	trimmed := strings.TrimRight(text, " \t\n")
	if trimmed == "" {
		return "{\n  " + member + "\n}"
	}
	open, ok := lastObject(trimmed)
	if !ok {
		return "(" + trimmed + ") + {" + member + "}"
	}
	inside := strings.TrimRight(trimmed[open+1:len(trimmed)-1], " \t\n")
	head := trimmed[:open+1] + inside
	switch {
	case strings.TrimSpace(inside) == "":
		return trimmed[:open+1] + "\n  " + member + "\n}"
	case strings.Contains(trimmed[open:], "\n"):
		return strings.TrimSuffix(head, ",") + ",\n  " + member + "\n}"
	}
	return strings.TrimSuffix(head, ",") + ", " + member + "}"
}

// lastObject is where the object begins that a text ends with.
func lastObject(text string) (open int, ok bool) {
	var opened []int
	tokens := transforms.Tokens(text)
	for i, t := range tokens {
		if t.Kind != transforms.PunctuationToken {
			continue
		}
		switch text[t.Start:t.End] {
		case "{", "(", "[", `\(`:
			opened = append(opened, t.Start)
		case "}", ")", "]":
			if len(opened) == 0 {
				return 0, false
			}
			last := opened[len(opened)-1]
			opened = opened[:len(opened)-1]
			if i == len(tokens)-1 {
				return last, len(opened) == 0 && text[last] == '{' && wholeProgram(text, last)
			}
		}
	}
	return 0, false
}

// wholeProgram says whether the object that begins at open is what the program gives
// for the record itself: before it stand only definitions and "… as $name |", which
// leave the input as it is.
func wholeProgram(text string, open int) bool {
	depth := 0
	var before []string
	for _, t := range transforms.Tokens(text[:open]) {
		if t.Kind == transforms.CommentToken {
			continue
		}
		word := text[t.Start:t.End]
		switch word {
		case "{", "(", "[", `\(`:
			depth++
		case "}", ")", "]":
			depth--
		}
		n := len(before)
		binds := n >= 2 && before[n-2] == "as" && strings.HasPrefix(before[n-1], "$")
		if depth == 0 && word == "|" && !binds {
			return false
		}
		before = append(before, word)
	}
	if len(before) == 0 {
		return true
	}
	last := before[len(before)-1]
	return last == ";" || last == "|"
}

// match finds the member of a sample that a field is most likely filled from: one of
// the same name but for case and marks, the least deep first. The path is in jq.
func match(sample any, name string) (path string, ok bool) {
	type place struct {
		path  string
		value any
	}
	level := []place{{".", sample}}
	for range deepestMatch {
		var below []place
		for _, p := range level {
			object, is := p.value.(map[string]any)
			if !is {
				continue
			}
			names := make([]string, 0, len(object))
			for n := range object {
				names = append(names, n)
			}
			slices.Sort(names)
			for _, n := range names {
				at := widgets.JoinPath(p.path, n)
				if bare(n) == bare(name) {
					return at, true
				}
				below = append(below, place{at, object[n]})
			}
		}
		level = below
	}
	return "", false
}

// deepestMatch is how many names a path has that is guessed.
const deepestMatch = 3

// bare is a name without case and marks: customer_id, customerId and "Customer ID" are
// the same.
func bare(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// keyAt is where a program names a key of an object, in bytes.
func keyAt(text, key string) (start int, ok bool) {
	for _, t := range transforms.Tokens(text) {
		if t.Kind == transforms.FieldToken && text[t.Start:t.End] == key {
			return t.Start, true
		}
	}
	return 0, false
}
