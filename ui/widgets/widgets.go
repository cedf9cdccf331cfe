// Package widgets is what the views are made of: buttons, badges, lists, tables,
// viewers and the code editor, in the look of package theme.
//
// A widget draws what it was given and reports wishes through its OnX fields; it
// knows nothing of the door. Long things (rows, records, log lines, code) are drawn
// by a Pen, row by row and only where they are seen, so that their cost does not
// hang on their length. What floats (tips, completions, toasts, ghosts) lies on the
// window's Layer and never takes the focus.
package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// noLayout leaves its objects where they are and asks for no room.
type noLayout struct{}

func (noLayout) Layout([]fyne.CanvasObject, fyne.Size) {}
func (noLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }
func newBox(objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: noLayout{}, Objects: objects}
}

func canvasOf(o fyne.CanvasObject) fyne.Canvas { return fyne.CurrentApp().Driver().CanvasForObject(o) }

func absolute(o fyne.CanvasObject) fyne.Position {
	return fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
}

// Focus gives the keyboard to o, if it is in a window.
func Focus(o fyne.Focusable) {
	obj, ok := o.(fyne.CanvasObject)
	if !ok {
		return
	}
	if c := canvasOf(obj); c != nil {
		c.Focus(o)
	}
}

// pass hands a shortcut that a focused widget has no use for to its window.
func pass(o fyne.CanvasObject, s fyne.Shortcut) {
	if c, ok := canvasOf(o).(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
}

// modifiers are the keys held down beside the one that was typed. The test driver
// knows none.
func modifiers() fyne.KeyModifier {
	if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok {
		return d.CurrentKeyModifiers()
	}
	return 0
}
