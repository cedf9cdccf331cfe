package canvas

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"jackfield/flow"
	"jackfield/ui/editor"
)

// FocusGained shows a ring where the keyboard led here.
func (c *Canvas) FocusGained() {
	c.led = !c.given
	c.sync()
}

// FocusLost lets go of keys that were held.
func (c *Canvas) FocusLost() {
	c.pointer.space, c.led = false, false
	c.sync()
}

// AcceptsTab says that Tab adds a step instead of leading to the next field; with shift
// it leads to the field before.
func (c *Canvas) AcceptsTab() bool { return true }

// KeyDown notes the space bar, which turns dragging into panning.
func (c *Canvas) KeyDown(e *fyne.KeyEvent) {
	if e.Name == fyne.KeySpace {
		c.pointer.space = true
	}
}

// KeyUp notes that the space bar was let go.
func (c *Canvas) KeyUp(e *fyne.KeyEvent) {
	if e.Name == fyne.KeySpace {
		c.pointer.space = false
	}
}

var directions = map[fyne.KeyName]editor.Direction{
	fyne.KeyLeft: editor.Left, fyne.KeyRight: editor.Right, fyne.KeyUp: editor.Up, fyne.KeyDown: editor.Down,
}

// TypedKey does what a key without a letter means.
func (c *Canvas) TypedKey(e *fyne.KeyEvent) {
	if dir, ok := directions[e.Name]; ok {
		if c.mods()&fyne.KeyModifierShift != 0 {
			c.nudge(dir, false)
		} else {
			c.goTo(dir)
		}
		return
	}
	switch e.Name {
	case fyne.KeyTab:
		c.tab()
	case fyne.KeyReturn, fyne.KeyEnter:
		c.withOne(c.OnOpen)
	case fyne.KeyF2:
		if !c.readOnly {
			c.withOne(c.OnRename)
		}
	case fyne.KeyDelete, fyne.KeyBackspace:
		c.Delete(false)
	case fyne.KeyEscape:
		c.escape()
	case fyne.KeyF1:
		call(c.OnHelp)
	}
}

func (c *Canvas) tab() {
	if c.mods()&fyne.KeyModifierShift == 0 && !c.readOnly {
		c.AskAdd()
		return
	}
	cv := fyne.CurrentApp().Driver().CanvasForObject(c)
	switch {
	case cv == nil:
	case c.mods()&fyne.KeyModifierShift != 0:
		cv.FocusPrevious()
	default:
		cv.FocusNext()
	}
}

// withOne calls f with the step that is selected, where it is one.
func (c *Canvas) withOne(f func(flow.StepID)) {
	if ids := c.doc.Selected(); len(ids) == 1 && f != nil {
		f(ids[0])
	}
}

// escape gives up what is being done, or else lets go of what is selected.
func (c *Canvas) escape() {
	switch {
	case c.gesture != nil:
		c.dropGesture()
	case c.pending != nil:
		c.pending = nil
	default:
		c.doc.SelectNone()
	}
	c.sync()
}

// TypedRune does what a letter means.
func (c *Canvas) TypedRune(r rune) {
	switch r {
	case '0':
		c.SetZoom(1)
	case '1':
		c.Fit()
	case '2', '.':
		c.FitSelection()
	case '+', '=':
		c.zoomBy(editor.ZoomNotch * editor.ZoomNotch)
	case '-':
		c.zoomBy(1 / editor.ZoomNotch / editor.ZoomNotch)
	case 'a', 'A':
		c.AskAdd()
	case 'f', 'F':
		c.Join()
	case 'd', 'D':
		c.ToggleOff()
	case '?':
		call(c.OnHelp)
	}
}

// TypedShortcut does what keys with ctrl mean. What means nothing here goes on to the
// window.
func (c *Canvas) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutUndo:
		c.Undo()
	case *fyne.ShortcutRedo:
		c.Redo()
	case *fyne.ShortcutCopy:
		c.Copy()
	case *fyne.ShortcutCut:
		c.Cut()
	case *fyne.ShortcutPaste:
		c.Paste()
	case *fyne.ShortcutSelectAll:
		c.doc.SelectAll()
		c.sync()
	case *desktop.CustomShortcut:
		if !c.customShortcut(s) {
			c.pass(s)
		}
	default:
		c.pass(s)
	}
}

func (c *Canvas) customShortcut(s *desktop.CustomShortcut) bool {
	mods := s.Modifier &^ fyne.KeyModifierShift
	if mods != fyne.KeyModifierShortcutDefault {
		return false
	}
	shift := s.Modifier&fyne.KeyModifierShift != 0
	if dir, ok := directions[s.KeyName]; ok {
		c.nudge(dir, !shift)
		return true
	}
	switch {
	case s.KeyName == fyne.KeyZ && shift:
		c.Redo()
	case s.KeyName == fyne.KeyL && shift:
		c.Tidy()
	case s.KeyName == fyne.KeyD && !shift:
		c.Duplicate()
	case s.KeyName == fyne.KeyDelete, s.KeyName == fyne.KeyBackspace:
		c.Delete(true)
	case (s.KeyName == fyne.KeyReturn || s.KeyName == fyne.KeyEnter) && !shift && len(c.doc.Selected()) == 1 && c.OnRunTo != nil:
		c.withOne(c.OnRunTo)
	default:
		return false
	}
	return true
}

// toWindow gives a shortcut to the window, because the toolkit gives it to what has the
// focus only.
func (c *Canvas) toWindow(s fyne.Shortcut) {
	if w, ok := fyne.CurrentApp().Driver().CanvasForObject(c).(fyne.Shortcutable); ok {
		w.TypedShortcut(s)
	}
}
