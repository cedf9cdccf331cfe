package ui

import (
	"context"
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/ui/cursors"
	"jackfield/ui/history"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// drawer lies below the canvas: the flow's runs, what is wrong with the flow, and the
// log of the run that is followed.
type drawer struct {
	d       *desk
	content fyne.CanvasObject
	body    *fyne.Container
	tabs    map[string]*widgets.Button
	runs    *history.List
	issues  *history.Problems
	lines   *widgets.LogView
	stands  *cursors.View

	wrong    []flow.Problem             // what the last check found
	troubles map[flow.ID][]flow.Problem // what went wrong with triggers since the window opened
	of       flow.ID
	run      flow.RunID
	reading  bool           // the log of the run is being fetched
	meantime []flow.LogLine // what was said since
}

// The tabs of the drawer.
const (
	tabRuns     = "Runs"
	tabProblems = "Problems"
	tabLog      = "Log"
	tabCursors  = "Remembered"
)

// troublesKept is how many of a flow's troubles are remembered.
const troublesKept = 20

func newDrawer(d *desk) *drawer {
	x := &drawer{d: d, body: container.NewStack(), tabs: map[string]*widgets.Button{}, troubles: map[flow.ID][]flow.Problem{}}
	x.runs = history.NewList(true)
	x.runs.OnOpen = func(id flow.RunID) { d.w.openRun(id) }
	x.runs.OnRemove = func(id flow.RunID) { d.w.removeRun(id, x.fetch) }
	x.issues = history.NewProblems()
	x.issues.SetTitles(func(id flow.StepID) string { return d.doc.TitleOf(id) })
	x.issues.OnPick = func(p flow.Problem) { d.goTo(p.Step) }
	x.lines = widgets.NewLogView()
	x.lines.OnStep = d.goTo
	x.makeCursors()
	bar := container.NewHBox()
	for _, name := range []string{tabRuns, tabProblems, tabLog, tabCursors} {
		b := widgets.NewButton(widgets.Ghost, "", name, func() { x.show(name) })
		b.Small = true
		x.tabs[name] = b
		bar.Add(b)
	}
	head := container.NewVBox(widgets.NewLine(), widgets.NewPanel(bar).Padded(theme.WideGap, theme.Gap))
	x.content = widgets.NewPanel(widgets.Under(head, x.body))
	x.show(tabRuns)
	return x
}

func (x *drawer) show(name string) {
	for n, b := range x.tabs {
		b.SetOn(n == name)
	}
	var shown fyne.CanvasObject
	switch name {
	case tabProblems:
		shown = x.issues
	case tabLog:
		shown = x.lines
		if x.run == "" {
			shown = widgets.NewEmptyState("log", "No run is followed", "Press Run, and what its steps say appears here.")
		}
	case tabCursors:
		shown = x.stands
		x.fetchCursors()
	default:
		shown = x.runs
	}
	x.body.Objects = []fyne.CanvasObject{shown}
	x.body.Refresh()
}

// focus gives the keyboard to the tab that is open.
func (x *drawer) focus() {
	for _, b := range x.tabs {
		if b.On {
			widgets.Focus(b)
		}
	}
}

func (x *drawer) showing(name string) bool { return x.tabs[name].On }

// opened shows the runs of another flow.
func (x *drawer) opened(id flow.ID) {
	if id == x.of && id != "" {
		return
	}
	x.of = id
	x.run, x.reading, x.meantime = "", false, nil
	x.lines.SetLines(nil)
	if x.showing(tabLog) {
		x.show(tabLog)
	}
	x.fill()
	x.fetch()
	if x.showing(tabCursors) {
		x.fetchCursors()
	}
}

func (x *drawer) fetch() {
	id := x.of
	if id == "" {
		x.runs.Fill(nil, false, x.d.w.now())
		return
	}
	var runs []flow.Run
	x.d.w.later("list the runs", func(ctx context.Context) (err error) {
		runs, err = x.d.w.svc.Runs(ctx, app.Query{Flow: id, Limit: runsAtOnce})
		return err
	}, func() {
		if id == x.of {
			x.runs.Fill(runs, false, x.d.w.now())
		}
	})
}

// follow shows the log of a run from here on.
func (x *drawer) follow(id flow.RunID) {
	x.run, x.reading, x.meantime = id, true, nil
	x.lines.SetLines(nil)
	if x.showing(tabLog) {
		x.show(tabLog)
	}
	var lines []flow.LogLine
	x.d.w.laterOr("read the log", func(ctx context.Context) (err error) {
		lines, err = x.d.w.svc.Log(ctx, id)
		return err
	}, func() {
		if id != x.run {
			return
		}
		x.lines.SetLines(withNew(lines, x.meantime))
		x.reading, x.meantime = false, nil
	}, func() {
		if id == x.run {
			x.reading, x.meantime = false, nil
		}
	})
}

// withNew adds to the lines that were read those that were told while they were,
// and that are not among them.
func withNew(read, told []flow.LogLine) []flow.LogLine {
	for _, line := range told {
		if !slices.ContainsFunc(read, func(l flow.LogLine) bool {
			return l.Time.Equal(line.Time) && l.Step == line.Step && l.Record == line.Record && l.Text == line.Text
		}) {
			read = append(read, line)
		}
	}
	return read
}

// told takes events of any run.
func (x *drawer) told(events []flow.Event) {
	var lines []flow.LogLine
	var changed []flow.Run
	for _, e := range events {
		switch {
		case e.Kind == flow.RunChanged && e.Run.Flow == x.of && x.of != "":
			changed = append(slices.DeleteFunc(changed, func(r flow.Run) bool { return r.ID == e.Run.ID }), e.Run)
		case e.Kind == flow.Logged && e.Run.ID == x.run && x.run != "":
			lines = append(lines, e.Line)
		}
	}
	for _, r := range changed {
		x.runs.Update(r, x.d.w.now())
	}
	if len(changed) > 0 && x.showing(tabCursors) {
		x.fetchCursors()
	}
	switch {
	case x.reading:
		x.meantime = append(x.meantime, lines...)
	case len(lines) > 0:
		x.lines.Append(lines...)
	}
}

// troubled remembers what went wrong with a flow's triggers: a line in passing is gone
// before a person who is away comes back.
func (x *drawer) troubled(e flow.Event) {
	if e.Flow == "" {
		return
	}
	p := flow.Problem{What: e.What, Warning: true}
	list := slices.DeleteFunc(x.troubles[e.Flow], func(o flow.Problem) bool { return o == p })
	list = append(list, p)
	x.troubles[e.Flow] = list[max(0, len(list)-troublesKept):]
	if e.Flow == x.of {
		x.fill()
	}
}

// forgive forgets the troubles of a flow whose triggers were changed.
func (x *drawer) forgive(id flow.ID) {
	delete(x.troubles, id)
	if id == x.of {
		x.fill()
	}
}

func (x *drawer) showProblems(problems []flow.Problem) {
	x.wrong = problems
	x.fill()
}

// fill shows what is wrong: with the flow, then with its triggers.
func (x *drawer) fill() {
	all := append(slices.Clone(x.wrong), x.troubles[x.of]...)
	text := tabProblems
	if len(all) > 0 {
		text = fmt.Sprintf("%s %d", tabProblems, len(all))
	}
	x.tabs[tabProblems].SetText(text)
	x.issues.Fill(all)
}
