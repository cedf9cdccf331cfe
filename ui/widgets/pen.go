package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"jackfield/ui/theme"
)

// Pen draws one row. It takes up what it drew before and changes only what is
// different, so that a row costs little to draw again. What is filled lies below
// text, whatever the order.
type Pen struct {
	Width, Height float32 // of the row, without the bar beside it
	Full          float32 // its width with that
	Picked        bool    // the row is the chosen one
	Hovered       bool    // the pointer is over it

	box   *fyne.Container
	fills []*canvas.Rectangle
	texts []*canvas.Text
	icons []*canvas.Image
	lines []*canvas.Line

	nFill, nText, nIcon, nLine int
}

func newPen() *Pen { return &Pen{box: newBox()} }

// begin starts the row anew.
func (p *Pen) begin() { p.nFill, p.nText, p.nIcon, p.nLine = 0, 0, 0, 0 }

// end shows what was drawn since begin.
func (p *Pen) end() {
	objects := p.box.Objects[:0]
	for _, o := range p.fills[:p.nFill] {
		objects = append(objects, o)
	}
	for _, o := range p.texts[:p.nText] {
		objects = append(objects, o)
	}
	for _, o := range p.icons[:p.nIcon] {
		objects = append(objects, o)
	}
	for _, o := range p.lines[:p.nLine] {
		objects = append(objects, o)
	}
	clear(objects[len(objects):cap(objects)])
	p.box.Objects = objects
}

// Text draws a line at x, cut to width where that is above zero, and gives the x
// behind it. Its middle is that of the row.
func (p *Pen) Text(x, width float32, text string, look Look) float32 {
	if text == "" {
		return x
	}
	text = oneLine(text)
	if width > 0 {
		text = look.cut(text, width)
	}
	if text == "" {
		return x
	}
	return p.run(x, width, text, look)
}

// run draws text as it is.
func (p *Pen) run(x, width float32, text string, look Look) float32 {
	if p.nText == len(p.texts) {
		p.texts = append(p.texts, canvas.NewText("", nil))
	}
	t := p.texts[p.nText]
	p.nText++
	look.apply(t, text)
	size := look.measure(text)
	t.Move(fyne.NewPos(x, (p.Height-size.Height)/2))
	if look.Right && width > 0 {
		size.Width = width
	}
	t.Resize(size)
	return x + size.Width
}

// Fill draws a box over the whole height of the row.
func (p *Pen) Fill(x, width float32, colour fyne.ThemeColorName) {
	p.Box(x, 0, width, p.Height, colour, "")
}

// Box draws a box; radius may be "".
func (p *Pen) Box(x, y, width, height float32, colour fyne.ThemeColorName, radius fyne.ThemeSizeName) {
	if p.nFill == len(p.fills) {
		p.fills = append(p.fills, &canvas.Rectangle{})
	}
	r := p.fills[p.nFill]
	p.nFill++
	r.FillColor, r.CornerRadius = theme.Color(colour), 0
	if radius != "" {
		r.CornerRadius = theme.Size(radius)
	}
	r.Move(fyne.NewPos(x, y))
	r.Resize(fyne.NewSize(width, height))
}

// Dot draws a disc in the middle of the row and gives the x behind it.
func (p *Pen) Dot(x float32, colour fyne.ThemeColorName) float32 {
	d := theme.Size(theme.DotSize)
	p.Box(x, (p.Height-d)/2, d, d, colour, "")
	p.fills[p.nFill-1].CornerRadius = d / 2
	return x + d
}

// Icon draws an icon in the middle of the row and gives the x behind it.
func (p *Pen) Icon(x float32, name string, colour fyne.ThemeColorName, size fyne.ThemeSizeName) float32 {
	res := theme.IconTinted(name, colour)
	if p.nIcon == len(p.icons) {
		p.icons = append(p.icons, &canvas.Image{FillMode: canvas.ImageFillContain})
	}
	img := p.icons[p.nIcon]
	p.nIcon++
	side := theme.Size(size)
	if img.Resource == nil || img.Resource.Name() != res.Name() {
		img.Resource = res
		img.Refresh()
	}
	img.Move(fyne.NewPos(x, (p.Height-side)/2))
	img.Resize(fyne.NewSize(side, side))
	return x + side
}

// Pill draws words on a soft ground of a tint and gives the x behind it.
func (p *Pen) Pill(x float32, text, tint string) float32 {
	front, back := theme.TintNames(tint)
	look := Look{Color: front, Size: theme.CaptionSize}
	size := look.measure(text)
	pad := theme.Size(theme.Inner)
	height := size.Height + theme.Size(theme.Gap)
	p.Box(x, (p.Height-height)/2, size.Width+2*pad, height, back, "")
	p.fills[p.nFill-1].CornerRadius = height / 2
	p.run(x+pad, 0, text, look)
	return x + size.Width + 2*pad
}

// Line draws a line from one place of the row to another.
func (p *Pen) Line(x1, y1, x2, y2 float32, colour fyne.ThemeColorName) {
	if p.nLine == len(p.lines) {
		p.lines = append(p.lines, &canvas.Line{})
	}
	l := p.lines[p.nLine]
	p.nLine++
	l.StrokeColor, l.StrokeWidth = theme.Color(colour), theme.Size(theme.Hairline)
	l.Position1, l.Position2 = fyne.NewPos(x1, y1), fyne.NewPos(x2, y2)
}

// mostWaves is how many strokes a wave has at the most.
const mostWaves = 80

// Wave draws a wavy line below text.
func (p *Pen) Wave(x, y, width float32, colour fyne.ThemeColorName) {
	step := theme.Size(theme.Line)
	up := false
	for n := 0; width > 0 && n < mostWaves; n++ {
		part := min(step, width)
		if up {
			p.Line(x, y+step, x+part, y, colour)
		} else {
			p.Line(x, y, x+part, y+step, colour)
		}
		x, width, up = x+part, width-part, !up
	}
}
