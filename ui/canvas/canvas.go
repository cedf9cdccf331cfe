// Package canvas draws the flow that is being edited, and lets a person draw it: one
// widget that shows an editor.Document, turns what the pointer and the keys do into
// changes of it, and tells the others what happened through its OnX callbacks.
//
// Its nouns: the stage is what is drawn at the moment, for a prepared area somewhat
// larger than the view; a gesture is what the pressed pointer is doing; a Place is where
// a new step is wanted.
//
// Its rules: steps are drawn with primitives, never with widgets of their own. Only
// what can be seen is drawn, and what was drawn before is used again. Panning moves one
// container. How much of a step is drawn follows from the zoom and from how many can be
// seen at once. fyne.md tells the measurements behind all of this.
package canvas

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"jackfield/flow"
	"jackfield/ui/editor"
)

// Canvas shows a document and edits it. Every callback may be nil.
type Canvas struct {
	widget.BaseWidget

	OnChange func()             // the flow was changed on the canvas
	OnSelect func()             // something else was selected on the canvas
	OnOpen   func(flow.StepID)  // a step is to be opened
	OnRename func(flow.StepID)  // a step is to be given another title
	OnAdd    func(Place)        // a step is to be added; answer with Add or CancelAdd
	OnMenu   func(Menu)         // the menu for what lies under the pointer is wanted
	OnRunTo  func(flow.StepID)  // the flow is to be run up to a step
	OnNotice func(words string) // something to tell in passing: what was undone, what is refused
	OnHelp   func()             // F1 or ?

	doc      *editor.Document
	readOnly bool
	run      run
	stage    stage
	pointer  pointer
	tip      tip
	gesture  gesture
	fresh    bool         // the document was never looked at: show all of it
	fitted   editor.View  // that does
	pending  *pendingEdge // an edge that waits for the palette
	ghost    *ghost
	told     told
	led      bool    // the keyboard led here, which a ring shows
	given    bool    // the keyboard is being given by the canvas itself
	scale    float32 // pixels of the screen for one unit
	ticker   *fyne.Animation
	gliding  *fyne.Animation
	now      func() time.Time
	mods     func() fyne.KeyModifier
	later    func(time.Duration, func())
	pass     func(fyne.Shortcut) // for shortcuts that mean nothing here
}

// Place is where a new step is wanted: by a double click, a key, or the loose end of an
// edge.
type Place struct {
	Abs  fyne.Position // on the window, for the palette
	At   flow.Point    // on the canvas
	From *Loose        // the edge that is to lead to it or come from it, if any
	Edge *editor.EdgeID
}

// Loose is an edge of which only one end is known.
type Loose struct {
	Step   flow.StepID
	Outlet flow.Outlet // that it leaves by; of no meaning with Into
	Into   bool        // it leads to Step
}

// Menu is what lies under the pointer as a person asks for a menu.
type Menu struct {
	Abs   fyne.Position
	At    flow.Point
	Under editor.Hit
}

// told is what the callbacks were last told.
type told struct {
	mark editor.Mark
	pick int
}

var (
	_ desktop.Mouseable  = (*Canvas)(nil)
	_ desktop.Hoverable  = (*Canvas)(nil)
	_ desktop.Keyable    = (*Canvas)(nil)
	_ desktop.Cursorable = (*Canvas)(nil)
	_ fyne.Draggable     = (*Canvas)(nil)
	_ fyne.Scrollable    = (*Canvas)(nil)
	_ fyne.Focusable     = (*Canvas)(nil)
	_ fyne.Tabbable      = (*Canvas)(nil)
	_ fyne.Shortcutable  = (*Canvas)(nil)
)

// New shows a document.
func New(doc *editor.Document) *Canvas {
	c := &Canvas{now: time.Now, mods: currentModifiers, later: later, scale: 1}
	c.pass = c.toWindow
	c.ExtendBaseWidget(c)
	c.stage.prepare()
	c.SetDocument(doc)
	return c
}

// SetDocument shows another document, with the view that it had, or all of it where
// it was never looked at.
func (c *Canvas) SetDocument(doc *editor.Document) {
	c.dropGesture()
	c.pending, c.ghost, c.run, c.pointer.hover = nil, nil, run{}, editor.Hit{}
	c.doc = doc
	c.told = told{doc.Mark(), doc.SelectionRevision()}
	c.fresh, c.fitted = doc.View().W == 0, editor.View{}
	c.stage.stale, c.stage.overlaid = true, overlay{}
	c.sync()
}

// Document is what is shown.
func (c *Canvas) Document() *editor.Document { return c.doc }

// SetReadOnly shows the flow without letting it be changed, as on the page of a run.
func (c *Canvas) SetReadOnly(on bool) {
	c.dropGesture()
	c.readOnly = on
	c.stage.stale = true
	c.sync()
}

// ReadOnly says whether the flow can only be looked at.
func (c *Canvas) ReadOnly() bool { return c.readOnly }

// sync draws what changed and tells the others. It ends every handler of an event.
func (c *Canvas) sync() {
	c.draw()
	if c.doc.SelectionRevision() != c.told.pick {
		c.told.pick = c.doc.SelectionRevision()
		call(c.OnSelect)
	}
	if m := c.doc.Mark(); m != c.told.mark {
		c.told.mark = m
		call(c.OnChange)
	}
}

func call(f func()) {
	if f != nil {
		f()
	}
}

func (c *Canvas) notice(words string) {
	if c.OnNotice != nil && words != "" {
		c.OnNotice(words)
	}
}

func currentModifiers() fyne.KeyModifier {
	if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok {
		return d.CurrentKeyModifiers()
	}
	return 0
}

// later calls then on the interface's own goroutine after d.
func later(d time.Duration, then func()) {
	fyne.NewAnimation(d, func(done float32) {
		if done == 1 {
			then()
		}
	}).Start()
}
