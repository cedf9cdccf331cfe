package canvas

import (
	"fyne.io/fyne/v2"

	"jackfield/flow"
	"jackfield/ui/editor"
)

// Undo takes the last change back.
func (c *Canvas) Undo() {
	if c.readOnly {
		return
	}
	c.dropGesture()
	if change, ok := c.doc.Undo(); ok {
		c.notice("Undone: " + change.Words)
	}
	c.sync()
}

// Redo does again what was taken back.
func (c *Canvas) Redo() {
	if c.readOnly {
		return
	}
	c.dropGesture()
	if change, ok := c.doc.Redo(); ok {
		c.notice("Done again: " + change.Words)
	}
	c.sync()
}

// Delete removes what is selected; with heal what came before is led to what came
// after.
func (c *Canvas) Delete(heal bool) {
	if c.readOnly || !c.anySelected() {
		return
	}
	c.doc.DeleteSelection(heal)
	c.sync()
}

// Tidy lays the selected steps out, or the whole flow where fewer than two are.
func (c *Canvas) Tidy() {
	if c.readOnly {
		return
	}
	ids := c.doc.Selected()
	if len(ids) < 2 {
		ids = nil
	}
	if c.doc.Tidy(ids...) && ids == nil {
		c.Fit()
	}
	c.sync()
}

// Copy puts the selected steps on the clipboard as text.
func (c *Canvas) Copy() {
	if text, ok := c.doc.Copy(); ok {
		clipboard().SetContent(text)
	}
}

// Cut moves the selected steps to the clipboard.
func (c *Canvas) Cut() {
	if c.readOnly {
		return
	}
	if text, ok := c.doc.Cut(); ok {
		clipboard().SetContent(text)
	}
	c.sync()
}

// Paste adds the steps of the clipboard at the pointer, or in the middle of the view.
func (c *Canvas) Paste() {
	if c.readOnly {
		return
	}
	c.PasteAt(c.here())
}

// PasteAt adds the steps of the clipboard around a place.
func (c *Canvas) PasteAt(at flow.Point) {
	if c.readOnly {
		return
	}
	if _, err := c.doc.Paste(clipboard().Content(), at); err != nil {
		c.notice(err.Error())
	}
	c.sync()
}

// Duplicate adds a copy of the selected steps beside them.
func (c *Canvas) Duplicate() {
	if c.readOnly {
		return
	}
	if _, err := c.doc.Duplicate(); err != nil {
		c.notice(err.Error())
	}
	c.sync()
}

// ToggleOff turns the selected steps off, or on where all of them are off.
func (c *Canvas) ToggleOff() {
	if c.readOnly {
		return
	}
	ids := c.doc.Selected()
	off := false
	for _, id := range ids {
		s, _ := c.doc.Step(id)
		off = off || !s.Off
	}
	c.doc.SetOff(off, ids...)
	c.sync()
}

// Join leads one of two selected steps to the other.
func (c *Canvas) Join() {
	ids := c.doc.Selected()
	if c.readOnly || len(ids) != 2 {
		return
	}
	if err := c.doc.Join(ids[0], ids[1]); err != nil {
		c.notice(err.Error())
	}
	c.sync()
}

// AskAdd asks for a step at the pointer. With the pointer elsewhere it asks for one
// after the step that is selected, or else in the middle of the view.
func (c *Canvas) AskAdd() {
	if c.readOnly {
		return
	}
	p := Place{At: c.here()}
	if card := c.onlySelected(); card != nil && !c.pointer.inside {
		outlet := card.Open()
		p.From = &Loose{Step: card.ID(), Outlet: outlet}
		p.At = flow.Point{X: card.Rect.Right() + editor.Gap, Y: card.Outlet(outlet).Y}
	}
	x, y := c.doc.View().Screen(p.At)
	p.Abs = c.absolute(fyne.NewPos(x, y))
	c.askAdd(p)
}

func (c *Canvas) onlySelected() *editor.Card {
	if ids := c.doc.Selected(); len(ids) == 1 {
		return c.doc.Card(ids[0])
	}
	return nil
}

// here is the place under the pointer, or the middle of the view.
func (c *Canvas) here() flow.Point {
	if _, over := c.stage.tools.at(c.pointer.at); c.pointer.inside && !over && !c.stage.minimap.has(c.pointer.at) {
		return c.world(c.pointer.at)
	}
	return c.doc.View().Area().Centre()
}

func (c *Canvas) nudge(dir editor.Direction, fine bool) {
	if !c.readOnly {
		c.doc.Nudge(dir, fine)
	}
	c.sync()
}

// goTo selects the next step in a direction.
func (c *Canvas) goTo(dir editor.Direction) {
	from := flow.StepID("")
	if ids := c.doc.Selected(); len(ids) > 0 {
		from = ids[len(ids)-1]
	}
	if id := c.doc.Neighbour(from, dir); id != "" {
		c.Reveal(id)
	}
}

func clipboard() fyne.Clipboard { return fyne.CurrentApp().Clipboard() }
