package canvas

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	paint "fyne.io/fyne/v2/canvas"

	"jackfield/flow"
	"jackfield/ui/editor"
	"jackfield/ui/theme"
)

// The measures of what is on a card, in units of the canvas.
const (
	cardRadius   = 12
	tileInset    = 13
	tileSize     = 38
	tileRadius   = 10
	iconSize     = 21
	textLeft     = 63
	textRight    = 12
	titleY       = 22.5
	subtitleY    = 42
	titleSize    = 14
	mediumTitle  = 15.5 // where it stands alone
	subtitleSize = 11.5
	labelSize    = 10.5
	labelRoom    = 72
	portRadius   = 5
	badgeRadius  = 9
	ringWidth    = 4
)

// mood is how a card takes part in an edge that is being drawn.
type mood int

const (
	calm      mood = iota
	refusing       // it steps back
	inviting       // its ends glow
	beginning      // the edge hangs on it
	aimed          // the edge would end here
)

// cardLook is everything that a drawn card depends on. Two looks that are equal draw
// the same.
type cardLook struct {
	card     *editor.Card
	step     *flow.Step
	zoom     float32
	height   float32
	level    level
	theme    int
	selected bool
	hovered  bool
	editable bool
	hotPort  flow.Outlet // the outlet or inlet under the pointer
	hotInlet bool
	mood     mood
	intoEnd  bool // while an edge is drawn: inlets are wanted, not outlets
	wiredIn  bool
	wiredOut uint64 // which of its outlets have edges
	failed   bool   // its failed outlet has an edge
	status   Status
	turn     float32
	errors   int
	warnings int
	neverRan bool // only a run is shown, and it did not come here
}

// drawnCard is a card on the stage.
type drawnCard struct {
	box     *fyne.Container
	pen     pen
	look    cardLook
	outlets []flow.Outlet
	seen    int
}

func newDrawnCard() *drawnCard {
	return &drawnCard{box: &fyne.Container{Layout: noLayout{}}}
}

// noLayout lets the stage place everything itself, and spares the toolkit from asking
// for the sizes of all that is in it.
type noLayout struct{}

func (noLayout) Layout([]fyne.CanvasObject, fyne.Size)        {}
func (noLayout) MinSize([]fyne.CanvasObject) (size fyne.Size) { return size }

// lookOf tells how a card is to be drawn now.
func (c *Canvas) lookOf(card *editor.Card, l level, moods func(*editor.Card) (mood, bool)) cardLook {
	s := &c.stage
	look := cardLook{
		card: card, step: card.Step, zoom: s.zoom, height: card.Rect.H, level: l, theme: s.generation,
		selected: c.doc.Has(card.ID()), wiredIn: len(c.doc.Into(card.ID())) > 0,
		failed: card.Wired(flow.Failed), editable: !c.readOnly,
	}
	for i, o := range card.Outlets {
		if card.Wired(o) {
			look.wiredOut |= 1 << i
		}
	}
	if h := c.pointer.hover; h.Step == card.ID() {
		look.hovered = h.Part == editor.OnCard || h.Part == editor.OnInlet || h.Part == editor.OnOutlet
		look.hotInlet = h.Part == editor.OnInlet
		look.hotPort = h.Outlet
	}
	look.mood, look.intoEnd = moods(card)
	if c.run.shown {
		look.status = c.run.status(card.ID())
		look.neverRan = c.readOnly && look.status == Status{}
		if look.status.State == Running {
			look.turn = c.run.turn
		}
	}
	for _, p := range c.doc.Problems(card.ID()) {
		if p.Warning {
			look.warnings++
		} else {
			look.errors++
		}
	}
	return look
}

// show draws the card where anything about it is new, and moves it where it goes.
func (d *drawnCard) show(look cardLook, at fyne.Position, c *looks) {
	if d.look != look || !slices.Equal(d.outlets, look.card.Outlets) {
		if d.look.theme != look.theme {
			d.pen.forgetIcons()
		}
		d.look, d.outlets = look, look.card.Outlets
		d.pen.begin()
		switch look.level {
		case full, medium:
			d.draw(c)
		default:
			d.drawSmall(c)
		}
		d.box.Objects = d.pen.objects
	}
	d.box.Move(at)
}

// at scales a measure to the screen.
func (d *drawnCard) at(v float32) float32 { return whole(v * d.look.zoom) }

