package ui

import (
	"context"
	"iter"
	"slices"
	"time"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/ui/canvas"
	"jackfield/ui/editor"
	"jackfield/ui/history"
	"jackfield/ui/widgets"
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

// told hands on what happened. However much it is, each page draws once.
func (w *Window) told(events []flow.Event) {
	w.desk.told(events)
	touched, ended, asks := false, false, false
	changed := map[flow.RunID]flow.Run{}
	for _, e := range events {
		switch e.Kind {
		case flow.Trouble:
			w.troubled(e)
		case flow.ConnectorsChanged:
			w.learnConnectors()
		case flow.ConnectionChanged:
			w.desk.panel.refreshAccounts()
			w.accountChanged(e.What)
		case flow.RunChanged:
			changed[e.Run.ID] = e.Run
			asks = asks || e.Run.Questions > 0 || w.asksFor(e.Run.ID)
			ended = ended || e.Run.State.Ended()
		}
		touched = touched || e.Run.ID != "" && e.Run.ID == w.shown.id
	}
	for _, r := range changed {
		w.runs.Update(r, w.now())
	}
	if asks {
		w.countQuestions(nil)
	}
	if len(changed) > 0 && w.showing(w.schedules) {
		w.fillSchedules()
	}
	if ended && w.showing(w.start) {
		w.fillStart()
	}
	if touched && w.showing(w.run) {
		w.refreshRun()
	}
}

// troubled tells what a person should know, and keeps it beside the flow's problems.
func (w *Window) troubled(e flow.Event) {
	w.tell(widgets.Bad, e.What)
	w.desk.drawer.troubled(e)
}

// shownRun is the run that the run's page shows.
type shownRun struct {
	id    flow.RunID
	visit int  // that it was opened on
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
	w.run.OnGiveUp = func(id flow.RunID) {
		w.confirm("Give this run up?", "What it left undone stays undone: no schedule takes it up again. A retry by hand still can.", "Give up", func() {
			w.later("give the run up", func(ctx context.Context) error { return w.svc.GiveUp(ctx, id) }, w.refreshRun)
		})
	}
	w.run.OnAnswer = func(id flow.RunID) {
		w.showInbox()
		if at := slices.IndexFunc(w.questions, func(q flow.Question) bool { return q.Run == id }); at >= 0 {
			w.inbox.Choose(w.questions[at].ID)
		}
	}
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
	state := w.runs.State()
	w.later("list the runs", func(ctx context.Context) (err error) {
		runs, err = w.svc.Runs(ctx, app.Query{State: state, Limit: runsAtOnce})
		return err
	}, func() {
		if state == w.runs.State() {
			w.runs.Fill(runs, len(runs) == runsAtOnce, w.now())
		}
	})
}

func (w *Window) moreRuns(before flow.RunID) {
	var runs []flow.Run
	state := w.runs.State()
	w.laterOr("list older runs", func(ctx context.Context) (err error) {
		runs, err = w.svc.Runs(ctx, app.Query{State: state, Before: before, Limit: runsAtOnce})
		return err
	}, func() { w.runs.Append(before, runs, len(runs) == runsAtOnce) }, func() { w.runs.Append(before, nil, true) })
}

// openRun goes to the page of one run, unless the person goes elsewhere before it is
// there.
func (w *Window) openRun(id flow.RunID) {
	if len(w.body.Objects) == 1 && !w.showing(w.run) {
		from := w.body.Objects[0]
		w.back = func() { w.show(from) }
	}
	w.visit++
	w.shown = shownRun{id: id, visit: w.visit}
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
// are one, and a run that is long to fetch is fetched less often.
func (w *Window) refreshRun() {
	s := &w.shown
	if s.busy {
		s.again = true
		return
	}
	s.busy = true
	id, known := s.id, s.doc != nil
	go func() {
		began := time.Now()
		past, err := w.pastOf(id, known)
		rest := max(refreshPause, 2*time.Since(began))
		w.do(func() {
			if w.shown.id != id || w.ctx.Err() != nil {
				return
			}
			if err != nil {
				w.shown.busy = false
				w.trouble("open the run", err)
				return
			}
			w.showPast(past, known)
			time.AfterFunc(rest, func() { w.do(func() { w.rested(id) }) })
		})
	}()
}

// refreshPause is between two looks at a run that goes on.
const refreshPause = 200 * time.Millisecond

// rested looks again where the run went on in the meantime.
func (w *Window) rested(id flow.RunID) {
	if w.shown.id != id {
		return
	}
	w.shown.busy = false
	if w.shown.again && w.ctx.Err() == nil {
		w.shown.again = false
		w.refreshRun()
	}
}

// past is what is stored of a run.
type past struct {
	run   flow.Run
	steps []flow.StepRun
	log   []flow.LogLine
	flow  flow.Flow
}

func (w *Window) pastOf(id flow.RunID, known bool) (p past, err error) {
	if p.run, err = w.svc.Run(w.ctx, id); err != nil {
		return p, err
	}
	if p.steps, err = w.svc.Digest(w.ctx, id); err != nil {
		return p, err
	}
	if p.log, err = w.svc.Log(w.ctx, id); err != nil || known {
		return p, err
	}
	// A flow that was removed leaves a run without a picture.
	p.flow, _ = w.svc.Flow(w.ctx, p.run.Flow, p.run.Version)
	return p, nil
}

func (w *Window) showPast(p past, known bool) {
	if !known {
		if w.visit != w.shown.visit {
			w.shown = shownRun{} // the person went elsewhere
			return
		}
		w.showGraph(p.flow)
	}
	l := newLive(p.run)
	for _, s := range p.steps {
		l.add(s)
	}
	w.shown.graph.SetRun(l.picture(w.shown.flow))
	w.run.Fill(p.run, p.steps, p.log, w.now())
	if !known {
		w.show(w.run)
	}
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
	var order []flow.StepID
	for _, step := range f.Steps {
		order = append(order, step.ID)
	}
	w.run.SetSteps(order, s.doc.TitleOf)
	s.doc.Fit()
	s.graph.Refresh()
}

func (w *Window) resume(id flow.RunID) {
	w.later("retry", func(ctx context.Context) error { return w.svc.Resume(ctx, id, flow.Fitting) }, func() {
		if w.shown.id == id {
			w.refreshRun()
		}
	})
}

func (w *Window) replay(r app.Replay) {
	var again flow.RunID
	w.later("run it again", func(ctx context.Context) (err error) {
		again, err = w.svc.Replay(ctx, r)
		return err
	}, func() { w.openRun(again) })
}

func (w *Window) removeRun(id flow.RunID, then func()) {
	w.confirm("Remove this run?", "Its records and its log go with it.", "Remove", func() {
		w.later("remove the run", func(ctx context.Context) error { return w.svc.RemoveRun(ctx, id) }, then)
	})
}
