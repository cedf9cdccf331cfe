package app

import (
	"context"
	"fmt"
	"time"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/flow"
)

// Note says what a person should know of a step that its settings do not show.
func (l *Local) Note(_ context.Context, f flow.Flow, step flow.StepID) (kit.Note, error) {
	s, ok := f.Step(step)
	if !ok {
		return kit.Note{}, fmt.Errorf("there is no step %q", step)
	}
	_, op, ok := l.ops.Now().Op(s.Uses)
	if !ok {
		return kit.Note{}, nil
	}
	made := op.New()
	if problems := made.Fields().Bind(step, s.With); len(problems) > 0 {
		return kit.Note{}, nil // the check of the flow tells of them
	}
	switch o := made.(type) {
	case kit.Noter:
		return o.Note(kit.Env{Flow: f.ID, Name: f.Name, Step: step, Dir: l.dir(f)}), nil
	case kit.Scheduled:
		return nextSlot(o.Schedule(), time.Now()), nil
	}
	return kit.Note{}, nil
}

// nextSlot tells when a schedule fires next.
func nextSlot(s kit.Schedule, now time.Time) kit.Note {
	if s.Cron == "" {
		return kit.Note{}
	}
	next, err := engine.Next(s, now)
	if err != nil {
		return kit.Note{} // the check of the flow tells why
	}
	text := "While the flow is enabled it starts next on " + next.Format("Monday, 2 January 2006, 15:04")
	if s.Timezone != "" {
		text += ", " + s.Timezone + " time"
	}
	return kit.Note{Text: text + "."}
}
