package flow

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Change is one difference between two states of a flow.
type Change struct {
	Kind   ChangeKind `json:"kind"`
	Step   StepID     `json:"step,omitempty"`   // "" for the flow itself and for edges
	Edge   string     `json:"edge,omitempty"`   // "a.failed -> b"
	Field  string     `json:"field,omitempty"`  // "map", "with.url", "settings.keep", …
	Before string     `json:"before,omitempty"` // a text as it is, other values as JSON
	After  string     `json:"after,omitempty"`
}

// ChangeKind says what happened to the part that a Change names.
type ChangeKind string

// The kinds of change.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
	Renamed ChangeKind = "renamed" // from Before to After
	Moved   ChangeKind = "moved"   // on the canvas only
	Sorted  ChangeKind = "sorted"  // the same steps or edges in another order
)

// String says the change in words, in one line.
func (c Change) String() string {
	subject := ""
	switch {
	case c.Step != "":
		subject = fmt.Sprintf("step %q", string(c.Step))
	case c.Edge != "":
		subject = "edge " + c.Edge
	}
	switch {
	case c.Kind == Renamed:
		return fmt.Sprintf("renamed step %q to %q", c.Before, c.After)
	case c.Kind == Sorted:
		return "put the " + c.Field + " in another order"
	case c.Kind == Moved:
		return "moved " + subject
	case c.Field == "":
		return c.whole(subject)
	}
	if subject != "" {
		subject += ": "
	}
	switch c.Kind {
	case Added:
		return fmt.Sprintf("%sset %s to %s", subject, c.Field, short(c.After))
	case Removed:
		return fmt.Sprintf("%sremoved %s, which was %s", subject, c.Field, short(c.Before))
	}
	return fmt.Sprintf("%schanged %s from %s to %s", subject, c.Field, short(c.Before), short(c.After))
}

func (c Change) whole(subject string) string {
	detail := c.Before + c.After
	switch {
	case detail == "":
		return fmt.Sprintf("%s %s", c.Kind, subject)
	case c.Edge != "":
		return fmt.Sprintf("%s %s when %s", c.Kind, subject, short(detail))
	}
	return fmt.Sprintf("%s %s (%s)", c.Kind, subject, detail)
}

// short cuts a text to what fits a line beside another.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > 60 {
		s = string([]rune(s)[:59]) + "…"
	}
	if s == "" || strings.Contains(s, " ") {
		return fmt.Sprintf("%q", s)
	}
	return s
}
