package ui

import (
	"context"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/ui/storage"
	"jackfield/ui/widgets"
)

func (w *Window) makeStorage() {
	w.storage = storage.New()
	w.storage.NewForm = newForm
	w.storage.OnFlow = func(id flow.ID) { w.openFlow(id) }
	w.storage.OnKeep = func(r app.Retention) {
		w.later("change how long runs are kept", func(ctx context.Context) error { return w.svc.SetRetention(ctx, r) }, w.fillStorage)
	}
	w.storage.OnTidy = func() {
		var freed int64
		w.later("tidy", func(ctx context.Context) (err error) {
			freed, err = w.svc.Tidy(ctx)
			return err
		}, func() {
			w.tell(widgets.Good, "Gave back "+flow.FormatSize(freed>>10<<10))
			w.fillStorage()
		})
	}
}

// showStorage goes to the page of what history takes.
func (w *Window) showStorage() {
	w.show(w.storage)
	w.fillStorage()
}

func (w *Window) fillStorage() {
	var usage app.Usage
	var kept app.Retention
	w.later("look what history takes", func(ctx context.Context) (err error) {
		if usage, err = w.svc.Usage(ctx); err == nil {
			kept, err = w.svc.Retention(ctx)
		}
		return err
	}, func() {
		w.storage.Fill(usage)
		w.storage.FillKept(kept)
	})
}
