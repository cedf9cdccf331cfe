// Package start is the first page of the window: go on with a flow, begin one, or
// open an example that works without any account.
package start

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// Page is the start page. It asks for nothing itself: the window gives it the flows
// and examples, and carries out its wishes.
type Page struct {
	widget.BaseWidget
	OnNew     func()
	OnOpen    func() // a file, which the window asks for
	OnFlow    func(flow.ID)
	OnExample func(name string)
	OnRemove  func(flow.Overview)
	OnEnable  func(id flow.ID, on bool)

	flows    []flow.Overview
	examples []app.Example
	now      time.Time
	list     *widgets.Rows
	cards    *fyne.Container
	recent   *fyne.Container
	content  fyne.CanvasObject
}

// New is an empty page.
func New() *Page {
	p := &Page{}
	p.list = widgets.NewRows(func() int { return len(p.flows) }, p.drawFlow)
	p.list.Height = rowHeight
	p.list.OnPress = func(row int, _ float32) bool { p.open(row); return true }
	p.list.OnOpen = p.open
	p.list.OnMenu = p.menu
	p.list.OnKey = p.key
	p.cards = container.New(&gridLayout{})
	p.recent = container.NewStack()
	p.content = p.build()
	p.ExtendBaseWidget(p)
	return p
}

// The measures of the page. Its rows have two lines.
const (
	rowHeight  fyne.ThemeSizeName = theme.BarHeight
	cardWidth  float32            = 228
	cardHeight float32            = 116
	pageWidth  float32            = 1040
)

func (p *Page) build() fyne.CanvasObject {
	hello := container.NewVBox(
		widgets.NewText("Connect systems, without a cloud", widgets.Heading),
		widgets.NewText("Draw a flow, run it on your own data, and see exactly what happened.", widgets.Muted),
	)
	actions := container.NewHBox(
		widgets.NewButton(widgets.Primary, "add", "New flow", func() { call(p.OnNew) }),
		widgets.NewButton(widgets.Second, "open", "Open a file…", func() { call(p.OnOpen) }),
	)
	head := container.NewBorder(nil, nil, nil, container.NewVBox(layout.NewSpacer(), actions, layout.NewSpacer()), hello)
	flows := widgets.Under(heading("YOUR FLOWS"), p.recent)
	examples := widgets.Under(heading("EXAMPLES THAT WORK OFFLINE"), container.NewVScroll(p.cards))
	columns := container.New(&columnsLayout{}, flows, examples)
	return container.New(&pageLayout{}, widgets.Under(container.NewVBox(head, widgets.NewGap(theme.FarGap)), columns))
}

func heading(text string) fyne.CanvasObject {
	return container.NewVBox(widgets.NewText(text, widgets.Overline), widgets.NewGap(theme.Gap))
}

func call(wish func()) {
	if wish != nil {
		wish()
	}
}

// Fill takes what there is to show; now is what ages are measured from.
func (p *Page) Fill(flows []flow.Overview, examples []app.Example, now time.Time) {
	p.flows, p.examples, p.now = flows, examples, now
	p.cards.Objects = nil
	for _, e := range examples {
		p.cards.Objects = append(p.cards.Objects, newExampleCard(e, func() {
			if p.OnExample != nil {
				p.OnExample(e.Name)
			}
		}))
	}
	p.cards.Refresh()
	p.recent.Objects = []fyne.CanvasObject{p.list}
	if len(flows) == 0 {
		p.recent.Objects = []fyne.CanvasObject{container.NewVBox(
			widgets.NewText("No flows yet.", widgets.Strong),
			widgets.NewText("Begin with an example on the right, or draw your own.", widgets.Muted),
		)}
	}
	p.recent.Refresh()
	p.list.Refresh()
}

func (p *Page) open(row int) {
	if row >= 0 && row < len(p.flows) && p.OnFlow != nil {
		p.OnFlow(p.flows[row].ID)
	}
}

func (p *Page) menu(row int, at fyne.Position) {
	if row < 0 || row >= len(p.flows) {
		return
	}
	o := p.flows[row]
	on := "Enable its triggers"
	if o.Enabled {
		on = "Disable its triggers"
	}
	items := []*fyne.MenuItem{
		fyne.NewMenuItem("Open", func() { p.open(row) }),
		fyne.NewMenuItem(on, func() {
			if p.OnEnable != nil {
				p.OnEnable(o.ID, !o.Enabled)
			}
		}),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Remove from this list…", func() {
			if p.OnRemove != nil {
				p.OnRemove(o)
			}
		}),
	}
	c := fyne.CurrentApp().Driver().CanvasForObject(p)
	if c != nil {
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), c, at)
	}
}

// key removes the chosen flow on Delete.
func (p *Page) key(e *fyne.KeyEvent) bool {
	at := p.list.Picked()
	if e.Name != fyne.KeyDelete || at < 0 || at >= len(p.flows) || p.OnRemove == nil {
		return false
	}
	p.OnRemove(p.flows[at])
	return true
}

// drawFlow draws one flow: how its last run went, its name and what is known of it.
func (p *Page) drawFlow(row int, pen *widgets.Pen) {
	o := p.flows[row]
	gap := theme.Size(theme.WideGap)
	x := pen.Dot(gap, StateColour(o.State)) + gap
	x = pen.Text(x, (pen.Width-x)*0.55, o.Name, widgets.Strong) + gap
	if o.Enabled {
		x = pen.Pill(x, "on", "green") + gap
	}
	right := widgets.Caption
	right.Right = true
	pen.Text(x, pen.Width-x-gap, p.about(o), right)
}

func (p *Page) about(o flow.Overview) string {
	return widgets.Count(o.Steps, "step", "steps") + " · " + Ago(p.now.Sub(o.Saved))
}

// StateColour is the colour of a run's state; of none, the quiet one.
func StateColour(s flow.RunState) fyne.ThemeColorName {
	switch s {
	case flow.Running:
		return theme.Running
	case flow.RunDone:
		return theme.Done
	case flow.RunPartial:
		return theme.Partial
	case flow.RunFailed:
		return theme.Failed
	}
	return theme.Idle
}

// Ago says how long ago something was, as a person would.
func Ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	case d < 48*time.Hour:
		return "yesterday"
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}

// CreateRenderer shows the page.
func (p *Page) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.content) }
