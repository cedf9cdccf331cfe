package ui

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/ui/history"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// drawer lies below the canvas: the flow's runs, what is wrong with the flow, and the
// log of the run that is followed.
type drawer struct {
	d        *desk
	content  fyne.CanvasObject
	body     *fyne.Container
	tabs     map[string]*widgets.Button
	runs     *history.List
	problems []flow.Problem
	issues   *widgets.Rows
	log      []flow.LogLine
	lines    *widgets.Rows
	of       flow.ID
	run      flow.RunID
}

// The tabs of the drawer.
const (
	tabRuns     = "Runs"
	tabProblems = "Problems"
	tabLog      = "Log"
)

// logKept is how many lines the drawer holds; the run's page has them all.
const logKept = 5000

func newDrawer(d *desk) *drawer {
	x := &drawer{d: d, body: container.NewStack(), tabs: map[string]*widgets.Button{}}
	x.runs = history.NewList(true)
	x.runs.OnOpen = func(id flow.RunID) { d.w.openRun(id) }
	x.runs.OnState = func(flow.RunState) { x.fetch() }
	x.runs.OnRemove = func(id flow.RunID) { d.w.removeRun(id, x.fetch) }
	x.issues = widgets.NewRows(func() int { return len(x.problems) }, x.drawProblem)
	x.issues.OnPick = func(row int) { x.goTo(x.problems[row]) }
	x.lines = widgets.NewRows(func() int { return len(x.log) }, x.drawLine)
	x.lines.Still = true
	bar := container.NewHBox()
	for _, name := range []string{tabRuns, tabProblems, tabLog} {
		b := widgets.NewButton(widgets.Ghost, "", name, func() { x.show(name) })
		b.Small = true
		x.tabs[name] = b
		bar.Add(b)
	}
	panel := widgets.NewPanel(container.NewBorder(container.NewVBox(newRule(), widgets.NewPanel(bar).Padded(theme.WideGap, theme.Gap)), nil, nil, nil, x.body))
	x.content = panel
	x.show(tabRuns)
	return x
}

func (x *drawer) show(name string) {
	for n, b := range x.tabs {
		b.SetOn(n == name)
	}
	switch name {
	case tabProblems:
		x.body.Objects = []fyne.CanvasObject{x.issues}
		if len(x.problems) == 0 {
			x.body.Objects = []fyne.CanvasObject{widgets.NewEmptyState("check", "Nothing is wrong", "")}
		}
	case tabLog:
		x.body.Objects = []fyne.CanvasObject{x.lines}
	default:
		x.body.Objects = []fyne.CanvasObject{x.runs}
	}
	x.body.Refresh()
}

func (x *drawer) openProblems() { x.show(tabProblems) }

// opened shows the runs of another flow.
func (x *drawer) opened(id flow.ID) {
	if id == x.of && id != "" {
		return
	}
	x.of = id
	x.log, x.run = nil, ""
	x.lines.Refresh()
	x.fetch()
}

func (x *drawer) fetch() {
	id := x.of
	if id == "" {
		x.runs.Fill(nil, false, x.d.w.now())
		return
	}
	var runs []flow.Run
	x.d.w.later("list the runs", func(ctx context.Context) (err error) {
		runs, err = x.d.w.svc.Runs(ctx, app.Query{Flow: id, State: x.runs.State(), Limit: runsAtOnce})
		return err
	}, func() {
		if id == x.of {
			x.runs.Fill(runs, false, x.d.w.now())
		}
	})
}

// follow shows the log of a run from here on.
func (x *drawer) follow(id flow.RunID) {
	x.run, x.log = id, nil
	var lines []flow.LogLine
	x.d.w.later("read the log", func(ctx context.Context) (err error) {
		lines, err = x.d.w.svc.Log(ctx, id)
		return err
	}, func() {
		if id == x.run && len(lines) > len(x.log) {
			x.log = lines[max(0, len(lines)-logKept):]
			x.lines.Refresh()
		}
	})
}

// told takes an event of any run.
func (x *drawer) told(e flow.Event) {
	switch {
	case e.Kind == flow.RunChanged && e.Run.Flow == x.of && x.of != "":
		x.runs.Update(e.Run, x.d.w.now())
	case e.Kind == flow.Logged && e.Run.ID == x.run && x.run != "":
		end := x.lines.AtEnd()
		if x.log = append(x.log, e.Line); len(x.log) > logKept {
			x.log = x.log[len(x.log)-logKept:]
		}
		x.lines.Refresh()
		if end {
			x.lines.ScrollToEnd()
		}
	}
}

func (x *drawer) showProblems(problems []flow.Problem) {
	x.problems = problems
	text := tabProblems
	if len(problems) > 0 {
		text = fmt.Sprintf("%s %d", tabProblems, len(problems))
	}
	x.tabs[tabProblems].SetText(text)
	x.issues.Refresh()
	if x.tabs[tabProblems].On {
		x.show(tabProblems)
	}
}

// goTo chooses the step that a problem is at.
func (x *drawer) goTo(p flow.Problem) {
	if p.Step == "" {
		return
	}
	d := x.d
	d.doc.Select(p.Step)
	if card := d.doc.Card(p.Step); card != nil {
		d.doc.Reveal(card.Rect)
	}
	d.canvas.Refresh()
	d.selected()
}

func (x *drawer) drawProblem(row int, pen *widgets.Pen) {
	p := x.problems[row]
	gap := theme.Size(theme.WideGap)
	colour := theme.Failed
	if p.Warning {
		colour = theme.Partial
	}
	at := pen.Icon(gap, "warning", colour, theme.SmallIconSize) + gap
	pen.Text(at, pen.Width-at-gap, p.Error(), widgets.Plain)
}

func (x *drawer) drawLine(row int, pen *widgets.Pen) {
	l := x.log[row]
	gap := theme.Size(theme.WideGap)
	colour := theme.Muted
	switch l.Level {
	case flow.Warn:
		colour = theme.Partial
	case flow.Error:
		colour = theme.Failed
	}
	at := pen.Text(gap, 0, l.Time.Local().Format("15:04:05.000"), widgets.Code.In(theme.Muted)) + gap
	at = pen.Text(at, 120, string(l.Step), widgets.Code.In(colour)) + gap
	pen.Text(at, pen.Width-at-gap, l.Text, widgets.Code)
}
