package history

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// Problems lists what is wrong, a line each, and of the chosen one says all that is
// known: where, what, and what to do about it.
type Problems struct {
	widget.BaseWidget
	OnPick func(flow.Problem)

	all     []flow.Problem
	title   func(flow.StepID) string
	rows    *widgets.Rows
	where   *widgets.Prose
	what    *widgets.Prose
	fix     *widgets.Prose
	detail  *fyne.Container
	body    *fyne.Container
	whole   fyne.CanvasObject
	content fyne.CanvasObject
}

// problemWidth is the room of what is said of one.
const problemWidth float32 = 400

// NewProblems is a list of none.
func NewProblems() *Problems {
	p := &Problems{title: func(id flow.StepID) string { return string(id) }, body: container.NewStack()}
	p.rows = widgets.NewRows(func() int { return len(p.all) }, p.draw)
	p.rows.OnPick = p.picked
	p.where = widgets.NewProse("", widgets.Caption)
	p.what = widgets.NewProse("", widgets.Plain)
	p.fix = widgets.NewProse("", widgets.Plain)
	p.detail = widgets.Spaced(theme.Gap, p.where, p.what, widgets.NewGap(theme.Gap), widgets.NewText("WHAT TO DO", widgets.Overline), p.fix)
	detail := container.NewVScroll(widgets.NewPanel(p.detail).Padded(theme.FarGap, theme.WideGap).On(""))
	p.whole = widgets.NewColumns(p.rows, detail, widgets.Last, problemWidth)
	p.content = p.body
	p.ExtendBaseWidget(p)
	p.Fill(nil)
	return p
}

// SetTitles says how steps are called.
func (p *Problems) SetTitles(title func(flow.StepID) string) { p.title = title }

// Fill takes problems; the chosen one stays chosen where it is still among them.
func (p *Problems) Fill(all []flow.Problem) {
	chosen := flow.Problem{}
	if at := p.rows.Picked(); at >= 0 && at < len(p.all) {
		chosen = p.all[at]
	}
	p.all = all
	if len(all) == 0 {
		p.body.Objects = []fyne.CanvasObject{widgets.NewEmptyState("check", "Nothing is wrong", "")}
		p.body.Refresh()
		return
	}
	p.body.Objects = []fyne.CanvasObject{p.whole}
	p.body.Refresh()
	at := 0
	for i, one := range all {
		if one == chosen {
			at = i
		}
	}
	p.rows.Refresh()
	p.rows.Pick(at)
	p.show(all[at])
}

func (p *Problems) picked(row int) {
	p.show(p.all[row])
	if p.OnPick != nil {
		p.OnPick(p.all[row])
	}
}

func (p *Problems) show(one flow.Problem) {
	p.where.SetText(one.Where())
	p.what.SetText(one.What)
	p.fix.SetText(one.Fix)
	for _, o := range p.detail.Objects[2:] {
		show(o, one.Fix != "")
	}
	p.detail.Refresh()
}

// Chosen is all that is said of the chosen one, in lines.
func (p *Problems) Chosen() (where, what, fix string) {
	return p.where.Text(), p.what.Text(), p.fix.Text()
}

func (p *Problems) draw(row int, pen *widgets.Pen) {
	one := p.all[row]
	gap := theme.Size(theme.WideGap)
	colour := theme.Failed
	if one.Warning {
		colour = theme.Partial
	}
	at := pen.Icon(gap, "warning", colour, theme.SmallIconSize) + gap
	if one.Step != "" {
		at = pen.Text(at, pen.Width*0.4, p.title(one.Step), widgets.Strong) + gap
	}
	pen.Text(at, pen.Width-at-gap, one.What, widgets.Plain)
}

// CreateRenderer shows the list.
func (p *Problems) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.content) }
