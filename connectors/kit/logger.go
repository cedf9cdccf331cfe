package kit

import (
	"context"
	"log/slog"
	"strings"

	"jackfield/flow"
)

// Logger is the run's log as log/slog knows it, for libraries that take one: what is
// written there stands in the run, at its step.
func (e Env) Logger() *slog.Logger { return slog.New(runHandler{env: e}) }

// runHandler writes into the log of a run.
type runHandler struct {
	env   Env
	attrs string // those given before, as text
	group string // in front of the names of attributes
}

// Enabled lets everything through; whoever reads a run's log chooses the level.
func (h runHandler) Enabled(context.Context, slog.Level) bool { return h.env.Write != nil }

// Handle writes one line: the message, and its attributes as name=value.
func (h runHandler) Handle(_ context.Context, r slog.Record) error {
	text := r.Message + h.attrs
	r.Attrs(func(a slog.Attr) bool {
		text += h.attr(a)
		return true
	})
	h.env.Write(flow.LogLine{Time: r.Time, Level: levelOf(r.Level), Step: h.env.Step, Text: text})
	return nil
}

// WithAttrs gives a handler that adds these to every line.
func (h runHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	for _, a := range attrs {
		h.attrs += h.attr(a)
	}
	return h
}

// WithGroup gives a handler that puts the name in front of its attributes.
func (h runHandler) WithGroup(name string) slog.Handler {
	if name != "" {
		h.group += name + "."
	}
	return h
}

func (h runHandler) attr(a slog.Attr) string {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		inner := h
		if a.Key != "" {
			inner.group += a.Key + "."
		}
		var text strings.Builder
		for _, one := range v.Group() {
			text.WriteString(inner.attr(one))
		}
		return text.String()
	}
	if a.Key == "" {
		return ""
	}
	return " " + h.group + a.Key + "=" + v.String()
}

func levelOf(l slog.Level) flow.Level {
	switch {
	case l < slog.LevelInfo:
		return flow.Debug
	case l < slog.LevelWarn:
		return flow.Info
	case l < slog.LevelError:
		return flow.Warn
	}
	return flow.Error
}
