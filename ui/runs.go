package ui

import (
	"context"
	"fmt"
	"iter"
	"time"

	"fyne.io/fyne/v2/dialog"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/ui/canvas"
	"jackfield/ui/editor"
	"jackfield/ui/history"
)

// runsAtOnce is how many runs a list asks for at a time.
const runsAtOnce = 200

// eventPause gathers what happens, so that a run with thousands of step runs a second
// is drawn a few times a second.
const eventPause = 50 * time.Millisecond

// follow hands events to the pages, gathered, on the interface's goroutine.
func (w *Window) follow(events iter.Seq[flow.Event]) {
	pending := make(chan flow.Event, 1024)
	go func() {
		defer close(pending)
		for e := range events {
			pending <- e
		}
	}()
	for e := range pending {
		gathered := []flow.Event{e}
		timer := time.NewTimer(eventPause)
	gather:
		for {
			select {
			case e, more := <-pending:
				if !more {
					break gather
				}
				gathered = append(gathered, e)
			case <-timer.C:
				break gather
			}
		}
		if w.ctx.Err() != nil {
			continue // drain, so that nobody waits
		}
		w.do(func() { w.told(gathered) })
	}
}

func (w *Window) told(events []flow.Event) {
	touched := false
	for _, e := range events {
		w.desk.told(e)
		switch e.Kind {
		case flow.Trouble:
			w.trouble("Trouble", fmt.Errorf("%s", e.What))
		case flow.ConnectionChanged:
			w.desk.panel.refreshAccounts()
		case flow.RunChanged:
			w.runs.Update(e.Run, w.now())
			if w.showing(w.start) && e.Run.State.Ended() {
				w.fillStart()
			}
		}
		touched = touched || e.Run.ID != "" && e.Run.ID == w.shown.id && e.Kind != flow.Logged
	}
	if touched && w.showing(w.run) {
		w.refreshRun()
	}
}

// shownRun is the run that the run's page shows.
type shownRun struct {
	id    flow.RunID
	busy  bool // being fetched
	again bool // and changed in the meantime
	doc   *editor.Document
	graph *canvas.Canvas
	flow  flow.Flow
}

func (w *Window) makeHistory() {
	w.runs = history.NewList(false)
	w.runs.OnOpen = w.openRun
	w.runs.OnState = func(flow.RunState) { w.fillRuns() }
	w.runs.OnRemove = func(id flow.RunID) { w.removeRun(id, w.fillRuns) }
	w.runs.OnMore = w.moreRuns
	w.run = history.NewPage()
	w.run.OnBack = w.goBack
	w.run.OnResume = w.resume
	w.run.OnReplay = w.replay
	w.run.OnStop = func(id flow.RunID) {
		w.later("stop the run", func(ctx context.Context) error { return w.svc.Stop(ctx, id) }, nil)
	}
	w.run.OnFlow = func(id flow.ID) {
		if w.desk.doc.ID() == id {
			w.show(w.desk.content)
			return
		}
		w.openFlow(id)
	}
	w.run.OnStep = func(id flow.StepID) {
		if w.shown.doc != nil {
			w.shown.doc.Select(id)
			w.shown.graph.Refresh()
		}
	}
	w.run.OnRecords = func(ref flow.Ref, got func(flow.Batch)) {
		var batch flow.Batch
		w.later("read the records", func(ctx context.Context) (err error) {
			batch, err = w.svc.Records(ctx, ref)
			return err
		}, func() { got(batch) })
	}
}

// showRuns goes to the list of all runs.
func (w *Window) showRuns() {
	w.show(w.runs)
	w.fillRuns()
}

func (w *Window) fillRuns() {
	var runs []flow.Run
	w.later("list the runs", func(ctx context.Context) (err error) {
		runs, err = w.svc.Runs(ctx, app.Query{State: w.runs.State(), Limit: runsAtOnce})
		return err
	}, func() { w.runs.Fill(runs, len(runs) == runsAtOnce, w.now()) })
}

