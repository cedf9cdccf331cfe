package widgets

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// MouseDown puts the caret, chooses a word the second time and a line the third.
func (e *Editor) MouseDown(m *desktop.MouseEvent) {
	if !e.focused {
		Focus(e)
	}
	e.closeList()
	if m.Button == desktop.MouseButtonPrimary && e.sheet.grab(m.Position) {
		e.placeCaret()
		return
	}
	at := e.placeAt(m.Position)
	switch m.Button {
	case desktop.MouseButtonSecondary:
		if from, to := e.buf.selection(); at.before(from) || to.before(at) {
			e.buf.move(at, false)
			e.moved()
		}
		e.menu(m.AbsolutePosition)
		return
	case desktop.MouseButtonPrimary:
	default:
		return
	}
	e.countPress(at)
	switch {
	case e.presses == 2:
		from, to := e.buf.wordAt(at)
		e.buf.move(from, false)
		e.buf.move(to, true)
	case e.presses >= 3:
		e.buf.move(place{at.line, 0}, false)
		e.buf.move(place{at.line, len(e.buf.lines[at.line])}, true)
	default:
		e.buf.move(at, m.Modifier&fyne.KeyModifierShift != 0)
		e.dragging = true
	}
	e.moved()
}

func (e *Editor) countPress(at place) {
	now := time.Now()
	if at == e.pressedAt && now.Sub(e.pressed) < fyne.CurrentApp().Driver().DoubleTapDelay() {
		e.presses++
	} else {
		e.presses = 1
	}
	e.pressed, e.pressedAt = now, at
}

// MouseUp ends what MouseDown began.
func (e *Editor) MouseUp(*desktop.MouseEvent) {
	e.sheet.letGo()
	e.dragging = false
}

// Dragged chooses up to the pointer, or drags a bar.
func (e *Editor) Dragged(d *fyne.DragEvent) {
	switch {
	case e.sheet.pull(d.Position):
		e.placeCaret()
	case e.dragging:
		e.buf.move(e.placeAt(d.Position), true)
		e.moved()
	}
}

// DragEnd ends a drag.
func (e *Editor) DragEnd() {
	e.sheet.letGo()
	e.dragging = false
}

// Scrolled scrolls it, or what is around it where it has no room left.
func (e *Editor) Scrolled(s *fyne.ScrollEvent) {
	if !e.sheet.wheel(s) {
		if e.Beyond != nil {
			e.Beyond(s)
		}
		return
	}
	e.closeList()
	e.placeCaret()
}

func (e *Editor) menu(at fyne.Position) {
	c := canvasOf(e)
	if c == nil {
		return
	}
	clip := fyne.CurrentApp().Clipboard()
	item := func(label string, s fyne.Shortcut) *fyne.MenuItem {
		return fyne.NewMenuItem(label, func() {
			Focus(e)
			e.TypedShortcut(s)
		})
	}
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("",
		item("Cut", &fyne.ShortcutCut{Clipboard: clip}),
		item("Copy", &fyne.ShortcutCopy{Clipboard: clip}),
		item("Paste", &fyne.ShortcutPaste{Clipboard: clip}),
		fyne.NewMenuItemSeparator(),
		item("Select all", &fyne.ShortcutSelectAll{}),
		item("Undo", &fyne.ShortcutUndo{}),
		item("Redo", &fyne.ShortcutRedo{}),
	), c, at)
}
