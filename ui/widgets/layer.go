package widgets

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
)

// Layer is the transparent sheet over a window on which ghosts, tips, completions
// and toasts float. What lies on it takes no focus, and where nothing lies the
// pointer goes through. Positions are those of the window. All methods of a nil
// Layer do nothing, so that a widget works in a window that has none.
type Layer struct {
	widget.BaseWidget
	objects []fyne.CanvasObject
	tip     *Panel
	toasts  []*toast
	later   func(d time.Duration, then func()) (cancel func())
}

// NewLayer is an empty layer.
func NewLayer() *Layer {
	l := &Layer{later: later}
	l.ExtendBaseWidget(l)
	return l
}

// WithLayer puts a layer over the content of a window.
func WithLayer(content fyne.CanvasObject) *fyne.Container {
	return container.NewStack(content, NewLayer())
}

// LayerOf finds the layer of the window that o is in. It is nil where there is none.
func LayerOf(o fyne.CanvasObject) *Layer {
	if c := canvasOf(o); c != nil {
		return layerIn(c.Content())
	}
	return nil
}

func layerIn(o fyne.CanvasObject) *Layer {
	switch o := o.(type) {
	case *Layer:
		return o
	case *fyne.Container:
		for _, child := range slices.Backward(o.Objects) {
			if l := layerIn(child); l != nil {
				return l
			}
		}
	}
	return nil
}

// Put shows o at a place of the window.
func (l *Layer) Put(o fyne.CanvasObject, at fyne.Position, size fyne.Size) {
	if l == nil {
		return
	}
	o.Resize(size)
	o.Move(at.Subtract(absolute(l)))
	if !slices.Contains(l.objects, o) {
		l.objects = append(l.objects, o)
	}
	l.Refresh()
}

// PutBy shows o below a box of the window, or above it where there is no room, and
// wholly inside the window.
func (l *Layer) PutBy(o fyne.CanvasObject, at fyne.Position, box, size fyne.Size) {
	if l == nil {
		return
	}
	gap, room := theme.Size(theme.Gap), l.Size()
	low := at.Subtract(absolute(l))
	x := clamp(low.X, gap, max(gap, room.Width-size.Width-gap))
	y := low.Y + box.Height + gap
	if above := low.Y - size.Height - gap; y+size.Height > room.Height && above >= 0 {
		y = above
	}
	l.Put(o, fyne.NewPos(x, y).Add(absolute(l)), size)
}

// Take removes o.
func (l *Layer) Take(o fyne.CanvasObject) {
	if l == nil {
		return
	}
	if i := slices.Index(l.objects, o); i >= 0 {
		l.objects = slices.Delete(l.objects, i, i+1)
		l.Refresh()
	}
}

// Has says whether o lies on it.
func (l *Layer) Has(o fyne.CanvasObject) bool { return l != nil && slices.Contains(l.objects, o) }

// later calls then on the interface's own goroutine after d.
func later(d time.Duration, then func()) (cancel func()) {
	a := fyne.NewAnimation(d, func(done float32) {
		if done == 1 {
			then()
		}
	})
	a.Start()
	return a.Stop
}

// CreateRenderer draws what lies on it.
func (l *Layer) CreateRenderer() fyne.WidgetRenderer { return &layerRenderer{layer: l} }

type layerRenderer struct{ layer *Layer }

func (r *layerRenderer) Layout(size fyne.Size) {
	for _, o := range r.layer.objects {
		if c, ok := o.(*Cover); ok {
			c.Resize(size)
		}
	}
	r.layer.placeToasts()
}

func (r *layerRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r *layerRenderer) Objects() []fyne.CanvasObject { return r.layer.objects }
func (r *layerRenderer) Destroy()                     {}
func (r *layerRenderer) Refresh() {
	for _, o := range r.layer.objects {
		if c, ok := o.(*Cover); ok {
			c.Resize(r.layer.Size())
		}
		o.Refresh()
	}
	canvas.Refresh(r.layer)
}
