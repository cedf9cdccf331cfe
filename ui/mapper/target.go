package mapper

import (
	"fmt"
	"slices"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/transforms"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// Target is the step that a mapping is for.
type Target struct {
	Step  flow.StepID
	Title string                  // as its card says
	Op    kit.Op                  // the zero Op is one that is not known
	With  flow.Values             // its settings
	Given func(field string) bool // what its connection gives; nil is nothing
}

// target is a Target and the fields of its operation, with the settings bound.
type target struct {
	Target
	fields kit.Fields
}

func newTarget(t Target) target {
	out := target{Target: t}
	if t.Op.New != nil {
		out.fields = t.Op.New().Fields()
		out.fields.Bind("", t.With)
	}
	return out
}

// free says whether a mapping may give anything: there is no operation, or one that
// takes any number of any values.
func (t target) free() bool { return t.Op.New == nil || t.Op.Each }

// wanted are the fields that a mapping may fill: those that matter, the needed ones
// and the main one first, those that are seldom set last.
func (t target) wanted() kit.Fields {
	if t.free() {
		return nil
	}
	var fields kit.Fields
	for _, f := range t.fields {
		if f.Matters() && f.Kind != kit.SecretField && !f.Evaluated() {
			fields = append(fields, f)
		}
	}
	rank := func(f kit.Field) int {
		switch {
		case f.Required:
			return 0
		case f.Main:
			return 1
		case f.Advanced:
			return 3
		}
		return 2
	}
	slices.SortStableFunc(fields, func(a, b kit.Field) int { return rank(a) - rank(b) })
	return fields
}

// check tells what of the values that a program gave does not fit the operation.
func (t target) check(values []any) []flow.Problem {
	if t.free() {
		return nil
	}
	if len(values) != 1 {
		return []flow.Problem{{
			Code: kit.Invalid, What: fmt.Sprintf("the mapping gives %s; the operation takes one object", widgets.Count(len(values), "value", "values")),
			Fix: "put [ ] around it, take one with first(…), or map in a step of its own before this one",
		}}
	}
	object, ok := values[0].(map[string]any)
	if !ok {
		return []flow.Problem{{Code: kit.Invalid, What: "the mapping gives " + kindOf(values[0]) + "; the operation takes an object of its fields", Fix: t.fixShape()}}
	}
	fields := t.Op.New().Fields()
	fields.Bind("", t.With)
	problems := fields.Bind("", object)
	return append(problems, fields.Missing("", t.filled)...)
}

// filled names what something else than a mapping gives: a connection, an expression.
func (t target) filled(name string) bool {
	f, ok := t.fields.Field(name)
	return !ok || t.Given != nil && t.Given(name) || f.Kind == kit.SecretField || f.Evaluated()
}

// fixShape shows how the object could begin.
func (t target) fixShape() string {
	if f, ok := t.fields.Main(); ok {
		return "write {" + f.Name + ": .}"
	}
	if fields := t.wanted(); len(fields) > 0 {
		return "write {" + fields[0].Name + ": .}"
	}
	return "write { }"
}

// hint says what happens without a mapping.
func (t target) hint() string {
	switch f, ok := t.fields.Main(); {
	case t.Op.Each:
		return "Without a mapping, records go on as they are."
	case ok && !t.free():
		return fmt.Sprintf("Without a mapping, the record becomes “%s”.", f.Label)
	case t.free():
		return ""
	}
	return "Without a mapping, only the settings count."
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "true or false"
	case string:
		return "a text"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "a number"
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// suggest lists the operation's fields where the caret is in the place of a key.
func (t target) suggest(src string, caret int) (found []widgets.Suggestion) {
	start, ok := keyStart(src, caret)
	if !ok {
		return nil
	}
	begun := src[start:caret]
	for _, f := range t.wanted() {
		if strings.HasPrefix(f.Name, begun) {
			found = append(found, widgets.Suggestion{Text: f.Name + ": ", Detail: f.Label, Icon: "arrow-right", Colour: theme.Accent, Start: start, End: caret})
		}
	}
	return found
}

// keyStart is where the key begins that the caret is in: behind the brace of the
// outermost object, or behind a comma in it.
func keyStart(src string, caret int) (start int, ok bool) {
	start = caret
	for start > 0 && (src[start-1] == '_' || src[start-1] >= '0' && src[start-1] <= '9' || src[start-1]|0x20 >= 'a' && src[start-1]|0x20 <= 'z') {
		start--
	}
	depth, last := 0, ""
	for _, token := range transforms.Tokens(src) {
		if token.End > start {
			break
		}
		last = src[token.Start:token.End]
		if token.Kind != transforms.PunctuationToken {
			continue
		}
		switch last {
		case "{", "(", "[":
			depth++
		case "}", ")", "]":
			depth--
		}
	}
	return start, depth == 1 && (last == "{" || last == ",")
}

// suggestion shows what jq knows.
func suggestion(c transforms.Completion) widgets.Suggestion {
	s := widgets.Suggestion{Text: c.Text, Detail: c.Detail, Icon: "code", Colour: theme.CodeFunction, Start: c.Start, End: c.End}
	switch c.Kind {
	case transforms.FieldToken:
		s.Icon, s.Colour = "text", theme.CodePath
	case transforms.VariableToken:
		s.Icon, s.Colour = "key", theme.CodeVariable
	case transforms.KeywordToken:
		s.Icon, s.Colour = "trigger", theme.CodeKeyword
	}
	return s
}
