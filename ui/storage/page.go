// Package storage shows what history takes of the disk, by flow, and how long it is
// kept. It asks for nothing itself; the window gives it what to show and carries out
// its wishes.
package storage

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// Page is a meter, the flows by what they take, and the form of how long runs are kept.
type Page struct {
	widget.BaseWidget
	OnFlow  func(flow.ID)
	OnKeep  func(app.Retention)
	OnTidy  func()
	NewForm widgets.FormMaker

	usage   app.Usage
	kept    app.Retention
	words   *widgets.Text
	more    *widgets.Text
	meter   *meter
	rows    *widgets.Rows
	side    *fyne.Container
	form    widgets.Form
	keep    keep
	save    *widgets.Button
	content fyne.CanvasObject
}

// formWidth is the room of the form.
const formWidth float32 = 380

// New is a page that knows nothing yet.
func New() *Page {
	p := &Page{side: container.NewStack(), meter: newMeter()}
	p.words, p.more = widgets.NewText("", widgets.Heading), widgets.NewText("", widgets.Muted)
	p.rows = widgets.NewRows(func() int { return len(p.usage.Flows) }, p.draw)
	p.rows.OnOpen = func(row int) {
		if p.OnFlow != nil {
			p.OnFlow(p.usage.Flows[row].Flow)
		}
	}
	tidy := widgets.NewButton(widgets.Second, "tidy", "Tidy now", func() {
		if p.OnTidy != nil {
			p.OnTidy()
		}
	})
	tidy.Tip = "Removes what is kept no longer and gives the disk back; runs go on meanwhile"
	head := container.NewBorder(nil, nil, nil, container.NewCenter(tidy), container.NewVBox(p.words, p.more))
	top := container.NewVBox(head, widgets.NewGap(theme.WideGap), p.meter, widgets.NewGap(theme.FarGap), widgets.NewText("BY FLOW", widgets.Overline))
	left := widgets.Under(widgets.NewPanel(top).Padded(theme.FarGap, theme.FarGap).On(""), p.rows)
	p.content = widgets.NewColumns(left, widgets.NewPanel(p.side), widgets.Last, formWidth)
	p.ExtendBaseWidget(p)
	return p
}

// Fill takes what history takes now.
func (p *Page) Fill(u app.Usage) {
	p.usage = u
	runs := 0
	for _, f := range u.Flows {
		runs += f.Runs
	}
	p.words.SetText(flow.ShowSize(u.Total))
	text := plural(runs, "run", "runs") + " of " + plural(len(u.Flows), "flow", "flows")
	if u.Quota > 0 {
		text += " · " + flow.ShowSize(u.Quota) + " may be taken"
	}
	p.more.SetText(text + " · " + flow.ShowSize(u.Disk) + " are left on the disk")
	p.meter.set(u)
	p.rows.Refresh()
	p.content.Refresh()
}

// FillKept takes how long runs are kept, unless a person is changing that.
func (p *Page) FillKept(r app.Retention) {
	if p.form != nil && p.kept == r {
		return
	}
	p.kept, p.keep = r, keepOf(r)
	if p.NewForm == nil {
		return
	}
	p.form = p.NewForm(p.keep.fields(), new(keep).fields(), func(name string, v any) {
		p.keep.set(name, v)
		p.save.Enable()
	})
	p.save = widgets.NewButton(widgets.Primary, "save", "Save", p.saved)
	p.save.Disable()
	p.side.Objects = []fyne.CanvasObject{container.NewVScroll(widgets.NewPanel(container.NewVBox(
		widgets.NewText("How long runs are kept", widgets.Title), widgets.NewGap(theme.Gap),
		widgets.NewProse("What is worth least goes first: old runs that ended well. The last success of a flow and what failed and is unresolved stay longest.", widgets.Muted),
		widgets.NewGap(theme.WideGap), p.form, widgets.NewGap(theme.WideGap), container.NewHBox(p.save),
	)).Padded(theme.FarGap, theme.FarGap))}
	p.side.Refresh()
}

func (p *Page) saved() {
	r, problems := p.keep.retention()
	p.form.SetProblems(problems)
	if len(problems) > 0 || p.OnKeep == nil {
		return
	}
	p.save.Disable()
	p.OnKeep(r)
}

func (p *Page) draw(row int, pen *widgets.Pen) {
	f := p.usage.Flows[row]
	gap := theme.Size(theme.FarGap)
	name := f.Name
	if name == "" {
		name = string(f.Flow)
	}
	pen.Text(gap, pen.Width*0.4, name, widgets.Strong)
	pen.Text(pen.Width*0.45, pen.Width*0.2, plural(f.Runs, "run", "runs"), widgets.Muted)
	text := flow.ShowSize(f.Bytes)
	if f.Quota > 0 {
		text += " of " + flow.ShowSize(f.Quota)
	}
	pen.Text(pen.Width*0.7, pen.Width*0.3-gap, text, widgets.Plain)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// CreateRenderer shows the page.
func (p *Page) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.content) }
