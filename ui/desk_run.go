package ui

import (
	"context"
	"errors"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/ui/canvas"
	"jackfield/ui/editor"
	"jackfield/ui/widgets"
)

// save stores the flow and writes its file; then goes on, wherever the person is by
// then.
func (d *desk) save(then func()) { d.saveOr(then, nil) }

// saveOr does something else where it could not be saved, which is told.
func (d *desk) saveOr(then, otherwise func()) {
	if !d.w.showing(d.content) && !d.doc.Dirty() {
		return
	}
	if d.draft != nil {
		d.draft.Stop()
	}
	turn, n, mark, f := d.turn, d.drafts.next(), d.doc.Mark(), d.doc.Flow()
	var saved flow.Flow
	d.w.laterOr("save the flow", func(ctx context.Context) error {
		return d.drafts.do(n, func() (err error) {
			saved, err = d.w.svc.Save(ctx, f)
			return err
		})
	}, func() {
		if turn == d.turn {
			d.doc.Saved(mark, saved)
			d.drawer.opened(saved.ID)
			d.w.head.update()
		}
		call(then)
	}, func() {
		if turn == d.turn {
			call(otherwise)
			d.w.head.update()
		}
	})
}

func (d *desk) running() bool { return d.starting || d.run != nil && !d.run.run.State.Ended() }

// runFlow saves the flow and starts it. Problems that stand in the way are shown
// where they are.
func (d *desk) runFlow() {
	if !d.w.showing(d.content) || d.running() {
		return
	}
	turn := d.turn
	d.starting = true
	d.w.head.update()
	d.saveOr(func() {
		if turn == d.turn {
			d.start(app.Start{Flow: d.doc.ID(), Cause: "manual"})
		}
	}, func() { d.starting = false })
}

func (d *desk) start(s app.Start) {
	turn := d.turn
	go func() {
		id, err := d.w.svc.Start(d.w.ctx, s)
		d.w.do(func() {
			if turn != d.turn || d.w.ctx.Err() != nil {
				return
			}
			d.starting = false
			if err != nil {
				d.notStarted(err)
				return
			}
			d.follow(id)
		})
	}()
}

// notStarted shows what stands in the way.
func (d *desk) notStarted(err error) {
	d.w.head.update()
	problems, ok := errors.AsType[app.Problems](err)
	if !ok {
		d.w.trouble("start the run", err)
		return
	}
	d.showProblems(problems)
	d.drawer.show(tabProblems)
	d.w.tell(widgets.Bad, "It cannot run yet. "+inWords(err))
}

// follow shows a run on the canvas: what is stored of it by now, then what was told
// of it in the meantime, then what will be.
func (d *desk) follow(id flow.RunID) {
	turn := d.turn
	d.run = newLive(flow.Run{ID: id, State: flow.Running})
	d.awaits, d.meantime = id, nil
	d.showRun()
	d.drawer.follow(id)
	var r flow.Run
	var steps []flow.StepRun
	d.w.later("follow the run", func(ctx context.Context) (err error) {
		if steps, err = d.w.svc.StepRuns(ctx, id); err != nil {
			return err
		}
		r, err = d.w.svc.Run(ctx, id)
		return err
	}, func() {
		if turn != d.turn || d.awaits != id {
			return
		}
		meantime := d.meantime
		d.awaits, d.meantime = "", nil
		d.run = newLive(r)
		for _, s := range steps {
			d.run.add(s)
		}
		for _, e := range meantime {
			d.run.take(e)
		}
		d.showRun()
		if d.run.run.State.Ended() {
			d.ended(d.run.run)
		}
	})
}

// told takes events of any run, and draws what came of them once.
func (d *desk) told(events []flow.Event) {
	d.drawer.told(events)
	if d.run == nil {
		return
	}
	was, news := d.run.run.State, false
	for _, e := range events {
		if d.awaits != "" && e.Run.ID == d.awaits {
			d.meantime = append(d.meantime, e)
		} else {
			news = d.run.take(e) || news
		}
	}
	if !news {
		return
	}
	d.showRun()
	if !was.Ended() && d.run.run.State.Ended() {
		d.ended(d.run.run)
	}
}

// ended tells how the run went.
func (d *desk) ended(r flow.Run) {
	d.w.say(kindOf(r.State), endWords(r), "Open the run", func() { d.w.openRun(r.ID) })
	d.panel.samplesChanged()
}

// showRun puts badges on the steps and counts on the edges.
func (d *desk) showRun() {
	d.w.head.update()
	if d.run == nil {
		d.canvas.SetRun(nil, nil)
		return
	}
	f := d.doc.Flow()
	steps, edges := d.run.picture(f)
	d.canvas.SetRun(steps, edges)
}

// picture is what the canvas shows of a run of f.
func (l *live) picture(f flow.Flow) (map[flow.StepID]canvas.Status, map[editor.EdgeID]canvas.Traffic) {
	steps := map[flow.StepID]canvas.Status{}
	for id, s := range l.steps {
		steps[id] = s.status()
	}
	edges := map[editor.EdgeID]canvas.Traffic{}
	place := func(i int) editor.EdgeID {
		e := f.Edges[i]
		return editor.EdgeID{From: e.From, Outlet: e.Leaves(), To: e.To}
	}
	for i, n := range l.edges {
		if n > 0 && i < len(f.Edges) {
			edges[place(i)] = canvas.Traffic{Took: n}
		}
	}
	l.addPressure(steps, edges, f, place)
	return steps, edges
}

// addPressure shows what waits on each edge, and which sources rest because of it.
func (l *live) addPressure(steps map[flow.StepID]canvas.Status, edges map[editor.EdgeID]canvas.Traffic, f flow.Flow, place func(int) editor.EdgeID) {
	full := map[flow.StepID]bool{}
	for _, h := range l.pressure.Held {
		full[h.By] = true
		if st, known := steps[h.Step]; known && st.State != canvas.Running {
			st.State = canvas.Waiting
			st.What = "rests until " + string(h.By) + " has taken some of what waits there"
			steps[h.Step] = st
		}
	}
	for _, w := range l.pressure.Waits {
		if w.Edge < 0 || w.Edge >= len(f.Edges) {
			continue
		}
		t := edges[place(w.Edge)]
		t.Waits, t.Full = w.Records, full[w.Step] && !w.Gathers
		edges[place(w.Edge)] = t
	}
}

// status is a step's badge.
func (s *stepLive) status() canvas.Status {
	st := canvas.Status{State: canvas.Done, Count: s.total()}
	failed := s.out[flow.Failed]
	switch {
	case s.busy:
		st.State = canvas.Running
	case s.problem != nil && failed == 0:
		st.State = canvas.Failed
	case failed > 0 && st.Count == 0:
		st.State, st.Count = canvas.Failed, failed
	case failed > 0:
		st.State = canvas.Partial
	}
	return st
}

func (d *desk) stopRun() {
	if !d.running() || d.run == nil {
		return // it has not begun
	}
	id := d.run.run.ID
	d.w.later("stop the run", func(ctx context.Context) error { return d.w.svc.Stop(ctx, id) }, nil)
}

// toggleLive makes the flow's triggers live, or not; what is unsaved is saved first.
func (d *desk) toggleLive() {
	turn, on := d.turn, !d.live
	d.save(func() {
		if turn == d.turn {
			d.w.enable(d.doc.ID(), on)
		}
	})
}
