package ui

import (
	"runtime"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// shortcut is a key that does something, as the list of keys tells it. Those of the
// window have do and are made here; the others are the canvas's own.
type shortcut struct {
	keys, does string
	key        fyne.KeyName
	more       fyne.KeyModifier // beside Ctrl, or Alt in its place
	do         func(*Window)
}

// group is a part of the list of keys.
type group struct {
	title string
	keys  []shortcut
}

// shortcuts is the one list of all keys.
func shortcuts() []group {
	return []group{
		{"ANYWHERE", []shortcut{
			{"Ctrl+Shift+Enter", "Save and run the flow", fyne.KeyReturn, fyne.KeyModifierShift, func(w *Window) { w.desk.runFlow() }},
			{"Ctrl+S", "Save the flow", fyne.KeyS, 0, func(w *Window) { w.desk.save(nil) }},
			{"Ctrl+N", "New flow", fyne.KeyN, 0, (*Window).newFlow},
			{"Ctrl+O", "Open a file", fyne.KeyO, 0, (*Window).chooseFile},
			{"Ctrl+H", "All runs", fyne.KeyH, 0, (*Window).showRuns},
			{"Alt+1", "Go to the palette", fyne.Key1, fyne.KeyModifierAlt, func(w *Window) { w.desk.focus(0) }},
			{"Alt+2", "Go to the canvas", fyne.Key2, fyne.KeyModifierAlt, func(w *Window) { w.desk.focus(1) }},
			{"Alt+3", "Go to the settings", fyne.Key3, fyne.KeyModifierAlt, func(w *Window) { w.desk.focus(2) }},
			{"Alt+4", "Go to runs, problems and log", fyne.Key4, fyne.KeyModifierAlt, func(w *Window) { w.desk.focus(3) }},
			{"Tab, Shift+Tab", "Next field, the one before", "", 0, nil},
			{"Space, Enter", "Press the button that has the ring", "", 0, nil},
			{"Esc", "Close what is open, let go", "", 0, nil},
			{"F1, Ctrl+/", "This list", fyne.KeySlash, 0, (*Window).showKeys},
		}},
		{"ON THE CANVAS", []shortcut{
			{keys: "Tab, A", does: "Add a step"},
			{keys: "Arrows", does: "To the next step that way"},
			{keys: "Enter", does: "To the settings of the step"},
			{keys: "F2", does: "Rename the step"},
			{keys: "D", does: "Switch steps off or on"},
			{keys: "F", does: "Wire two chosen steps"},
			{keys: "Ctrl+A", does: "Choose all"},
			{keys: "Ctrl+C, X, V", does: "Copy, cut, paste as text"},
			{keys: "Ctrl+D", does: "Duplicate"},
			{keys: "Del", does: "Delete"},
			{keys: "Ctrl+Del", does: "Delete and close the gap"},
			{keys: "Ctrl+Z", does: "Undo"},
			{keys: "Ctrl+Shift+Z", does: "Redo"},
			{keys: "Shift+Arrows", does: "Move steps; with Ctrl by a hair"},
			{keys: "Ctrl+Shift+L", does: "Tidy up"},
			{keys: "+, -, 0", does: "Zoom in, out, full size"},
			{keys: "1, 2", does: "Show all, show what is chosen"},
			{keys: "Space and drag", does: "Move the view"},
		}},
	}
}

// keyNames names keys as this system does.
func keyNames(keys string) string {
	if runtime.GOOS == "darwin" {
		keys = strings.NewReplacer("Ctrl", "Cmd", "Alt", "Option").Replace(keys)
	}
	return keys
}

// addShortcuts makes the window's own keys.
func (w *Window) addShortcuts() {
	c := w.win.Canvas()
	for _, g := range shortcuts() {
		for _, s := range g.keys {
			if s.do == nil {
				continue
			}
			mods := fyne.KeyModifierShortcutDefault | s.more
			if s.more == fyne.KeyModifierAlt {
				mods = s.more
			}
			c.AddShortcut(&desktop.CustomShortcut{KeyName: s.key, Modifier: mods}, func(fyne.Shortcut) {
				if w.asked == nil {
					s.do(w)
				}
			})
		}
	}
	c.AddShortcut(&fyne.ShortcutUndo{}, func(fyne.Shortcut) { w.atDesk(w.desk.canvas.Undo) })
	c.AddShortcut(&fyne.ShortcutRedo{}, func(fyne.Shortcut) { w.atDesk(w.desk.canvas.Redo) })
	c.SetOnTypedKey(w.typedKey)
	c.SetOnTypedRune(func(r rune) {
		if r == '?' {
			w.showKeys()
		}
	})
}

func (w *Window) atDesk(do func()) {
	if w.asked == nil && w.showing(w.desk.content) {
		do()
	}
}

// typedKey takes the keys that nothing else wants.
func (w *Window) typedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyF1:
		w.showKeys()
	case fyne.KeyEscape:
		call(w.asked)
	}
}

// showKeys shows the list of keys.
func (w *Window) showKeys() {
	columns := container.NewGridWithColumns(2)
	for _, g := range shortcuts() {
		rows := []fyne.CanvasObject{widgets.NewText(g.title, widgets.Overline)}
		for _, s := range g.keys {
			keys := widgets.NewPanel(widgets.NewText(keyNames(s.keys), widgets.Code)).Padded(theme.Inner, "").On(theme.Input)
			keys.Radius = theme.SmallRadius
			rows = append(rows, container.New(&keyRow{}, container.NewHBox(keys), widgets.NewText(s.does, widgets.Plain)))
		}
		columns.Add(container.NewVBox(rows...))
	}
	w.ask(question{Title: "Keys", More: columns, Yes: "Close", Alone: true})
}

// keyRow sets what a key does behind it, in a column of its own.
type keyRow struct{}

// keyWidth is that of the widest keys.
const keyWidth float32 = 150

func (*keyRow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x := float32(0)
	for _, o := range objects {
		least := o.MinSize()
		o.Resize(least)
		o.Move(fyne.NewPos(x, (size.Height-least.Height)/2))
		x += keyWidth
	}
}

func (*keyRow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(keyWidth+objects[1].MinSize().Width, max(objects[0].MinSize().Height, objects[1].MinSize().Height))
}
