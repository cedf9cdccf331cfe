package form

import (
	"cmp"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// Subject is what a panel shows: one step, and what it needs to know around it.
type Subject struct {
	Step        flow.Step
	Connector   kit.Connector
	Op          kit.Op
	Known       bool                   // the operation is known here
	Edges       []flow.Edge            // that leave the step
	Title       map[flow.StepID]string // of the steps that they lead to
	Connections []string               // that fit the step's connector
	Containers  []kit.Choice           // steps in whose scope it may be
	Problems    []flow.Problem         // of this step
}

// Panel is all that can be set of one step. Every callback may be nil.
type Panel struct {
	widget.BaseWidget
	OnTitle      func(text string)
	OnRename     func(id flow.StepID)
	OnSet        func(field string, value any)
	OnConnection func(name string)
	OnWhen       func(e flow.Edge, jq string)
	OnRetry      func(flow.Retry)
	OnOnError    func(flow.OnError)
	OnTimeout    func(time.Duration)
	OnIn         func(container flow.StepID)                 // "" takes it out of all
	OnWork       func(field string, change func(*flow.Step)) // how the step does its work
	OnOff        func(bool)
	OnHelp       func(kit.Op)
	Ask          Asker
	Mapping      fyne.CanvasObject // the editor of the mapping, from elsewhere

	now     Subject
	rows    *Rows
	head    *header
	account *widgets.Choice
	in      *widgets.Choice
	edges   *edgesPart
	failure *failurePart
	work    *workPart
	other   *widgets.Prose
	note    *notePart
	busy    bool
	tab     string
	tabs    map[string]*widgets.Button
	parts   map[string]fyne.CanvasObject
	top     *fyne.Container
	body    *fyne.Container
	scroll  *container.Scroll
	content fyne.CanvasObject
}

// The tabs of the panel.
const (
	tabSettings = "Settings"
	tabMapping  = "Mapping"
	tabEdges    = "Edges and failure"
)

// given lists the fields that the step's connection fills.
func (s Subject) given() []string {
	if s.Step.Connection == "" || s.Connector.Connection == nil {
		return nil
	}
	return s.Connector.Connection().Fields().Names()
}

// likens says whether the panel of one serves for the other, with other values in it.
func (s Subject) likens(o Subject) bool {
	edge := func(a, b flow.Edge) bool { return a.From == b.From && a.Leaves() == b.Leaves() && a.To == b.To }
	return s.Step.ID == o.Step.ID && s.Step.Uses == o.Step.Uses && s.Known == o.Known && s.Step.Connection == o.Step.Connection &&
		slices.Equal(s.Connections, o.Connections) && slices.Equal(s.Containers, o.Containers) && slices.EqualFunc(s.Edges, o.Edges, edge)
}

const padding = theme.FarGap

// NewPanel is an empty panel.
func NewPanel() *Panel {
	p := &Panel{top: container.NewVBox(), body: container.NewStack()}
	p.scroll = container.NewVScroll(widgets.NewPanel(p.body).Padded(padding, theme.WideGap))
	p.content = widgets.Under(widgets.NewPanel(p.top).Padded(padding, theme.WideGap), p.scroll)
	p.ExtendBaseWidget(p)
	return p
}

// Fill takes a step. For the one that is shown already, only what has changed is
// written, and nothing where a person is typing.
func (p *Panel) Fill(s Subject) {
	same := p.rows != nil && s.likens(p.now)
	p.now = s
	if !same {
		p.build()
	}
	p.busy = true
	defer func() { p.busy = false }()
	p.head.show(s)
	p.rows.update(bind(s))
	p.edges.show(s)
	p.failure.show(s.Step)
	p.work.show(s.Step)
	if p.in != nil {
		p.in.SetValue(cmp.Or(string(s.Step.In), outside))
	}
	if p.account != nil {
		p.account.SetValue(cmp.Or(s.Step.Connection, noConnection))
	}
	p.SetProblems(s.Problems)
}

// Step is the step that is shown.
func (p *Panel) Step() flow.StepID { return p.now.Step.ID }

// FocusTitle puts the caret into the title.
func (p *Panel) FocusTitle() {
	if p.rows == nil {
		return
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(p); c != nil {
		c.Focus(p.head.title.Editor)
		p.head.title.Select(0, len(p.head.title.Text()))
	}
}

// FocusFirst gives the keyboard to the tab that is open; Tab leads on from there.
func (p *Panel) FocusFirst() {
	if b := p.tabs[p.tab]; b != nil {
		widgets.Focus(b)
	}
}

// SetNote says what the settings of the step do not show.
func (p *Panel) SetNote(n kit.Note) {
	if p.note != nil {
		p.note.show(n)
		p.top.Refresh()
	}
}

// SetProblems says at each place what is wrong with it.
func (p *Panel) SetProblems(all []flow.Problem) {
	p.now.Problems = all
	if p.rows == nil {
		return
	}
	p.rows.SetProblems(all)
	p.edges.showProblems(all)
	known := p.rows.fields.Names()
	text := ""
	for _, one := range all {
		if one.Field != "" && (one.Field == "map" || one.Field == "when" || isAmong(one.Field, known)) {
			continue
		}
		if text != "" {
			text += "\n"
		}
		text += sayProblem(one)
	}
	p.other.SetText(text)
	show(p.other, text != "")
}

func isAmong(field string, names []string) bool {
	for _, name := range names {
		if len(problemsOf([]flow.Problem{{Field: field}}, name)) > 0 {
			return true
		}
	}
	return false
}

// bind gives the fields of the step's operation with the step's settings, and those
// that the fields do not take.
func bind(s Subject) (fields kit.Fields, unfit flow.Values) {
	if !s.Known {
		return nil, nil
	}
	fields = s.Op.New().Fields()
	for _, f := range fields {
		if v, given := s.Step.With[f.Name]; given && f.Set(v) != nil {
			if unfit == nil {
				unfit = flow.Values{}
			}
			unfit[f.Name] = v
		}
	}
	return fields, unfit
}

// build makes the panel anew, for another step.
func (p *Panel) build() {
	s := p.now
	p.head = newHeader(p)
	fields, unfit := bind(s)
	var defaults kit.Fields
	if s.Known {
		defaults = s.Op.New().Fields()
	}
	p.rows = newRows(fields, defaults, p.Ask, s.given(), unfit)
	p.rows.OnSet = func(field string, v any) { p.wish(func() { p.OnSet(field, v) }, p.OnSet != nil) }
	p.other = widgets.NewProse("", widgets.Plain.In(theme.Failed))
	p.other.Hide()
	p.note = newNotePart()
	p.edges = newEdgesPart(p)
	p.failure = newFailurePart(p)
	p.work = newWorkPart(p)
	p.parts = map[string]fyne.CanvasObject{}
	settings := container.NewVBox(p.head.names)
	p.in = nil
	if len(s.Containers) > 0 {
		settings.Add(p.inRow())
	}
	p.account = nil
	if s.Known && s.Connector.Connection != nil {
		settings.Add(p.accountRow())
	}
	settings.Add(p.rows)
	p.parts[tabSettings] = settings
	tabs := []string{tabSettings}
	if p.Mapping != nil && s.Known && s.Op.Role() != kit.TriggerRole {
		p.parts[tabMapping] = p.Mapping
		tabs = append(tabs, tabMapping)
	}
	more := container.NewVBox()
	if len(s.Edges) > 0 {
		more.Add(widgets.NewText("WHERE RECORDS GO", widgets.Overline))
		more.Add(p.edges.content)
	}
	if !s.Op.Trigger {
		more.Add(widgets.NewText("WHEN IT FAILS", widgets.Overline))
		more.Add(p.failure.content)
		more.Add(p.work.content)
	}
	if len(more.Objects) > 0 {
		p.parts[tabEdges] = more
		tabs = append(tabs, tabEdges)
	}
	p.makeTabs(tabs)
	p.scroll.ScrollToTop()
}

// makeTabs shows the tabs; the one that was open stays open where there is it, but a
// step whose mapping is all there is to it opens with that.
func (p *Panel) makeTabs(names []string) {
	bar := container.NewHBox()
	p.tabs = map[string]*widgets.Button{}
	for _, name := range names {
		b := widgets.NewButton(widgets.Ghost, "", name, func() { p.open(name) })
		b.Small = true
		p.tabs[name] = b
		bar.Add(b)
	}
	p.top.Objects = []fyne.CanvasObject{p.head.content, p.note.content, p.other, bar}
	p.top.Refresh()
	switch {
	case p.now.Op.Each && p.parts[tabMapping] != nil:
		p.open(tabMapping)
	case p.parts[p.tab] != nil && p.tab != tabMapping:
		p.open(p.tab)
	default:
		p.open(tabSettings)
	}
}

func (p *Panel) open(name string) {
	p.tab = name
	for n, b := range p.tabs {
		b.SetOn(n == name)
	}
	p.body.Objects = []fyne.CanvasObject{p.parts[name]}
	p.body.Refresh()
	p.scroll.ScrollToTop()
}

// OpenMapping brings the mapping to the front.
func (p *Panel) OpenMapping() {
	if p.parts[tabMapping] != nil {
		p.open(tabMapping)
	}
}

// wish reports a change, unless it is the panel itself that fills its rows.
func (p *Panel) wish(do func(), wanted bool) {
	if !p.busy && wanted {
		do()
	}
}

const noConnection = "none"

// outside stands for no container in a menu.
const outside = "-"

func (p *Panel) inRow() fyne.CanvasObject {
	options := []widgets.Option{{Value: outside, Label: "Not inside another step"}}
	for _, c := range p.now.Containers {
		options = append(options, widgets.Option{Value: c.Value, Label: "Inside " + c.Label})
	}
	p.in = widgets.NewChoice(options, func(id string) {
		if id == outside {
			id = ""
		}
		p.wish(func() { p.OnIn(flow.StepID(id)) }, p.OnIn != nil)
	})
	return container.NewVBox(widgets.NewText("Scope", widgets.Muted), p.in)
}

func (p *Panel) accountRow() fyne.CanvasObject {
	options := []widgets.Option{{Value: noConnection, Label: "none"}}
	for _, name := range p.now.Connections {
		options = append(options, widgets.Option{Value: name, Label: name})
	}
	p.account = widgets.NewChoice(options, func(name string) {
		if name == noConnection {
			name = ""
		}
		p.wish(func() { p.OnConnection(name) }, p.OnConnection != nil)
	})
	return container.NewVBox(widgets.NewText("Connection", widgets.Muted), p.account, widgets.NewGap(theme.Gap))
}

// CreateRenderer shows the panel.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.content) }
