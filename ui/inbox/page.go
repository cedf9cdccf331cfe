// Package inbox shows what runs wait for a person to say: effects of which nobody
// knows whether they happened, approvals, and forms. It asks for nothing itself; the
// window gives it the questions and carries the answers out.
package inbox

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// Page is the list of open questions, and beside it the one that is being answered.
type Page struct {
	widget.BaseWidget
	OnAnswer func(id string, a flow.Answer) // followed by a Fill without it, or by ShowProblems
	OnRun    func(flow.RunID)
	NewForm  widgets.FormMaker

	all     []flow.Question
	now     time.Time
	open    string
	asked   *asked
	rows    *widgets.Rows
	side    *fyne.Container
	content fyne.CanvasObject
}

// listWidth is the room of the list.
const listWidth float32 = 400

// New is a page without questions.
func New() *Page {
	p := &Page{side: container.NewStack()}
	p.rows = widgets.NewRows(func() int { return len(p.all) }, p.draw)
	p.rows.OnPick = func(row int) { p.choose(p.all[row].ID) }
	p.content = widgets.NewColumns(widgets.NewPanel(p.rows), p.side, widgets.First, listWidth)
	p.ExtendBaseWidget(p)
	p.refresh()
	return p
}

// Fill takes the open questions, oldest first. The one that is being answered stays,
// with what was entered; one whose answer is on its way cannot be answered again.
func (p *Page) Fill(all []flow.Question, now time.Time) {
	p.all, p.now = slices.Clone(all), now
	p.refresh()
}

// Choose opens a question, when it is there.
func (p *Page) Choose(id string) { p.choose(id) }

func (p *Page) place(id string) int {
	return slices.IndexFunc(p.all, func(q flow.Question) bool { return q.ID == id })
}

func (p *Page) refresh() {
	p.rows.Refresh()
	at := p.place(p.open)
	if at < 0 && len(p.all) > 0 {
		at = 0
	}
	if at < 0 {
		p.open, p.asked = "", nil
		p.rows.Pick(-1)
		p.put(widgets.NewEmptyState("check", "Nothing waits for you",
			"Approvals, forms, and effects of which nobody knows whether they happened are asked about here."))
		return
	}
	p.choose(p.all[at].ID)
}

func (p *Page) choose(id string) {
	at := p.place(id)
	if at < 0 {
		return
	}
	p.rows.Pick(at)
	if p.open == id && p.asked != nil {
		return
	}
	p.open = id
	p.asked = p.newAsked(p.all[at])
	p.put(p.asked.content)
}

func (p *Page) put(o fyne.CanvasObject) {
	p.side.Objects = []fyne.CanvasObject{o}
	p.side.Refresh()
}

// ShowProblems says what is wrong with the answer that was given.
func (p *Page) ShowProblems(all []flow.Problem) {
	if p.asked != nil {
		p.asked.problems(all)
	}
}

func (p *Page) draw(row int, pen *widgets.Pen) {
	q := p.all[row]
	gap := theme.Size(theme.WideGap)
	icon, colour := look(q.Kind)
	x := pen.Icon(gap, icon, colour, theme.IconSize) + gap
	x = pen.Text(x, pen.Width*0.62, firstLine(q.Text), widgets.Strong) + gap
	pen.Text(x, pen.Width-x-gap, q.Name, widgets.Caption)
}

func look(k flow.QuestionKind) (icon string, colour fyne.ThemeColorName) {
	switch k {
	case flow.Approval:
		return "approval", theme.Primary
	case flow.Form:
		return "form", theme.Primary
	}
	return "warning", theme.Partial
}

// CreateRenderer shows the page.
func (p *Page) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.content) }
