package canvas

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	paint "fyne.io/fyne/v2/canvas"

	"jackfield/flow"
	"jackfield/ui/editor"
)

// pen draws something made of primitives, again and again: what it drew before is
// taken up in order and only set to what is new. The order of drawing is the order of
// what lies above what.
type pen struct {
	objects []fyne.CanvasObject
	rects   pool[*paint.Rectangle]
	circles pool[*paint.Circle]
	texts   pool[*paint.Text]
	lines   pool[*paint.Line]
	arcs    pool[*paint.Arc]
	curves  pool[*paint.BezierCurve]
	shapes  pool[*paint.ArbitraryPolygon]
	icons   []*drawnIcon
}

// pool gives primitives of one kind in the order they were made.
type pool[T any] struct {
	made []T
	used int
}

func (p *pool[T]) next(make func() T) T {
	if p.used == len(p.made) {
		p.made = append(p.made, make())
	}
	p.used++
	return p.made[p.used-1]
}

// begin starts a drawing anew.
func (p *pen) begin() {
	clear(p.objects)
	p.objects = p.objects[:0]
	p.rects.used, p.circles.used, p.texts.used, p.lines.used = 0, 0, 0, 0
	p.arcs.used, p.curves.used, p.shapes.used = 0, 0, 0
	for _, i := range p.icons {
		i.free = true
	}
}

func (p *pen) put(o fyne.CanvasObject) { p.objects = append(p.objects, o) }

// box draws a rectangle with round corners.
func (p *pen) box(x, y, w, h, radius float32, fill, border color.Color, line float32) *paint.Rectangle {
	r := p.rects.next(func() *paint.Rectangle { return &paint.Rectangle{} })
	r.FillColor, r.StrokeColor, r.StrokeWidth, r.CornerRadius = fill, border, line, radius
	r.TopLeftCornerRadius, r.BottomLeftCornerRadius = 0, 0
	r.Shadow = paint.Shadow{}
	place(r, x, y, w, h)
	p.put(r)
	return r
}

// disc draws a circle around a point.
func (p *pen) disc(x, y, radius float32, fill, border color.Color, line float32) {
	c := p.circles.next(func() *paint.Circle { return &paint.Circle{} })
	c.FillColor, c.StrokeColor, c.StrokeWidth = fill, border, line
	c.Position1, c.Position2 = fyne.NewPos(x-radius, y-radius), fyne.NewPos(x+radius, y+radius)
	p.put(c)
}

// ring draws a part of a ring around a point; angles are degrees from the top.
func (p *pen) ring(x, y, radius, from, to float32, thin float32, fill color.Color) {
	a := p.arcs.next(func() *paint.Arc { return &paint.Arc{} })
	a.FillColor, a.StartAngle, a.EndAngle, a.CutoutRatio = fill, from, to, 1-thin/radius
	place(a, x-radius, y-radius, 2*radius, 2*radius)
	p.put(a)
}

// align says where a text stands in regard of its x.
type align int

const (
	leftOf align = iota
	middleOf
	rightOf
)

// text writes a line with its middle at y.
func (p *pen) text(x, y float32, at align, text string, size float32, bold bool, ink color.Color) float32 {
	if text == "" {
		return 0
	}
	t := p.texts.next(func() *paint.Text { return &paint.Text{} })
	t.Text, t.TextSize, t.TextStyle.Bold, t.Color = text, size, bold, ink
	m := fyne.MeasureText(text, size, t.TextStyle)
	switch at {
	case middleOf:
		x -= m.Width / 2
	case rightOf:
		x -= m.Width
	}
	t.Move(fyne.NewPos(whole(x), whole(y-m.Height/2)))
	p.put(t)
	return m.Width
}

// line draws a straight line.
func (p *pen) line(x1, y1, x2, y2, width float32, ink color.Color) {
	l := p.lines.next(func() *paint.Line { return &paint.Line{} })
	l.Position1, l.Position2 = fyne.NewPos(x1, y1), fyne.NewPos(x2, y2)
	l.StrokeColor, l.StrokeWidth = ink, width
	p.put(l)
}

// icon draws an icon of assets with its middle at a point.
func (p *pen) icon(x, y, size float32, name string, ink fyne.ThemeColorName, faint float64) {
	size = max(2*float32(math.Round(float64(size/2))), 2)
	i := p.freeIcon(iconKey{name, ink})
	i.image.Translucency = faint
	place(i.image, whole(x-size/2), whole(y-size/2), size, size)
	p.put(i.image)
}

// arrowhead draws a triangle that points right, its tip at a point.
func (p *pen) arrowhead(x, y, size float32, ink color.Color) {
	a := p.shapes.next(func() *paint.ArbitraryPolygon {
		return &paint.ArbitraryPolygon{
			NormalizedPoints: true,
			Points:           []fyne.Position{{X: 0, Y: 0}, {X: 1, Y: 0.5}, {X: 0, Y: 1}},
		}
	})
	a.FillColor = ink
	place(a, whole(x-size), whole(y-size/2), whole(size), whole(size))
	p.put(a)
}

// pieceArea is the largest box, in square pixels, of one piece of a curve: the
// toolkit's shader searches the whole curve for every pixel of the box.
const pieceArea = 16000

// curve draws the part of a Bézier curve that lies in the clip, cut into small pieces.
func (p *pen) curve(c editor.Curve, clip editor.Rect, width float32, ink color.Color) {
	box := c.Box().Grown(width + 1)
	if !box.Meets(clip) {
		return
	}
	if box.W*box.H > pieceArea && box.W+box.H > 64 {
		a, b := c.Split(0.5)
		p.curve(a, clip, width, ink)
		p.curve(b, clip, width, ink)
		return
	}
	if straight(c) {
		p.line(c[0].X, c[0].Y, c[3].X, c[3].Y, width, ink)
		return
	}
	b := p.curves.next(func() *paint.BezierCurve { return &paint.BezierCurve{ControlPoints: make([]fyne.Position, 2)} })
	x, y := floor(box.X), floor(box.Y)
	at := func(p flow.Point) fyne.Position { return fyne.NewPos(p.X-x, p.Y-y) }
	b.StartPoint, b.EndPoint = at(c[0]), at(c[3])
	b.ControlPoints[0], b.ControlPoints[1] = at(c[1]), at(c[2])
	b.StrokeColor, b.StrokeWidth = ink, width
	place(b, x, y, ceil(box.Right()-x), ceil(box.Bottom()-y))
	p.put(b)
}

// straight says whether a curve is a line that runs along an axis.
func straight(c editor.Curve) bool {
	const little = 0.6
	for _, p := range c[1:] {
		if d := p.Y - c[0].Y; d > little || d < -little {
			return false
		}
	}
	return c[1].X >= c[0].X && c[2].X <= c[3].X && c[3].X >= c[0].X
}

// place sets where an object is; what is there already costs nothing.
func place(o fyne.CanvasObject, x, y, w, h float32) {
	o.Resize(fyne.NewSize(w, h))
	o.Move(fyne.NewPos(x, y))
}

func whole(v float32) float32 { return float32(math.Round(float64(v))) }
func floor(v float32) float32 { return float32(math.Floor(float64(v))) }
func ceil(v float32) float32  { return float32(math.Ceil(float64(v))) }
