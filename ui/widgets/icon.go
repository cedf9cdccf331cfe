package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"jackfield/flow"
	"jackfield/ui/theme"
)

// Icon is an icon in a colour of the theme.
type Icon struct {
	widget.BaseWidget
	name   string
	colour fyne.ThemeColorName
	size   fyne.ThemeSizeName
}

// NewIcon is an icon of one of the theme's sizes.
func NewIcon(name string, colour fyne.ThemeColorName, size fyne.ThemeSizeName) *Icon {
	i := &Icon{name: name, colour: colour, size: size}
	i.ExtendBaseWidget(i)
	return i
}

// Set shows another icon.
func (i *Icon) Set(name string, colour fyne.ThemeColorName) {
	if i.name != name || i.colour != colour {
		i.name, i.colour = name, colour
		i.Refresh()
	}
}

// CreateRenderer draws it.
func (i *Icon) CreateRenderer() fyne.WidgetRenderer {
	r := &iconRenderer{icon: i, image: &canvas.Image{FillMode: canvas.ImageFillContain}}
	r.Refresh()
	return r
}

type iconRenderer struct {
	icon  *Icon
	image *canvas.Image
}

func (r *iconRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(theme.Size(r.icon.size)) }

func (r *iconRenderer) Layout(size fyne.Size) {
	side := theme.Size(r.icon.size)
	r.image.Move(fyne.NewPos((size.Width-side)/2, (size.Height-side)/2))
	r.image.Resize(fyne.NewSquareSize(side))
}

func (r *iconRenderer) Refresh() {
	r.image.Resource = theme.IconTinted(r.icon.name, r.icon.colour)
	r.image.Refresh()
}

func (r *iconRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.image} }
func (r *iconRenderer) Destroy()                     {}

// NewTile is an icon on a square of its tint: what stands for an operation.
func NewTile(icon, tint string) *Panel {
	front, back := theme.TintNames(tint)
	p := NewPanel(NewIcon(icon, front, theme.IconSize))
	p.Back, p.Radius = back, theme.TileRadius
	p.PadX, p.PadY = theme.TilePad, theme.TilePad
	return p
}

// NewPill is a word or two on a soft ground of a tint.
func NewPill(text, tint string) *Panel {
	front, back := theme.TintNames(tint)
	p := NewPanel(NewText(text, Look{Color: front, Size: theme.CaptionSize}))
	p.Back, p.Radius = back, theme.PillRadius
	return p.Padded(theme.Inner, theme.Hairline)
}

// Status is how a state is shown: the word, the icon, the colour.
type Status struct {
	Word   string
	Icon   string
	Colour fyne.ThemeColorName
}

// StatusOf shows the state of a run.
func StatusOf(s flow.RunState) Status {
	switch s {
	case flow.Running:
		return Status{"Running", "run", theme.Running}
	case flow.RunDone:
		return Status{"Done", "check", theme.Done}
	case flow.RunPartial:
		return Status{"Some failed", "warning", theme.Partial}
	case flow.RunFailed:
		return Status{"Failed", "cross", theme.Failed}
	case flow.RunStopped:
		return Status{"Stopped", "stop", theme.Waiting}
	}
	return Status{"Never ran", "clock", theme.Idle}
}

// StatusDot is a disc in the colour of a state.
type StatusDot struct {
	widget.BaseWidget
	colour fyne.ThemeColorName
}

// NewStatusDot is a disc in a colour of the theme.
func NewStatusDot(colour fyne.ThemeColorName) *StatusDot {
	d := &StatusDot{colour: colour}
	d.ExtendBaseWidget(d)
	return d
}

// Set gives it another colour.
func (d *StatusDot) Set(colour fyne.ThemeColorName) {
	if d.colour != colour {
		d.colour = colour
		d.Refresh()
	}
}

// CreateRenderer draws it.
func (d *StatusDot) CreateRenderer() fyne.WidgetRenderer {
	r := &dotRenderer{dot: d, disc: &canvas.Circle{}}
	r.Refresh()
	return r
}

type dotRenderer struct {
	dot  *StatusDot
	disc *canvas.Circle
}

func (r *dotRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(theme.Size(theme.DotSize)) }

func (r *dotRenderer) Layout(size fyne.Size) {
	side := theme.Size(theme.DotSize)
	r.disc.Move(fyne.NewPos((size.Width-side)/2, (size.Height-side)/2))
	r.disc.Resize(fyne.NewSquareSize(side))
}

func (r *dotRenderer) Refresh() {
	r.disc.FillColor = theme.Color(r.dot.colour)
	canvas.Refresh(r.dot)
}

func (r *dotRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.disc} }
func (r *dotRenderer) Destroy()                     {}

// centred keeps o as high as it wants to be, in the middle of a row.
func centred(o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewVBox(layout.NewSpacer(), o, layout.NewSpacer())
}
