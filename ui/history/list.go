// Package history shows what happened: the runs, and of one run each step's inputs,
// outputs, log and problems. It asks for nothing itself; the window gives it what to
// show and carries out its wishes.
package history

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// List is the table of runs, newest first. It serves as a page of its own and, for
// the runs of one flow, in a drawer.
type List struct {
	widget.BaseWidget
	OnOpen   func(flow.RunID)
	OnRemove func(flow.RunID)
	OnMore   func(before flow.RunID) // older ones are wanted
	OnState  func(flow.RunState)     // only runs of this state; "" is all

	one     bool // of one flow: its name is not shown
	runs    []flow.Run
	more    bool // there are older ones
	asking  bool // they were asked for
	now     time.Time
	state   flow.RunState
	rows    *widgets.Rows
	chips   []*widgets.Button
	table   fyne.CanvasObject
	body    *fyne.Container
	content fyne.CanvasObject
}

// NewList is an empty list; ofOneFlow leaves out the column with the flow's name.
func NewList(ofOneFlow bool) *List {
	l := &List{one: ofOneFlow}
	l.rows = widgets.NewRows(func() int { return len(l.runs) }, l.draw)
	l.rows.OnOpen = l.open
	l.rows.OnMenu = l.menu
	l.rows.OnMove = l.moved
	l.rows.OnKey = l.key
	l.table = widgets.Under(newColumns(l.titles), l.rows)
	l.body = container.NewStack(l.table)
	l.content = l.body
	if !ofOneFlow {
		l.content = widgets.Under(l.filters(), l.body)
	}
	l.ExtendBaseWidget(l)
	l.refresh("")
	return l
}

// Fill takes the runs; more says that there are older ones.
func (l *List) Fill(runs []flow.Run, more bool, now time.Time) {
	picked := l.picked()
	l.asking = false
	l.runs, l.more, l.now = slices.Clone(runs), more, now
	l.refresh(picked)
}

// Update takes a run that is new or has changed.
func (l *List) Update(r flow.Run, now time.Time) {
	picked := l.picked()
	l.now = now
	at, found := slices.BinarySearchFunc(l.runs, r.ID, func(o flow.Run, id flow.RunID) int {
		if o.ID > id {
			return -1
		} else if o.ID < id {
			return 1
		}
		return 0
	})
	fits := l.state == "" || r.State == l.state
	switch {
	case found && fits:
		l.runs[at] = r
	case found:
		l.runs = slices.Delete(l.runs, at, at+1) // it has left the state that is looked at
	case fits && (at < len(l.runs) || !l.more):
		l.runs = slices.Insert(l.runs, at, r)
	}
	l.refresh(picked)
}

func (l *List) picked() flow.RunID {
	if at := l.rows.Picked(); at >= 0 && at < len(l.runs) {
		return l.runs[at].ID
	}
	return ""
}

func (l *List) refresh(picked flow.RunID) {
	l.body.Objects = []fyne.CanvasObject{l.table}
	if len(l.runs) == 0 {
		l.body.Objects = []fyne.CanvasObject{l.empty()}
	}
	l.body.Refresh()
	l.rows.Refresh()
	if at := slices.IndexFunc(l.runs, func(r flow.Run) bool { return r.ID == picked }); at >= 0 {
		l.rows.Pick(at)
	}
}

func (l *List) empty() fyne.CanvasObject {
	switch {
	case l.state != "":
		return widgets.NewEmptyState("history", "No run is in this state", "")
	case l.one:
		return widgets.NewEmptyState("history", "No runs yet", "Press Run, or give the flow a schedule and enable it.")
	}
	return widgets.NewEmptyState("history", "No runs yet", "Open a flow and press Run. What it did, record by record, is kept here.")
}

// key removes the chosen run on Delete.
func (l *List) key(e *fyne.KeyEvent) bool {
	id := l.picked()
	if e.Name != fyne.KeyDelete || id == "" || l.OnRemove == nil {
		return false
	}
	l.OnRemove(id)
	return true
}

