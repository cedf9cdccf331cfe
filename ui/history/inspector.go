package history

import (
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/flow"
	"jackfield/ui/widgets"
)

// inspector shows one step of a run: tabs for what came in, what left by each outlet,
// its problems and its log.
type inspector struct {
	content fyne.CanvasObject
	line    *stepLine
	all     []flow.StepRun
	log     []flow.LogLine // of the run
	tab     string
	labels  []string
	tabs    *fyne.Container
	body    *fyne.Container
	records *records
	issues  *Problems
	lines   *widgets.LogView
	said    int // lines of the step that lines shows
}

const (
	tabInput    = "Input"
	tabProblems = "Problems"
	tabLog      = "Log"
)

func newInspector(ask func(flow.Ref, func(flow.Batch))) *inspector {
	x := &inspector{tabs: container.NewHBox(), body: container.NewStack(), records: newRecords(ask), issues: NewProblems(), lines: widgets.NewLogView()}
	x.content = widgets.Under(padded(x.tabs), x.body)
	return x
}

func (x *inspector) setLog(log []flow.LogLine) { x.log = log }

// show takes a step. The tab that was open stays open where the step has it.
func (x *inspector) show(l *stepLine, all []flow.StepRun) {
	fresh := x.line == nil || l == nil || x.line.id != l.id
	x.line, x.all = l, all
	if l == nil {
		x.setTabs(nil)
		x.body.Objects = []fyne.CanvasObject{widgets.NewEmptyState("list", "Nothing was done yet", "Steps appear here when they begin.")}
		x.body.Refresh()
		return
	}
	names := x.names()
	if !slices.Contains(names, x.tab) || fresh {
		x.tab = x.first(names)
	}
	if fresh {
		x.said = -1
	}
	x.setTabs(names)
	x.fill()
}

// setTabs makes the buttons anew where there are others than before.
func (x *inspector) setTabs(names []string) {
	var labels []string
	for _, name := range names {
		labels = append(labels, x.label(name))
	}
	if !slices.Equal(labels, x.labels) || len(names) != len(x.tabs.Objects) {
		x.labels, x.tabs.Objects = labels, nil
		for i, name := range names {
			b := widgets.NewButton(widgets.Ghost, "", labels[i], func() { x.open(name) })
			b.Small = true
			x.tabs.Add(b)
		}
	}
	for i, name := range names {
		x.tabs.Objects[i].(*widgets.Button).SetOn(name == x.tab)
	}
	x.tabs.Refresh()
}

func (x *inspector) names() []string {
	names := []string{}
	if len(x.line.inputs(x.all)) > 0 {
		names = append(names, tabInput)
	}
	for _, o := range x.line.outlets() {
		names = append(names, string(o))
	}
	if len(x.line.problems) > 0 {
		names = append(names, tabProblems)
	}
	return append(names, tabLog)
}

// first is the tab that tells most: failed records, then problems, then what left.
func (x *inspector) first(names []string) string {
	for _, name := range []string{string(flow.Failed), tabProblems} {
		if slices.Contains(names, name) {
			return name
		}
	}
	for _, name := range names {
		if name != tabInput {
			return name
		}
	}
	return names[0]
}

func (x *inspector) label(name string) string {
	switch name {
	case tabInput:
		return fmt.Sprintf("Input %s", compact(sum(x.line.inputs(x.all))))
	case tabProblems:
		return fmt.Sprintf("Problems %d", len(x.line.problems))
	case tabLog:
		return "Log"
	}
	return fmt.Sprintf("Output: %s %s", name, compact(sum(x.line.outputs(flow.Outlet(name)))))
}

func sum(batches []batch) int {
	n := 0
	for _, b := range batches {
		n += b.count
	}
	return n
}

func (x *inspector) open(name string) {
	x.tab = name
	x.setTabs(x.names())
	x.fill()
}

// fill shows what the tab holds.
func (x *inspector) fill() {
	var shown fyne.CanvasObject
	switch x.tab {
	case tabProblems:
		x.issues.Fill(x.line.problems)
		shown = x.issues
	case tabLog:
		shown = x.fillLog()
	case tabInput:
		x.records.fill(x.line.inputs(x.all))
		shown = x.records
	default:
		x.records.fill(x.line.outputs(flow.Outlet(x.tab)))
		shown = x.records
	}
	if len(x.body.Objects) != 1 || x.body.Objects[0] != shown {
		x.body.Objects = []fyne.CanvasObject{shown}
		x.body.Refresh()
	}
}

// fillLog shows what the step said; while a run goes on only what is new is added, so
// that a search and the place in the log stay.
func (x *inspector) fillLog() fyne.CanvasObject {
	var mine []flow.LogLine
	for _, line := range x.log {
		if line.Step == x.line.id {
			mine = append(mine, line)
		}
	}
	switch {
	case x.said < 0 || len(mine) < x.said:
		x.lines.SetLines(mine)
	case len(mine) > x.said:
		x.lines.Append(mine[x.said:]...)
	}
	x.said = len(mine)
	if len(mine) == 0 {
		return widgets.NewEmptyState("log", "This step said nothing", "")
	}
	return x.lines
}
