package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// AcceptsTab says whether the key Tab is the editor's: in several lines it indents,
// in one it only takes a completion.
func (e *Editor) AcceptsTab() bool { return !e.OneLine || e.list != nil }

// TypedRune writes it.
func (e *Editor) TypedRune(r rune) {
	e.edit(func() { e.buf.typed(r, e.Language.Name != "") })
	e.completeAfter(r)
}

// TypedKey moves and edits.
func (e *Editor) TypedKey(key *fyne.KeyEvent) {
	if e.list != nil && e.listKey(key.Name) {
		return
	}
	if e.OnKey != nil && e.OnKey(key) {
		return
	}
	extend := modifiers()&fyne.KeyModifierShift != 0
	switch key.Name {
	case fyne.KeyBackspace:
		e.edit(func() { e.buf.backspace(false) })
		e.completeAgain()
		return
	case fyne.KeyDelete:
		e.edit(func() { e.buf.delete(false) })
	case fyne.KeyReturn, fyne.KeyEnter:
		e.enter()
	case fyne.KeyTab:
		e.tab(extend)
	case fyne.KeyEscape:
		e.escape()
	default:
		e.navigate(key.Name, extend)
	}
	e.closeList()
}

func (e *Editor) enter() {
	if !e.OneLine {
		e.edit(e.buf.newline)
	} else if e.OnSubmit != nil {
		e.OnSubmit()
	}
}

// tab indents the chosen lines, or writes an indent.
func (e *Editor) tab(out bool) {
	from, to := e.buf.selection()
	e.edit(func() {
		if out || from.line != to.line {
			e.buf.indentLines(out)
		} else {
			e.buf.insert(indent)
		}
	})
}

func (e *Editor) escape() {
	if e.buf.selected() {
		e.buf.move(e.buf.caret, false)
		e.moved()
	} else if e.OnEscape != nil {
		e.OnEscape()
	}
}

// navigate moves the caret by a key without Ctrl.
func (e *Editor) navigate(key fyne.KeyName, extend bool) {
	b := e.buf
	from, to := b.selection()
	switch key {
	case fyne.KeyLeft:
		if b.selected() && !extend {
			b.move(from, false)
		} else {
			b.move(b.left(b.caret), extend)
		}
	case fyne.KeyRight:
		if b.selected() && !extend {
			b.move(to, false)
		} else {
			b.move(b.right(b.caret), extend)
		}
	case fyne.KeyUp:
		e.vertical(-1, extend)
	case fyne.KeyDown:
		e.vertical(1, extend)
	case fyne.KeyPageUp:
		e.vertical(-e.sheet.page(), extend)
	case fyne.KeyPageDown:
		e.vertical(e.sheet.page(), extend)
	case fyne.KeyHome:
		b.home(extend)
	case fyne.KeyEnd:
		b.move(place{b.caret.line, len(b.lines[b.caret.line])}, extend)
	default:
		return
	}
	e.moved()
}

// vertical moves the caret by rows.
func (e *Editor) vertical(by int, extend bool) {
	rows := e.plan().rows
	row := e.rowOf(e.buf.caret) + by
	if !e.Wraps || row < 0 || row >= len(rows) {
		e.buf.vertical(by, extend)
		return
	}
	r := rows[row]
	e.buf.move(place{r.line, e.colAt(r, e.x(e.buf.caret)+1)}, extend)
}

// TypedShortcut knows the clipboard, undo, and moves by word; others go on to the
// window.
func (e *Editor) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutCopy:
		e.copy(s.Clipboard)
	case *fyne.ShortcutCut:
		e.copy(s.Clipboard)
		if !e.Masked {
			e.edit(e.cut)
		}
	case *fyne.ShortcutPaste:
		e.Insert(s.Clipboard.Content())
	case *fyne.ShortcutSelectAll:
		e.buf.move(place{}, false)
		e.buf.move(e.buf.end(), true)
		e.moved()
	case *fyne.ShortcutUndo:
		e.edit(func() { e.buf.undo() })
	case *fyne.ShortcutRedo:
		e.edit(func() { e.buf.redo() })
	case *desktop.CustomShortcut:
		if !e.control(s) {
			pass(e, s)
			return
		}
		if s.KeyName == fyne.KeySpace {
			return // it has just opened the list
		}
	default:
		pass(e, s)
		return
	}
	e.closeList()
}

// copy takes what is chosen, or the line where nothing is.
func (e *Editor) copy(c fyne.Clipboard) {
	if e.Masked {
		return
	}
	if e.buf.selected() {
		c.SetContent(e.SelectedText())
		return
	}
	c.SetContent(string(e.buf.lines[e.buf.caret.line]) + "\n")
}

// cut removes what copy took.
func (e *Editor) cut() {
	b := e.buf
	if b.selected() {
		b.insert("")
		return
	}
	from := place{b.caret.line, 0}
	to := place{b.caret.line + 1, 0}
	if to.line == len(b.lines) {
		to = b.end()
	}
	b.replace(from, to, "", false)
}

// control is a key with Ctrl (Command on a Mac) or Alt; false where it is not ours.
func (e *Editor) control(s *desktop.CustomShortcut) bool {
	const shift = fyne.KeyModifierShift
	extend := s.Modifier&shift != 0
	if s.Modifier&^shift != fyne.KeyModifierShortcutDefault && s.Modifier&^shift != fyne.KeyModifierControl {
		return false
	}
	b := e.buf
	switch s.KeyName {
	case fyne.KeyLeft:
		b.move(b.wordLeft(b.caret), extend)
	case fyne.KeyRight:
		b.move(b.wordRight(b.caret), extend)
	case fyne.KeyHome:
		b.move(place{}, extend)
	case fyne.KeyEnd:
		b.move(b.end(), extend)
	case fyne.KeyBackspace:
		e.edit(func() { b.backspace(true) })
		return true
	case fyne.KeyDelete:
		e.edit(func() { b.delete(true) })
		return true
	case fyne.KeyZ:
		if !extend {
			return false
		}
		e.edit(func() { b.redo() })
		return true
	case fyne.KeySlash:
		if e.Language.Comment == "" || e.OneLine {
			return false
		}
		e.edit(func() { b.comment(e.Language.Comment) })
		return true
	case fyne.KeySpace:
		e.openList(true)
		return true
	case fyne.KeyReturn, fyne.KeyEnter:
		if e.OnSubmit == nil {
			return false
		}
		e.OnSubmit()
		return true
	default:
		return false
	}
	e.moved()
	return true
}
