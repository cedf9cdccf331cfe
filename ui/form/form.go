// Package form shows settings as their operation declares them: a row for each field,
// by its kind, with its hint and what is wrong with it.
//
// Its nouns: Rows is a form of fields, used for steps and for connections; a Panel is
// all that can be set of one step. Both report wishes and change nothing themselves;
// what they are shown next is what came of it. A row that a person is typing in is
// never written over.
package form

import (
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Asker offers what only the outside knows. Its functions may be nil.
type Asker struct {
	// Choices asks the service for the values that a field may take.
	Choices func(field string, got func([]kit.Choice))
	// File lets a person choose a file, or a folder.
	File func(folder bool, got func(path string))
}

// control is what a field is set with.
type control interface {
	// show shows a value, unless a person is typing in it.
	show(v any)
}

// problemsOf picks what is wrong with one field.
func problemsOf(all []flow.Problem, field string) []flow.Problem {
	var mine []flow.Problem
	for _, p := range all {
		if p.Field == field || len(p.Field) > len(field) && p.Field[:len(field)] == field && (p.Field[len(field)] == '.' || p.Field[len(field)] == '[') {
			mine = append(mine, p)
		}
	}
	return mine
}
