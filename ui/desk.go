package ui

import (
	"context"
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/flow"
	"jackfield/ui/canvas"
	"jackfield/ui/editor"
	"jackfield/ui/palette"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// desk is where a flow is drawn and run: the palette, the canvas, the panel of the
// chosen step, and below the canvas what the flow's runs did and what is wrong with it.
type desk struct {
	w       *Window
	doc     *editor.Document
	canvas  *canvas.Canvas
	side    *palette.Side
	panel   *panel
	drawer  *drawer
	content fyne.CanvasObject
	ghost   *widgets.Panel

	live     bool // the flow's triggers are live
	run      *live
	starting bool         // a run was asked for and is not there yet
	awaits   flow.RunID   // of a run whose past is being fetched
	meantime []flow.Event // what was told of it since
	check    *time.Timer
	checks   int // counts checks, so that only the last answers
	draft    *time.Timer
	drafts   drafts
	turn     int // counts flows that came and went, so that late answers find nobody
}

// drawerHeight shows a handful of runs.
const drawerHeight float32 = 216

// How long a person must pause before the flow is checked, and before it is kept
// against a crash.
const (
	checkPause = 250 * time.Millisecond
	draftPause = time.Second
)

func newDesk(w *Window) *desk {
	d := &desk{w: w, doc: editor.New(flow.Flow{}, w.ops)}
	d.canvas = canvas.New(d.doc)
	d.canvas.OnChange = d.changed
	d.canvas.OnSelect = d.selected
	d.canvas.OnOpen = func(id flow.StepID) { d.panel.open(id) }
	d.canvas.OnRename = func(id flow.StepID) { d.panel.rename(id) }
	d.canvas.OnAdd = d.askForStep
	d.canvas.OnMenu = d.menu
	d.canvas.OnNotice = func(words string) { w.tell(widgets.News, words) }
	d.canvas.OnHelp = w.showKeys
	d.side = palette.NewSide(w.items)
	d.side.OnTake = d.take
	d.side.OnDrag = d.drag
	d.side.OnDrop = d.drop
	d.panel = newPanel(d)
	d.drawer = newDrawer(d)
	middle := widgets.NewStack(d.canvas, d.drawer.content, widgets.Last, drawerHeight)
	right := widgets.NewColumns(middle, widgets.NewPanel(d.panel.content), widgets.Last, theme.Size(theme.PanelWidth))
	d.content = widgets.NewColumns(widgets.NewPanel(d.side), right, widgets.First, theme.Size(theme.SideWidth))
	return d
}

// open puts a flow on the desk, with the changes that a crash left unsaved, if any.
func (d *desk) open(f flow.Flow) {
	d.put(f)
	d.findState(f.ID)
	d.offerDraft(f)
}

// openNew puts a flow on the desk of which nothing is stored.
func (d *desk) openNew() {
	d.put(flow.Flow{Name: "New flow"})
	d.w.show(d.content)
	d.canvas.Focus()
}

// focus gives the keyboard to the palette, the canvas, the panel or the drawer.
func (d *desk) focus(part int) {
	if !d.w.showing(d.content) {
		return
	}
	switch part {
	case 0:
		d.side.FocusSearch()
	case 1:
		d.w.win.Canvas().Focus(d.canvas)
	case 2:
		d.panel.focus()
	case 3:
		d.drawer.focus()
	}
}

func (d *desk) put(f flow.Flow) {
	d.close()
	d.doc = editor.New(f, d.w.ops)
	d.canvas.SetDocument(d.doc)
	d.doc.Fit()
	d.canvas.Refresh()
	d.selected()
	d.drawer.opened(f.ID)
	d.checkNow()
	d.panel.refreshAccounts()
	d.w.head.update()
}

// close lets go of the flow; what is unsaved was asked for before.
func (d *desk) close() {
	d.rest()
	d.turn++
	d.run, d.live, d.starting, d.awaits, d.meantime = nil, false, false, "", nil
	d.doc = editor.New(flow.Flow{}, d.w.ops)
	d.canvas.SetDocument(d.doc)
	d.canvas.SetRun(nil, nil)
}

// rest does nothing more by itself.
func (d *desk) rest() {
	for _, t := range []*time.Timer{d.check, d.draft} {
		if t != nil {
			t.Stop()
		}
	}
}

// soon performs something on this flow when a person has paused for d.
func (d *desk) soon(pause time.Duration, do func()) *time.Timer {
	turn := d.turn
	return time.AfterFunc(pause, func() {
		d.w.do(func() {
			if turn == d.turn {
				do()
			}
		})
	})
}

// findState asks whether the flow's triggers are live.
func (d *desk) findState(id flow.ID) {
	if id == "" {
		return
	}
	turn, on := d.turn, false
	d.w.later("ask for the flow's state", func(ctx context.Context) error {
		all, err := d.w.svc.Flows(ctx)
		for _, o := range all {
			on = on || o.ID == id && o.Enabled
		}
		return err
	}, func() {
		if turn == d.turn {
			d.live = on
			d.w.head.update()
		}
	})
}

func (d *desk) enabledChanged(id flow.ID, on bool) {
	if d.doc.ID() == id && id != "" {
		d.live = on
		d.w.head.update()
	}
}

func (d *desk) dirty() bool { return d.doc.Dirty() }

func (d *desk) name() string {
	if d.doc.Name() == "" {
		return "A flow without a name"
	}
	return d.doc.Name()
}

// inWords says below the name how the flow stands.
func (d *desk) inWords() string {
	f := d.doc.Flow()
	text := widgets.Count(len(f.Steps), "step", "steps") + " · " + widgets.Count(len(f.Edges), "edge", "edges")
	switch {
	case d.doc.Dirty():
		text += " · not saved"
	case f.Version > 0:
		text += fmt.Sprintf(" · version %d", f.Version)
	}
	return text
}

// hasTriggers says whether there is anything to enable.
func (d *desk) hasTriggers() bool {
	for _, s := range d.doc.Flow().Steps {
		if _, op, ok := d.w.ops.Op(s.Uses); ok && op.Trigger && s.Uses != "core.manual" {
			return true
		}
	}
	return false
}

// changed follows every change of the flow.
func (d *desk) changed() {
	d.panel.follow()
	d.w.head.update()
	d.checkSoon()
	d.draftSoon()
}

// selected shows the chosen step in the panel.
func (d *desk) selected() { d.panel.follow() }

func (d *desk) checkSoon() {
	if d.check != nil {
		d.check.Stop()
	}
	d.check = d.soon(checkPause, d.checkNow)
}

func (d *desk) checkNow() {
	d.checks++
	turn, asked, f := d.turn, d.checks, d.doc.Flow()
	var problems []flow.Problem
	d.w.later("check the flow", func(ctx context.Context) error {
		problems = d.w.svc.Check(ctx, f)
		return nil
	}, func() {
		if turn == d.turn && asked == d.checks {
			d.showProblems(problems)
		}
	})
}

// showProblems says wherever it stands what is wrong with the flow.
func (d *desk) showProblems(problems []flow.Problem) {
	d.doc.SetProblems(problems)
	d.canvas.Refresh()
	d.panel.showProblems()
	d.drawer.showProblems(problems)
}

// goTo chooses a step and brings it into view.
func (d *desk) goTo(id flow.StepID) {
	card := d.doc.Card(id)
	if card == nil {
		return
	}
	d.doc.Select(id)
	d.doc.Reveal(card.Rect)
	d.canvas.Refresh()
	d.selected()
}

// take puts a step where it fits: behind the chosen one, or in the middle of the view.
func (d *desk) take(op flow.OpID) {
	if chosen := d.doc.Selected(); len(chosen) == 1 {
		id, err := d.doc.AddStepAfter(chosen[0], "", op)
		d.added(id, err)
		return
	}
	d.added(d.doc.AddStep(op, d.doc.View().Area().Centre()), nil)
}

func (d *desk) added(id flow.StepID, err error) {
	if err != nil {
		d.w.tell(widgets.News, "Not wired: "+err.Error())
	}
	if id == "" {
		return
	}
	d.doc.Select(id)
	if card := d.doc.Card(id); card != nil {
		d.doc.Reveal(card.Rect)
	}
	d.canvas.Refresh()
	d.changed()
}

// drag shows what is being dragged from the palette.
func (d *desk) drag(it palette.Item, at fyne.Position) {
	d.w.layer.HideTip()
	if d.ghost == nil {
		front, _ := theme.TintNames(it.Tint)
		d.ghost = widgets.NewPanel(container.NewHBox(widgets.NewIcon(it.Icon, front, theme.IconSize), widgets.NewText(it.Title, widgets.Strong))).Float()
	}
	over := d.canvas.HoverAt(at, it.Op)
	if over {
		d.w.layer.Take(d.ghost)
		return
	}
	d.w.layer.Put(d.ghost, at.AddXY(8, 8), d.ghost.MinSize())
}

func (d *desk) drop(it palette.Item, at fyne.Position) {
	if d.ghost != nil {
		d.w.layer.Take(d.ghost)
		d.ghost = nil
	}
	d.canvas.DropAt(at, it.Op)
}

// askForStep opens the quick palette where the canvas wants a step.
func (d *desk) askForStep(p canvas.Place) {
	palette.ShowQuick(d.w.win.Canvas(), p.Abs, d.w.items,
		func(op flow.OpID) {
			d.canvas.Add(op, p)
			d.canvas.Focus()
		},
		func() {
			d.canvas.CancelAdd()
			d.canvas.Focus()
		})
}
