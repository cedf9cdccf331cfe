package ui

import (
	"context"
	"strings"

	"jackfield/flow"
	"jackfield/ui/cursors"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// makeCursors is the drawer's tab of what the flow's steps remember between runs.
func (x *drawer) makeCursors() {
	x.stands = cursors.New()
	x.stands.SetTitles(func(id flow.StepID) string { return x.d.doc.TitleOf(id) })
	x.stands.OnRun = func(id flow.RunID) { x.d.w.openRun(id) }
	x.stands.OnHistory = x.fetchMoves
	x.stands.OnEdit = x.editCursor
	x.stands.OnReset = func(step flow.StepID) {
		x.d.w.confirm("Begin at the very beginning?", "The next run reads everything again that "+string(step)+" can read.", "Reset", func() {
			x.moveCursor(step, func(ctx context.Context) error {
				return x.d.w.svc.SetCursor(ctx, x.of, step, nil, "reset in the window")
			})
		})
	}
	x.stands.OnRewind = func(step flow.StepID, to flow.CursorChange) {
		x.moveCursor(step, func(ctx context.Context) error { return x.d.w.svc.RewindCursor(ctx, x.of, step, to.Moved) })
	}
}

func (x *drawer) fetchCursors() {
	id := x.of
	if id == "" {
		x.stands.Fill(nil, x.d.w.now())
		return
	}
	var all []flow.Checkpoint
	x.d.w.later("look what the flow remembers", func(ctx context.Context) (err error) {
		all, err = x.d.w.svc.Cursors(ctx, id)
		return err
	}, func() {
		if id == x.of {
			x.stands.Fill(all, x.d.w.now())
		}
	})
}

func (x *drawer) fetchMoves(step flow.StepID) {
	id := x.of
	var moves []flow.CursorChange
	x.d.w.later("look how it moved", func(ctx context.Context) (err error) {
		moves, err = x.d.w.svc.CursorHistory(ctx, id, step)
		return err
	}, func() {
		if id == x.of {
			x.stands.ShowHistory(step, moves)
		}
	})
}

// moveCursor moves one and shows how it stands then.
func (x *drawer) moveCursor(step flow.StepID, move func(context.Context) error) {
	x.d.w.later("move where "+string(step)+" stands", move, x.fetchCursors)
}

// editCursor asks for another value, as JSON.
func (x *drawer) editCursor(c flow.Checkpoint) {
	edit := widgets.NewCodeEditor("json", nil)
	edit.SetText(string(c.Cursor))
	x.d.w.ask(question{
		Title: "Where the next run begins", Text: "What " + string(c.Step) + " remembers, as JSON.",
		More: widgets.NewPanel(edit).Padded(theme.Gap, theme.Gap),
		Yes:  "Set", Icon: "check", OnYes: func() {
			x.moveCursor(c.Step, func(ctx context.Context) error {
				return x.d.w.svc.SetCursor(ctx, c.Flow, c.Step, flow.Cursor(strings.TrimSpace(edit.Text())), "edited in the window")
			})
		},
	})
}
