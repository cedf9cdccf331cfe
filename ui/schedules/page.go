// Package schedules shows when flows start by themselves: every trigger that the clock
// or a listener serves, its next and its missed times, and why it does not fire. It
// asks for nothing itself; the window gives it what to show and carries out its wishes.
package schedules

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// Page is the list of triggers, and beside it how one of them stands.
type Page struct {
	widget.BaseWidget
	OnFlow   func(flow.ID)
	OnRun    func(flow.RunID)
	OnEnable func(id flow.ID, on bool)
	// OnUnmet asks which slots of a range have no run; answered by ShowUnmet.
	OnUnmet    func(id flow.ID, step flow.StepID, from, to time.Time)
	OnBackfill func(id flow.ID, step flow.StepID, from, to time.Time)

	all     []app.Trigger
	now     time.Time
	open    place
	detail  *detail
	rows    *widgets.Rows
	side    *fyne.Container
	content fyne.CanvasObject
}

// place names a trigger.
type place struct {
	flow flow.ID
	step flow.StepID
}

// listWidth is the room of the list.
const listWidth float32 = 480

// New is a page without triggers.
func New() *Page {
	p := &Page{side: container.NewStack()}
	p.rows = widgets.NewRows(func() int { return len(p.all) }, p.draw)
	p.rows.OnPick = func(row int) { p.choose(placeOf(p.all[row])) }
	p.rows.OnOpen = func(row int) {
		if p.OnFlow != nil {
			p.OnFlow(p.all[row].Flow)
		}
	}
	p.content = widgets.NewColumns(widgets.NewPanel(p.rows), p.side, widgets.First, listWidth)
	p.ExtendBaseWidget(p)
	p.refresh()
	return p
}

func placeOf(t app.Trigger) place { return place{t.Flow, t.Step} }

// Fill takes how the triggers stand. The one that is looked at stays open.
func (p *Page) Fill(all []app.Trigger, now time.Time) {
	p.all, p.now = slices.Clone(all), now
	p.refresh()
}

func (p *Page) refresh() {
	p.rows.Refresh()
	if len(p.all) == 0 {
		p.open, p.detail = place{}, nil
		p.rows.Pick(-1)
		p.put(widgets.NewEmptyState("schedule", "Nothing starts by itself",
			"Give a flow a schedule, a webhook or a watched folder, and enable it: when it starts, and what it missed, is shown here."))
		return
	}
	at := p.at(p.open)
	if at < 0 {
		at = 0
	}
	p.choose(placeOf(p.all[at]))
}

func (p *Page) at(one place) int {
	return slices.IndexFunc(p.all, func(t app.Trigger) bool { return placeOf(t) == one })
}

func (p *Page) choose(one place) {
	at := p.at(one)
	if at < 0 {
		return
	}
	p.rows.Pick(at)
	if p.detail == nil || p.open != one {
		p.open = one
		p.detail = p.newDetail()
		p.put(p.detail.content)
	}
	p.detail.fill(p.all[at])
}

func (p *Page) put(o fyne.CanvasObject) {
	p.side.Objects = []fyne.CanvasObject{o}
	p.side.Refresh()
}

// ShowUnmet tells which slots a backfill would plan.
func (p *Page) ShowUnmet(slots []time.Time) {
	if p.detail != nil {
		p.detail.unmet(slots)
	}
}

// ShowWrong says what is wrong with the range that was given.
func (p *Page) ShowWrong(text string) {
	if p.detail != nil {
		p.detail.say(text, true)
	}
}

func (p *Page) draw(row int, pen *widgets.Pen) {
	t := p.all[row]
	gap := theme.Size(theme.WideGap)
	x := pen.Dot(gap, colourOf(t)) + gap
	x = pen.Text(x, pen.Width*0.42, t.Name, widgets.Strong) + gap
	look := widgets.Caption
	if t.Problem != nil {
		look = look.In(theme.Failed)
	}
	pen.Text(x, pen.Width-x-gap, standing(t, p.now), look)
}

func colourOf(t app.Trigger) fyne.ThemeColorName {
	switch {
	case t.Problem != nil:
		return theme.Failed
	case !t.Enabled:
		return theme.Muted
	case len(t.Missed) > 0:
		return theme.Partial
	}
	return theme.Done
}

// CreateRenderer shows the page.
func (p *Page) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.content) }
