package core

import (
	"context"
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // the zones, for machines that do not have them

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func scheduleOp() kit.Op {
	return kit.Op{
		ID: "schedule", Title: "On a schedule", Icon: "schedule", Trigger: true, Effect: kit.Pure,
		Summary: "Starts a run at set times while the flow is enabled.",
		Words:   []string{"cron", "timer", "every", "daily", "hourly", "interval", "trigger"},
		New:     func() kit.Operation { return &schedule{Missed: "last", Overlap: string(kit.Queue)} },
		Out: flow.ObjectOf(
			flow.Property{Name: "slot", Required: true, Schema: flow.Schema{Types: []flow.Kind{flow.String}, Format: "date-time"}},
			flow.Property{Name: "by", Required: true, Schema: flow.Schema{Types: []flow.Kind{flow.String}, Enum: []any{"schedule", "hand"}}},
		),
		Examples: []kit.Example{{
			Title: "Half past two every night",
			With:  flow.Values{"cron": "30 2 * * *", "timezone": "Europe/Vienna"},
			Out:   []any{map[string]any{"slot": "2026-03-01T13:00:00+01:00", "by": "hand"}},
		}, {
			Title: "Every ten minutes",
			With:  flow.Values{"every": "10m", "missed": "none"},
			Out:   []any{map[string]any{"slot": "2026-03-01T12:00:00Z", "by": "hand"}},
		}},
	}
}

// schedule is a trigger that the engine's clock fires.
type schedule struct {
	Cron     string
	Every    time.Duration
	Timezone string
	From     string
	Until    string
	Missed   string
	Overlap  string
	Most     int
	Jitter   time.Duration
}

func (s *schedule) Fields() kit.Fields {
	return kit.Fields{
		kit.Text(&s.Cron, "cron", "Time").Needed().Eg("30 2 * * *").
			Help("Minute, hour, day of the month (L is the last), month and day of the week (5#2 is the second Friday); or @hourly, @daily, @weekly, @monthly.").
			OnlyIf(func() bool { return s.Every == 0 }),
		kit.Duration(&s.Every, "every", "Or every").Eg("10m").Checked(s.checkEvery).
			Help("Counted from the beginning below, or else from the moment the flow is enabled.").
			OnlyIf(func() bool { return s.Cron == "" }),
		kit.Text(&s.Timezone, "timezone", "Time zone").Eg("Europe/Vienna").Checked(s.checkZone).
			Help("Left empty it is the one of this machine."),
		kit.Pick(&s.Missed, "missed", "After a break",
			kit.Choice{Value: "none", Label: "Skip what was missed"},
			kit.Choice{Value: "last", Label: "Make up for the last missed time"},
			kit.Choice{Value: "all", Label: "Make up for every missed time"}).
			Help("What to do about times that passed while Jackfield was closed or the machine slept."),
		kit.Pick(&s.Overlap, "overlap", "While a run goes on",
			kit.Choice{Value: string(kit.Queue), Label: "Wait for its end"},
			kit.Choice{Value: string(kit.Skip), Label: "Leave the time out"},
			kit.Choice{Value: string(kit.Replace), Label: "Stop it and start anew"},
			kit.Choice{Value: string(kit.Parallel), Label: "Start beside it"}).
			Help("What to do about a time that comes while the run of an earlier one goes on."),
		kit.Int(&s.Most, "most", "At most").More().Eg("1").Checked(s.checkMost).
			Help("How many times wait for the run before, 1 if left empty; or how many runs go on beside each other, then 2.").
			OnlyIf(func() bool { return s.Overlap != string(kit.Skip) && s.Overlap != string(kit.Replace) }),
		kit.Duration(&s.Jitter, "jitter", "Spread over").Eg("5m").More().
			Help("Each run starts up to so much later than its time, so that not all start at once. How much is fixed for each time."),
		kit.Text(&s.From, "from", "Beginning on").Eg("2026-03-01 08:00").More().
			Help("A date, or a date and time; there is no run before it."),
		kit.Text(&s.Until, "until", "Ending on").Eg("2026-12-31").More().
			Help("A date, or a date and time; there is no run behind it. A date counts to the end of its day."),
	}
}

func (s *schedule) checkMost() error {
	if s.Most < 0 {
		return errors.New("there cannot be less than none")
	}
	return nil
}

func (s *schedule) checkEvery() error {
	if s.Every != 0 && s.Every < time.Second {
		return errors.New("it is shorter than a second")
	}
	return nil
}

func (s *schedule) checkZone() error {
	if _, err := time.LoadLocation(s.Timezone); err != nil {
		return fmt.Errorf("there is no time zone %q", s.Timezone)
	}
	return nil
}

// Schedule is what the engine's clock goes by.
func (s *schedule) Schedule() kit.Schedule {
	return kit.Schedule{
		Cron: s.Cron, Every: s.Every, Timezone: s.Timezone, From: s.From, Until: s.Until,
		Missed: s.Missed, Overlap: kit.Overlap(s.Overlap), Most: s.Most, Jitter: s.Jitter,
	}
}

// Start stands in for the clock: the slot is the run's own start.
func (s *schedule) Start(_ context.Context, env kit.Env) ([]any, error) {
	slot := env.Started
	if zone, err := time.LoadLocation(s.Timezone); err == nil && s.Timezone != "" {
		slot = slot.In(zone)
	}
	return []any{map[string]any{"slot": slot.Format(time.RFC3339), "by": "hand"}}, nil
}
