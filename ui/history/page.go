package history

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// Page shows one run: its outcome in a sentence, the flow as it was with what
// happened on it, its steps, and of the chosen step what came in, what left, what it
// said and what went wrong.
type Page struct {
	widget.BaseWidget
	OnBack    func()
	OnResume  func(flow.RunID)
	OnReplay  func(app.Replay)
	OnStop    func(flow.RunID)
	OnGiveUp  func(flow.RunID)
	OnAnswer  func(flow.RunID) // what it asks is to be answered
	OnFlow    func(id flow.ID)
	OnStep    func(flow.StepID) // a step was chosen here
	OnRecords func(ref flow.Ref, got func(flow.Batch))

	run       flow.Run
	all       []flow.StepRun
	lines     []*stepLine
	order     []flow.StepID
	title     func(flow.StepID) string
	steps     *widgets.Rows
	inspector *inspector
	graph     *fyne.Container
	head      *fyne.Container
	pill      *pill
	sentence  *widgets.Text
	facts     *widgets.Text
	resume    *widgets.Button
	replay    *widgets.Button
	others    *widgets.Button // ways to run it again
	stop      *widgets.Button
	giveUp    *widgets.Button
	answer    *widgets.Button
	content   fyne.CanvasObject
}

// The room of the list of steps and of the flow's picture.
const (
	stepsWidth  float32 = 420
	graphHeight float32 = 300
)

// NewPage is an empty page.
func NewPage() *Page {
	p := &Page{title: func(id flow.StepID) string { return string(id) }, graph: container.NewStack()}
	p.steps = widgets.NewRows(func() int { return len(p.lines) }, func(row int, pen *widgets.Pen) {
		p.lines[row].draw(pen, p.title(p.lines[row].id))
	})
	p.steps.OnPick = p.picked
	p.inspector = newInspector(func(ref flow.Ref, got func(flow.Batch)) {
		if p.OnRecords != nil {
			p.OnRecords(ref, got)
		}
	})
	list := widgets.Under(padded(widgets.NewText("STEPS", widgets.Overline)), p.steps)
	below := widgets.NewColumns(widgets.NewPanel(list), widgets.NewPanel(p.inspector.content), widgets.First, stepsWidth)
	parts := widgets.NewStack(p.graph, below, widgets.First, graphHeight)
	p.content = widgets.Under(p.header(), parts)
	p.ExtendBaseWidget(p)
	return p
}

func (p *Page) header() fyne.CanvasObject {
	p.pill = newPill()
	p.sentence = widgets.NewCutText("", widgets.Title)
	p.facts = widgets.NewCutText("", widgets.Muted)
	p.resume = widgets.NewButton(widgets.Primary, "retry", "Retry", func() { wish(p.OnResume, p.run.ID) })
	p.resume.Tip = "Takes only what failed or was not done yet"
	p.replay = widgets.NewButton(widgets.Second, "run", "Run again", func() { wish(p.OnReplay, app.Replay{Run: p.run.ID}) })
	p.replay.Tip = "A new run with the same start and the same version of the flow"
	p.others = widgets.NewIconButton("chevron-down", "Other ways to run it again", p.offerReplays)
	p.stop = widgets.NewButton(widgets.Danger, "stop", "Stop", func() { wish(p.OnStop, p.run.ID) })
	p.giveUp = widgets.NewButton(widgets.Ghost, "cross", "Give up", func() { wish(p.OnGiveUp, p.run.ID) })
	p.giveUp.Tip = "What it left undone stays so: no schedule takes it up again"
	p.answer = widgets.NewButton(widgets.Primary, "inbox", "Answer", func() { wish(p.OnAnswer, p.run.ID) })
	open := widgets.NewButton(widgets.Second, "flow", "Open flow", func() { wish(p.OnFlow, p.run.Flow) })
	back := widgets.NewIconButton("arrow-left", "Back", func() {
		if p.OnBack != nil {
			p.OnBack()
		}
	})
	buttons := container.NewHBox(container.NewCenter(p.giveUp), container.NewCenter(p.stop), container.NewCenter(open), container.NewCenter(p.replay), container.NewCenter(p.others), container.NewCenter(p.resume), container.NewCenter(p.answer))
	words := container.NewVBox(p.sentence, p.facts)
	left := container.NewHBox(container.NewCenter(back), container.NewCenter(p.pill))
	p.head = container.NewBorder(nil, nil, left, buttons, padded(words))
	panel := widgets.NewPanel(p.head)
	panel.PadX, panel.PadY = theme.WideGap, theme.WideGap
	return panel
}

func wish[T any](on func(T), what T) {
	if on != nil {
		on(what)
	}
}

func padded(o fyne.CanvasObject) fyne.CanvasObject {
	return widgets.NewPanel(o).Padded(theme.WideGap, theme.Gap)
}

