package value

import (
	"strconv"
	"strings"
)

// parsePointer splits a JSON pointer or a dotted path into its steps.
func parsePointer(s string) []string {
	if strings.HasPrefix(s, "/") {
		steps := strings.Split(s[1:], "/")
		for i, step := range steps {
			steps[i] = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		}
		return steps
	}
	s = strings.NewReplacer("[", ".", "]", "").Replace(s)
	return strings.FieldsFunc(s, func(r rune) bool { return r == '.' })
}

func pathOf(steps []string) string {
	if len(steps) == 0 {
		return "the document"
	}
	return strconv.Quote(strings.Join(steps, "."))
}

func kindOf(first byte) string {
	switch first {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a text"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}

// mostNames is how many names an error lists.
const mostNames = 12

func listOf(names []string) string {
	switch {
	case len(names) == 0:
		return "nothing in it"
	case len(names) > mostNames:
		return strings.Join(names[:mostNames], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}
