package palette

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// row is one item at the side: it can be dragged onto the canvas, and a tap takes it.
type row struct {
	widget.BaseWidget
	side     *Side
	item     Item
	named    bool // it says whose it is
	hovered  bool
	picked   bool // by the keys
	dragging bool
	last     fyne.Position // of the pointer, in the window
}

var (
	_ fyne.Draggable     = (*row)(nil)
	_ fyne.Tappable      = (*row)(nil)
	_ desktop.Hoverable  = (*row)(nil)
	_ desktop.Cursorable = (*row)(nil)
)

func newRow(side *Side, it Item) *row {
	r := &row{side: side, item: it}
	r.ExtendBaseWidget(r)
	return r
}

// Tapped takes the item without dragging it.
func (r *row) Tapped(*fyne.PointEvent) {
	if r.side.OnTake != nil {
		r.side.OnTake(r.item.Op)
	}
}

// Dragged tells where the pointer is.
func (r *row) Dragged(e *fyne.DragEvent) {
	r.dragging, r.last = true, e.AbsolutePosition
	r.tip("")
	if r.side.OnDrag != nil {
		r.side.OnDrag(r.item, r.last)
	}
}

// DragEnd tells where the item was let go.
func (r *row) DragEnd() {
	if r.dragging && r.side.OnDrop != nil {
		r.side.OnDrop(r.item, r.last)
	}
	r.dragging = false
}

// MouseIn shows the ground of the row and what the item does.
func (r *row) MouseIn(*desktop.MouseEvent) {
	r.hovered = true
	r.Refresh()
	r.tip(r.item.Summary)
}

// MouseMoved does nothing.
func (r *row) MouseMoved(*desktop.MouseEvent) {}

// MouseOut takes the ground away.
func (r *row) MouseOut() {
	r.hovered = false
	r.Refresh()
	r.tip("")
}

// pick shows that the keys have come to the row, or have left it.
func (r *row) pick(on bool) {
	r.picked = on
	r.Refresh()
}

// Cursor is a hand: the row can be taken.
func (r *row) Cursor() desktop.Cursor { return desktop.PointerCursor }

func (r *row) tip(text string) {
	layer := widgets.LayerOf(r)
	if text == "" {
		layer.HideTip()
		return
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(r)
	layer.ShowTip(text, at, r.Size())
}

// CreateRenderer draws the tile, the icon and the title.
func (r *row) CreateRenderer() fyne.WidgetRenderer {
	x := &rowRenderer{
		row: r, ground: canvas.NewRectangle(nil), tile: canvas.NewRectangle(nil), icon: canvas.NewImageFromResource(nil),
		title: widgets.NewCutText(r.item.Title, widgets.Plain), whose: widgets.NewCutText("", widgets.Caption),
	}
	if r.named {
		x.whose.SetText(r.item.Connector)
	}
	x.icon.FillMode = canvas.ImageFillContain
	x.Refresh()
	return x
}

type rowRenderer struct {
	row          *row
	ground, tile *canvas.Rectangle
	icon         *canvas.Image
	title, whose *widgets.Text
}

// Layout puts the tile at the left and the title behind it, with whose it is below.
func (x *rowRenderer) Layout(size fyne.Size) {
	gap, tile, icon := theme.Size(theme.WideGap), x.tileSide(), theme.Size(theme.IconSize)
	x.ground.Resize(size)
	x.tile.Resize(fyne.NewSquareSize(tile))
	x.tile.Move(fyne.NewPos(gap, (size.Height-tile)/2))
	x.icon.Resize(fyne.NewSquareSize(icon))
	x.icon.Move(fyne.NewPos(gap+(tile-icon)/2, (size.Height-icon)/2))
	at := 2*gap + tile
	width, title, whose := size.Width-at-gap, x.title.MinSize().Height, float32(0)
	if x.row.named {
		whose = x.whose.MinSize().Height
	}
	top := (size.Height - title - whose) / 2
	x.title.Resize(fyne.NewSize(width, title))
	x.title.Move(fyne.NewPos(at, top))
	x.whose.Resize(fyne.NewSize(width, whose))
	x.whose.Move(fyne.NewPos(at, top+title))
}

func (x *rowRenderer) tileSide() float32 { return theme.Size(theme.RowHeight) }

// MinSize leaves some air around the tile.
func (x *rowRenderer) MinSize() fyne.Size {
	return fyne.NewSize(x.tileSide()*3, x.tileSide()+2*theme.Size(theme.Gap))
}

// Refresh takes the colours of the theme.
func (x *rowRenderer) Refresh() {
	front, back := theme.TintNames(x.row.item.Tint)
	x.ground.FillColor = nil
	switch {
	case x.row.picked:
		x.ground.FillColor = theme.Color(theme.AccentSoft)
	case x.row.hovered:
		x.ground.FillColor = theme.Color(theme.Hover)
	}
	x.ground.CornerRadius = theme.Size(theme.Radius)
	x.tile.FillColor, x.tile.CornerRadius = theme.Color(back), theme.Size(theme.TileRadius)
	x.icon.Resource = theme.IconTinted(x.row.item.Icon, front)
	x.ground.Refresh()
	x.tile.Refresh()
	x.icon.Refresh()
	x.title.Refresh()
	x.whose.Refresh()
}

// Objects lists what is drawn.
func (x *rowRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{x.ground, x.tile, x.icon, x.title, x.whose}
}

// Destroy lets nothing go: there is nothing to let go of.
func (x *rowRenderer) Destroy() {}
