package cli_test

import (
	"strings"
	"testing"
	"time"

	"jackfield/app"
	"jackfield/app/cli"
	"jackfield/flow"
)

// nightDesk has a flow with a schedule that missed three nights, and one that is off.
func nightDesk(t *testing.T) *desk {
	d := newDesk(t)
	d.Stored = []flow.Flow{
		{ID: "nightly", Name: "Nightly", Version: 1, Steps: []flow.Step{
			{ID: "clock", Uses: "core.schedule", With: flow.Values{"cron": "30 2 * * *", "timezone": "UTC"}},
			{ID: "other", Uses: "core.schedule", With: flow.Values{"every": "1h"}},
		}},
		{ID: "plain", Name: "Plain", Version: 1},
		{ID: "rests", Name: "Rests", Version: 1},
	}
	night := func(day int) time.Time { return time.Date(2026, 3, day, 2, 30, 0, 0, time.UTC) }
	d.Starters = []app.Trigger{
		{
			Flow: "nightly", Name: "Nightly", Step: "clock", Uses: "core.schedule", Title: "clock", Enabled: true, Spec: "30 2 * * *, UTC",
			Last: night(4), Next: []time.Time{night(5), night(6), night(7)}, Missed: []time.Time{night(1), night(2), night(3)},
		},
		{Flow: "nightly", Name: "Nightly", Step: "other", Uses: "core.schedule", Title: "other", Enabled: true, Spec: "every 1h"},
		{
			Flow: "rests", Name: "Rests", Step: "hook", Uses: "http.webhook", Title: "hook", Spec: "http://127.0.0.1:8095/rests",
			Problem: &flow.Problem{Step: "hook", Code: "busy", What: "port 8095 is taken", Fix: "choose another"},
		},
	}
	return d
}

func TestTriggersAreListedWithWhatIsWrong(t *testing.T) {
	d := nightDesk(t)
	got := d.call("flows", "triggers")
	for _, want := range []string{
		"flow     trigger  when                         enabled  last", "nightly  clock    30 2 * * *, UTC              on", "  3\n",
		"rests    hook     http://127.0.0.1:8095/rests", `rests: step "hook": port 8095 is taken; choose another`,
	} {
		if got.code != cli.Done || !strings.Contains(got.out, want) {
			t.Errorf("it says %q, want %q", got.out, want)
		}
	}
	if got := d.call("flows", "triggers", "rests"); strings.Contains(got.out, "nightly") {
		t.Errorf("it says %q", got.out)
	}
	if got := d.call("flows", "triggers", "--json"); !strings.Contains(got.out, `"spec": "30 2 * * *, UTC"`) {
		t.Errorf("it says %q", got.out)
	}
	d.Starters = nil
	d.want("flows triggers", said{cli.Done, "", "nothing starts by itself; give a flow a trigger such as core.schedule or http.webhook, and enable it\n"})
}

func TestNextTimesAreListed(t *testing.T) {
	d := nightDesk(t)
	d.want("flows next nightly --step clock -n 2", said{cli.Done, "Thu 2026-03-05 02:30:00 +00:00\nFri 2026-03-06 02:30:00 +00:00\n", ""})
	d.want("flows next nightly --step other", said{cli.Done, "", "every 1h, counted from the moment the flow is enabled\n"})
	for line, want := range map[string]string{
		"flows next nightly":                              "has 2 schedules; say which with --step: clock, other",
		"flows next nightly --step none":                  `nightly has no trigger "none"; it has clock, other`,
		"flows next plain":                                "plain has no schedule; jackfield flows triggers lists what starts flows",
		"flows backfill nightly":                          "say from when on: --from 2026-03-01",
		"flows backfill nightly --step clock --from soon": `"soon" is no time`,
	} {
		if got := d.call(strings.Fields(line)...); got.code != cli.BadUsage || !strings.Contains(got.err, want) {
			t.Errorf("%s says %q with code %d, want %q", line, got.err, got.code, want)
		}
	}
}

func TestBackfillListsWhatItPlans(t *testing.T) {
	d := nightDesk(t)
	d.want("flows backfill nightly --step clock --from 2026-03-02 --to 2026-03-03 --dry-run",
		said{cli.Done, "Mon 2026-03-02 02:30:00 +00:00\nTue 2026-03-03 02:30:00 +00:00\n", "2 runs would be planned\n"})
	if n := len(d.Starters[0].Waiting); n != 0 {
		t.Errorf("a dry run planned %d", n)
	}
	d.want("flows backfill nightly --step clock --from 2026-03-02 --to 2026-03-03",
		said{cli.Done, "Mon 2026-03-02 02:30:00 +00:00\nTue 2026-03-03 02:30:00 +00:00\n", "2 runs planned; they start one after the other while the window is open or jackfield serve runs\n"})
	d.want("flows backfill nightly --step clock --from 2026-03-02 --to 2026-03-03",
		said{cli.Done, "", "every time in this range has its run, or is planned already\n"})
	d.Starters[0].Enabled = false
	d.want("flows backfill nightly --step clock --from 2026-03-01",
		said{cli.Done, "Sun 2026-03-01 02:30:00 +00:00\n", "1 run planned; nightly is not enabled, and they start once it is: jackfield flows enable nightly\n"})
}

// A flow whose schedule had ended was enabled as if it would ever start.
func TestEnableSaysWhenTheFlowStartsNextOrWhyItNeverDoes(t *testing.T) {
	d := nightDesk(t)
	d.want("flows enable nightly", said{
		cli.Done, "nightly is enabled; its triggers are live while the window is open or jackfield serve runs\n",
		"step \"clock\" starts it next on Thu 2026-03-05 02:30:00 +00:00\n",
	})
	d.want("flows enable rests", said{
		cli.Done, "rests is enabled; its triggers are live while the window is open or jackfield serve runs\n",
		"step \"hook\": port 8095 is taken; choose another\n",
	})
}
