package ui

import (
	"context"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/ui/canvas"
	"jackfield/ui/editor"
	"jackfield/ui/widgets"
)

// save stores the flow and writes its file; then goes on.
func (d *desk) save(then func()) {
	if !d.w.showing(d.content) && !d.doc.Dirty() {
		return
	}
	turn, mark, f := d.turn, d.doc.Mark(), d.doc.Flow()
	var saved flow.Flow
	d.w.later("save the flow", func(ctx context.Context) (err error) {
		saved, err = d.w.svc.Save(ctx, f)
		return err
	}, func() {
		if turn == d.turn {
			d.doc.Saved(mark, saved)
			d.drawer.opened(saved.ID)
			d.w.head.update()
		}
		if then != nil {
			then()
		}
	})
}

func (d *desk) running() bool { return d.run != nil && !d.run.run.State.Ended() }

// runFlow saves the flow and starts it. Problems that stand in the way are shown
// where they are.
func (d *desk) runFlow() {
	if !d.w.showing(d.content) || d.running() {
		return
	}
	d.save(func() { d.start(app.Start{Flow: d.doc.ID(), Cause: "manual"}) })
}

func (d *desk) start(s app.Start) {
	turn := d.turn
	d.run = newLive(flow.Run{State: flow.Running})
	d.showRun()
	var id flow.RunID
	go func() {
		var err error
		id, err = d.w.svc.Start(d.w.ctx, s)
		d.w.do(func() {
			if turn != d.turn {
				return
			}
			if err != nil {
				d.notStarted(err)
				return
			}
			d.follow(id)
		})
	}()
}

func (d *desk) notStarted(err error) {
	d.run = nil
	d.showRun()
	d.drawer.openProblems()
	d.w.layer.Toast(widgets.Bad, "It cannot run yet. "+inWords(err))
}

// follow shows a run on the canvas from what is stored of it, and goes on with what
// is told of it.
func (d *desk) follow(id flow.RunID) {
	turn := d.turn
	var r flow.Run
	var steps []flow.StepRun
	d.w.later("follow the run", func(ctx context.Context) (err error) {
		if steps, err = d.w.svc.StepRuns(ctx, id); err != nil {
			return err
		}
		r, err = d.w.svc.Run(ctx, id)
		return err
	}, func() {
		if turn != d.turn {
			return
		}
		d.run = newLive(r)
		for _, s := range steps {
			d.run.take(flow.Event{Kind: flow.StepEnded, Run: r, Step: s})
		}
		d.showRun()
		d.drawer.follow(id)
		if r.State.Ended() {
			d.ended(r)
		}
	})
}

// told takes an event of any run.
func (d *desk) told(e flow.Event) {
	d.drawer.told(e)
	if d.run == nil {
		return
	}
	was := d.run.run.State
	if !d.run.take(e) {
		return
	}
	d.showRun()
	if !was.Ended() && d.run.run.State.Ended() {
		d.ended(d.run.run)
	}
}

func (d *desk) ended(r flow.Run) {
	d.w.head.update()
	kind := widgets.Good
	if r.State != flow.RunDone {
		kind = widgets.Bad
	}
	d.w.layer.Offer(kind, stateWord(r.State)+" in "+tookWords(r), "Open the run", func() { d.w.openRun(r.ID) })
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
func (l *live) picture(f flow.Flow) (map[flow.StepID]canvas.Status, map[editor.EdgeID]int) {
	steps := map[flow.StepID]canvas.Status{}
	for id, s := range l.steps {
		steps[id] = s.status()
	}
	edges := map[editor.EdgeID]int{}
	for i, e := range f.Edges {
		if n := l.edges[i]; n > 0 {
			edges[editor.EdgeID{From: e.From, Outlet: e.Leaves(), To: e.To}] = n
		}
	}
	return steps, edges
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
	if !d.running() || d.run.run.ID == "" {
		return
	}
	id := d.run.run.ID
	d.w.later("stop the run", func(ctx context.Context) error { return d.w.svc.Stop(ctx, id) }, nil)
}

// toggleLive makes the flow's triggers live, or not; what is unsaved is saved first.
func (d *desk) toggleLive() {
	on := !d.live
	d.save(func() { d.w.enable(d.doc.ID(), on) })
}
