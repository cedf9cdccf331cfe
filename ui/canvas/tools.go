package canvas

import (
	"fmt"

	"fyne.io/fyne/v2"

	"jackfield/flow"
	"jackfield/ui/editor"
	"jackfield/ui/theme"
)

// The measures of the bars of tools.
const (
	toolSize    = 30
	toolPad     = 4
	toolMargin  = 14
	percentWide = 50
)

// tool is one button above the flow.
type tool struct {
	icon string
	tip  string
	text func() string // in place of an icon
	can  func() bool
	do   func()
	box  editor.Rect
	gap  bool // a line parts it from the one before it
}

// tools are the two bars above the flow: what changes it in the upper left corner,
// what changes the view in the lower left one.
type tools struct {
	change []tool
	view   []tool
	bars   [2]editor.Rect
	pen    pen
	hover  string // the tip of the tool under the pointer
	press  string
}

func (c *Canvas) makeTools() {
	d := func() *editor.Document { return c.doc }
	c.stage.tools.change = []tool{
		{icon: "undo", tip: "Undo (Ctrl+Z)", can: func() bool { return d().Undoable() != "" }, do: c.Undo},
		{icon: "redo", tip: "Redo (Ctrl+Shift+Z)", can: func() bool { return d().Redoable() != "" }, do: c.Redo},
		{icon: "tidy", tip: "Tidy (Ctrl+Shift+L)", can: func() bool { return d().Len() > 0 }, do: c.Tidy, gap: true},
		{icon: "delete", tip: "Delete (Del)", can: c.anySelected, do: func() { c.Delete(false) }},
	}
	c.stage.tools.view = []tool{
		{icon: "zoom-out", tip: "Zoom out (-)", do: func() { c.zoomBy(1 / editor.ZoomNotch / editor.ZoomNotch) }},
		{text: c.percent, tip: "Full size (0)", do: func() { c.SetZoom(1) }},
		{icon: "zoom-in", tip: "Zoom in (+)", do: func() { c.zoomBy(editor.ZoomNotch * editor.ZoomNotch) }},
		{icon: "fit", tip: "Show all (1)", can: func() bool { return d().Len() > 0 }, do: c.Fit, gap: true},
	}
}

func (c *Canvas) anySelected() bool {
	return len(c.doc.Selected())+len(c.doc.SelectedEdges()) > 0
}

func (c *Canvas) percent() string {
	return fmt.Sprintf("%.0f %%", c.doc.View().Zoom*100)
}

// drawTools places the bars and gives what they are made of.
func (c *Canvas) drawTools(v editor.View) []fyne.CanvasObject {
	t := &c.stage.tools
	if t.view == nil {
		c.makeTools()
	}
	t.pen.begin()
	t.bars = [2]editor.Rect{}
	if !c.readOnly {
		t.bars[0] = t.draw(t.change, toolMargin, toolMargin, c.stage.looks)
	}
	t.bars[1] = t.draw(t.view, toolMargin, v.H-toolMargin-toolSize-2*toolPad, c.stage.looks)
	if c.led {
		t.pen.box(1, 1, v.W-2, v.H-2, 0, nil, c.stage.looks.accent, 2)
	}
	return t.pen.objects
}

func (t *tools) draw(list []tool, x, y float32, c *looks) editor.Rect {
	bar := editor.Rect{X: x, Y: y, W: 2 * toolPad, H: toolSize + 2*toolPad}
	for i := range list {
		b := &list[i]
		if b.gap {
			bar.W += 2*toolPad + 1
		}
		b.box = editor.Rect{X: bar.Right() - toolPad, Y: y + toolPad, W: toolSize, H: toolSize}
		if b.text != nil {
			b.box.W = percentWide
		}
		bar.W += b.box.W
	}
	frame := t.pen.box(bar.X, bar.Y, bar.W, bar.H, 9, c.raised, c.outline, 1)
	frame.Shadow = c.floating()
	for i := range list {
		t.drawTool(&list[i], c)
	}
	return bar
}

func (t *tools) drawTool(b *tool, c *looks) {
	can := b.can == nil || b.can()
	if b.gap {
		x := b.box.X - toolPad - 1
		t.pen.line(x, b.box.Y+6, x, b.box.Bottom()-6, 1, c.outline)
	}
	if b.tip == t.hover && can {
		share := 0.08
		if b.tip == t.press {
			share = 0.16
		}
		t.pen.box(b.box.X, b.box.Y, b.box.W, b.box.H, 6, theme.Fade(c.text, share), nil, 0)
	}
	m := b.box.Centre()
	if b.text != nil {
		t.pen.text(m.X, m.Y, middleOf, b.text(), theme.Size(theme.CaptionSize), false, c.text)
		return
	}
	faint := 0.0
	if !can {
		faint = 0.65
	}
	t.pen.icon(m.X, m.Y, 18, b.icon, theme.Foreground, faint)
}

// at finds the tool under a point; over says whether the point is on a bar at all.
func (t *tools) at(p fyne.Position) (found *tool, over bool) {
	point := flow.Point{X: p.X, Y: p.Y}
	for i, list := range [][]tool{t.change, t.view} {
		if !t.bars[i].Has(point) {
			continue
		}
		for j := range list {
			if list[j].box.Has(point) {
				return &list[j], true
			}
		}
		return nil, true
	}
	return nil, false
}

// hoverTool shows which tool the pointer is on, and after a moment what it does.
func (c *Canvas) hoverTool(b *tool) {
	if b == nil {
		c.stage.tools.hover = ""
		return
	}
	c.stage.tools.hover = b.tip
	c.setTip(tip{b.tip, b.box})
}
