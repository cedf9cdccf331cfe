package editor

import (
	"math"

	"jackfield/flow"
)

// Part is what lies under a point.
type Part int

// The parts of the canvas.
const (
	Nothing Part = iota
	OnCard
	OnInlet
	OnOutlet
	OnEdge
)

// Hit says what lies under a point.
type Hit struct {
	Part   Part
	Step   flow.StepID // of a card, an inlet, an outlet
	Outlet flow.Outlet
	Edge   EdgeID
	Along  float32 // where on the edge, from 0 to 1
}

// Hit finds what lies at p: an outlet or inlet within reach, else the topmost card,
// else an edge within reach.
func (d *Document) Hit(p flow.Point, reach float32) Hit {
	if c, o, in := d.PortNear(p, reach); c != nil {
		if in {
			return Hit{Part: OnInlet, Step: c.ID()}
		}
		return Hit{Part: OnOutlet, Step: c.ID(), Outlet: o}
	}
	if c := d.CardAt(p); c != nil {
		return Hit{Part: OnCard, Step: c.ID()}
	}
	if a, along := d.ArrowNear(p, reach); a != nil {
		return Hit{Part: OnEdge, Edge: a.ID(), Along: along}
	}
	return Hit{}
}

// CardAt finds the topmost card at p; nil where there is none.
func (d *Document) CardAt(p flow.Point) *Card {
	var top *Card
	reach := Rect{p.X - CardWidth, p.Y - d.drawn.tallest, CardWidth, d.drawn.tallest}
	d.drawn.cardsAt.within(spanOf(reach), func(c *Card) {
		if c.Rect.Has(p) && (top == nil || c.order > top.order) {
			top = c
		}
	})
	return top
}

// PortNear finds the inlet or outlet nearest to p within reach. A card on top hides
// those below it.
func (d *Document) PortNear(p flow.Point, reach float32) (c *Card, outlet flow.Outlet, inlet bool) {
	best := float64(reach)
	area := Rect{p.X - reach - CardWidth, p.Y - reach - d.drawn.tallest, CardWidth + 2*reach, d.drawn.tallest + 2*reach}
	consider := func(of *Card, at flow.Point, o flow.Outlet, in bool) {
		distance := math.Hypot(float64(at.X-p.X), float64(at.Y-p.Y))
		if distance < best || distance == best && c != nil && of.order > c.order {
			best, c, outlet, inlet = distance, of, o, in
		}
	}
	d.drawn.cardsAt.within(spanOf(area), func(of *Card) {
		if !of.Rect.Grown(reach).Has(p) {
			return
		}
		if !of.Trigger {
			consider(of, of.Inlet(), "", true)
			consider(of, of.Outlet(flow.Failed), flow.Failed, false)
		}
		for _, o := range of.Outlets {
			consider(of, of.Outlet(o), o, false)
		}
	})
	if c == nil {
		return nil, "", false
	}
	if top := d.CardAt(p); top != nil && top != c && top.order > c.order {
		return nil, "", false
	}
	return c, outlet, inlet
}

// ArrowNear finds the edge nearest to p within reach, and where on it.
func (d *Document) ArrowNear(p flow.Point, reach float32) (found *Arrow, along float32) {
	best := reach
	for _, a := range d.ArrowsIn(Rect{p.X - reach, p.Y - reach, 2 * reach, 2 * reach}, nil) {
		if distance, t := a.Curve.Near(p); distance <= best {
			best, found, along = distance, a, t
		}
	}
	return found, along
}
