package canvas

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"jackfield/flow"
	"jackfield/ui/editor"
)

// panning moves the view.
type panning struct{ last fyne.Position }

func (g *panning) move(c *Canvas, p fyne.Position) {
	c.doc.SetView(c.doc.View().Panned(p.X-g.last.X, p.Y-g.last.Y))
	g.last = p
}
func (g *panning) end(*Canvas, fyne.Position) {}
func (g *panning) cancel(*Canvas)             {}
func (g *panning) look() int                  { return 0 }

// mapping moves the view by the small map.
type mapping struct{}

func (g *mapping) move(c *Canvas, p fyne.Position) {
	c.doc.SetView(c.doc.View().Centred(c.stage.minimap.world(p)))
}
func (g *mapping) end(*Canvas, fyne.Position) {}
func (g *mapping) cancel(*Canvas)             {}
func (g *mapping) look() int                  { return 0 }

// dragFrom is how far the pointer moves before a press is a drag.
const dragFrom = 3

// moving moves steps.
type moving struct {
	from   fyne.Position
	origin flow.Point // the same on the canvas, because the view may move meanwhile
	step   flow.StepID
	alone  bool // a click without a drag selects this step only
	begun  bool
	guides []editor.Guide
	splice editor.EdgeID
}

func (g *moving) move(c *Canvas, p fyne.Position) {
	if c.readOnly {
		return
	}
	if !g.begun {
		if abs(p.X-g.from.X) < dragFrom && abs(p.Y-g.from.Y) < dragFrom {
			return
		}
		g.begun = true
		g.origin = c.world(g.from)
		c.doc.BeginDrag(c.doc.Selected())
	}
	at := c.world(p)
	dx, dy := at.X-g.origin.X, at.Y-g.origin.Y
	g.guides = nil
	mods := c.mods()
	if mods&(fyne.KeyModifierControl|fyne.KeyModifierSuper) == 0 {
		dx, dy, g.guides = c.doc.Snap(dx, dy, c.units(guideReach))
	}
	c.doc.Drag(dx, dy)
	g.splice = editor.EdgeID{}
	if mods&fyne.KeyModifierAlt == 0 {
		g.findSplice(c, at)
	}
}

// findSplice looks for an edge that the step would go into: one step alone, without
// edges, with the pointer on the edge.
func (g *moving) findSplice(c *Canvas, at flow.Point) {
	card := c.doc.Card(g.step)
	if len(c.doc.Selected()) != 1 || card == nil || !card.Alone() || card.Trigger {
		return
	}
	if id, found := c.doc.EdgeToSplice(at, c.units(spliceReach)); found {
		g.splice, g.guides = id, nil
	}
}

func (g *moving) end(c *Canvas, p fyne.Position) {
	if !g.begun {
		if g.alone {
			c.doc.Select(g.step)
		}
		return
	}
	if g.splice != (editor.EdgeID{}) {
		card := c.doc.Card(g.step).Rect
		c.doc.CancelDrag()
		if err := c.doc.Splice(g.splice, g.step, flow.Point{X: card.X, Y: card.Y}); err != nil {
			c.notice(err.Error())
		}
		return
	}
	c.doc.Drop()
}

func (g *moving) cancel(c *Canvas) { c.doc.CancelDrag() }
func (g *moving) look() int        { return 0 }

// banding stretches a rubber band.
type banding struct {
	band    editor.Band
	from    flow.Point
	to      flow.Point
	begun   bool
	pressed fyne.Position
	clear   bool // a click without a drag selects nothing
}

func (c *Canvas) newBand(e *desktop.MouseEvent) gesture {
	mode := editor.BandReplaces
	switch {
	case e.Modifier&(fyne.KeyModifierControl|fyne.KeyModifierSuper) != 0:
		mode = editor.BandToggles
	case e.Modifier&fyne.KeyModifierShift != 0:
		mode = editor.BandAdds
	}
	at := c.world(e.Position)
	return &banding{band: c.doc.NewBand(mode), from: at, to: at, pressed: e.Position, clear: mode == editor.BandReplaces}
}

func (g *banding) move(c *Canvas, p fyne.Position) {
	if !g.begun && abs(p.X-g.pressed.X) < dragFrom && abs(p.Y-g.pressed.Y) < dragFrom {
		return
	}
	g.begun = true
	g.to = c.world(p)
	c.doc.Stretch(g.band, editor.Between(g.from, g.to), c.mods()&fyne.KeyModifierAlt != 0)
}

func (g *banding) end(c *Canvas, _ fyne.Position) {
	if !g.begun && g.clear {
		c.doc.SelectNone()
	}
}
func (g *banding) cancel(*Canvas) {}
func (g *banding) look() int      { return 0 }

func abs(v float32) float32 { return max(v, -v) }
