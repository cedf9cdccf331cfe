package inbox

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// asked is one question while it is answered.
type asked struct {
	page    *Page
	q       flow.Question
	values  flow.Values
	form    widgets.Form
	note    *widgets.Editor
	wrong   *widgets.Prose
	faults  []flow.Problem
	buttons []*widgets.Button
	content fyne.CanvasObject
}

// recordHeight is the room of the record that a question is about.
const recordHeight float32 = 300

func (p *Page) newAsked(q flow.Question) *asked {
	a := &asked{page: p, q: q, values: flow.Values{}}
	box := container.NewVBox(
		widgets.NewText(strings.ToUpper(kindWord(q.Kind)), widgets.Overline),
		widgets.NewGap(theme.Gap),
		widgets.NewProse(q.Text, widgets.Heading),
		widgets.NewGap(theme.Gap),
		widgets.NewProse(a.whence(), widgets.Muted),
	)
	if hint := explained(q.Kind); hint != "" {
		box.Add(widgets.NewGap(theme.WideGap))
		box.Add(widgets.NewProse(hint, widgets.Plain))
	}
	box.Add(widgets.NewGap(theme.FarGap))
	if q.Fields != nil && p.NewForm != nil {
		a.addForm(box)
	}
	a.note = widgets.NewTextField("why, for those who look at the run later", nil)
	a.wrong = widgets.NewProse("", widgets.Plain.In(theme.Failed))
	a.wrong.Hide()
	box.Add(widgets.NewText("Note", widgets.Muted))
	box.Add(a.note)
	box.Add(a.wrong)
	box.Add(widgets.NewGap(theme.WideGap))
	box.Add(a.actions())
	top := container.NewVScroll(widgets.NewReadable(widgets.NewPanel(box).Padded(theme.FarGap, theme.FarGap).On("")))
	a.content = top
	if q.Record != nil {
		view := widgets.NewJSONPanel()
		view.SetValue(q.Record.Data)
		head := widgets.NewPanel(widgets.NewText("THE RECORD", widgets.Overline)).Padded(theme.FarGap, theme.WideGap).On("")
		a.content = widgets.NewStack(top, widgets.NewPanel(widgets.Under(head, view)), widgets.Last, recordHeight)
	}
	return a
}

// whence says which run asks, since when and until when.
func (a *asked) whence() string {
	q := a.q
	text := q.Name + ", step " + q.Title + ", asked " + when(q.Asked, a.page.now)
	if !q.Due.IsZero() {
		text += ". Without an answer until " + when(q.Due, a.page.now) + " it is: " + choiceWord(q.Else)
	}
	return text
}

func (a *asked) addForm(box *fyne.Container) {
	fields, defaults, leftOver := fieldsOf(*a.q.Fields, a.values)
	a.form = a.page.NewForm(fields, defaults, func(name string, v any) {
		if v == nil {
			delete(a.values, name)
		} else {
			a.values[name] = v
		}
		a.forgive(name)
	})
	box.Add(a.form)
	if leftOver {
		box.Add(widgets.NewProse("The form takes other values too, which can be given with jackfield runs answer.", widgets.Muted))
	}
	box.Add(widgets.NewGap(theme.WideGap))
}

func (a *asked) actions() fyne.CanvasObject {
	row := container.NewHBox()
	add := func(kind widgets.ButtonKind, icon, text, choice string) {
		b := widgets.NewButton(kind, icon, text, func() { a.answer(choice) })
		a.buttons = append(a.buttons, b)
		row.Add(b)
	}
	for i, choice := range a.q.Choices {
		kind := widgets.Second
		switch {
		case i == 0 && a.q.Kind != flow.Uncertain:
			kind = widgets.Primary
		case choice == flow.Reject:
			kind = widgets.Danger
		}
		add(kind, choiceIcon(choice), choiceWord(choice), choice)
	}
	if len(a.q.Choices) == 0 {
		add(widgets.Primary, "check", "Send", "")
	}
	open := widgets.NewButton(widgets.Ghost, "history", "Open the run", func() {
		if a.page.OnRun != nil {
			a.page.OnRun(a.q.Run)
		}
	})
	row.Add(open)
	return row
}

func (a *asked) answer(choice string) {
	a.problems(nil)
	if a.page.OnAnswer == nil {
		return
	}
	a.busy(true)
	a.page.OnAnswer(a.q.ID, flow.Answer{Choice: choice, Values: a.values, Note: a.note.Text(), By: "window"})
}

// busy keeps an answer from being given twice.
func (a *asked) busy(on bool) {
	for _, b := range a.buttons {
		if on {
			b.Disable()
		} else {
			b.Enable()
		}
	}
}

// forgive takes back what was wrong with a value that is another one now.
func (a *asked) forgive(name string) {
	a.faults = slices.DeleteFunc(a.faults, func(p flow.Problem) bool { return p.Field == name })
	if a.form != nil {
		a.form.SetProblems(a.faults)
	}
}

func (a *asked) problems(all []flow.Problem) {
	a.busy(false)
	a.faults = slices.Clone(all)
	text := ""
	for _, one := range all {
		if a.form != nil && slices.ContainsFunc(a.q.Fields.Properties, func(p flow.Property) bool { return p.Name == one.Field }) {
			continue // it is said where it is
		}
		if text != "" {
			text += "\n"
		}
		text += one.What
		if one.Fix != "" {
			text += "; " + one.Fix
		}
	}
	a.wrong.SetText(text)
	if text == "" {
		a.wrong.Hide()
	} else {
		a.wrong.Show()
	}
	if a.form != nil {
		a.form.SetProblems(all)
	}
}
