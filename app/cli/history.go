package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"jackfield/app"
	"jackfield/flow"
)

// meter is what jackfield history prints.
type meter struct {
	app.Usage
	Retention app.Retention `json:"retention"`
}

func historyShow(ctx context.Context, p *Program, c *call) error {
	if _, err := c.plain(c.flags(), 0, 0); err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		u, err := svc.Usage(ctx)
		if err != nil {
			return err
		}
		r, err := svc.Retention(ctx)
		if err != nil {
			return err
		}
		if c.json {
			u.Flows = append([]app.FlowUsage{}, u.Flows...)
			return p.printJSON(meter{u, r})
		}
		fmt.Fprintf(p.Out, "%s taken, %s of it can be used again; %s are left on the disk\n", flow.ShowSize(u.Total), flow.ShowSize(u.Free), flow.ShowSize(u.Disk))
		fmt.Fprintln(p.Out, inWords(r, u))
		if len(u.Flows) == 0 {
			return nil
		}
		var rows [][]string
		for _, f := range u.Flows {
			name, quota := f.Name, ""
			if name == "" {
				name = string(f.Flow) + " (removed)"
			}
			if f.Quota > 0 {
				quota = flow.ShowSize(f.Quota)
			}
			rows = append(rows, []string{name, strconv.Itoa(f.Runs), flow.ShowSize(f.Bytes), quota})
		}
		fmt.Fprintln(p.Out)
		return p.printTable("flow|runs|takes|quota", rows)
	})
}

// inWords tells how long history is kept.
func inWords(r app.Retention, u app.Usage) string {
	var taken int64
	for _, f := range u.Flows {
		taken += f.Bytes
	}
	quota := "runs may take as much as there is"
	if r.Quota > 0 {
		quota = fmt.Sprintf("runs take %s of the %s they may (%d %%)", flow.ShowSize(taken), flow.ShowSize(r.Quota), taken*100/r.Quota)
	}
	number := "any number of runs of a flow"
	if r.Keep > 0 {
		number = fmt.Sprintf("%d runs of a flow", r.Keep)
	}
	text := fmt.Sprintf("%s; kept are %s, done ones %s, failed ones %s", quota, number, long(r.Done), long(r.Failed))
	if r.Samples > 0 {
		text += fmt.Sprintf(", and of those given up the first %s of each outlet for a while", plural(r.Samples, "record", "records"))
	}
	return text
}

func long(d time.Duration) string {
	if d == 0 {
		return "for ever"
	}
	return "for " + formatSpan(d)
}

func historyTidy(ctx context.Context, p *Program, c *call) error {
	if _, err := c.plain(c.flags(), 0, 0); err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		freed, err := svc.Tidy(ctx)
		if err != nil {
			return err
		}
		u, err := svc.Usage(ctx)
		if err != nil {
			return err
		}
		return p.say(c, map[string]int64{"freed": freed, "total": u.Total}, "%s of history were given up; %s are taken now", flow.ShowSize(freed), flow.ShowSize(u.Total))
	})
}

// settings are what history set takes.
var historySettings = []string{"quota", "keep", "done", "failed", "samples"}

func historySet(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 1, len(historySettings))
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		r, err := svc.Retention(ctx)
		if err != nil {
			return err
		}
		for _, arg := range args {
			if err := setOne(&r, arg); err != nil {
				return err
			}
		}
		if err := svc.SetRetention(ctx, r); err != nil {
			return err
		}
		u, err := svc.Usage(ctx)
		if err != nil {
			return err
		}
		return p.say(c, r, "%s", inWords(r, u))
	})
}

// setOne changes what "quota=10GB" names.
func setOne(r *app.Retention, arg string) (err error) {
	name, text, found := strings.Cut(arg, "=")
	if !found {
		return usagef("%q is no setting; write it like quota=10GB", arg)
	}
	switch name {
	case "quota":
		r.Quota, err = flow.ParseSize(text)
	case "keep":
		r.Keep, err = parseCount(text)
	case "samples":
		r.Samples, err = parseCount(text)
	case "done":
		r.Done, err = parseSpan(text)
	case "failed":
		r.Failed, err = parseSpan(text)
	default:
		if near, ok := flow.Nearest(name, historySettings); ok {
			return usagef("there is no %q; did you mean %q?", name, near)
		}
		return usagef("there is no %q; these can be set: %s", name, strings.Join(historySettings, ", "))
	}
	if err != nil {
		return usagef("%s: %v", name, err)
	}
	return nil
}

func parseCount(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is not a number from 0 up; 0 is without limit", text)
	}
	return n, nil
}

// parseSpan reads a length of time, in days and weeks too.
func parseSpan(text string) (time.Duration, error) {
	for _, unit := range []struct {
		name string
		is   time.Duration
	}{{"d", 24 * time.Hour}, {"w", 7 * 24 * time.Hour}} {
		if number, ok := strings.CutSuffix(text, unit.name); ok {
			if n, err := strconv.ParseFloat(number, 64); err == nil && n >= 0 && n < 100_000 {
				return time.Duration(n * float64(unit.is)), nil
			}
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a length of time; write it like 30d, 2w or 12h; 0s is for ever", text)
	}
	return d, nil
}

// formatSpan writes a length of time, in days where they are whole.
func formatSpan(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return plural(int(d/day), "day", "days")
	}
	return flow.FormatDuration(d)
}
