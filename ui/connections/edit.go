package connections

import (
	"maps"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// edit opens the form of a connection.
func (p *Page) edit(c flow.Connection, fresh bool) {
	c.Values, c.Secrets = maps.Clone(c.Values), maps.Clone(c.Secrets)
	if c.Values == nil {
		c.Values = flow.Values{}
	}
	p.open, p.fresh, p.changed = c, fresh, false
	declared, ok := p.ops.Connector(c.Connector)
	if !ok || p.NewForm == nil {
		p.side.Objects = []fyne.CanvasObject{widgets.NewEmptyState("help", c.Name, "Its connector, "+c.Connector+", is not known here.")}
		p.side.Refresh()
		return
	}
	p.form = p.NewForm(p.fields(), declared.Connection().Fields(), p.set)
	p.wrong = widgets.NewProse("", widgets.Plain.In(theme.Failed))
	p.wrong.Hide()
	title := p.open.Name + "  ·  " + declared.Title
	if fresh {
		title = "New connection"
	}
	head := container.NewVBox(widgets.NewText(title, widgets.Title))
	switch {
	case c.BuiltIn:
		head.Add(widgets.NewProse("Built in: it starts a small service on this machine when a flow uses it, so that the examples work without an account.", widgets.Muted))
	case fresh:
		head.Add(p.nameRow())
		if len(p.ops) > 1 {
			head.Add(p.connectorRow())
		}
	}
	if !c.BuiltIn {
		head.Add(p.pasteRow())
	}
	head.Add(widgets.NewGap(theme.FarGap))
	head.Add(p.entry.content)
	p.body = container.NewVBox(head, p.form, p.wrong, p.actions(), p.health.content)
	body := widgets.NewPanel(p.body).Padded(theme.FarGap, theme.FarGap).On("")
	p.dropTest()
	p.entry.open()
	if !fresh && !c.BuiltIn && p.OnShow != nil {
		p.OnShow(c.Name)
	}
	p.health.clear()
	p.askHealth()
	p.scroll = container.NewVScroll(widgets.NewReadable(body))
	p.side.Objects = []fyne.CanvasObject{widgets.NewStack(
		p.scroll, p.checks.content, widgets.Last, resultsHeight)}
	p.side.Refresh()
}

// fields are those of the open connection with its values. A secret that is stored is
// not shown; one that is typed takes its place.
func (p *Page) fields() kit.Fields {
	declared, _ := p.ops.Connector(p.open.Connector)
	fields := declared.Connection().Fields()
	fields.Bind("", p.open.Values)
	for i, f := range fields {
		if p.open.Secrets[f.Name] != "" {
			fields[i].Sample, fields[i].Required = "stored; type to put another in its place", false
		}
	}
	return fields
}

func (p *Page) set(name string, value any) {
	p.changed = true
	if value == nil {
		delete(p.open.Values, name)
	} else {
		p.open.Values[name] = value
	}
	p.entry.draw()
}

func (p *Page) nameRow() fyne.CanvasObject {
	p.name = widgets.NewTextField("what flows call it, like crm", func(text string) {
		p.open.Name, p.changed = text, true
	})
	p.name.SetText(p.open.Name)
	return container.NewVBox(widgets.NewText("Name", widgets.Muted), p.name)
}

func (p *Page) connectorRow() fyne.CanvasObject {
	var options []widgets.Option
	for _, c := range p.ops {
		options = append(options, widgets.Option{Value: c.ID, Label: c.Title})
	}
	choice := widgets.NewChoice(options, func(id string) {
		p.edit(flow.Connection{Name: p.open.Name, Connector: id}, true)
		p.changed = p.open.Name != ""
	})
	choice.SetValue(p.open.Connector)
	return container.NewVBox(widgets.NewText("Service", widgets.Muted), choice)
}

func (p *Page) actions() fyne.CanvasObject {
	buttons := container.NewHBox()
	if !p.open.BuiltIn {
		buttons.Add(widgets.NewButton(widgets.Primary, "save", "Save", p.save))
	}
	buttons.Add(widgets.NewButton(widgets.Second, "check", "Test", p.test))
	if !p.open.BuiltIn && !p.fresh {
		buttons.Add(widgets.NewButton(widgets.Danger, "delete", "Remove", p.remove))
	}
	return container.NewVBox(widgets.NewGap(theme.WideGap), buttons)
}
