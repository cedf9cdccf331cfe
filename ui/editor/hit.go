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
// else an edge within its own reach.
func (d *Document) Hit(p flow.Point, port, edge float32) Hit {
	if c, o, in := d.PortNear(p, port); c != nil {
		if in {
			return Hit{Part: OnInlet, Step: c.ID()}
		}
		return Hit{Part: OnOutlet, Step: c.ID(), Outlet: o}
	}
	if c := d.CardAt(p); c != nil {
		return Hit{Part: OnCard, Step: c.ID()}
	}
	if a, along := d.ArrowNear(p, edge); a != nil {
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
	c, outlet, inlet = d.nearest(p, reach, func(*Card, flow.Outlet, bool) bool { return true })
	if c == nil {
		return nil, "", false
	}
	if top := d.CardAt(p); top != nil && top != c && top.order > c.order {
		return nil, "", false
	}
	return c, outlet, inlet
}

// End is where an edge that is being drawn would end: an inlet of a step, or an
// outlet where the beginning is sought.
type End struct {
	Step   flow.StepID
	Outlet flow.Outlet
	At     flow.Point
}

// EndNear finds the end for an edge that is being drawn: the inlet within reach of p,
// or that of the card under p. Ends that the judge refuses are found too, where no
// other is nearer, so that the person can be told why.
func (d *Document) EndNear(j Judge, p flow.Point, reach float32) (end End, found bool, why error) {
	wanted := func(c *Card, o flow.Outlet, in bool) bool {
		return in == j.leaving && c != j.fixed && j.To(c.ID(), o) == nil
	}
	if c, o, in := d.nearest(p, reach, wanted); c != nil {
		return endAt(c, o, in), true, nil
	}
	c := d.CardAt(p)
	if c == nil {
		c, _, _ = d.nearest(p, reach, func(c *Card, _ flow.Outlet, in bool) bool { return in == j.leaving && c != j.fixed })
	}
	if c == nil || c == j.fixed {
		return End{}, false, nil
	}
	if j.leaving {
		return endAt(c, "", true), true, j.To(c.ID(), "")
	}
	for _, o := range c.Outlets {
		if why = j.To(c.ID(), o); why == nil {
			return endAt(c, o, false), true, nil
		}
	}
	return endAt(c, c.Outlets[0], false), true, why
}

func endAt(c *Card, o flow.Outlet, inlet bool) End {
	if inlet {
		return End{Step: c.ID(), At: c.Inlet()}
	}
	return End{Step: c.ID(), Outlet: o, At: c.Outlet(o)}
}

// nearest finds the nearest inlet or outlet within reach that is wanted; of equal
// ones that of the topmost card.
func (d *Document) nearest(p flow.Point, reach float32, wanted func(*Card, flow.Outlet, bool) bool) (c *Card, outlet flow.Outlet, inlet bool) {
	best := float64(reach)
	area := Rect{p.X - reach - CardWidth, p.Y - reach - d.drawn.tallest, CardWidth + 2*reach, d.drawn.tallest + 2*reach}
	consider := func(of *Card, at flow.Point, o flow.Outlet, in bool) {
		distance := math.Hypot(float64(at.X-p.X), float64(at.Y-p.Y))
		nearer := distance < best || distance == best && (c == nil || of.order > c.order)
		if nearer && wanted(of, o, in) {
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
