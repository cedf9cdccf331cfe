package canvas

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"jackfield/ui/editor"
)

// MouseIn notes that the pointer came.
func (c *Canvas) MouseIn(e *desktop.MouseEvent) {
	c.pointer.inside = true
	c.MouseMoved(e)
}

// MouseOut notes that the pointer left.
func (c *Canvas) MouseOut() {
	c.pointer.inside = false
	c.pointer.hover = editor.Hit{}
	c.hoverTool(nil)
	c.setTip(tip{})
	c.sync()
}

// rightPan is how far the right button moves before it pans instead of asking for the
// menu.
const rightPan = 6

// MouseMoved follows the pointer. The toolkit sends it for the right button too, which
// it does not let drag.
func (c *Canvas) MouseMoved(e *desktop.MouseEvent) {
	c.pointer.at, c.pointer.inside = e.Position, true
	if e.Button&desktop.MouseButtonSecondary != 0 && c.pointer.menu {
		d := e.Position.Subtract(c.pointer.pressed)
		if math.Hypot(float64(d.X), float64(d.Y)) > rightPan {
			c.pointer.menu = false
			c.begin(&panning{last: c.pointer.pressed}, e.Position)
		}
	}
	if c.gesture != nil {
		c.moveGesture(e.Position)
		return
	}
	b, _ := c.stage.tools.at(e.Position)
	c.hoverTool(b)
	c.setHover(e.Position)
	if b == nil {
		c.setTip(c.tipFor(c.pointer.hover))
	}
	c.sync()
}

// Cursor tells what the pointer can do where it is.
func (c *Canvas) Cursor() desktop.Cursor {
	b, over := c.stage.tools.at(c.pointer.at)
	switch {
	case b != nil:
		return desktop.PointerCursor
	case over:
		return desktop.DefaultCursor
	}
	if _, ok := c.gesture.(*drawing); ok {
		return desktop.CrosshairCursor
	}
	switch c.pointer.hover.Part {
	case editor.OnInlet, editor.OnOutlet:
		if !c.readOnly {
			return desktop.CrosshairCursor
		}
	case editor.OnCard, editor.OnEdge:
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// setHover notes what the pointer is on. Where it is along an edge makes no difference
// to what is drawn.
func (c *Canvas) setHover(p fyne.Position) {
	c.pointer.hover = c.hit(p)
	c.pointer.hover.Along = 0
	c.pointer.onPlus = c.isOnPlus(p)
}

// hit finds what lies under a point of the widget. From far off there are no ends.
func (c *Canvas) hit(p fyne.Position) editor.Hit {
	if _, over := c.stage.tools.at(p); over || c.stage.minimap.has(p) {
		return editor.Hit{}
	}
	if c.isOnPlus(p) {
		return c.pointer.hover
	}
	at := c.world(p)
	if c.stage.level == full || c.stage.level == medium {
		return c.doc.Hit(at, c.units(portReach), c.units(edgeReach))
	}
	if card := c.doc.CardAt(at); card != nil {
		return editor.Hit{Part: editor.OnCard, Step: card.ID()}
	}
	return editor.Hit{}
}
