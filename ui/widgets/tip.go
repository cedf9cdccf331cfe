package widgets

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
)

// tipDelay is how long the pointer rests before a tip is shown.
const tipDelay = 450 * time.Millisecond

// ShowTip shows a short text by a box of the window until HideTip.
func (l *Layer) ShowTip(text string, at fyne.Position, box fyne.Size) {
	if l == nil || text == "" {
		return
	}
	l.HideTip()
	label := NewText(text, Caption.In(theme.Foreground))
	var content fyne.CanvasObject = label
	size := label.MinSize()
	if most := theme.Size(theme.FloatWidth); size.Width > most {
		prose := NewProse(text, Caption.In(theme.Foreground))
		prose.Resize(fyne.NewSize(most, 0))
		content, size = prose, fyne.NewSize(most, prose.MinSize().Height)
	}
	l.tip = NewPanel(content).Float()
	l.PutBy(l.tip, at, box, size.Add(l.tip.around()))
}

// HideTip takes the tip away.
func (l *Layer) HideTip() {
	if l != nil && l.tip != nil {
		l.Take(l.tip)
		l.tip = nil
	}
}

// tipper shows the tip of a widget while the pointer rests on it. Embed it in one
// that is Hoverable and call in and out.
type tipper struct {
	cancel func()
}

func (t *tipper) in(o fyne.CanvasObject, text string) {
	t.out(o)
	if text == "" {
		return
	}
	layer := LayerOf(o)
	if layer == nil {
		return
	}
	t.cancel = layer.later(tipDelay, func() {
		if o.Visible() {
			layer.ShowTip(text, absolute(o), o.Size())
		}
	})
}

func (t *tipper) out(o fyne.CanvasObject) {
	if t.cancel == nil {
		return
	}
	t.cancel()
	t.cancel = nil
	LayerOf(o).HideTip()
}

// Hint is something that shows a tip and is otherwise as it is.
type Hint struct {
	widget.BaseWidget
	tipper
	Tip     string
	content fyne.CanvasObject
}

var _ desktop.Hoverable = (*Hint)(nil)

// NewHint gives content a tip.
func NewHint(content fyne.CanvasObject, tip string) *Hint {
	h := &Hint{content: content, Tip: tip}
	h.ExtendBaseWidget(h)
	return h
}

// MouseIn shows the tip after a while.
func (h *Hint) MouseIn(*desktop.MouseEvent) { h.in(h, h.Tip) }

// MouseMoved changes nothing.
func (h *Hint) MouseMoved(*desktop.MouseEvent) {}

// MouseOut hides the tip.
func (h *Hint) MouseOut() { h.out(h) }

// CreateRenderer draws the content.
func (h *Hint) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(h.content) }
