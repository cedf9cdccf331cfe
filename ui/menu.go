package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/canvas"
)

// menu offers what can be done with what lies under the pointer.
func (d *desk) menu(m canvas.Menu) {
	c := d.canvas
	var items []*fyne.MenuItem
	add := func(text string, do func()) { items = append(items, fyne.NewMenuItem(text, do)) }
	chosen := d.doc.Selected()
	if len(chosen) > 0 {
		if len(chosen) == 1 {
			add("Settings", func() { d.panel.open(chosen[0]) })
			add("Rename", func() { d.panel.rename(chosen[0]) })
		}
		add("Switch on or off", c.ToggleOff)
		if len(chosen) == 2 {
			add("Wire the two", c.Join)
		}
		items = append(items, fyne.NewMenuItemSeparator())
		add("Copy", c.Copy)
		add("Cut", c.Cut)
		add("Duplicate", c.Duplicate)
		items = append(items, fyne.NewMenuItemSeparator())
		add("Delete", func() { c.Delete(false) })
		add("Delete and close the gap", func() { c.Delete(true) })
	} else if len(d.doc.SelectedEdges()) > 0 {
		add("Delete the edge", func() { c.Delete(false) })
	} else {
		add("Add a step…", c.AskAdd)
		add("Paste", func() { c.PasteAt(m.At) })
		items = append(items, fyne.NewMenuItemSeparator())
		add("Select all", func() { d.doc.SelectAll(); c.Refresh(); d.selected() })
		add("Tidy up", c.Tidy)
		add("Fit into view", c.Fit)
	}
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), d.w.win.Canvas(), m.Abs)
}
