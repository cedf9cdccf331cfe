package kit_test

import (
	"errors"
	"log/slog"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func TestLoggerWritesIntoTheRunAtItsStep(t *testing.T) {
	var got []flow.LogLine
	env := kit.Env{Step: "send", Write: func(l flow.LogLine) { l.Time = l.Time.Truncate(0); got = append(got, l) }}
	log := env.Logger().With("host", "a.example").WithGroup("mail")
	log.Warn("refused", "code", 550, slog.Group("from", "name", "x", "none", nil), "cause", errors.New("no such box"))
	log.Debug("hello")
	kit.Env{}.Logger().Error("nobody hears")
	want := []flow.LogLine{
		{Level: flow.Warn, Step: "send", Text: "refused host=a.example mail.code=550 mail.from.name=x mail.from.none=<nil> mail.cause=no such box"},
		{Level: flow.Debug, Step: "send", Text: "hello host=a.example"},
	}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i, l := range got {
		if l.Time.IsZero() {
			t.Errorf("line %d has no time", i)
		}
		l.Time = want[i].Time
		if l != want[i] {
			t.Errorf("got  %+v\nwant %+v", l, want[i])
		}
	}
}
