package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// question is asked in the middle of the window, over everything else. Enter is yes,
// Escape gives it up.
type question struct {
	Title string
	Text  string
	More  fyne.CanvasObject // below the text

	Yes   string
	Icon  string // of Yes
	Risky bool   // Yes takes something away
	OnYes func()
	No    string // another way to go on; "" is none
	OnNo  func()
	Alone bool // there is nothing to give up: Yes only closes it
}

// dialogWidth is good to read.
const dialogWidth float32 = 480

// ask shows a question. It is gone before it is answered.
func (w *Window) ask(q question) {
	var popup *widget.PopUp
	closing := func(then func()) func() {
		return func() {
			popup.Hide()
			w.asked = nil
			if then != nil {
				then()
			}
		}
	}
	var buttons []*widgets.Button
	add := func(kind widgets.ButtonKind, icon, text string, do func()) {
		b := widgets.NewButton(kind, icon, text, closing(do))
		b.OnEscape = closing(nil)
		buttons = append(buttons, b)
	}
	if !q.Alone {
		add(widgets.Ghost, "", "Cancel", nil)
	}
	if q.No != "" {
		add(widgets.Second, "", q.No, q.OnNo)
	}
	kind := widgets.Primary
	if q.Risky {
		kind = widgets.Danger
	}
	add(kind, q.Icon, q.Yes, q.OnYes)

	popup = widget.NewModalPopUp(newAsked(q, buttons), w.win.Canvas())
	if w.asked != nil {
		w.asked() // one question at a time
	}
	w.asked = closing(nil)
	popup.Show()
	w.win.Canvas().Focus(buttons[len(buttons)-1])
}

// newAsked is what a question looks like.
func newAsked(q question, buttons []*widgets.Button) fyne.CanvasObject {
	content := container.NewVBox(widgets.NewText(q.Title, widgets.Title))
	if q.Text != "" {
		text := widgets.NewProse(q.Text, widgets.Plain)
		text.Resize(fyne.NewSize(dialogWidth, 0))
		content.Add(widgets.NewGap(theme.Gap))
		content.Add(text)
	}
	if q.More != nil {
		content.Add(widgets.NewGap(theme.WideGap))
		content.Add(q.More)
	}
	row := container.NewHBox(layout.NewSpacer())
	for _, b := range buttons {
		row.Add(b)
	}
	content.Add(widgets.NewGap(theme.FarGap))
	content.Add(row)
	return widgets.NewPanel(container.New(&wide{dialogWidth}, content)).Padded(theme.FarGap, theme.FarGap).On("")
}

// wide gives its one object at least a width.
type wide struct{ least float32 }

func (l *wide) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

func (l *wide) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize().Max(fyne.NewSize(l.least, 0))
}

// confirm asks before something is taken away.
func (w *Window) confirm(title, text, yes string, do func()) {
	w.ask(question{Title: title, Text: text, Yes: yes, Risky: true, OnYes: do})
}

// inform shows what is too much for a line in passing.
func (w *Window) inform(title, text string) {
	w.ask(question{Title: title, Text: text, Yes: "Close", Alone: true})
}
