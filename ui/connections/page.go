// Package connections shows the accounts of this machine: a list, and of one of them
// the form that its connector declares, with a test.
package connections

import (
	"fmt"
	"maps"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// Page is the page of connections. The window gives it what there is and carries
// out its wishes.
type Page struct {
	widget.BaseWidget
	OnSave   func(c flow.Connection)
	OnTest   func(c flow.Connection)
	OnRemove func(name string)
	// Form makes the rows of a form from fields; changed is told each new value.
	Form func(fields, defaults kit.Fields, changed func(name string, value any)) fyne.CanvasObject

	ops      kit.Set
	all      []flow.Connection
	open     flow.Connection
	fresh    bool // open is not stored yet
	rows     *widgets.Rows
	side     *fyne.Container
	checks   []kit.Check
	checking bool
	results  *widgets.Rows
	content  fyne.CanvasObject
}

// The room of the list, and of what a test found.
const (
	listWidth     float32 = 360
	resultsHeight float32 = 200
)

// readable keeps a form no wider than is good to read.
type readable struct{}

func (*readable) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(fyne.NewSize(min(size.Width, theme.Size(theme.ReadWidth)+2*theme.Size(theme.FarGap)), size.Height))
	}
}

func (*readable) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }

// New is a page for the connectors that take connections.
func New(ops kit.Set) *Page {
	p := &Page{ops: slices.DeleteFunc(slices.Clone(ops), func(c kit.Connector) bool { return c.Connection == nil }), side: container.NewStack()}
	p.rows = widgets.NewRows(func() int { return len(p.all) }, p.draw)
	p.rows.OnPick = func(row int) { p.edit(p.all[row], false) }
	p.results = widgets.NewRows(func() int { return len(p.checks) }, p.drawCheck)
	p.results.Still = true
	add := widgets.NewButton(widgets.Primary, "add", "New connection", p.add)
	list := container.NewBorder(widgets.NewPanel(container.NewHBox(add)).Padded(theme.FarGap, theme.WideGap), nil, nil, nil, p.rows)
	p.content = widgets.NewColumns(widgets.NewPanel(list), p.side, widgets.First, listWidth)
	p.ExtendBaseWidget(p)
	p.empty()
	return p
}

func (p *Page) empty() {
	p.side.Objects = []fyne.CanvasObject{widgets.NewEmptyState("key", "Accounts on services",
		"A flow names a connection; what is in it stays on this machine. Choose one, or make a new one.")}
	p.side.Refresh()
}

// Fill takes the connections; the one that is open stays open.
func (p *Page) Fill(all []flow.Connection) {
	p.all = all
	p.rows.Refresh()
	at := slices.IndexFunc(all, func(c flow.Connection) bool { return c.Name == p.open.Name })
	p.rows.Pick(at)
	if at >= 0 {
		p.edit(all[at], false)
	} else if !p.fresh {
		p.empty()
	}
}

func (p *Page) add() {
	if len(p.ops) == 0 {
		return
	}
	p.rows.Pick(-1)
	p.edit(flow.Connection{Connector: p.ops[0].ID, Values: flow.Values{}}, true)
}

// edit opens the form of a connection.
func (p *Page) edit(c flow.Connection, fresh bool) {
	c.Values = maps.Clone(c.Values)
	if c.Values == nil {
		c.Values = flow.Values{}
	}
	p.open, p.fresh, p.checks, p.checking = c, fresh, nil, false
	declared, ok := p.ops.Connector(c.Connector)
	if !ok || p.Form == nil {
		p.empty()
		return
	}
	fields := declared.Connection().Fields()
	fields.Bind("", c.Values)
	form := p.Form(fields, declared.Connection().Fields(), func(name string, value any) {
		if value == nil {
			delete(p.open.Values, name)
		} else {
			p.open.Values[name] = value
		}
	})
	head := container.NewVBox(widgets.NewText(p.title(declared), widgets.Title))
	if c.BuiltIn {
		head.Add(widgets.NewProse("Built in: it starts a small service on this machine when a flow uses it, so that the examples work without an account.", widgets.Muted))
	} else {
		head.Add(p.nameRow(fresh))
		if fresh && len(p.ops) > 1 {
			head.Add(p.connectorRow())
		}
	}
	head.Add(widgets.NewGap(theme.FarGap))
	body := widgets.NewPanel(container.NewVBox(head, form, p.actions())).Padded(theme.FarGap, theme.FarGap).On("")
	p.side.Objects = []fyne.CanvasObject{widgets.NewStack(
		container.NewVScroll(container.New(&readable{}, body)), p.results, widgets.Last, resultsHeight)}
	p.side.Refresh()
	p.results.Refresh()
}

