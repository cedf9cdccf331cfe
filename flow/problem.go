package flow

import (
	"fmt"
	"strings"
)

// Problem is what a person sees when something is wrong: where, what, and what to
// do about it. It is an error, so that it can travel as one.
type Problem struct {
	Step    StepID   `json:"step,omitempty"`
	Field   string   `json:"field,omitempty"`  // the name under "with", "map", "when", "uses", …
	Record  RecordID `json:"record,omitempty"` // the record it happened to
	File    string   `json:"file,omitempty"`
	Line    int      `json:"line,omitempty"`   // from 1; in the file, or in the jq text of Field
	Column  int      `json:"column,omitempty"` // from 1, in runes
	Code    Code     `json:"code"`
	What    string   `json:"what"`
	Fix     string   `json:"fix,omitempty"`
	Warning bool     `json:"warning,omitempty"` // it does not stand in the way of a run
}

// Code is the kind of a problem: stable, for programs and translations.
type Code string

// Where tells the place in words: `orders.flow.yaml:12:5`, `step "send", field "url"`.
func (p Problem) Where() string {
	var parts []string
	if p.File != "" {
		at := p.File
		if p.Line > 0 {
			at += fmt.Sprintf(":%d:%d", p.Line, max(p.Column, 1))
		}
		parts = append(parts, at)
	}
	if ofEdge := strings.Contains(p.Field, " -> "); ofEdge {
		parts = append(parts, fmt.Sprintf("edge %q", p.Field))
	} else {
		if p.Step != "" {
			parts = append(parts, fmt.Sprintf("step %q", string(p.Step)))
		}
		if p.Field != "" {
			parts = append(parts, fmt.Sprintf("field %q", p.Field))
		}
	}
	if p.File == "" && p.Line > 0 {
		parts = append(parts, fmt.Sprintf("line %d, column %d", p.Line, max(p.Column, 1)))
	}
	if p.Record != "" {
		parts = append(parts, fmt.Sprintf("record %s", string(p.Record)))
	}
	return strings.Join(parts, ", ")
}

// Error says all of it in one line.
func (p Problem) Error() string {
	text := p.What
	if where := p.Where(); where != "" {
		text = where + ": " + text
	}
	if p.Fix != "" {
		text += "; " + p.Fix
	}
	return text
}
