package ui

import (
	"context"
	"strconv"
	"time"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/ui/schedules"
	"jackfield/ui/widgets"
)

func (w *Window) makeSchedules() {
	w.schedules = schedules.New()
	w.schedules.OnFlow = func(id flow.ID) { w.openFlow(id) }
	w.schedules.OnRun = w.openRun
	w.schedules.OnEnable = func(id flow.ID, on bool) {
		w.later("change the triggers", func(ctx context.Context) error { return w.svc.Enable(ctx, id, on) }, w.fillSchedules)
	}
	w.schedules.OnUnmet = func(id flow.ID, step flow.StepID, from, to time.Time) {
		w.slots(func(ctx context.Context) ([]time.Time, error) { return w.svc.Unmet(ctx, id, step, from, to) }, w.schedules.ShowUnmet)
	}
	w.schedules.OnBackfill = func(id flow.ID, step flow.StepID, from, to time.Time) {
		w.slots(func(ctx context.Context) ([]time.Time, error) { return w.svc.Backfill(ctx, id, step, from, to) }, func(planned []time.Time) {
			w.tell(widgets.Good, plannedInWords(len(planned)))
			w.schedules.ShowUnmet(nil)
			w.fillSchedules()
		})
	}
}

func plannedInWords(n int) string {
	if n == 1 {
		return "One run is planned"
	}
	return strconv.Itoa(n) + " runs are planned; they start one after the other"
}

// slots asks for the slots of a range. What is wrong with the range is said beside it.
func (w *Window) slots(ask func(context.Context) ([]time.Time, error), then func([]time.Time)) {
	var found []time.Time
	var wrong error
	w.later("look at the schedule", func(ctx context.Context) error {
		found, wrong = ask(ctx)
		return nil
	}, func() {
		if wrong != nil {
			w.schedules.ShowWrong(inWords(wrong))
			return
		}
		then(found)
	})
}

// showSchedules goes to the page of triggers.
func (w *Window) showSchedules() {
	w.show(w.schedules)
	w.fillSchedules()
}

func (w *Window) fillSchedules() {
	var all []app.Trigger
	w.later("list the schedules", func(ctx context.Context) (err error) {
		all, err = w.svc.Triggers(ctx)
		return err
	}, func() { w.schedules.Fill(all, w.now()) })
}
