package canvas

import (
	"fyne.io/fyne/v2"
	paint "fyne.io/fyne/v2/canvas"

	"jackfield/flow"
	"jackfield/ui/editor"
)

// level is how much of a card is drawn.
type level int

// The levels, from all of it to none of it: far off the whole flow is one picture.
const (
	full level = iota
	medium
	small
	far
)

// levelFor chooses by zoom and by how many cards can be seen, so that no frame draws
// much more than 4,000 primitives.
func levelFor(zoom float32, cards int) level {
	switch {
	case zoom < 0.17 || cards > 1100:
		return far
	case zoom < 0.33 || cards > 560:
		return small
	case zoom < 0.58 || cards > 300:
		return medium
	}
	return full
}

// stageMargin is how far, in pixels, the prepared area reaches beyond the view: so far
// panning costs one move.
const stageMargin = 220

// stage is what is drawn at the moment. Places on it are counted from the anchor, in
// pixels.
type stage struct {
	looks      *looks
	generation int // counts themes
	zoom       float32
	anchor     flow.Point
	area       editor.Rect // the prepared part of the canvas
	clip       editor.Rect // the same on the stage
	level      level
	drawn      drawn
	overlaid   overlay
	stale      bool

	world    *fyne.Container
	edges    *fyne.Container
	cards    *fyne.Container
	top      *fyne.Container
	overlay  *fyne.Container
	back     *paint.Rectangle
	grid     grid
	farOff   farOff
	minimap  minimap
	tools    tools
	topPen   pen
	framePen pen
	hintPen  pen

	shownCards map[flow.StepID]*drawnCard
	shownEdges map[editor.EdgeID]*drawnEdge
	freeCards  []*drawnCard
	freeEdges  []*drawnEdge
	round      int
	cardList   []*editor.Card
	edgeList   []*editor.Arrow
	ranks      [3][]*drawnEdge
}

// drawn is what the last drawing showed; an equal one need not be drawn again.
type drawn struct {
	doc     int
	pick    int
	run     int
	theme   int
	zoom    float32
	size    fyne.Size
	hover   editor.Hit
	onPlus  bool
	gesture int
	splice  editor.EdgeID
}

func (s *stage) prepare() {
	layer := func() *fyne.Container { return &fyne.Container{Layout: noLayout{}} }
	s.world, s.edges, s.cards, s.top, s.overlay = layer(), layer(), layer(), layer(), layer()
	s.back = paint.NewRectangle(nil)
	s.shownCards = map[flow.StepID]*drawnCard{}
	s.shownEdges = map[editor.EdgeID]*drawnEdge{}
	s.farOff.prepare()
	s.grid.prepare()
	s.minimap.prepare()
	s.world.Objects = []fyne.CanvasObject{s.farOff.raster, s.edges, s.cards}
}

func (s *stage) objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{s.back, s.grid.raster, s.world, s.top, s.overlay}
}

// draw brings the stage up to date with the document, the view, the run and the
// pointer. Where only the view moved within the prepared area, one container moves.
func (c *Canvas) draw() {
	s := &c.stage
	size := c.Size()
	if size.Width < 1 || size.Height < 1 {
		return
	}
	if s.looks == nil {
		c.takeTheme()
	}
	v := c.doc.View()
	if v.W != size.Width || v.H != size.Height {
		v.W, v.H = size.Width, size.Height
		c.doc.SetView(v)
	}
	v = c.fitFresh(v)
	now := drawn{
		doc: c.doc.Revision(), pick: c.doc.SelectionRevision(), run: c.run.rev, theme: s.generation, zoom: v.Zoom,
		size: size, hover: c.pointer.hover, onPlus: c.pointer.onPlus, gesture: c.gestureLook(), splice: c.spliceEdge(),
	}
	if s.stale || now != s.drawn || !s.area.Holds(v.Area()) {
		c.drawWorld(v, now)
		s.drawn, s.stale = now, false
	}
	s.world.Move(fyne.NewPos(whole((s.anchor.X-v.At.X)*v.Zoom), whole((s.anchor.Y-v.At.Y)*v.Zoom)))
	s.grid.show(v, c.scale, s.looks)
	c.drawTop(v)
	c.drawOverlay(v)
}

// fitFresh shows all of a document that nobody has looked at yet, again with each size
// that the widget gets, until a person moves the view.
func (c *Canvas) fitFresh(v editor.View) editor.View {
	switch {
	case !c.fresh:
	case c.fitted.W != 0 && (v.At != c.fitted.At || v.Zoom != c.fitted.Zoom):
		c.fresh = false
	case v.W != c.fitted.W || v.H != c.fitted.H:
		c.doc.Fit()
		v = c.doc.View()
		c.fitted = v
	}
	return v
}

