package ui

import "context"

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
	w.desk.rest()
	w.desk.panel.mapping.end()
}
