package canvas

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"jackfield/flow"
	"jackfield/ui/editor"
	"jackfield/ui/widgets"
)

// tipDelay is how long the pointer rests on something before it is told about it.
const tipDelay = 450 * time.Millisecond

// tip is what is told about what the pointer rests on.
type tip struct {
	text string
	box  editor.Rect // on the widget
}

// setTip tells something after a moment, unless the pointer has gone on by then. The
// zero tip tells nothing.
func (c *Canvas) setTip(t tip) {
	if t == c.tip {
		return
	}
	c.tip = t
	layer := widgets.LayerOf(c)
	layer.HideTip()
	if t.text == "" || layer == nil {
		return
	}
	c.later(tipDelay, func() {
		if c.tip == t {
			layer.ShowTip(t.text, c.absolute(fyne.NewPos(t.box.X, t.box.Y)), fyne.NewSize(t.box.W, t.box.H))
		}
	})
}

// tipFor tells about what the pointer is on.
func (c *Canvas) tipFor(h editor.Hit) tip {
	card := c.doc.Card(h.Step)
	if card == nil || c.gesture != nil {
		return tip{}
	}
	v := c.doc.View()
	at := onScreen(v, flow.Point{X: card.Rect.X, Y: card.Rect.Y})
	box := editor.Rect{X: at.X, Y: at.Y, W: card.Rect.W * v.Zoom, H: card.Rect.H * v.Zoom}
	switch {
	case h.Part == editor.OnCard:
		return tip{c.tellOf(card), box}
	case h.Part == editor.OnOutlet && h.Outlet == flow.Failed:
		return tip{failedHint, box}
	}
	return tip{}
}

// tellOf says about a card what does not fit on it: its title where that was cut, what
// went wrong in the run, what is wrong with its settings.
func (c *Canvas) tellOf(card *editor.Card) string {
	var lines []string
	room := float32(editor.CardWidth - textLeft - textRight)
	if cut := c.stage.looks.cuts.fit(card.Title(), titleSize, true, room); cut != card.Title() || c.stage.level >= small {
		lines = append(lines, card.Title())
	}
	if c.run.shown && c.run.status(card.ID()).What != "" {
		lines = append(lines, c.run.status(card.ID()).What)
	}
	const most = 3
	for i, p := range c.doc.Problems(card.ID()) {
		if i == most {
			break
		}
		line := p.What
		if p.Field != "" {
			line = p.Field + ": " + line
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, " · ")
}