// SetGraph puts the flow as it was above the steps.
func (p *Page) SetGraph(o fyne.CanvasObject) {
	p.graph.Objects = []fyne.CanvasObject{o}
	p.graph.Refresh()
}

// SetSteps says in which order the flow has its steps, and how they are called.
func (p *Page) SetSteps(order []flow.StepID, title func(flow.StepID) string) {
	p.order, p.title = order, title
	p.inspector.issues.SetTitles(title)
	p.steps.Refresh()
}

// Fill takes a run as it stands. What a person is looking at stays where it is while
// a run goes on.
func (p *Page) Fill(r flow.Run, steps []flow.StepRun, log []flow.LogLine, now time.Time) {
	chosen := p.Step()
	if r.ID != p.run.ID {
		chosen = ""
	}
	p.run, p.all, p.lines = r, steps, linesOf(steps, p.order)
	word, _, tint := wordOf(r)
	p.pill.set(word, tint)
	p.sentence.SetText(outcome(r, flow.Totals(steps), p.title))
	p.facts.SetText(p.inFacts(now))
	show(p.resume, !r.Trimmed && (r.State == flow.RunPartial && resting(steps) || r.State == flow.RunFailed || r.State == flow.RunStopped))
	show(p.replay, r.State.Ended() && !r.Trimmed)
	show(p.others, r.State.Ended() && !r.Trimmed)
	show(p.stop, !r.State.Ended())
	show(p.giveUp, unresolved(r) && !r.Trimmed)
	show(p.answer, r.Questions > 0)
	p.head.Refresh()
	p.steps.Refresh()
	p.inspector.setLog(log)
	if chosen == "" {
		chosen = p.telling()
		wish(p.OnStep, chosen)
	}
	p.Pick(chosen)
}

// unresolved says whether a run left something undone that nobody has given up.
func unresolved(r flow.Run) bool {
	return !r.GivenUp && (r.State == flow.RunFailed || r.State == flow.RunPartial || r.State == flow.RunStopped)
}

// resting says whether any failed record lies where no edge leads on from.
func resting(steps []flow.StepRun) bool {
	taken := map[flow.Ref]bool{}
	for _, s := range steps {
		for _, ref := range s.From {
			taken[ref] = true
		}
	}
	for _, s := range steps {
		if s.Out[flow.Failed] > 0 && !taken[flow.Ref{Run: s.Run, Seq: s.Seq, Outlet: flow.Failed}] {
			return true
		}
	}
	return false
}

func (p *Page) inFacts(now time.Time) string {
	text := fmt.Sprintf("%s · version %d · started %s %s · took %s", p.run.Name, p.run.Version, when(p.run.Started, now), byWhom(p.run.Cause), took(p.run.Took(now)))
	if p.run.Resumed > 0 {
		text += fmt.Sprintf(" · retried %d×", p.run.Resumed)
	}
	if p.run.Bytes > 0 {
		text += " · takes " + flow.ShowSize(p.run.Bytes)
	}
	if p.run.Trimmed {
		text += " · only the first records are left"
	}
	switch {
	case p.run.GivenUp:
		text += " · given up"
	case p.run.Queued:
		text += " · waits for its turn"
	case !p.run.Wakes.IsZero() && !p.run.State.Ended():
		text += " · goes on at " + when(p.run.Wakes, now)
	}
	if p.run.Questions > 0 {
		text += " · " + answersAwaited(p.run.Questions)
	}
	if p.run.Of != "" {
		text += " · again after " + string(p.run.Of)
	}
	return text + " · " + string(p.run.ID)
}

// telling is the step that a person wants to see first: the first that failed, or
// else the last.
func (p *Page) telling() flow.StepID {
	for _, l := range p.lines {
		if l.failed() > 0 || len(l.problems) > 0 {
			return l.id
		}
	}
	if len(p.lines) == 0 {
		return ""
	}
	return p.lines[len(p.lines)-1].id
}

// Step is the chosen step.
func (p *Page) Step() flow.StepID {
	if at := p.steps.Picked(); at >= 0 && at < len(p.lines) {
		return p.lines[at].id
	}
	return ""
}

// Pick chooses a step, as when it was chosen on the graph.
func (p *Page) Pick(id flow.StepID) {
	for i, l := range p.lines {
		if l.id == id {
			p.steps.Pick(i)
			p.inspector.show(l, p.all)
			return
		}
	}
	p.steps.Pick(-1)
	p.inspector.show(nil, nil)
}

func (p *Page) picked(row int) {
	if row < 0 || row >= len(p.lines) {
		return
	}
	p.inspector.show(p.lines[row], p.all)
	if p.OnStep != nil {
		p.OnStep(p.lines[row].id)
	}
}

func show(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

// CreateRenderer shows the page.
func (p *Page) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.content) }