func (d *drawnCard) width() float32  { return d.at(editor.CardWidth) }
func (d *drawnCard) height() float32 { return d.at(d.look.height) }

// share is how much is left of the card's colours: less than all where it steps back.
func (d *drawnCard) share() float64 {
	switch {
	case d.look.mood == refusing:
		return dimShare
	case d.look.step.Off, d.look.neverRan:
		return offShare
	}
	return 1
}

func (d *drawnCard) draw(c *looks) {
	l := &d.look
	d.drawRing(c)
	d.drawBody(c)
	d.drawTile(c)
	d.drawTexts(c)
	if l.level == full || l.mood != calm {
		d.drawPorts(c)
	}
	d.drawBadge(c)
	d.drawProblems(c)
}

// drawRing shows that the card is selected, or that an edge would end here.
func (d *drawnCard) drawRing(c *looks) {
	ink := c.soft
	switch {
	case d.look.mood == aimed:
		ink = theme.Fade(c.active, 0.35)
	case !d.look.selected:
		return
	}
	grow := max(d.at(ringWidth), 3)
	r := d.pen.box(-grow, -grow, d.width()+2*grow, d.height()+2*grow, d.at(cardRadius)+grow, ink, nil, 0)
	d.roundLeft(r, grow)
}

// roundLeft gives a trigger's card its round left side.
func (d *drawnCard) roundLeft(r *paint.Rectangle, grow float32) {
	if d.look.card.Trigger {
		round := d.at(editor.CardHeight)/2 + grow
		r.TopLeftCornerRadius, r.BottomLeftCornerRadius = round, round
	}
}

func (d *drawnCard) drawBody(c *looks) {
	l := &d.look
	border := c.border
	switch {
	case l.selected || l.mood == aimed || l.mood == beginning:
		border = c.active
	case l.status.State != Idle && l.status.State != Done:
		border = theme.Mix(c.border, c.states[l.status.State], 0.8)
	case l.hovered:
		border = theme.Mix(c.border, c.muted, 0.6)
	}
	r := d.pen.box(0, 0, d.width(), d.height(), d.at(cardRadius), c.dim(c.card, d.share()), c.dim(border, d.share()), 1)
	d.roundLeft(r, 0)
	if l.level == full && d.share() == 1 {
		r.Shadow = paint.Shadow{Color: c.shadow, BlurRadius: d.at(8), Offset: fyne.NewPos(0, d.at(3)), Variant: paint.DropShadow}
	}
}

func (d *drawnCard) drawTile(c *looks) {
	t := c.tint(d.look.card.Tint)
	radius := d.at(tileRadius)
	if d.look.card.Trigger {
		radius = d.at(tileSize) / 2
	}
	inset, size := d.at(tileInset), d.at(tileSize)
	d.pen.box(inset, inset, size, size, radius, c.dim(t.back, d.share()), nil, 0)
	middle := inset + size/2
	d.pen.icon(middle, middle, d.look.zoom*iconSize, d.look.card.Icon, t.name, 1-d.share())
	if d.look.step.Off {
		reach := size/2 - d.at(2)
		d.pen.line(middle-reach, middle+reach, middle+reach, middle-reach, max(2*d.look.zoom, 1), c.muted)
	}
}

func (d *drawnCard) drawTexts(c *looks) {
	l := &d.look
	const room = editor.CardWidth - textLeft - textRight
	left := d.at(textLeft)
	ink := c.dim(c.text, d.share())
	if l.level != full {
		title := c.cuts.fit(l.card.Title(), mediumTitle, true, room)
		d.pen.text(left, d.at(editor.InletY), leftOf, title, textSize(mediumTitle, l.zoom), true, ink)
		return
	}
	beside := d.drawLabels(c)
	title := c.cuts.fit(l.card.Title(), titleSize, true, room-beside[0])
	d.pen.text(left, d.at(titleY), leftOf, title, textSize(titleSize, l.zoom), true, ink)
	subtitle, muted := l.card.Subtitle(), c.muted
	if !l.card.Known {
		subtitle, muted = unknownOperation(l.step.Uses), c.states[Failed]
	}
	d.pen.text(left, d.at(subtitleY), leftOf, c.cuts.fit(subtitle, subtitleSize, false, room-beside[1]), textSize(subtitleSize, l.zoom), false, c.dim(muted, d.share()))
}

