package transforms

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/itchyny/gojq"

	"jackfield/flow"
)

// SyntaxError says why a text is not a program, and where.
type SyntaxError struct {
	Line, Column int // from 1; columns count runes
	Offset, End  int // the stretch in bytes
	What, Fix    string
}

func (e *SyntaxError) Error() string {
	text := fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.What)
	if e.Fix != "" {
		text += "; " + e.Fix
	}
	return text
}

// Problem is the error as a person sees it, at a step's field.
func (e *SyntaxError) Problem(step flow.StepID, field string) flow.Problem {
	return flow.Problem{
		Step: step, Field: field, Line: e.Line, Column: e.Column,
		Code: "jq-syntax", What: e.What, Fix: e.Fix,
	}
}

// RunError says why a program failed on a record, and where in its text.
type RunError struct {
	What, Fix    string
	Line, Column int    // from 1; 0 where the place is not known
	Value        string // what the failing part was given, as JSON, clipped
}

func (e *RunError) Error() string {
	text := e.What
	if e.Line > 0 {
		text = fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, text)
	}
	if e.Fix != "" {
		text += "; " + e.Fix
	}
	return text
}

// Problem is the error as a person sees it, at a step's field, for a record.
func (e *RunError) Problem(step flow.StepID, field string, rec flow.RecordID) flow.Problem {
	return flow.Problem{
		Step: step, Field: field, Record: rec, Line: e.Line, Column: e.Column,
		Code: "jq-run", What: e.What, Fix: e.Fix,
	}
}

func syntaxError(src string, err error) *SyntaxError {
	e := &SyntaxError{What: err.Error(), End: len(src)}
	if p, ok := errors.AsType[*gojq.ParseError](err); ok {
		e.Offset, e.End = max(0, p.Offset-len(p.Token)), p.Offset
	}
	e.Line, e.Column = place(src, e.Offset)
	return e
}

// place counts line and column, in runes and from 1, of a byte of src.
func place(src string, offset int) (line, column int) {
	before := src[:min(offset, len(src))]
	line = strings.Count(before, "\n") + 1
	return line, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
}

func (p *Program) runError(err error) error {
	if isEnd(err) {
		return err
	}
	return &RunError{What: err.Error()}
}

func countError(n int) *RunError {
	if n == 0 {
		return &RunError{What: "gave nothing; one value is wanted"}
	}
	return &RunError{What: fmt.Sprintf("gave %d values; one is wanted", n)}
}
