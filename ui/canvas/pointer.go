package canvas

import (
	"math"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"jackfield/flow"
	"jackfield/ui/editor"
)

// How near the pointer must be, in pixels of the view.
const (
	portReach   = 11 // to press an inlet or outlet
	edgeReach   = 7  // to mean an edge
	snapReach   = 20 // for an edge that is being drawn to catch an end
	guideReach  = 6  // for a step to line up with another
	spliceReach = 14 // for a step to go into an edge
	stillWithin = 4  // two presses so near are a double click
)

const doubleClick = 400 * time.Millisecond

// pointer is where the pointer is and what it did last.
type pointer struct {
	at      fyne.Position
	inside  bool
	hover   editor.Hit
	onPlus  bool // and on the button of the edge it is at
	button  desktop.MouseButton
	pressed fyne.Position // where the right button went down
	menu    bool          // the right button is down and has not moved: a menu is wanted
	last    time.Time     // of the last press of the left button
	lastAt  fyne.Position
	space   bool // the space bar is held
}

// gesture is what the pressed pointer is doing. A point is on the widget.
type gesture interface {
	move(c *Canvas, p fyne.Position)
	end(c *Canvas, p fyne.Position)
	cancel(c *Canvas)
	// look is a number for what of the cards depends on the gesture.
	look() int
}

func (c *Canvas) gestureLook() int {
	if c.gesture == nil {
		return 0
	}
	return c.gesture.look()
}

func (c *Canvas) world(p fyne.Position) flow.Point { return c.doc.View().World(p.X, p.Y) }

// units is a distance on the screen in units of the canvas.
func (c *Canvas) units(pixels float32) float32 { return pixels / c.doc.View().Zoom }

// MouseDown begins what a press begins.
func (c *Canvas) MouseDown(e *desktop.MouseEvent) {
	c.led = false
	c.focus()
	c.stopGlide()
	c.fresh = false
	c.pointer.at, c.pointer.button = e.Position, e.Button
	switch e.Button {
	case desktop.MouseButtonSecondary:
		c.pressSecondary(e)
	case desktop.MouseButtonTertiary:
		c.begin(&panning{last: e.Position}, e.Position)
	case desktop.MouseButtonPrimary:
		c.pressPrimary(e)
	}
	c.sync()
}

// Focus gives the keyboard to the canvas where a person was led here by what they did,
// so that nothing needs to show it.
func (c *Canvas) Focus() {
	c.focus()
	c.led = false
	c.sync()
}

func (c *Canvas) focus() {
	if cv := fyne.CurrentApp().Driver().CanvasForObject(c); cv != nil && cv.Focused() != c {
		c.given = true
		cv.Focus(c)
		c.given = false
	}
}

// pressSecondary waits: a move pans, a release asks for the menu. While something is
// being drawn it gives that up.
func (c *Canvas) pressSecondary(e *desktop.MouseEvent) {
	if c.gesture != nil {
		c.dropGesture()
		return
	}
	c.pointer.pressed, c.pointer.menu = e.Position, true
}

func (c *Canvas) pressPrimary(e *desktop.MouseEvent) {
	c.CancelAdd()
	if g, ok := c.gesture.(*drawing); ok && g.loose {
		c.gesture = nil
		g.move(c, e.Position)
		g.end(c, e.Position)
		return
	}
	c.dropGesture()
	double := c.isDouble(e.Position)
	if c.pressTool(e.Position) || c.pressMinimap(e.Position) {
		return
	}
	if c.pointer.space {
		c.begin(&panning{last: e.Position}, e.Position)
		return
	}
	h := c.hit(e.Position)
	if double && c.doubleClick(h, e) {
		return
	}
	c.pressOn(h, e)
}

func (c *Canvas) isDouble(p fyne.Position) bool {
	now := c.now()
	near := math.Abs(float64(p.X-c.pointer.lastAt.X)) < stillWithin && math.Abs(float64(p.Y-c.pointer.lastAt.Y)) < stillWithin
	double := near && now.Sub(c.pointer.last) < doubleClick
	c.pointer.last, c.pointer.lastAt = now, p
	if double {
		c.pointer.last = time.Time{}
	}
	return double
}

func (c *Canvas) doubleClick(h editor.Hit, e *desktop.MouseEvent) bool {
	switch h.Part {
	case editor.OnCard:
		c.openStep(h.Step)
		return true
	case editor.OnEdge:
		if !c.readOnly {
			edge := h.Edge
			c.askAdd(Place{Abs: e.AbsolutePosition, At: c.world(e.Position), Edge: &edge})
		}
		return true
	case editor.Nothing:
		if !c.readOnly {
			c.askAdd(Place{Abs: e.AbsolutePosition, At: c.world(e.Position)})
		}
		return true
	}
	return false
}

func (c *Canvas) openStep(id flow.StepID) {
	if c.OnOpen != nil {
		c.OnOpen(id)
	}
}