// drawWorld draws the prepared area anew, with what was drawn before.
func (c *Canvas) drawWorld(v editor.View, now drawn) {
	s := &c.stage
	if s.stale || now.zoom != s.drawn.zoom || now.size != s.drawn.size || !s.area.Holds(v.Area()) {
		s.zoom, s.anchor = v.Zoom, v.At
		s.area = v.Area().Grown(stageMargin / v.Zoom)
		s.clip = editor.Rect{X: -stageMargin, Y: -stageMargin, W: v.W + 2*stageMargin, H: v.H + 2*stageMargin}
	}
	s.level = c.level()
	s.round++
	if s.level == far {
		s.edges.Objects, s.cards.Objects = nil, nil
		c.drawFar()
	} else {
		s.farOff.hide()
		c.drawFrames()
		c.drawEdges()
		c.drawCards()
	}
	s.release()
	s.back.Refresh()
}

func (c *Canvas) level() level {
	s := &c.stage
	s.cardList = s.cardList[:0]
	if l := levelFor(s.zoom, 0); l == far {
		return far
	}
	s.cardList = c.doc.CardsIn(s.area, s.cardList)
	return levelFor(s.zoom, len(s.cardList))
}

func (c *Canvas) drawCards() {
	s := &c.stage
	moods := c.moods()
	last := s.cards.Objects[:0]
	var moving []fyne.CanvasObject
	for _, card := range s.cardList {
		d := s.shownCards[card.ID()]
		if d == nil {
			d = s.freeCard()
			s.shownCards[card.ID()] = d
		}
		d.seen = s.round
		at := fyne.NewPos(whole((card.Rect.X-s.anchor.X)*s.zoom), whole((card.Rect.Y-s.anchor.Y)*s.zoom))
		d.show(c.lookOf(card, s.level, moods), at, s.looks)
		if c.doc.Dragging() && c.doc.Has(card.ID()) {
			moving = append(moving, d.box)
		} else {
			last = append(last, d.box)
		}
	}
	s.cards.Objects = append(last, moving...)
}

func (c *Canvas) drawEdges() {
	s := &c.stage
	s.edgeList = c.doc.ArrowsIn(s.area, s.edgeList[:0])
	objects := append(s.edges.Objects[:0], s.framePen.objects...)
	for _, a := range s.edgeList {
		d := s.shownEdges[a.ID()]
		if d == nil {
			d = s.freeEdge()
			s.shownEdges[a.ID()] = d
		}
		d.seen = s.round
		d.show(c.lookOfEdge(a, s.level), s.looks)
		s.ranks[d.look.rank()] = append(s.ranks[d.look.rank()], d)
	}
	for _, rank := range s.ranks {
		for _, d := range rank {
			objects = append(objects, d.strokes.objects...)
		}
	}
	for i, rank := range s.ranks {
		for _, d := range rank {
			objects = append(objects, d.labels.objects...)
		}
		s.ranks[i] = rank[:0]
	}
	s.edges.Objects = objects
}

func (s *stage) freeCard() *drawnCard {
	if n := len(s.freeCards); n > 0 {
		d := s.freeCards[n-1]
		s.freeCards = s.freeCards[:n-1]
		return d
	}
	return newDrawnCard()
}

func (s *stage) freeEdge() *drawnEdge {
	if n := len(s.freeEdges); n > 0 {
		d := s.freeEdges[n-1]
		s.freeEdges = s.freeEdges[:n-1]
		return d
	}
	return &drawnEdge{}
}

// release keeps what is not seen any more for others to use.
func (s *stage) release() {
	for id, d := range s.shownCards {
		if d.seen != s.round {
			delete(s.shownCards, id)
			d.look.card = nil
			s.freeCards = append(s.freeCards, d)
		}
	}
	for id, d := range s.shownEdges {
		if d.seen != s.round {
			delete(s.shownEdges, id)
			s.freeEdges = append(s.freeEdges, d)
		}
	}
}

// takeTheme looks the colours up anew, and makes everything be drawn again where they
// differ.
func (c *Canvas) takeTheme() {
	c.stage.looks = newLooks()
	c.stage.generation++
	c.stage.stale = true
	c.stage.back.FillColor = c.stage.looks.canvas
	for _, p := range []*pen{&c.stage.framePen, &c.stage.topPen, &c.stage.hintPen, &c.stage.tools.pen} {
		p.forgetIcons()
	}
}
