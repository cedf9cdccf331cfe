// Package cursors shows what the incremental steps of a flow remember between runs,
// with every change, and lets a person move that. It asks for nothing itself; the
// window gives it what to show and carries out its wishes.
package cursors

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// View is the list of the cursors of one flow, and beside it how one has moved.
type View struct {
	widget.BaseWidget
	OnHistory func(step flow.StepID) // answered by ShowHistory
	OnEdit    func(c flow.Checkpoint)
	OnReset   func(step flow.StepID)
	OnRewind  func(step flow.StepID, to flow.CursorChange)
	OnRun     func(flow.RunID)

	now     time.Time
	title   func(flow.StepID) string
	all     []flow.Checkpoint
	open    flow.StepID
	moves   []flow.CursorChange
	rows    *widgets.Rows
	past    *widgets.Rows
	edit    *widgets.Button
	reset   *widgets.Button
	rewind  *widgets.Button
	body    *fyne.Container
	columns fyne.CanvasObject
}

// listWidth is the room of the list of cursors.
const listWidth float32 = 420

// New is a view of a flow of which nothing is remembered.
func New() *View {
	v := &View{title: func(id flow.StepID) string { return string(id) }, body: container.NewStack()}
	v.rows = widgets.NewRows(func() int { return len(v.all) }, v.draw)
	v.rows.OnPick = func(row int) { v.choose(v.all[row].Step) }
	v.past = widgets.NewRows(func() int { return len(v.moves) }, v.drawMove)
	v.past.OnPick = func(int) { v.update() }
	v.past.OnOpen = func(row int) {
		if id := v.moves[row].Run; id != "" && v.OnRun != nil {
			v.OnRun(id)
		}
	}
	v.edit = widgets.NewButton(widgets.Ghost, "edit", "Edit…", func() {
		if at := v.at(v.open); at >= 0 && v.OnEdit != nil {
			v.OnEdit(v.all[at])
		}
	})
	v.reset = widgets.NewButton(widgets.Ghost, "undo", "Reset…", func() {
		if v.OnReset != nil {
			v.OnReset(v.open)
		}
	})
	v.rewind = widgets.NewButton(widgets.Second, "history", "Back to this one", func() {
		if row := v.past.Picked(); row >= 0 && row < len(v.moves) && v.OnRewind != nil {
			v.OnRewind(v.open, v.moves[row])
		}
	})
	for _, b := range []*widgets.Button{v.edit, v.reset, v.rewind} {
		b.Small = true
	}
	v.edit.Tip = "Let the next run begin somewhere else"
	v.reset.Tip = "Let the next run begin at the very beginning"
	bar := widgets.NewPanel(container.NewHBox(v.edit, v.reset, v.rewind)).Padded(theme.Gap, theme.Gap)
	v.columns = widgets.NewColumns(v.rows, widgets.Under(bar, v.past), widgets.First, listWidth)
	v.ExtendBaseWidget(v)
	v.Fill(nil, time.Time{})
	return v
}

// SetTitles says what steps are called.
func (v *View) SetTitles(title func(flow.StepID) string) { v.title = title }

// Fill takes what the flow's steps remember.
func (v *View) Fill(all []flow.Checkpoint, now time.Time) {
	v.all, v.now = slices.Clone(all), now
	v.rows.Refresh()
	if len(all) == 0 {
		v.open, v.moves = "", nil
		v.body.Objects = []fyne.CanvasObject{widgets.NewEmptyState("history", "Nothing is remembered yet",
			"Steps that read only what is new remember where they stand. It is shown here once such a step has run.")}
		v.body.Refresh()
		return
	}
	v.body.Objects = []fyne.CanvasObject{v.columns}
	v.body.Refresh()
	at := max(0, v.at(v.open))
	v.rows.Pick(at)
	v.choose(all[at].Step)
}

func (v *View) at(step flow.StepID) int {
	return slices.IndexFunc(v.all, func(c flow.Checkpoint) bool { return c.Step == step })
}

func (v *View) choose(step flow.StepID) {
	if v.open != step {
		v.moves = nil
		v.past.Pick(-1)
	}
	v.open = step
	v.update()
	if v.OnHistory != nil {
		v.OnHistory(step)
	}
}

// ShowHistory takes every change of a step's cursor, newest first.
func (v *View) ShowHistory(step flow.StepID, moves []flow.CursorChange) {
	if step != v.open {
		return
	}
	v.moves = slices.Clone(moves)
	v.past.Pick(-1)
	v.past.Refresh()
	v.update()
}

func (v *View) update() {
	if row := v.past.Picked(); row > 0 && row < len(v.moves) {
		v.rewind.Enable()
	} else {
		v.rewind.Disable() // the newest is what holds
	}
}

func (v *View) draw(row int, pen *widgets.Pen) {
	c := v.all[row]
	gap := theme.Size(theme.WideGap)
	step, part, _ := strings.Cut(string(c.Step), "@")
	name := v.title(flow.StepID(step))
	if part != "" {
		name += " (" + part + ")"
	}
	x := pen.Text(gap, pen.Width*0.4, name, widgets.Strong) + gap
	pen.Text(x, pen.Width-x-gap, short(c.Cursor), widgets.Code)
}

func (v *View) drawMove(row int, pen *widgets.Pen) {
	m := v.moves[row]
	gap := theme.Size(theme.WideGap)
	x := pen.Text(gap, pen.Width*0.25, when(m.Moved, v.now), widgets.Muted) + gap
	x = pen.Text(x, pen.Width*0.35, short(m.Cursor), widgets.Code) + gap
	by := m.Why
	if m.Run != "" {
		by = strings.TrimSpace("run " + string(m.Run) + " " + m.Why)
	}
	pen.Text(x, pen.Width-x-gap, by, widgets.Caption)
}

// short is a cursor on one line; one that was reset is the beginning.
func short(c flow.Cursor) string {
	if c == nil {
		return "the beginning"
	}
	var text string
	if json.Unmarshal(c, &text) == nil {
		return text
	}
	var marked struct{ Mark json.RawMessage }
	if json.Unmarshal(c, &marked) == nil && marked.Mark != nil && string(marked.Mark) != "null" {
		return short(flow.Cursor(marked.Mark)) // what a person knows of it
	}
	return string(c)
}

func when(t, now time.Time) string {
	t = t.In(now.Location())
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return t.Format("15:04:05")
	}
	return t.Format("2 Jan 2006 15:04")
}

// CreateRenderer shows the view.
func (v *View) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(v.body) }
