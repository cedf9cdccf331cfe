package widgets

import (
	"fyne.io/fyne/v2"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Form shows fields, and below each what is wrong with it.
type Form interface {
	fyne.CanvasObject
	SetProblems(all []flow.Problem)
}

// FormMaker makes a form from fields; changed is told each new value, nil for the
// default. Views that show one are given this, because they never import each other.
type FormMaker func(fields, defaults kit.Fields, changed func(name string, value any)) Form
