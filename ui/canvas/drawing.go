package canvas

import (
	"fyne.io/fyne/v2"

	"jackfield/flow"
	"jackfield/ui/editor"
)

// drawing draws an edge: a new one from an outlet or an inlet, or one whose end was
// picked up. It is dragged, or after a click follows the pointer until the next one.
type drawing struct {
	judge   editor.Judge
	fixed   Loose         // the end that stays
	old     editor.EdgeID // whose end was picked up
	at      flow.Point    // the pointer
	pressed fyne.Position
	begun   bool // it moved far enough to be meant
	loose   bool // no button is pressed
	target  editor.End
	found   bool
	why     error
	seen    int // counts targets, for the cards to be drawn anew
}

// newDrawing begins at an outlet, or at an inlet: where edges lead there the last one is
// picked up, unless shift is held.
func (c *Canvas) newDrawing(h editor.Hit) *drawing {
	g := &drawing{at: c.world(c.pointer.at), pressed: c.pointer.at, seen: 1}
	switch {
	case h.Part == editor.OnOutlet:
		g.fixed = Loose{Step: h.Step, Outlet: h.Outlet}
	case c.mods()&fyne.KeyModifierShift == 0 && len(c.doc.Into(h.Step)) > 0:
		list := c.doc.Into(h.Step)
		return c.holdEnd(list[len(list)-1].ID(), g)
	default:
		g.fixed = Loose{Step: h.Step, Into: true}
	}
	g.takeJudge(c)
	return g
}

// holdEnd takes the end of an edge off its step.
func (c *Canvas) holdEnd(id editor.EdgeID, g *drawing) *drawing {
	g.old, g.fixed = id, Loose{Step: id.From, Outlet: id.Outlet}
	g.takeJudge(c)
	return g
}

// endShare is how near to an end, as a share of the edge, a press picks that end up.
const endShare = 0.22

// pickUpEdge takes the end of an edge that is near to where it was pressed; nil in its
// middle.
func (c *Canvas) pickUpEdge(id editor.EdgeID, along float32) gesture {
	g := &drawing{at: c.world(c.pointer.at), pressed: c.pointer.at, seen: 1}
	switch {
	case along > 1-endShare:
		return c.holdEnd(id, g)
	case along < endShare:
		g.old, g.fixed = id, Loose{Step: id.To, Into: true}
		g.takeJudge(c)
		return g
	}
	return nil
}

func (g *drawing) takeJudge(c *Canvas) {
	if g.fixed.Into {
		g.judge = c.doc.JudgeInto(g.fixed.Step, g.old)
	} else {
		g.judge = c.doc.JudgeFrom(g.fixed.Step, g.fixed.Outlet, g.old)
	}
}

func (g *drawing) pickedUp() bool { return g.old != (editor.EdgeID{}) }

// hides says whether an edge steps back because its end is in the hand.
func (g *drawing) hides(id editor.EdgeID) bool { return g.begun && g.pickedUp() && g.old == id }

func (g *drawing) move(c *Canvas, p fyne.Position) {
	g.at = c.world(p)
	if !g.begun {
		if abs(p.X-g.pressed.X) < dragFrom && abs(p.Y-g.pressed.Y) < dragFrom {
			return
		}
		g.begun = true
		g.seen++
	}
	before, had := g.target, g.found
	g.target, g.found, g.why = c.doc.EndNear(g.judge, g.at, c.units(snapReach))
	if g.target != before || g.found != had {
		g.seen++
	}
}

func (g *drawing) end(c *Canvas, p fyne.Position) {
	switch {
	case !g.begun && g.pickedUp():
		return
	case !g.begun:
		g.loose, g.begun = true, true // a click: go on without a button
		g.seen++
		c.gesture = g
	case g.found:
		g.connect(c)
	case g.pickedUp():
		c.doc.Disconnect(g.old)
	case c.overItself(g, p):
	default:
		from := g.fixed
		at := c.world(p)
		c.pending = &pendingEdge{from: from, to: at}
		c.askAdd(Place{Abs: c.absolute(p), At: at, From: &from})
	}
}

// overItself says whether the pointer is back on the step that the edge begins at.
func (c *Canvas) overItself(g *drawing, p fyne.Position) bool {
	card := c.doc.CardAt(c.world(p))
	return card != nil && card.ID() == g.fixed.Step
}

func (g *drawing) connect(c *Canvas) {
	from, outlet, to := g.fixed.Step, g.fixed.Outlet, g.target.Step
	if g.fixed.Into {
		from, outlet, to = g.target.Step, g.target.Outlet, g.fixed.Step
	}
	var err error
	if g.pickedUp() {
		err = c.doc.Reconnect(g.old, from, outlet, to)
	} else {
		err = c.doc.Connect(from, outlet, to)
	}
	if err != nil {
		c.notice(err.Error())
	}
}

func (g *drawing) cancel(*Canvas) {}

// look is even while nothing shows yet.
func (g *drawing) look() int {
	if !g.begun {
		return 0
	}
	return g.seen
}

// moods tells how each card takes part in the edge that is being drawn; intoEnd says
// whether inlets are wanted.
func (c *Canvas) moods() func(*editor.Card) (m mood, intoEnd bool) {
	g, ok := c.gesture.(*drawing)
	if !ok || !g.begun {
		return func(*editor.Card) (mood, bool) { return calm, false }
	}
	return func(card *editor.Card) (mood, bool) {
		switch {
		case card.ID() == g.fixed.Step:
			return beginning, !g.fixed.Into
		case g.found && g.target.Step == card.ID() && g.why == nil:
			return aimed, !g.fixed.Into
		case g.accepts(card):
			return inviting, !g.fixed.Into
		}
		return refusing, !g.fixed.Into
	}
}

func (g *drawing) accepts(card *editor.Card) bool {
	if !g.fixed.Into {
		return g.judge.To(card.ID(), "") == nil
	}
	for _, o := range card.Outlets {
		if g.judge.To(card.ID(), o) == nil {
			return true
		}
	}
	return false
}

// ends gives the curve of the edge as far as it is drawn.
func (g *drawing) ends(c *Canvas) (editor.Curve, bool) {
	at := g.at
	if g.found && g.why == nil {
		at = g.target.At
	}
	return c.looseCurve(g.fixed, at)
}

// looseCurve leads from or to the end that is known.
func (c *Canvas) looseCurve(l Loose, at flow.Point) (editor.Curve, bool) {
	card := c.doc.Card(l.Step)
	switch {
	case card == nil:
		return editor.Curve{}, false
	case l.Into:
		return editor.NewCurve(at, card.Inlet(), false), true
	}
	return editor.NewCurve(card.Outlet(l.Outlet), at, l.Outlet == flow.Failed), true
}

func (c *Canvas) absolute(p fyne.Position) fyne.Position {
	return fyne.CurrentApp().Driver().AbsolutePositionForObject(c).Add(p)
}
