package schedules

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/uitest"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func nightly() app.Trigger {
	t := app.Trigger{Flow: "nightly", Name: "Nightly", Step: "night", Title: "Every night", Enabled: true, Spec: "30 2 * * *", LastRun: "r1", Last: noon.Add(-9 * time.Hour)}
	for i := range 10 {
		t.Next = append(t.Next, time.Date(2026, 3, 2+i, 2, 30, 0, 0, time.UTC))
	}
	return t
}

func shown(t *testing.T, all ...app.Trigger) (*Page, *uitest.Screen) {
	p := New()
	s := uitest.Show(t, theme.New(false), p, fyne.NewSize(1300, 900))
	p.Fill(all, noon)
	return p, s
}

func reads(t *testing.T, s *uitest.Screen, want ...string) {
	t.Helper()
	all := strings.Join(s.Texts(), "\n")
	for _, one := range want {
		if !strings.Contains(all, one) {
			t.Errorf("%q cannot be read in\n%s", one, all)
		}
	}
}

func TestATriggerShowsItsNextAndItsMissedTimes(t *testing.T) {
	one := nightly()
	one.Missed = []time.Time{time.Date(2026, 2, 27, 2, 30, 0, 0, time.UTC)}
	one.Waiting = []time.Time{time.Date(2026, 2, 28, 2, 30, 0, 0, time.UTC)}
	_, s := shown(t, one)
	reads(t, s, "Nightly", "Next", "Mon 2 Mar 2026 02:30", "Wed 11 Mar 2026 02:30", "Missed", "Fri 27 Feb 2026 02:30", "Waiting to start", "Sat 28 Feb 2026 02:30")
}

func TestATriggerThatDoesNotFireSaysWhy(t *testing.T) {
	hook := app.Trigger{Flow: "hook", Name: "Hook", Step: "in", Title: "in", Enabled: true, Problem: &flow.Problem{What: "port 80 is taken", Fix: "choose another"}}
	_, s := shown(t, hook)
	reads(t, s, "port 80 is taken; choose another")
	if slices.Contains(s.Texts(), "Make up for a range of days") {
		t.Error("what has no slots offers to make up for them")
	}
}

func TestARangeIsLookedAtBeforeItIsPlanned(t *testing.T) {
	p, s := shown(t, nightly())
	var asked, planned []string
	note := func(to *[]string) func(flow.ID, flow.StepID, time.Time, time.Time) {
		return func(id flow.ID, step flow.StepID, from, until time.Time) {
			*to = append(*to, string(id)+"/"+string(step)+" "+from.Format(time.DateTime)+" "+until.Format(time.DateTime))
		}
	}
	p.OnUnmet, p.OnBackfill = note(&asked), note(&planned)
	s.Click("Make up for a range of days")
	p.detail.from.SetText("yesterday")
	s.Click("Look what is missing")
	reads(t, s, `"yesterday" is no day like 2026-03-01`)
	p.detail.from.SetText("2026-02-01")
	p.detail.to.SetText("2026-02-03")
	s.Click("Plan these runs")
	if len(planned) > 0 {
		t.Error("planned what nobody has looked at")
	}
	s.Click("Look what is missing")
	want := "nightly/night 2026-02-01 00:00:00 2026-02-03 23:59:59"
	if !slices.Equal(asked, []string{want}) {
		t.Errorf("asked %q", asked)
	}
	p.ShowUnmet([]time.Time{noon.AddDate(0, 0, -2), noon.AddDate(0, 0, -1)})
	reads(t, s, "2 slots have no run")
	s.Click("Plan these runs")
	if !slices.Equal(planned, []string{want}) {
		t.Errorf("planned %q", planned)
	}
	p.ShowUnmet(nil)
	reads(t, s, "Every slot of that range has its run.")
}

func TestEnablingTurnsAround(t *testing.T) {
	p, s := shown(t, nightly())
	var got []bool
	p.OnEnable = func(_ flow.ID, on bool) { got = append(got, on) }
	s.Click("Let it rest")
	one := nightly()
	one.Enabled, one.Next = false, nil
	p.Fill([]app.Trigger{one}, noon)
	s.Click("Enable")
	if !slices.Equal(got, []bool{false, true}) {
		t.Errorf("asked for %v", got)
	}
}
