package canvas

import (
	"fyne.io/fyne/v2"

	"jackfield/flow"
	"jackfield/ui/editor"
)

// pendingEdge is an edge that was dropped on empty canvas and waits for the step that
// the palette gives.
type pendingEdge struct {
	from Loose
	to   flow.Point
}

// ghost is a step that is being dragged here from the palette.
type ghost struct {
	op     flow.OpID
	rect   editor.Rect
	splice editor.EdgeID
}

func (c *Canvas) askAdd(p Place) {
	if c.OnAdd == nil {
		c.pending = nil
		return
	}
	c.OnAdd(p)
}

// Add adds a step of an operation where it was asked for, wired to the edge that led
// there, and gives its id.
func (c *Canvas) Add(op flow.OpID, p Place) flow.StepID {
	c.pending = nil
	var id flow.StepID
	var err error
	at := c.doc.GhostOf(op, p.At)
	corner := flow.Point{X: at.X, Y: at.Y}
	switch {
	case p.Edge != nil:
		id, err = c.doc.SpliceNew(*p.Edge, op, corner)
	case p.From != nil && p.From.Into:
		corner.X = p.At.X - at.W
		id = c.doc.AddStepBefore(p.From.Step, op, corner)
	case p.From != nil:
		corner = flow.Point{X: p.At.X, Y: p.At.Y - editor.InletY}
		id, err = c.doc.AddStepFrom(p.From.Step, p.From.Outlet, op, corner)
	default:
		id = c.doc.AddStep(op, corner)
	}
	if err != nil {
		c.notice(err.Error())
	}
	c.revealStep(id)
	c.sync()
	return id
}

// AddAfter adds a step to the right of another and leads its outlet there.
func (c *Canvas) AddAfter(after flow.StepID, outlet flow.Outlet, op flow.OpID) flow.StepID {
	id, err := c.doc.AddStepAfter(after, outlet, op)
	if err != nil {
		c.notice(err.Error())
	}
	c.revealStep(id)
	c.sync()
	return id
}

// CancelAdd says that no step will come for what was asked.
func (c *Canvas) CancelAdd() {
	if c.pending != nil {
		c.pending = nil
		c.sync()
	}
}

func (c *Canvas) revealStep(id flow.StepID) {
	if card := c.doc.Card(id); card != nil {
		c.doc.Reveal(card.Rect)
	}
}

// HoverAt shows where a step of an operation would come to lie if it were dropped at a
// place of the window. It gives false, and shows nothing, outside the canvas.
func (c *Canvas) HoverAt(abs fyne.Position, op flow.OpID) bool {
	c.ghost = nil
	p, inside := c.within(abs)
	if inside && !c.readOnly {
		at := c.world(p)
		c.ghost = &ghost{op: op, rect: c.doc.GhostOf(op, at)}
		if id, found := c.doc.EdgeToSplice(at, c.units(spliceReach)); found && c.doc.CanSplice(id, op) == nil {
			c.ghost.splice = id
		}
	}
	c.sync()
	return c.ghost != nil
}

// EndHover takes away what HoverAt showed.
func (c *Canvas) EndHover() {
	if c.ghost != nil {
		c.ghost = nil
		c.sync()
	}
}

// DropAt adds a step of an operation at a place of the window, into the edge that is
// there if any. It gives false outside the canvas.
func (c *Canvas) DropAt(abs fyne.Position, op flow.OpID) (flow.StepID, bool) {
	if !c.HoverAt(abs, op) {
		return "", false
	}
	g := c.ghost
	c.ghost = nil
	p, _ := c.within(abs)
	place := Place{Abs: abs, At: c.world(p)}
	if g.splice != (editor.EdgeID{}) {
		place.Edge = &g.splice
	}
	c.focus()
	return c.Add(op, place), true
}

func (c *Canvas) within(abs fyne.Position) (fyne.Position, bool) {
	p := abs.Subtract(fyne.CurrentApp().Driver().AbsolutePositionForObject(c))
	s := c.Size()
	return p, p.X >= 0 && p.Y >= 0 && p.X < s.Width && p.Y < s.Height
}

// spliceEdge is the edge that a step on the move would go into.
func (c *Canvas) spliceEdge() editor.EdgeID {
	if c.ghost != nil {
		return c.ghost.splice
	}
	if g, ok := c.gesture.(*moving); ok && g.begun {
		return g.splice
	}
	return editor.EdgeID{}
}
