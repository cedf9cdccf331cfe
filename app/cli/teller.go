package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"jackfield/flow"
)

// teller writes what happens while jackfield serve runs: plain lines for a person, or
// what package log/slog makes of them for a program that gathers logs.
type teller struct {
	plain io.Writer
	log   *slog.Logger // nil for plain lines
}

func (p *Program) teller(format string) (*teller, error) {
	switch format {
	case "plain":
		return &teller{plain: p.Err}, nil
	case "text":
		return &teller{log: slog.New(slog.NewTextHandler(p.Err, nil))}, nil
	case "json":
		return &teller{log: slog.New(slog.NewJSONHandler(p.Err, nil))}, nil
	}
	return nil, usagef("--log: %q is none of plain, text, json", format)
}

func (t *teller) say(level slog.Level, text string, attrs ...slog.Attr) {
	if t.log == nil {
		fmt.Fprintln(t.plain, text)
		return
	}
	t.log.LogAttrs(context.Background(), level, text, attrs...)
}

// event tells of one event. Lines of runs' logs stand in those runs; a log for programs
// has their warnings and errors too, because it may be all that is looked at.
func (t *teller) event(e flow.Event) {
	switch e.Kind {
	case flow.RunChanged:
		t.run(e.Run)
	case flow.Logged:
		t.line(e)
	case flow.Trouble:
		t.say(slog.LevelWarn, e.What, slog.String("flow", string(e.Flow)))
	}
}

func (t *teller) run(r flow.Run) {
	if t.log == nil {
		t.say(slog.LevelInfo, fmt.Sprintf("%s run %s of %s: %s%s", mark(r.State), r.ID, r.Name, r.State, waiting(r)))
		return
	}
	attrs := []slog.Attr{
		slog.String("flow", string(r.Flow)), slog.String("run", string(r.ID)), slog.String("state", string(r.State)),
		slog.String("cause", r.Cause), slog.Int("given", r.Given), slog.Int("failures", r.Failures),
	}
	if r.Questions > 0 {
		attrs = append(attrs, slog.Int("questions", r.Questions))
	}
	level := slog.LevelInfo
	switch r.State {
	case flow.RunFailed:
		level = slog.LevelError
	case flow.RunPartial:
		level = slog.LevelWarn
	}
	if r.State.Ended() {
		attrs = append(attrs, slog.Duration("took", r.Took(r.Ended)))
	}
	if r.Problem != nil {
		attrs = append(attrs, slog.String("problem", r.Problem.Error()))
	}
	t.say(level, "run "+string(r.State), attrs...)
}

func (t *teller) line(e flow.Event) {
	if t.log == nil {
		if e.Run.ID == "" { // a listener says where it listens
			t.say(slog.LevelInfo, fmt.Sprintf("flow %s, step %q: %s", e.Flow, e.Line.Step, e.Line.Text))
		}
		return
	}
	level := slog.LevelInfo
	switch e.Line.Level {
	case flow.Debug:
		level = slog.LevelDebug
	case flow.Warn:
		level = slog.LevelWarn
	case flow.Error:
		level = slog.LevelError
	}
	if e.Run.ID != "" && level < slog.LevelWarn {
		return
	}
	t.say(level, e.Line.Text, slog.String("flow", string(e.Flow)), slog.String("run", string(e.Run.ID)),
		slog.String("step", string(e.Line.Step)), slog.String("record", string(e.Line.Record)))
}