func (w *Window) moreRuns(before flow.RunID) {
	var runs []flow.Run
	w.later("list older runs", func(ctx context.Context) (err error) {
		runs, err = w.svc.Runs(ctx, app.Query{State: w.runs.State(), Before: before, Limit: runsAtOnce})
		return err
	}, func() { w.runs.Append(runs, len(runs) == runsAtOnce) })
}

// openRun goes to the page of one run.
func (w *Window) openRun(id flow.RunID) {
	if len(w.body.Objects) == 1 && !w.showing(w.run) {
		from := w.body.Objects[0]
		w.back = func() { w.show(from) }
	}
	w.shown = shownRun{id: id}
	w.refreshRun()
}

func (w *Window) goBack() {
	if w.back != nil {
		w.back()
		return
	}
	w.showRuns()
}

// refreshRun fetches the run that is shown; while that goes on, further wishes for it
// are one.
func (w *Window) refreshRun() {
	s := &w.shown
	if s.busy {
		s.again = true
		return
	}
	s.busy = true
	id, known := s.id, s.doc != nil
	var r flow.Run
	var f flow.Flow
	var steps []flow.StepRun
	var log []flow.LogLine
	go func() {
		err := func() (err error) {
			if r, err = w.svc.Run(w.ctx, id); err != nil {
				return err
			}
			if steps, err = w.svc.StepRuns(w.ctx, id); err != nil {
				return err
			}
			if log, err = w.svc.Log(w.ctx, id); err != nil || known {
				return err
			}
			// A flow that was removed leaves a run without a picture.
			f, _ = w.svc.Flow(w.ctx, r.Flow, r.Version)
			return nil
		}()
		w.do(func() {
			if w.shown.id != id {
				return
			}
			w.shown.busy = false
			if err != nil {
				w.trouble("open the run", err)
				return
			}
			if !known {
				w.showGraph(f)
			}
			w.showRun(r, steps, log)
			if w.shown.again {
				w.shown.again = false
				w.refreshRun()
			}
		})
	}()
}

// showGraph puts the flow as it was above the run's steps.
func (w *Window) showGraph(f flow.Flow) {
	s := &w.shown
	s.flow, s.doc = f, editor.New(f, w.ops)
	s.graph = canvas.New(s.doc)
	s.graph.SetReadOnly(true)
	s.graph.OnSelect = func() {
		if chosen := s.doc.Selected(); len(chosen) == 1 {
			w.run.Pick(chosen[0])
		}
	}
	w.run.SetGraph(s.graph)
	w.run.SetTitles(func(id flow.StepID) string {
		if step, ok := f.Step(id); ok {
			return step.Label()
		}
		return string(id)
	})
	w.show(w.run)
	s.doc.Fit()
	s.graph.Refresh()
}

func (w *Window) showRun(r flow.Run, steps []flow.StepRun, log []flow.LogLine) {
	l := newLive(r)
	for _, s := range steps {
		l.add(s)
	}
	w.shown.graph.SetRun(l.picture(w.shown.flow))
	w.run.Fill(r, steps, log, w.now())
	if !w.showing(w.run) {
		w.show(w.run)
	}
}

func (w *Window) resume(id flow.RunID) {
	w.later("retry", func(ctx context.Context) error { return w.svc.Resume(ctx, id) }, func() {
		if w.shown.id == id {
			w.refreshRun()
		}
	})
}

func (w *Window) replay(id flow.RunID) {
	var again flow.RunID
	w.later("run it again", func(ctx context.Context) (err error) {
		again, err = w.svc.Replay(ctx, id)
		return err
	}, func() { w.openRun(again) })
}

func (w *Window) removeRun(id flow.RunID, then func()) {
	dialog.ShowConfirm("Remove this run?", "Its records and its log go with it.", func(yes bool) {
		if yes {
			w.later("remove the run", func(ctx context.Context) error { return w.svc.RemoveRun(ctx, id) }, then)
		}
	}, w.win)
}

func tookWords(r flow.Run) string {
	d := r.Took(time.Now())
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
