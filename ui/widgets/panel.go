package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
)

// Panel is a ground with something on it. It follows the theme, which a bare
// rectangle does not.
type Panel struct {
	widget.BaseWidget
	Back    fyne.ThemeColorName // "" is nothing
	Border  fyne.ThemeColorName // "" is none
	Radius  fyne.ThemeSizeName
	PadX    fyne.ThemeSizeName // "" is none
	PadY    fyne.ThemeSizeName
	Shadow  bool
	Content fyne.CanvasObject
}

// NewPanel is a bar's or a side's ground, without border or padding.
func NewPanel(content fyne.CanvasObject) *Panel {
	p := &Panel{Back: theme.Panel, Content: content}
	p.ExtendBaseWidget(p)
	return p
}

// NewCard is a box with a border and round corners.
func NewCard(content fyne.CanvasObject) *Panel {
	p := NewPanel(content)
	p.Back, p.Border, p.Radius = theme.Card, theme.CardBorder, theme.CardRadius
	p.PadX, p.PadY = theme.FarGap, theme.FarGap
	return p
}

// Float makes it one that floats over others.
func (p *Panel) Float() *Panel {
	p.Back, p.Border, p.Radius, p.Shadow = theme.Raised, theme.RaisedEdge, theme.Radius, true
	p.PadX, p.PadY = theme.WideGap, theme.Gap
	return p
}

// Padded keeps its content off its edges.
func (p *Panel) Padded(x, y fyne.ThemeSizeName) *Panel {
	p.PadX, p.PadY = x, y
	return p
}

// On changes its ground.
func (p *Panel) On(back fyne.ThemeColorName) *Panel {
	p.Back = back
	p.Refresh()
	return p
}

// SetContent puts something else on it.
func (p *Panel) SetContent(content fyne.CanvasObject) {
	p.Content = content
	p.Refresh()
}

func (p *Panel) pad() (x, y float32) {
	if p.PadX != "" {
		x = theme.Size(p.PadX)
	}
	if p.PadY != "" {
		y = theme.Size(p.PadY)
	}
	return x, y
}

// around is what it takes beside its content.
func (p *Panel) around() fyne.Size {
	x, y := p.pad()
	return fyne.NewSize(2*x, 2*y)
}

// CreateRenderer draws it.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer {
	r := &panelRenderer{panel: p, back: &canvas.Rectangle{}}
	r.apply()
	return r
}

type panelRenderer struct {
	panel *Panel
	back  *canvas.Rectangle
}

func (r *panelRenderer) Layout(size fyne.Size) {
	r.back.Resize(size)
	if r.panel.Content == nil {
		return
	}
	x, y := r.panel.pad()
	r.panel.Content.Move(fyne.NewPos(x, y))
	r.panel.Content.Resize(size.Subtract(r.panel.around()))
}

func (r *panelRenderer) MinSize() fyne.Size {
	if r.panel.Content == nil {
		return r.panel.around()
	}
	return r.panel.Content.MinSize().Add(r.panel.around())
}

func (r *panelRenderer) apply() {
	p := r.panel
	r.back.FillColor, r.back.StrokeColor, r.back.StrokeWidth, r.back.CornerRadius = nil, nil, 0, 0
	if p.Back != "" {
		r.back.FillColor = theme.Color(p.Back)
	}
	if p.Border != "" {
		r.back.StrokeColor, r.back.StrokeWidth = theme.Color(p.Border), theme.Size(theme.Hairline)
	}
	if p.Radius != "" {
		r.back.CornerRadius = theme.Size(p.Radius)
	}
	r.back.Shadow = canvas.Shadow{}
	if p.Shadow {
		r.back.Shadow = canvas.Shadow{
			Color: theme.Color(theme.Shadow), BlurRadius: theme.Size(theme.ShadowBlur),
			Offset: fyne.NewPos(0, theme.Size(theme.ShadowDrop)),
		}
	}
}

func (r *panelRenderer) Refresh() {
	r.apply()
	if r.panel.Content != nil {
		r.panel.Content.Refresh()
	}
	r.Layout(r.panel.Size())
	canvas.Refresh(r.panel)
}

func (r *panelRenderer) Objects() []fyne.CanvasObject {
	if r.panel.Content == nil {
		return []fyne.CanvasObject{r.back}
	}
	return []fyne.CanvasObject{r.back, r.panel.Content}
}

func (r *panelRenderer) Destroy() {}