func (l *List) filters() fyne.CanvasObject {
	chips := container.NewHBox()
	for _, state := range []flow.RunState{"", flow.Running, flow.RunDone, flow.RunPartial, flow.RunFailed, flow.RunStopped} {
		text := "all"
		if state != "" {
			text = stateWord(state)
		}
		chip := widgets.NewButton(widgets.Ghost, "", text, nil)
		chip.Small, chip.On = true, state == ""
		chip.OnTapped = func() { l.filter(state, chip) }
		l.chips = append(l.chips, chip)
		chips.Add(chip)
	}
	return padded(chips)
}

func (l *List) filter(state flow.RunState, chosen *widgets.Button) {
	l.state = state
	for _, c := range l.chips {
		c.SetOn(c == chosen)
	}
	if l.OnState != nil {
		l.OnState(state)
	}
}

// State is the state that is filtered by.
func (l *List) State() flow.RunState { return l.state }

func (l *List) open(row int) {
	if row >= 0 && row < len(l.runs) && l.OnOpen != nil {
		l.OnOpen(l.runs[row].ID)
	}
}

func (l *List) menu(row int, at fyne.Position) {
	c := fyne.CurrentApp().Driver().CanvasForObject(l)
	if row < 0 || row >= len(l.runs) || c == nil {
		return
	}
	id := l.runs[row].ID
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("",
		fyne.NewMenuItem("Open", func() { l.open(row) }),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Remove…", func() {
			if l.OnRemove != nil {
				l.OnRemove(id)
			}
		}),
	), c, at)
}

// moved asks for older runs when the end is near.
func (l *List) moved() {
	if l.more && !l.asking && l.rows.AtEnd() && len(l.runs) > 0 && l.OnMore != nil {
		l.asking = true
		l.OnMore(l.runs[len(l.runs)-1].ID)
	}
}

// Append takes the runs older than one, unless the list has become another since they
// were asked for.
func (l *List) Append(before flow.RunID, older []flow.Run, more bool) {
	if !l.asking || len(l.runs) == 0 || l.runs[len(l.runs)-1].ID != before {
		return
	}
	l.asking = false
	l.runs = append(l.runs, older...)
	l.more = more
	l.rows.Refresh()
}

// titles are the columns and their shares of the width.
func (l *List) titles() []column {
	cols := []column{{"State", 0.14}, {"Flow", 0.26}, {"Started", 0.17}, {"Took", 0.11}, {"Records", 0.1}, {"Failed", 0.1}, {"Started by", 0.12}}
	if l.one {
		cols = append(cols[:1], cols[2:]...)
		cols[0].share, cols[1].share = 0.24, 0.25
	}
	return cols
}

func (l *List) draw(row int, pen *widgets.Pen) {
	r := l.runs[row]
	cells := map[string]string{
		"Flow": r.Name, "Started": when(r.Started, l.now), "Took": took(r.Took(l.now)),
		"Records": compact(r.Given), "Started by": byWhom(r.Cause),
	}
	x := float32(0)
	for _, c := range l.titles() {
		width := c.share * pen.Width
		left := x + theme.Size(theme.WideGap)
		switch c.title {
		case "State":
			word, colour, _ := wordOf(r)
			left = pen.Dot(left, colour) + theme.Size(theme.WideGap)
			pen.Text(left, x+width-left, word, widgets.Plain)
		case "Failed":
			if r.Failures > 0 {
				pen.Text(left, width, compact(r.Failures), widgets.Plain.In(theme.Failed))
			}
		case "Flow":
			pen.Text(left, width-2*theme.Size(theme.WideGap), cells[c.title], widgets.Strong)
		default:
			pen.Text(left, width-theme.Size(theme.WideGap), cells[c.title], widgets.Muted)
		}
		x += width
	}
}

// CreateRenderer shows the list.
func (l *List) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(l.content) }
