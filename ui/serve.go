package ui

import (
	"context"

	"fyne.io/fyne/v2"

	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// Serve lets runs that were cut off go on and makes triggers live; what goes wrong is
// shown in the window.
func (w *Window) Serve(serve func(context.Context) error) {
	if err := serve(w.ctx); err != nil && w.ctx.Err() == nil {
		w.do(func() { w.trouble("take up where Jackfield left off", err) })
	}
}

// End ends everything that the window started.
func (w *Window) End() {
	w.end()
	w.desk.panel.mapping.end()
}

// Sorry shows, in a window of its own, why there is none to work in.
func Sorry(a fyne.App, err error) {
	a.Settings().SetTheme(theme.New(true))
	win := a.NewWindow("Jackfield")
	win.SetIcon(theme.Mark())
	win.SetContent(widgets.NewEmptyState("warning", "Jackfield cannot open", inWords(err), widgets.NewButton(widgets.Primary, "", "Close", a.Quit)))
	win.Resize(fyne.NewSize(dialogWidth+120, 300))
	win.CenterOnScreen()
	win.Show()
}
