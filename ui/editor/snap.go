package editor

import "math"

// Guide is a hairline that shows what the steps on the move are in line with.
type Guide struct {
	Vertical bool
	At       float32 // its x where it is vertical, else its y
	From, To float32 // its ends along the other axis
}

// snapNeighbours is how many cards around are looked at for guides.
const snapNeighbours = 60

// Snap corrects the distance of a drag so that the steps line up: with the sides,
// middles and inlets of cards near by, where those are within reach, or else with the
// grid. Cards outside the view are not looked at.
func (d *Document) Snap(dx, dy, reach float32) (x, y float32, guides []Guide) {
	if !d.Dragging() {
		return dx, dy, nil
	}
	box := d.heldBox().Shifted(dx, dy)
	lead := d.moved.cards[0].Step.At
	near := d.neighboursOf(box)
	across, xGuide := alignTo(reach, spotsX(box), near, spotsX)
	along, yGuide := alignTo(reach, spotsY(box), near, spotsY)
	x, y = dx+across, dy+along
	if xGuide == nil {
		x = onGrid(lead.X+dx) - lead.X
	}
	if yGuide == nil {
		y = onGrid(lead.Y+dy) - lead.Y
	}
	box = box.Shifted(x-dx, y-dy)
	if xGuide != nil {
		guides = append(guides, Guide{true, xGuide.at, min(box.Y, xGuide.card.Y), max(box.Bottom(), xGuide.card.Bottom())})
	}
	if yGuide != nil {
		guides = append(guides, Guide{false, yGuide.at, min(box.X, yGuide.card.X), max(box.Right(), yGuide.card.Right())})
	}
	return x, y, guides
}

// heldBox holds the steps on the move where they were before.
func (d *Document) heldBox() Rect {
	var r Rect
	for _, c := range d.moved.cards {
		r = r.With(Rect{c.Step.At.X, c.Step.At.Y, c.Rect.W, c.Rect.H})
	}
	return r
}

// neighboursOf lists the boxes of cards in view that stay where they are, the nearest
// ones where there are many.
func (d *Document) neighboursOf(box Rect) []Rect {
	held := make(map[*Card]bool, len(d.moved.cards))
	for _, c := range d.moved.cards {
		held[c] = true
	}
	area := d.view.Area()
	if area.Empty() || d.view.Zoom < 0.2 {
		area = box.Grown(400)
	}
	var near []Rect
	for _, c := range d.CardsIn(area, nil) {
		if !held[c] {
			near = append(near, c.Rect)
		}
	}
	if len(near) <= snapNeighbours {
		return near
	}
	var closer []Rect
	for _, r := range near {
		if r.Meets(box.Grown(600)) && len(closer) < snapNeighbours {
			closer = append(closer, r)
		}
	}
	return closer
}

// spotsX are the x of a box that may line up with those of another: left, middle,
// right. For a card the middle of y is that of its inlet.
func spotsX(r Rect) [3]float32 { return [3]float32{r.X, r.X + r.W/2, r.Right()} }
func spotsY(r Rect) [3]float32 { return [3]float32{r.Y, r.Y + min(r.H/2, InletY), r.Bottom()} }

type line struct {
	at   float32
	card Rect
}

// alignTo finds the smallest correction that brings a spot in line with the same
// spot of a neighbour.
func alignTo(reach float32, spots [3]float32, near []Rect, of func(Rect) [3]float32) (by float32, guide *line) {
	least := reach
	for _, r := range near {
		for i, spot := range of(r) {
			diff := spot - spots[i]
			if size := float32(math.Abs(float64(diff))); size < least || size == least && guide == nil {
				least, by, guide = size, diff, &line{spot, r}
			}
		}
	}
	return by, guide
}
