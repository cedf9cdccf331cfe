// Package connections shows the accounts of this machine: a list, and of one of them
// the form that its connector declares, with a test.
package connections

import (
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
	OnSave     func(c flow.Connection) // answered by Saved or ShowProblems
	OnTest     func(c flow.Connection) // answered by AddCheck and TestEnded, or ShowProblems
	OnRemove   func(name string)
	OnOpenFlow func(id flow.ID)
	// OnHealth wants to know how a stored connection has fared, which ShowHealth answers.
	OnHealth func(name string)
	// OnCancelTest ends the test that goes on; nothing of it is wanted any more.
	OnCancelTest func()
	// OnShow wants to know how the sign-in of a stored connection stands, which ShowStanding
	// answers. OnSignIn begins one; ShowInvitation and SignInEnded answer.
	OnShow         func(name string)
	OnSignIn       func(name string, way kit.Way)
	OnCancelSignIn func()
	OnPaste        func(id, address string)
	OnSignOut      func(name string)
	OnBrowse       func(address string)
	// OnLose is asked before changes that are not saved give way; nil goes on.
	OnLose  func(name string, goOn func())
	NewForm widgets.FormMaker

	ops     kit.Set
	all     []flow.Connection
	open    flow.Connection
	fresh   bool // open is not stored yet
	changed bool // it differs from what is stored
	form    widgets.Form
	name    *widgets.Editor
	wrong   *widgets.Prose // what is wrong with the name, or with all of it
	pasted  *widgets.Prose // what may be pasted, and what became of it
	rows    *widgets.Rows
	side    *fyne.Container
	body    *fyne.Container   // what stands in it of one connection
	scroll  *container.Scroll // that it is in
	checks  *checks
	entry   *entry
	health  *health
	content fyne.CanvasObject
}

// The room of the list, and of what a test found.
const (
	listWidth     float32 = 360
	resultsHeight float32 = 220
)

// New is a page for the connectors that take connections.
func New(ops kit.Set) *Page {
	p := &Page{ops: connectable(ops), side: container.NewStack()}
	p.checks = newChecks()
	p.entry = newEntry(p)
	p.health = newHealth()
	p.rows = widgets.NewRows(func() int { return len(p.all) }, p.draw)
	p.rows.OnPick = p.picked
	p.rows.OnKey = p.key
	add := widgets.NewButton(widgets.Primary, "add", "New connection", func() { p.leave(p.add) })
	list := widgets.Under(widgets.NewPanel(container.NewHBox(add)).Padded(theme.FarGap, theme.WideGap), p.rows)
	p.content = widgets.NewColumns(widgets.NewPanel(list), p.side, widgets.First, listWidth)
	p.ExtendBaseWidget(p)
	p.empty()
	return p
}

// SetConnectors offers others.
func (p *Page) SetConnectors(ops kit.Set) {
	p.ops = connectable(ops)
	p.rows.Refresh()
}

func connectable(ops kit.Set) kit.Set {
	return slices.DeleteFunc(slices.Clone(ops), func(c kit.Connector) bool { return c.Connection == nil })
}

func (p *Page) empty() {
	p.open, p.fresh, p.changed, p.form = flow.Connection{}, false, false, nil
	p.rows.Pick(-1)
	p.side.Objects = []fyne.CanvasObject{widgets.NewEmptyState("key", "Accounts on services",
		"A flow names a connection; what is in it stays on this machine. Choose one, or make a new one.")}
	p.side.Refresh()
}

// Fill takes the connections; the one that is open stays open, with what was changed.
func (p *Page) Fill(all []flow.Connection) {
	p.all = all
	p.rows.Refresh()
	at := p.place(p.open.Name)
	switch {
	case p.fresh:
		p.rows.Pick(-1)
	case at < 0:
		p.empty()
	case !p.changed:
		p.rows.Pick(at)
		p.edit(all[at], false)
	}
}

func (p *Page) place(name string) int {
	return slices.IndexFunc(p.all, func(c flow.Connection) bool { return c.Name == name })
}

