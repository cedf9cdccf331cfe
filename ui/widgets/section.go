package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
)

// Section is a part of a panel below a heading that folds it away.
type Section struct {
	widget.BaseWidget
	OnFold func(open bool)

	head *sectionHead
	body *fyne.Container
	open bool
}

// NewSection is one that is open or not. The actions stand at the right end of the
// heading; clicks on them fold nothing.
func NewSection(title string, open bool, content fyne.CanvasObject, actions ...fyne.CanvasObject) *Section {
	s := &Section{open: open, body: container.NewStack(content)}
	s.head = newSectionHead(s, title, actions)
	s.ExtendBaseWidget(s)
	s.show()
	return s
}

// Open says whether its content is seen.
func (s *Section) Open() bool { return s.open }

// SetOpen shows or hides its content. OnFold is not told.
func (s *Section) SetOpen(open bool) {
	if open != s.open {
		s.open = open
		s.show()
	}
}

// SetNote puts a few words behind the title, like a count.
func (s *Section) SetNote(note string) { s.head.note.SetText(note) }

func (s *Section) show() {
	s.body.Hidden = !s.open
	icon := "chevron-right"
	if s.open {
		icon = "chevron-down"
	}
	s.head.chevron.Set(icon, theme.Muted)
	s.Refresh()
}

func (s *Section) fold() {
	s.SetOpen(!s.open)
	if s.OnFold != nil {
		s.OnFold(s.open)
	}
}

// CreateRenderer draws it.
func (s *Section) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewVBox(s.head, s.body))
}

// sectionHead is the line that folds a section, by pointer or by key.
type sectionHead struct {
	widget.BaseWidget
	section *Section
	chevron *Icon
	note    *Text
	row     fyne.CanvasObject
	ground  *canvas.Rectangle

	hovered, focused bool
}

var (
	_ fyne.Tappable     = (*sectionHead)(nil)
	_ fyne.Focusable    = (*sectionHead)(nil)
	_ desktop.Hoverable = (*sectionHead)(nil)
)

func newSectionHead(s *Section, title string, actions []fyne.CanvasObject) *sectionHead {
	h := &sectionHead{section: s, chevron: NewIcon("chevron-down", theme.Muted, theme.SmallIconSize), note: NewText("", Caption)}
	row := container.NewHBox(centred(h.chevron), centred(NewText(title, Strong)), centred(h.note))
	right := container.NewHBox()
	for _, a := range actions {
		right.Add(centred(a))
	}
	h.row = container.NewBorder(nil, nil, row, right)
	h.ground = &canvas.Rectangle{}
	h.ExtendBaseWidget(h)
	return h
}

// Tapped folds or unfolds.
func (h *sectionHead) Tapped(*fyne.PointEvent) { h.section.fold() }

// MouseIn lights it.
func (h *sectionHead) MouseIn(*desktop.MouseEvent) { h.hovered = true; h.Refresh() }

// MouseMoved changes nothing.
func (h *sectionHead) MouseMoved(*desktop.MouseEvent) {}

// MouseOut dims it.
func (h *sectionHead) MouseOut() { h.hovered = false; h.Refresh() }

// FocusGained shows that keys go to it.
func (h *sectionHead) FocusGained() { h.focused = true; h.Refresh() }

// FocusLost hides that.
func (h *sectionHead) FocusLost() { h.focused = false; h.Refresh() }

// TypedRune does nothing.
func (h *sectionHead) TypedRune(rune) {}

// TypedKey folds, as in a tree.
func (h *sectionHead) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		h.section.fold()
	case fyne.KeyLeft:
		if h.section.open {
			h.section.fold()
		}
	case fyne.KeyRight:
		if !h.section.open {
			h.section.fold()
		}
	}
}

// CreateRenderer draws it.
func (h *sectionHead) CreateRenderer() fyne.WidgetRenderer {
	r := &sectionRenderer{head: h}
	r.apply()
	return r
}

type sectionRenderer struct{ head *sectionHead }

func (r *sectionRenderer) Layout(size fyne.Size) {
	r.head.ground.Resize(size)
	r.head.row.Resize(size)
}

func (r *sectionRenderer) MinSize() fyne.Size {
	size := r.head.row.MinSize()
	return fyne.NewSize(size.Width, max(size.Height, theme.Size(theme.RowHeight)))
}

func (r *sectionRenderer) apply() {
	g := r.head.ground
	g.FillColor, g.StrokeWidth = nil, 0
	g.CornerRadius = theme.Size(theme.SmallRadius)
	if r.head.hovered {
		g.FillColor = theme.Color(theme.Hover)
	}
	if r.head.focused {
		g.StrokeColor, g.StrokeWidth = theme.Color(theme.Primary), theme.Size(theme.Hairline)
	}
}

func (r *sectionRenderer) Refresh() {
	r.apply()
	r.head.row.Refresh()
	canvas.Refresh(r.head)
}

func (r *sectionRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.head.ground, r.head.row}
}

func (r *sectionRenderer) Destroy() {}