func (p *Page) title(c kit.Connector) string {
	if p.fresh {
		return "New connection"
	}
	return p.open.Name + "  ·  " + c.Title
}

func (p *Page) nameRow(fresh bool) fyne.CanvasObject {
	name := widgets.NewTextField("what flows call it, like crm", func(text string) { p.open.Name = text })
	name.SetText(p.open.Name)
	if !fresh {
		return widgets.NewGap(theme.Gap)
	}
	return container.NewVBox(widgets.NewText("Name", widgets.Caption), name)
}

func (p *Page) connectorRow() fyne.CanvasObject {
	var options []widgets.Option
	for _, c := range p.ops {
		options = append(options, widgets.Option{Value: c.ID, Label: c.Title})
	}
	choice := widgets.NewChoice(options, func(id string) {
		p.edit(flow.Connection{Name: p.open.Name, Connector: id}, true)
	})
	choice.SetValue(p.open.Connector)
	return container.NewVBox(widgets.NewText("Service", widgets.Caption), choice)
}

func (p *Page) actions() fyne.CanvasObject {
	test := widgets.NewButton(widgets.Second, "check", "Test", func() {
		p.checking, p.checks = true, nil
		p.results.Refresh()
		if p.OnTest != nil {
			p.OnTest(p.open)
		}
	})
	buttons := container.NewHBox(test)
	if !p.open.BuiltIn {
		buttons.Add(widgets.NewButton(widgets.Primary, "save", "Save", func() {
			p.fresh = false
			if p.OnSave != nil {
				p.OnSave(p.open)
			}
		}))
	}
	if !p.open.BuiltIn && !p.fresh {
		buttons.Add(widgets.NewButton(widgets.Danger, "delete", "Remove", func() {
			if p.OnRemove != nil {
				p.OnRemove(p.open.Name)
			}
		}))
	}
	return container.NewVBox(widgets.NewGap(theme.WideGap), buttons)
}

// ShowChecks shows what a test found.
func (p *Page) ShowChecks(checks []kit.Check) {
	p.checking, p.checks = false, checks
	p.results.Refresh()
}

func (p *Page) draw(row int, pen *widgets.Pen) {
	c := p.all[row]
	gap := theme.Size(theme.WideGap)
	tint, icon, title := "slate", "connection", c.Connector
	if declared, ok := p.ops.Connector(c.Connector); ok {
		tint, icon, title = declared.Tint, declared.Icon, declared.Title
	}
	front, _ := theme.TintNames(tint)
	x := pen.Icon(gap, icon, front, theme.IconSize) + gap
	x = pen.Text(x, 0, c.Name, widgets.Strong) + gap
	if c.BuiltIn {
		title += ", built in"
	}
	pen.Text(x, pen.Width-x-gap, title, widgets.Caption)
}

func (p *Page) drawCheck(row int, pen *widgets.Pen) {
	c := p.checks[row]
	gap := theme.Size(theme.WideGap)
	icon, colour := "check", theme.Done
	if !c.OK {
		icon, colour = "cross", theme.Failed
	}
	x := pen.Icon(gap, icon, colour, theme.SmallIconSize) + gap
	x = max(pen.Text(x, 0, c.Name, widgets.Strong), x+90) + gap
	text := c.What
	if c.Fix != "" {
		text += "; " + c.Fix
	}
	pen.Text(x, pen.Width-x-80, text, widgets.Plain)
	pen.Text(pen.Width-70, 60, fmt.Sprintf("%d ms", c.Took.Milliseconds()), widgets.Caption)
}

// CreateRenderer shows the page.
func (p *Page) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.content) }