// Saved takes the connections as they are once c was saved, and shows c.
func (p *Page) Saved(c flow.Connection, all []flow.Connection) {
	if p.open.Name == c.Name {
		p.fresh, p.changed = false, false
	}
	p.Fill(all)
	p.entry.draw()
}

func (p *Page) picked(row int) {
	c := p.all[row]
	if c.Name == p.open.Name && !p.fresh {
		return
	}
	p.rows.Pick(p.shownAt())
	p.leave(func() {
		p.edit(c, false)
		p.rows.Pick(p.place(c.Name))
	})
}

// shownAt is the row of what is open, -1 for none.
func (p *Page) shownAt() int {
	if p.fresh {
		return -1
	}
	return p.place(p.open.Name)
}

// leave goes on, after a question where something would be lost.
func (p *Page) leave(goOn func()) {
	if !p.changed || p.OnLose == nil {
		goOn()
		return
	}
	name := p.open.Name
	if name == "" {
		name = "the new connection"
	}
	p.OnLose(name, goOn)
}

func (p *Page) key(e *fyne.KeyEvent) bool {
	if e.Name != fyne.KeyDelete || p.open.Name == "" || p.open.BuiltIn || p.fresh {
		return false
	}
	p.remove()
	return true
}

func (p *Page) add() {
	if len(p.ops) == 0 {
		return
	}
	p.rows.Pick(-1)
	p.edit(flow.Connection{Connector: p.ops[0].ID}, true)
	widgets.Focus(p.name)
}

func (p *Page) save() {
	p.ShowProblems(nil)
	if p.fresh && p.place(p.open.Name) >= 0 {
		p.ShowProblems([]flow.Problem{{Field: "name", What: "there is a connection " + p.open.Name + " already", Fix: "choose another name"}})
		return
	}
	if p.OnSave != nil {
		p.OnSave(p.given())
	}
}

func (p *Page) test() {
	p.ShowProblems(nil)
	p.checks.begin(func() {
		p.checks.end("Cancelled")
		p.OnCancelTest()
	})
	if p.OnTest != nil {
		p.OnTest(p.given())
	}
}

func (p *Page) remove() {
	if p.OnRemove != nil {
		p.OnRemove(p.open.Name)
	}
}

// given is what is open as a person has set it. It shares nothing with the form.
func (p *Page) given() flow.Connection {
	c := p.open
	c.Values, c.Secrets = maps.Clone(c.Values), maps.Clone(c.Secrets)
	return c
}

// AddCheck shows what one check of the test found that goes on.
func (p *Page) AddCheck(one kit.Check) { p.checks.add(one) }

// TestEnded leaves what the test has found.
func (p *Page) TestEnded() {
	p.checks.end("")
	p.askHealth()
}

// askHealth looks how the stored connection has fared that is shown.
func (p *Page) askHealth() {
	if !p.fresh && p.open.Name != "" && p.OnHealth != nil {
		p.OnHealth(p.open.Name)
	}
}

// dropTest ends a test that goes on, and forgets what was found.
func (p *Page) dropTest() {
	if p.checks.going != nil && p.OnCancelTest != nil {
		p.OnCancelTest()
	}
	p.checks.clear()
}

// ShowProblems says at each field what is wrong with it.
func (p *Page) ShowProblems(all []flow.Problem) {
	p.dropTest()
	if p.form == nil {
		return
	}
	text := ""
	for _, one := range all {
		if _, known := p.fields().Field(one.Field); known {
			continue
		}
		if text != "" {
			text += "\n"
		}
		text += one.What
		if one.Fix != "" {
			text += "; " + one.Fix
		}
	}
	p.wrong.SetText(text)
	show(p.wrong, text != "")
	p.form.SetProblems(all)
	p.side.Refresh()
}

func show(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
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
	x = pen.Text(x, pen.Width*0.6, c.Name, widgets.Strong) + gap
	if c.BuiltIn {
		title += ", built in"
	}
	pen.Text(x, pen.Width-x-gap, title, widgets.Caption)
}

// CreateRenderer shows the page.
func (p *Page) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.content) }
