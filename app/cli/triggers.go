package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"jackfield/app"
	"jackfield/flow"
)

func flowsTriggers(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 0, 1)
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		all, err := svc.Triggers(ctx)
		if err != nil {
			return err
		}
		if len(args) == 1 {
			f, err := findFlow(ctx, p, svc, args[0])
			if err != nil {
				return err
			}
			all = only(all, f.ID)
		}
		if c.json {
			return p.printJSON(append([]app.Trigger{}, all...))
		}
		if len(all) == 0 {
			return p.nothing("nothing starts by itself; give a flow a trigger such as core.schedule or http.webhook, and enable it")
		}
		var rows [][]string
		for _, t := range all {
			on := ""
			if t.Enabled {
				on = "on"
			}
			rows = append(rows, []string{string(t.Flow), string(t.Step), t.Spec, on, when(t.Last), when(first(t.Next)), counted(len(t.Waiting) + t.Events), counted(len(t.Missed))})
		}
		if err := p.printTable("flow|trigger|when|enabled|last|next|waiting|missed", rows); err != nil {
			return err
		}
		for _, t := range all {
			if t.Problem != nil {
				fmt.Fprintf(p.Out, "%s: %s\n", t.Flow, t.Problem.Error())
			}
		}
		return nil
	})
}

func only(all []app.Trigger, id flow.ID) []app.Trigger {
	var some []app.Trigger
	for _, t := range all {
		if t.Flow == id {
			some = append(some, t)
		}
	}
	return some
}

func first(times []time.Time) time.Time {
	if len(times) == 0 {
		return time.Time{}
	}
	return times[0]
}

// counted writes none as nothing.
func counted(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// slotFormat is how the times of a schedule are listed, in its own time zone.
const slotFormat = "Mon 2006-01-02 15:04:05 -07:00"

func flowsNext(ctx context.Context, p *Program, c *call) error {
	fs := c.flags()
	n := fs.Int("n", 10, "how many times to list, 1 to 1000")
	step := fs.String("step", "", "the `schedule`, where the flow has several")
	args, err := c.plain(fs, 1, 1)
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		f, err := findFlow(ctx, p, svc, args[0])
		if err != nil {
			return err
		}
		t, err := scheduleIn(ctx, svc, f, *step)
		if err != nil {
			return err
		}
		next, err := svc.Slots(ctx, f, t.Step, *n)
		if err != nil {
			return p.refused(err, f)
		}
		if c.json {
			return p.printJSON(append([]time.Time{}, next...))
		}
		if len(next) == 0 {
			return p.nothing(fmt.Sprintf("%s, counted from the moment the flow is enabled", t.Spec))
		}
		for _, at := range next {
			fmt.Fprintln(p.Out, at.Format(slotFormat))
		}
		if !t.Enabled {
			return p.nothing(fmt.Sprintf("%s is not enabled, so nothing starts then; jackfield flows enable %s", f.ID, f.ID))
		}
		return nil
	})
}

// scheduleIn finds the schedule that is meant among the triggers of a flow.
func scheduleIn(ctx context.Context, svc app.Service, f flow.Flow, step string) (app.Trigger, error) {
	all, err := svc.Triggers(ctx)
	if err != nil {
		return app.Trigger{}, err
	}
	var names []string
	var found app.Trigger
	for _, t := range only(all, f.ID) {
		if step == "" && t.Uses != "core.schedule" {
			continue
		}
		if step == "" || string(t.Step) == step {
			found = t
		}
		names = append(names, string(t.Step))
	}
	switch {
	case found.Step == "" && step != "":
		return found, usagef("%s has no trigger %q; it has %s", f.ID, step, strings.Join(append(names, ""), ", "))
	case found.Step == "":
		return found, usagef("%s has no schedule; jackfield flows triggers lists what starts flows", f.ID)
	case step == "" && len(names) > 1:
		return found, usagef("%s has %d schedules; say which with --step: %s", f.ID, len(names), strings.Join(names, ", "))
	}
	return found, nil
}

func flowsBackfill(ctx context.Context, p *Program, c *call) error {
	fs := c.flags()
	from := fs.String("from", "", "the first `TIME` of the range: 2026-03-01, \"2026-03-01 08:00\", \"2 days ago\"")
	to := fs.String("to", "", "its last `TIME`; a date counts to its end, and nothing is now")
	step := fs.String("step", "", "the `schedule`, where the flow has several")
	dry := fs.Bool("dry-run", false, "only list the times")
	args, err := c.plain(fs, 1, 1)
	if err != nil {
		return err
	}
	if *from == "" {
		return usagef("say from when on: --from 2026-03-01")
	}
	return c.with(ctx, func(svc app.Service) error {
		f, err := findFlow(ctx, p, svc, args[0])
		if err != nil {
			return err
		}
		t, err := scheduleIn(ctx, svc, f, *step)
		if err != nil {
			return err
		}
		begin, end, err := rangeOf(*from, *to, zoneOf(f, t.Step))
		if err != nil {
			return err
		}
		plan := svc.Backfill
		if *dry {
			plan = svc.Unmet
		}
		slots, err := plan(ctx, f.ID, t.Step, begin, end)
		if err != nil {
			return p.refused(err, f)
		}
		if c.json {
			return p.printJSON(append([]time.Time{}, slots...))
		}
		for _, slot := range slots {
			fmt.Fprintln(p.Out, slot.Format(slotFormat))
		}
		return p.nothing(backfilled(len(slots), *dry, t))
	})
}

func backfilled(n int, dry bool, t app.Trigger) string {
	runs := plural(n, "run", "runs")
	switch {
	case n == 0:
		return "every time in this range has its run, or is planned already"
	case dry:
		return runs + " would be planned"
	case !t.Enabled:
		return fmt.Sprintf("%s planned; %s is not enabled, and they start once it is: jackfield flows enable %s", runs, t.Flow, t.Flow)
	}
	return runs + " planned; they start one after the other while the window is open or jackfield serve runs"
}

// zoneOf is the time zone of a schedule.
func zoneOf(f flow.Flow, step flow.StepID) *time.Location {
	s, _ := f.Step(step)
	name, _ := s.With["timezone"].(string)
	zone, err := time.LoadLocation(name)
	if name == "" || err != nil {
		return time.Local
	}
	return zone
}

// rangeOf reads the ends of a range. A date alone counts to the end of its day.
func rangeOf(from, to string, zone *time.Location) (begin, end time.Time, err error) {
	now := time.Now().In(zone)
	if begin, err = moment(from, now); err != nil || to == "" {
		return begin, now, err
	}
	end, err = moment(to, now)
	if _, bad := time.Parse(time.DateOnly, to); bad == nil {
		end = end.AddDate(0, 0, 1).Add(-time.Nanosecond)
	}
	return begin, end, err
}
