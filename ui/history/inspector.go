package history

import (
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/flow"
	"jackfield/flow/value"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// inspector shows one step of a run: tabs for what came in, what left by each outlet,
// its problems and its log; records in a list and one of them whole.
type inspector struct {
	content fyne.CanvasObject
	ask     func(flow.Ref, func(flow.Batch))
	line    *stepLine
	all     []flow.StepRun
	log     []flow.LogLine // of the run
	mine    []flow.LogLine // of the step
	tab     string
	tabs    *fyne.Container
	body    *fyne.Container
	records *widgets.Rows
	detail  *widgets.JSONView
	why     *widgets.Prose
	pair    fyne.CanvasObject
	issues  *widgets.Rows
	lines   *widgets.Rows
	shelf   *shelf
	shown   int // the record that detail shows
}

const (
	tabInput    = "Input"
	tabProblems = "Problems"
	tabLog      = "Log"
)

// recordsWidth is the room of the list of records.
const recordsWidth float32 = 420

func newInspector(ask func(flow.Ref, func(flow.Batch))) *inspector {
	x := &inspector{ask: ask, tabs: container.NewHBox(), body: container.NewStack(), shown: -1}
	x.records = widgets.NewRows(func() int { return x.count() }, x.drawRecord)
	x.records.OnPick = x.pick
	x.detail = widgets.NewJSONView()
	x.why = widgets.NewProse("", widgets.Plain.In(theme.Failed))
	whole := container.NewBorder(padded(x.why), nil, nil, nil, x.detail)
	x.pair = widgets.NewColumns(x.records, whole, widgets.First, recordsWidth)
	x.issues = widgets.NewRows(func() int { return len(x.problems()) }, x.drawProblem)
	x.lines = widgets.NewRows(func() int { return len(x.mine) }, x.drawLine)
	x.content = container.NewBorder(padded(x.tabs), nil, nil, nil, x.body)
	return x
}

func (x *inspector) setLog(log []flow.LogLine) { x.log = log }

// show takes a step. The tab that was open stays open where the step has it.
func (x *inspector) show(l *stepLine, all []flow.StepRun) {
	fresh := x.line == nil || l == nil || x.line.id != l.id
	x.line, x.all = l, all
	x.tabs.Objects, x.mine = nil, nil
	if l == nil {
		x.body.Objects = []fyne.CanvasObject{widgets.NewEmptyState("list", "Nothing was done yet", "Steps appear here when they begin.")}
		x.body.Refresh()
		return
	}
	for _, line := range x.log {
		if line.Step == l.id {
			x.mine = append(x.mine, line)
		}
	}
	names := x.names()
	if !slices.Contains(names, x.tab) || fresh {
		x.tab = x.first(names)
	}
	for _, name := range names {
		b := widgets.NewButton(widgets.Ghost, "", x.label(name), func() { x.open(name) })
		b.Small, b.On = true, name == x.tab
		x.tabs.Add(b)
	}
	x.tabs.Refresh()
	x.fill(fresh)
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
	x.show(x.line, x.all)
	x.fill(true)
}

// fill shows what the tab holds; fresh begins at its first record.
func (x *inspector) fill(fresh bool) {
	switch x.tab {
	case tabProblems:
		x.body.Objects = []fyne.CanvasObject{x.issues}
		x.issues.Refresh()
	case tabLog:
		x.body.Objects = []fyne.CanvasObject{x.lines}
		if len(x.mine) == 0 {
			x.body.Objects = []fyne.CanvasObject{widgets.NewEmptyState("log", "This step said nothing", "")}
		}
		x.lines.Refresh()
	default:
		x.body.Objects = []fyne.CanvasObject{x.pair}
		x.fillRecords(fresh)
	}
	x.body.Refresh()
}

func (x *inspector) fillRecords(fresh bool) {
	batches := x.line.outputs(flow.Outlet(x.tab))
	if x.tab == tabInput {
		batches = x.line.inputs(x.all)
	}
	if !fresh && x.shelf != nil && len(x.shelf.batches) == len(batches) {
		return
	}
	x.shelf = newShelf(batches, x.ask, x.arrived)
	x.shown = -1
	x.records.Refresh()
	if fresh {
		x.records.Pick(0)
		x.pick(0)
	}
}

func (x *inspector) arrived() {
	x.records.Refresh()
	if x.shown < 0 {
		x.pick(max(0, x.records.Picked()))
	}
}

func (x *inspector) count() int {
	if x.shelf == nil {
		return 0
	}
	return x.shelf.total
}

// pick shows one record whole, and why it failed.
func (x *inspector) pick(row int) {
	rec, ok := x.shelf.record(row)
	if !ok {
		x.why.SetText("")
		x.detail.SetValue(nil)
		return
	}
	x.shown = row
	why := ""
	if rec.Problem != nil {
		why = rec.Problem.Error()
	}
	x.why.SetText(why)
	x.detail.SetValue(rec.Data)
}

func (x *inspector) drawRecord(row int, pen *widgets.Pen) {
	gap := theme.Size(theme.WideGap)
	rec, ok := x.shelf.record(row)
	at := pen.Text(gap, 44, fmt.Sprint(row+1), widgets.Caption)
	at = max(at, 40) + gap
	if !ok {
		pen.Text(at, 0, "…", widgets.Muted)
		return
	}
	pen.Text(at, pen.Width-at-gap, string(value.Append(nil, rec.Data)), widgets.Code)
}

func (x *inspector) problems() []flow.Problem {
	if x.line == nil {
		return nil
	}
	return x.line.problems
}

func (x *inspector) drawProblem(row int, pen *widgets.Pen) {
	gap := theme.Size(theme.WideGap)
	at := pen.Icon(gap, "warning", theme.Failed, theme.SmallIconSize) + gap
	pen.Text(at, pen.Width-at-gap, x.problems()[row].Error(), widgets.Plain)
}

func (x *inspector) drawLine(row int, pen *widgets.Pen) {
	l := x.mine[row]
	gap := theme.Size(theme.WideGap)
	colour := theme.Muted
	switch l.Level {
	case flow.Warn:
		colour = theme.Partial
	case flow.Error:
		colour = theme.Failed
	}
	at := pen.Text(gap, 0, l.Time.Local().Format("15:04:05.000"), widgets.Code.In(theme.Muted)) + gap
	at = pen.Text(at, 0, fmt.Sprintf("%-5s", l.Level), widgets.Code.In(colour)) + gap
	pen.Text(at, pen.Width-at-gap, l.Text, widgets.Code)
}
