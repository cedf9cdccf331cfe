package form

import (
	"cmp"
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
	OnOff        func(bool)
	OnHelp       func(kit.Op)
	Ask          Asker
	Mapping      fyne.CanvasObject // the editor of the mapping, from elsewhere

	now     Subject
	rows    *Rows
	head    *header
	account *widgets.Choice
	edges   *edgesPart
	failure *failurePart
	other   *widgets.Prose
	busy    bool
	body    *fyne.Container
	scroll  *container.Scroll
}

// NewPanel is an empty panel.
func NewPanel() *Panel {
	p := &Panel{body: container.NewVBox()}
	p.scroll = container.NewVScroll(container.NewPadded(p.body))
	p.ExtendBaseWidget(p)
	return p
}

// Fill takes a step. For the one that is shown already, only what has changed is
// written, and nothing where a person is typing.
func (p *Panel) Fill(s Subject) {
	same := p.rows != nil && s.Step.ID == p.now.Step.ID && s.Step.Uses == p.now.Step.Uses && s.Known == p.now.Known &&
		len(s.Edges) == len(p.now.Edges) && len(s.Connections) == len(p.now.Connections)
	p.now = s
	if !same {
		p.build()
	}
	p.busy = true
	defer func() { p.busy = false }()
	p.head.show(s)
	p.rows.Update(bind(s))
	p.edges.show(s)
	p.failure.show(s.Step)
	if p.account != nil {
		p.account.SetValue(cmp.Or(s.Step.Connection, noConnection))
	}
	p.SetProblems(s.Problems)
}

// Clear shows that no step is chosen.
func (p *Panel) Clear(content fyne.CanvasObject) {
	p.now, p.rows = Subject{}, nil
	p.body.Objects = []fyne.CanvasObject{content}
	p.body.Refresh()
	p.scroll.ScrollToTop()
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
	if text == "" {
		p.other.Hide()
	} else {
		p.other.Show()
	}
}

func isAmong(field string, names []string) bool {
	for _, name := range names {
		if len(problemsOf([]flow.Problem{{Field: field}}, name)) > 0 {
			return true
		}
	}
	return false
}

// bind gives the fields of the step's operation with the step's settings.
func bind(s Subject) kit.Fields {
	if !s.Known {
		return nil
	}
	fields := s.Op.New().Fields()
	fields.Bind(s.Step.ID, s.Step.With)
	return fields
}

// build makes the panel anew, for another step.
func (p *Panel) build() {
	s := p.now
	p.head = newHeader(p)
	fields := bind(s)
	var defaults kit.Fields
	if s.Known {
		defaults = s.Op.New().Fields()
	}
	p.rows = NewRows(fields, defaults, p.Ask)
	p.rows.OnSet = func(field string, v any) { p.wish(func() { p.OnSet(field, v) }, p.OnSet != nil) }
	p.other = widgets.NewProse("", widgets.Plain.In(theme.Failed))
	p.other.Hide()
	p.edges = newEdgesPart(p)
	p.failure = newFailurePart(p)
	p.body.Objects = []fyne.CanvasObject{p.head.content, p.other}
	p.account = nil
	if s.Known && s.Connector.Connection != nil {
		p.body.Add(p.accountRow())
	}
	if len(fields) > 0 {
		p.body.Add(widgets.NewSection("Settings", true, p.rows))
	}
	if p.Mapping != nil && s.Known && !s.Op.Trigger && s.Op.Role() != kit.TriggerRole {
		p.body.Add(widgets.NewSection(mappingTitle(s.Op), true, p.Mapping))
	}
	if len(s.Edges) > 0 {
		p.body.Add(widgets.NewSection("Where records go", true, p.edges.content))
	}
	if !s.Op.Trigger {
		p.body.Add(widgets.NewSection("When it fails", p.failure.set(s.Step), p.failure.content))
	}
	p.body.Refresh()
	p.scroll.ScrollToTop()
}

func mappingTitle(op kit.Op) string {
	if op.Each {
		return "Expression (jq)"
	}
	return "Mapping (jq)"
}

// wish reports a change, unless it is the panel itself that fills its rows.
func (p *Panel) wish(do func(), wanted bool) {
	if !p.busy && wanted {
		do()
	}
}

const noConnection = "none"

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
func (p *Panel) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.scroll) }
