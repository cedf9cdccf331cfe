package core

import (
	"context"
	"unicode/utf8"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

func logOp() kit.Op {
	return kit.Op{
		ID: "log", Title: "Log", Icon: "log", Effect: kit.Pure,
		Summary: "Writes a line into the run's log for each record and lets the record go on.",
		Words:   []string{"debug", "print", "message", "trace", "note"},
		New:     func() kit.Operation { return &log{Level: string(flow.Info)} },
		Examples: []kit.Example{{
			Title: "Say which order came",
			With:  flow.Values{"text": `"order \(.id) came"`},
			In:    map[string]any{"id": 7},
			Out:   []any{map[string]any{"id": 7}},
		}},
	}
}

// log writes a line and passes the record on.
type log struct {
	Level string
	Text  any
}

func (l *log) Fields() kit.Fields {
	return kit.Fields{
		kit.Expr(&l.Text, "text", "Text").Eg(`"order \(.id) came"`).Help("Left empty it is the record itself."),
		kit.Pick(&l.Level, "level", "Level",
			kit.Choice{Value: string(flow.Debug), Label: "Debug"},
			kit.Choice{Value: string(flow.Info), Label: "Info"},
			kit.Choice{Value: string(flow.Warn), Label: "Warning"},
			kit.Choice{Value: string(flow.Error), Label: "Error"}),
	}
}

func (l *log) Run(_ context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	said := l.Text
	if said == nil {
		said = rec.Data
	}
	env.Log(flow.Level(l.Level), rec.ID, "%s", line(said))
	return kit.Pass(flow.Done), nil
}

// longest is how many bytes of a value are worth a line of the log; the record itself
// is in the history.
const longest = 2000

// line is a text as it is, and any other value as JSON.
func line(v any) string {
	s, ok := v.(string)
	if !ok {
		s = string(value.Append(nil, v))
	}
	if len(s) <= longest {
		return s
	}
	cut := longest
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
