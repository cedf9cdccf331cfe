package ui

import (
	"fyne.io/fyne/v2"

	"jackfield/connectors/kit"
	"jackfield/ui/form"
)

// accountForm is the form of a connection's fields.
func accountForm(fields, defaults kit.Fields, changed func(name string, value any)) fyne.CanvasObject {
	rows := form.NewRows(fields, defaults, form.Asker{})
	rows.OnSet = changed
	return rows
}
