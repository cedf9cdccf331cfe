package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"jackfield/app"
	"jackfield/flow"
)

// stateWish is what flows state is to do with the cursor of one step.
type stateWish struct {
	history, reset   bool
	set, rewind, why string
}

func flowsState(ctx context.Context, p *Program, c *call) error {
	fs := c.flags()
	var w stateWish
	fs.BoolVar(&w.history, "history", false, "how the cursor moved, newest first")
	fs.StringVar(&w.set, "set", "", "put the `JSON` in its place")
	fs.StringVar(&w.rewind, "rewind", "", "put it back to what it was at a `time`: 2026-03-01, \"yesterday 03:00\", \"2 days ago\"")
	fs.BoolVar(&w.reset, "reset", false, "let the next run begin at the very beginning")
	fs.StringVar(&w.why, "why", "", "a `reason` for its history, with --set or --reset")
	args, err := c.plain(fs, 1, 2)
	if err != nil {
		return err
	}
	if err := w.check(len(args) == 2); err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		f, err := findFlow(ctx, p, svc, args[0])
		switch {
		case err != nil:
			return err
		case len(args) == 1:
			return listCursors(ctx, p, c, svc, f)
		case w.moves():
			return p.refused(moveCursor(ctx, p, c, svc, f, flow.StepID(args[1]), w), f)
		case w.history:
			return cursorHistory(ctx, p, c, svc, f, flow.StepID(args[1]))
		}
		return showCursor(ctx, p, c, svc, f, flow.StepID(args[1]))
	})
}

func (w stateWish) moves() bool { return w.reset || w.set != "" || w.rewind != "" }

// check says what does not go together.
func (w stateWish) check(step bool) error {
	wishes := 0
	for _, is := range []bool{w.history, w.reset, w.set != "", w.rewind != ""} {
		if is {
			wishes++
		}
	}
	switch {
	case wishes > 1:
		return usagef("choose one of --history, --set, --rewind and --reset")
	case wishes == 1 && !step:
		return usagef("say of which step: jackfield flows state FLOW STEP; without one it lists them")
	case w.why != "" && (w.rewind != "" || !w.moves()):
		return usagef("--why goes with --set or --reset")
	}
	return nil
}

func listCursors(ctx context.Context, p *Program, c *call, svc app.Service, f flow.Flow) error {
	all, err := svc.Cursors(ctx, f.ID)
	if err != nil {
		return err
	}
	if c.json {
		return p.printJSON(append([]flow.Checkpoint{}, all...))
	}
	if len(all) == 0 {
		return p.nothing("no step of this flow has a cursor; one that reads only what is new gets it with its first run")
	}
	var rows [][]string
	for _, one := range all {
		rows = append(rows, []string{string(one.Step), when(one.Moved), movedBy(one.Run, ""), short(one.Cursor)})
	}
	return p.printTable("step|moved|by|cursor", rows)
}

func showCursor(ctx context.Context, p *Program, c *call, svc app.Service, f flow.Flow, step flow.StepID) error {
	all, err := svc.Cursors(ctx, f.ID)
	if err != nil {
		return err
	}
	var known []string
	for _, one := range all {
		if one.Step != step {
			known = append(known, string(one.Step))
			continue
		}
		if c.json {
			return p.printJSON(one)
		}
		var text bytes.Buffer
		if err := json.Indent(&text, one.Cursor, "", "  "); err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Out, "%s\n", text.Bytes())
		return err
	}
	if name, _, _ := strings.Cut(string(step), "@"); hasStep(f, flow.StepID(name)) {
		if c.json {
			return p.printJSON(nil)
		}
		return p.nothing(fmt.Sprintf("step %q of %s has no cursor; its next run begins at the very beginning", step, f.ID))
	}
	if len(known) == 0 {
		return usagef("no step of %s has a cursor", f.ID)
	}
	return usagef("step %q of %s has no cursor; these have: %s", step, f.ID, strings.Join(known, ", "))
}

func cursorHistory(ctx context.Context, p *Program, c *call, svc app.Service, f flow.Flow, step flow.StepID) error {
	all, err := svc.CursorHistory(ctx, f.ID, step)
	if err != nil {
		return err
	}
	if c.json {
		return p.printJSON(append([]flow.CursorChange{}, all...))
	}
	if len(all) == 0 {
		return p.nothing("the cursor of this step never moved; jackfield flows state " + string(f.ID) + " lists those that did")
	}
	var rows [][]string
	for _, m := range all {
		cursor := short(m.Cursor)
		if m.Cursor == nil {
			cursor = "(none)"
		}
		rows = append(rows, []string{strconv.Itoa(m.Number), when(m.Moved), movedBy(m.Run, m.Why), cursor})
	}
	return p.printTable("change|moved|by|cursor", rows)
}

func moveCursor(ctx context.Context, p *Program, c *call, svc app.Service, f flow.Flow, step flow.StepID, w stateWish) error {
	var err error
	said := "the next run begins at the very beginning"
	switch {
	case w.reset:
		err = svc.SetCursor(ctx, f.ID, step, nil, w.why)
	case w.set != "":
		err = svc.SetCursor(ctx, f.ID, step, flow.Cursor(w.set), w.why)
		said = "the next run goes on from " + short(flow.Cursor(w.set))
	default:
		at, wrong := moment(w.rewind, time.Now())
		if wrong != nil {
			return wrong
		}
		err = svc.RewindCursor(ctx, f.ID, step, at)
		said = "the next run goes on from where it was at " + when(at)
		if err == nil {
			var found bool
			if found, err = hasCursor(ctx, svc, f.ID, step); !found {
				said = "it had no cursor at " + when(at) + "; the next run begins at the very beginning"
			}
		}
	}
	if err != nil {
		return err
	}
	return p.say(c, step, "%s: %s", step, said)
}

func hasStep(f flow.Flow, id flow.StepID) bool {
	_, ok := f.Step(id)
	return ok
}

func hasCursor(ctx context.Context, svc app.Service, id flow.ID, step flow.StepID) (bool, error) {
	all, err := svc.Cursors(ctx, id)
	return slices.ContainsFunc(all, func(one flow.Checkpoint) bool { return one.Step == step }), err
}

// movedBy names the run or the reason.
func movedBy(run flow.RunID, why string) string {
	if run != "" {
		return "run " + string(run)
	}
	if why != "" {
		return why
	}
	return "by hand"
}

// short is a cursor in one line that fits a table.
func short(c flow.Cursor) string {
	var text bytes.Buffer
	if json.Compact(&text, c) != nil {
		return string(c)
	}
	if runes := []rune(text.String()); len(runes) > 100 {
		return string(runes[:99]) + "…"
	}
	return text.String()
}