// drawLabels names the outlets where there are several, and gives the room that the
// names take beside the title and the subtitle. The usual outlet needs no name.
func (d *drawnCard) drawLabels(c *looks) (beside [2]float32) {
	if len(d.outlets) < 2 {
		return beside
	}
	size := textSize(labelSize, d.look.zoom)
	for _, o := range d.outlets {
		if o == flow.Done {
			continue
		}
		name := c.cuts.fit(string(o), labelSize, false, labelRoom)
		y := d.look.card.Outlet(o).Y - d.look.card.Rect.Y
		w := d.pen.text(d.at(editor.CardWidth-10), d.at(y), rightOf, name, size, false, c.dim(c.muted, d.share()))
		switch room := w/d.look.zoom + 4; {
		case y < titleY+12:
			beside[0] = max(beside[0], room)
		case y < subtitleY+12:
			beside[1] = max(beside[1], room)
		}
	}
	return beside
}

// drawPorts draws the ends where edges meet the card.
func (d *drawnCard) drawPorts(c *looks) {
	l := &d.look
	if !l.card.Trigger {
		d.drawPort(c, 0, editor.InletY, l.wiredIn, l.hotInlet, true, c.port)
	}
	if l.failed || l.editable && !l.card.Trigger && (l.hovered || l.selected) || l.mood == inviting && !l.intoEnd {
		d.drawPort(c, editor.FailedX, l.height, l.failed, l.hotPort == flow.Failed, false, c.failedPort)
	}
	for i, o := range d.outlets {
		y := l.card.Outlet(o).Y - l.card.Rect.Y
		d.drawPort(c, editor.CardWidth, y, l.wiredOut&(1<<i) != 0, l.hotPort == o, false, c.port)
	}
}

func (d *drawnCard) drawPort(c *looks, x, y float32, wired, hot, inlet bool, ink color.Color) {
	radius, fill := float32(portRadius), c.card
	line := max(2*d.look.zoom, 1)
	switch {
	case (d.look.mood == inviting || d.look.mood == aimed) && inlet == d.look.intoEnd:
		x, y := d.at(x), d.at(y)
		d.pen.disc(x, y, d.at(10), theme.Fade(c.active, 0.28), nil, 0)
		radius, ink, fill = 6.5, c.active, c.card
	case d.look.mood == refusing:
		ink, fill = c.dim(ink, dimShare), c.canvas
	case hot && d.look.editable:
		d.pen.disc(d.at(x), d.at(y), d.at(11), theme.Fade(c.active, 0.25), nil, 0)
		radius, ink, fill = 6.5, c.active, c.card
	case !wired:
		ink = theme.Mix(fill, ink, 0.7)
	}
	d.pen.disc(d.at(x), d.at(y), max(d.at(radius), 2), fill, ink, line)
}

// drawSmall draws a card of which only colour, and where there is room its name, can
// be told.
func (d *drawnCard) drawSmall(c *looks) {
	l := &d.look
	t := c.tint(l.card.Tint)
	fill, border := color.Color(theme.Mix(c.card, t.front, 0.28)), color.Color(theme.Mix(c.border, t.front, 0.4))
	if s := l.status.State; s != Idle {
		border = c.states[s]
	}
	if l.selected {
		grow := float32(2)
		d.pen.box(-grow, -grow, d.width()+2*grow, d.height()+2*grow, d.at(cardRadius)+grow, c.active, nil, 0)
	}
	r := d.pen.box(0, 0, d.width(), d.height(), d.at(cardRadius), c.dim(fill, d.share()), c.dim(border, d.share()), 1)
	d.roundLeft(r, 0)
	room := d.width() - 10
	if name := c.cuts.fit(l.card.Title(), smallTitle, true, room); len([]rune(name)) > 4 {
		d.pen.text(d.width()/2, d.height()/2, middleOf, name, smallTitle, true, c.dim(c.text, d.share()))
	} else {
		d.pen.icon(d.width()/2, d.height()/2, d.height()*0.7, l.card.Icon, t.name, 0)
	}
	if s := l.status.State; s == Failed || s == Partial || s == Running || l.errors > 0 {
		if s == Idle || s == Done {
			s = Failed
		}
		d.pen.disc(d.width()-1, 1, 4, c.states[s], c.canvas, 1)
	}
}

// smallTitle is the size of a name that does not shrink with the zoom any more.
const smallTitle = 9.5