// pressOn begins the gesture that belongs to a part.
func (c *Canvas) pressOn(h editor.Hit, e *desktop.MouseEvent) {
	more := e.Modifier&(fyne.KeyModifierShift|fyne.KeyModifierControl|fyne.KeyModifierSuper) != 0
	switch h.Part {
	case editor.OnOutlet, editor.OnInlet:
		if c.readOnly {
			c.doc.Select(h.Step)
		} else if g := c.newDrawing(h); g != nil {
			c.begin(g, e.Position)
		} else {
			c.doc.Select(h.Step)
		}
	case editor.OnCard:
		c.pressCard(h.Step, more, e)
	case editor.OnEdge:
		c.pressEdge(h, more, e)
	default:
		c.begin(c.newBand(e), e.Position)
	}
}

func (c *Canvas) pressCard(id flow.StepID, more bool, e *desktop.MouseEvent) {
	selected := c.doc.Has(id)
	switch {
	case more:
		c.doc.Toggle(id)
		if selected {
			return
		}
	case !selected:
		c.doc.Select(id)
	}
	g := &moving{from: e.Position, step: id, alone: selected && !more}
	c.begin(g, e.Position)
}

func (c *Canvas) pressEdge(h editor.Hit, more bool, e *desktop.MouseEvent) {
	switch {
	case e.Modifier&fyne.KeyModifierAlt != 0 && !c.readOnly:
		c.doc.Disconnect(h.Edge)
		return
	case more:
		c.doc.ToggleEdge(h.Edge)
		return
	case c.isOnPlus(e.Position):
		edge := h.Edge
		c.askAdd(Place{Abs: e.AbsolutePosition, At: c.world(e.Position), Edge: &edge})
		return
	}
	c.doc.SelectEdge(h.Edge)
	if c.readOnly {
		return
	}
	if g := c.pickUpEdge(h.Edge, h.Along); g != nil {
		c.begin(g, e.Position)
	}
}

func (c *Canvas) begin(g gesture, p fyne.Position) {
	c.gesture = g
	c.pointer.at = p
	c.hoverTool(nil)
	c.setTip(tip{})
}

func (c *Canvas) dropGesture() {
	if c.gesture != nil {
		g := c.gesture
		c.gesture = nil
		g.cancel(c)
	}
	c.stopTicker()
}

// Dragged goes on with the gesture.
func (c *Canvas) Dragged(e *fyne.DragEvent) { c.moveGesture(e.Position) }

func (c *Canvas) moveGesture(p fyne.Position) {
	c.pointer.at = p
	if c.gesture == nil {
		return
	}
	c.gesture.move(c, p)
	c.steerTicker()
	c.sync()
}

// DragEnd ends a gesture of which the release was not seen.
func (c *Canvas) DragEnd() {
	if g, ok := c.gesture.(*drawing); ok && g.loose {
		return
	}
	c.endGesture(c.pointer.at)
}

// MouseUp ends what the press began.
func (c *Canvas) MouseUp(e *desktop.MouseEvent) {
	c.pointer.button = 0
	c.pointer.at = e.Position
	c.stage.tools.press = ""
	if e.Button == desktop.MouseButtonSecondary {
		c.releaseSecondary(e)
		return
	}
	c.endGesture(e.Position)
}

func (c *Canvas) endGesture(p fyne.Position) {
	c.stopTicker()
	if g := c.gesture; g != nil {
		c.gesture = nil
		g.end(c, p)
	}
	c.setHover(p)
	c.sync()
}

func (c *Canvas) releaseSecondary(e *desktop.MouseEvent) {
	if _, ok := c.gesture.(*panning); ok {
		c.gesture = nil
	}
	if !c.pointer.menu {
		return
	}
	c.pointer.menu = false
	h := c.hit(e.Position)
	c.selectForMenu(h)
	c.sync()
	if c.OnMenu != nil {
		c.OnMenu(Menu{Abs: e.AbsolutePosition, At: c.world(e.Position), Under: h})
	}
}

// selectForMenu makes the menu be about what lies under the pointer.
func (c *Canvas) selectForMenu(h editor.Hit) {
	switch h.Part {
	case editor.OnCard, editor.OnInlet, editor.OnOutlet:
		if !c.doc.Has(h.Step) {
			c.doc.Select(h.Step)
		}
	case editor.OnEdge:
		if !slices.Contains(c.doc.SelectedEdges(), h.Edge) {
			c.doc.SelectEdge(h.Edge)
		}
	default:
		c.doc.SelectNone()
	}
}

func (c *Canvas) pressTool(p fyne.Position) bool {
	b, over := c.stage.tools.at(p)
	if b != nil && (b.can == nil || b.can()) {
		c.stage.tools.press, c.stage.tools.hover = b.tip, b.tip
		b.do()
	}
	return over
}

func (c *Canvas) pressMinimap(p fyne.Position) bool {
	if !c.stage.minimap.has(p) {
		return false
	}
	g := &mapping{}
	c.begin(g, p)
	g.move(c, p)
	return true
}
