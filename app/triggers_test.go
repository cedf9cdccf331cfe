package app_test

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/app"
	"jackfield/flow"
)

const nightly = `jackfield: 1
name: Nightly
steps:
  - {id: clock, title: Every night, uses: core.schedule, with: {cron: "30 2 * * *", timezone: Europe/Vienna, missed: none}}
  - {id: shape, uses: core.map}
edges: [clock -> shape]
`

// trigger is the only one.
func (d *desk) trigger() app.Trigger {
	d.t.Helper()
	all, err := d.Triggers(d.t.Context())
	if err != nil || len(all) != 1 {
		d.t.Fatalf("triggers: %+v, %v", all, err)
	}
	return all[0]
}

func texts(times []time.Time) string {
	var all []string
	for _, at := range times {
		all = append(all, at.UTC().Format("01-02T15:04"))
	}
	return strings.Join(all, " ")
}

// Inside a bubble of synctest it is midnight UTC, 1 January 2000.

func TestTriggersShowTheirSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open(t)
		f := d.opened(d.file(nightly))
		got := d.trigger()
		if got.Enabled || got.Title != "Every night" || got.Spec != "30 2 * * *, Europe/Vienna" || len(got.Next) != 10 || !got.Last.IsZero() || got.Problem != nil {
			t.Errorf("before it is enabled: %+v", got)
		}
		if err := d.Enable(t.Context(), f.ID, true); err != nil {
			t.Fatal(err)
		}
		<-time.After(26 * time.Hour)
		synctest.Wait()
		got = d.trigger()
		if !got.Enabled || texts([]time.Time{got.Last}) != "01-02T01:30" || got.LastRun == "" || texts(got.Next[:2]) != "01-03T01:30 01-04T01:30" {
			t.Errorf("after two nights: %+v", got)
		}
		next, err := d.Slots(t.Context(), f, "clock", 3)
		if err != nil || texts(next) != "01-03T01:30 01-04T01:30 01-05T01:30" || next[0].Format("15:04 -07:00") != "02:30 +01:00" {
			t.Errorf("next %v, %v", next, err)
		}
	})
}

func TestBackfillRunsEachSlotThatHasNoneOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open(t)
		f := d.opened(d.file(nightly))
		if err := d.Enable(t.Context(), f.ID, true); err != nil {
			t.Fatal(err)
		}
		<-time.After(50 * time.Hour) // nights of 1, 2 and 3 January
		synctest.Wait()
		from, to := time.Date(1999, 12, 29, 0, 0, 0, 0, time.UTC), time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
		const want = "12-29T01:30 12-30T01:30 12-31T01:30"
		slots, err := d.Unmet(t.Context(), f.ID, "clock", from, to)
		if err != nil || texts(slots) != want {
			t.Errorf("without a run are %s, %v", texts(slots), err)
		}
		if slots, err = d.Backfill(t.Context(), f.ID, "clock", from, to); err != nil || texts(slots) != want {
			t.Errorf("planned are %s, %v", texts(slots), err)
		}
		<-time.After(time.Minute)
		synctest.Wait()
		if slots, err = d.Backfill(t.Context(), f.ID, "clock", from, to); err != nil || len(slots) > 0 {
			t.Errorf("planned again are %s, %v", texts(slots), err)
		}
		<-time.After(time.Minute)
		synctest.Wait()
		runs, err := d.Runs(t.Context(), app.Query{Flow: f.ID})
		if err != nil {
			t.Fatal(err)
		}
		var got []time.Time
		for _, r := range runs {
			if r.State != flow.RunDone || r.Cause != "schedule" {
				t.Errorf("run %+v", r)
			}
			got = append(got, r.Slot)
		}
		if texts(got) != "12-31T01:30 12-30T01:30 12-29T01:30 01-03T01:30 01-02T01:30 01-01T01:30" {
			t.Errorf("runs %s", texts(got))
		}
		if got := d.trigger(); len(got.Missed)+len(got.Waiting) > 0 {
			t.Errorf("%+v", got)
		}
	})
}

func TestBackfillOfAFlowThatRestsWaitsUntilItIsEnabled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open(t)
		f := d.opened(d.file(nightly))
		from, to := time.Date(1999, 12, 30, 0, 0, 0, 0, time.UTC), time.Date(1999, 12, 31, 23, 0, 0, 0, time.UTC)
		if slots, err := d.Backfill(t.Context(), f.ID, "clock", from, to); err != nil || len(slots) != 2 {
			t.Fatalf("planned are %v, %v", slots, err)
		}
		<-time.After(time.Hour)
		if got := d.trigger(); texts(got.Waiting) != "12-30T01:30 12-31T01:30" {
			t.Errorf("waiting %s", texts(got.Waiting))
		}
		if err := d.Enable(t.Context(), f.ID, true); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Second)
		synctest.Wait()
		if got := d.trigger(); len(got.Waiting) > 0 || got.LastRun == "" {
			t.Errorf("%+v", got)
		}
	})
}

func TestMissedSlotsAreListedUntilTheyAreBackfilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open(t)
		path := d.file(strings.Replace(nightly, "core.map}", "core.wait, with: {for: 100h}}", 1))
		f := d.opened(path)
		if err := d.Enable(t.Context(), f.ID, true); err != nil {
			t.Fatal(err)
		}
		<-time.After(74 * time.Hour) // the run of the 1st goes on, the slot of the 2nd waits
		synctest.Wait()
		got := d.trigger()
		if texts(got.Waiting) != "01-02T01:30" || texts(got.Missed) != "01-03T01:30 01-04T01:30" {
			t.Errorf("waiting %s, missed %s", texts(got.Waiting), texts(got.Missed))
		}
		from := time.Date(2000, 1, 3, 0, 0, 0, 0, time.UTC)
		if slots, err := d.Backfill(t.Context(), f.ID, "clock", from, from.Add(24*time.Hour)); err != nil || texts(slots) != "01-03T01:30" {
			t.Errorf("planned are %s, %v", texts(slots), err)
		}
		if got := d.trigger(); texts(got.Waiting) != "01-02T01:30 01-03T01:30" || texts(got.Missed) != "01-04T01:30" {
			t.Errorf("waiting %s, missed %s", texts(got.Waiting), texts(got.Missed))
		}
	})
}

func TestTriggerSaysWhyItDoesNotFire(t *testing.T) {
	d := open(t)
	path := d.file(nightly)
	f := d.opened(path)
	if err := d.Enable(t.Context(), f.ID, true); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ old, with, want string }{
		{`"30 2 * * *"`, `"30 2 30 2 *"`, "the schedule never fires"},
		{`Europe/Vienna`, `Europe/Wien`, `no time zone "Europe/Wien"`},
		{`missed: none`, `missed: none, until: 1999-03-01`, "has ended on 1 March 1999"},
		{`shape, uses: core.map`, `shape, uses: core.mapp`, `no operation "core.mapp"`},
	} {
		if err := os.WriteFile(path, []byte(strings.Replace(nightly, tt.old, tt.with, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, _, err := d.Open(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		if got := d.trigger(); got.Problem == nil || !strings.Contains(got.Problem.What, tt.want) || got.Problem.Fix == "" {
			t.Errorf("problem %+v, want %q", got.Problem, tt.want)
		}
	}
}

func TestSlotsThatCannotBeListedSaySo(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(nightly))
	now := time.Now()
	_, err := d.Slots(t.Context(), f, "shape", 10)
	d.refused(err, "is no schedule")
	_, err = d.Slots(t.Context(), f, "nothing", 10)
	d.refused(err, "there is no step")
	_, err = d.Slots(t.Context(), f, "clock", 0)
	d.refused(err, "cannot be listed")
	_, err = d.Backfill(t.Context(), f.ID, "clock", now, now.Add(-time.Hour))
	d.refused(err, "the range ends before it begins")
	f.Steps[0].With = flow.Values{"cron": "* * * * *"}
	if f, err = d.Save(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	_, err = d.Backfill(t.Context(), f.ID, "clock", now.AddDate(-1, 0, 0), now)
	d.refused(err, "more than 10000 slots")
	f.Steps[0].With = flow.Values{"every": "1h"}
	if f, err = d.Save(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	_, err = d.Backfill(t.Context(), f.ID, "clock", now.AddDate(0, 0, -1), now)
	d.refused(err, "counts from being enabled")
	if slots, err := d.Slots(t.Context(), f, "clock", 5); err != nil || len(slots) > 0 {
		t.Errorf("an interval that does not count yet has slots %v, %v", slots, err)
	}
}

func TestSlotsThatPassWhileNobodyServesAreTold(t *testing.T) {
	for _, tt := range []struct{ missed, waiting, left string }{
		{"none", "", "01-02T01:30 01-03T01:30 01-04T01:30"},
		{"last", "01-04T01:30", "01-02T01:30 01-03T01:30"},
		{"all", "01-02T01:30 01-03T01:30 01-04T01:30", ""},
	} {
		t.Run(tt.missed, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				home := t.TempDir()
				one := begin(t, home)
				f, _ := flow.ReadFile([]byte(strings.Replace(nightly, "missed: none", "missed: "+tt.missed, 1)), "nightly")
				f, err := one.Save(t.Context(), f)
				if err != nil {
					t.Fatal(err)
				}
				if err := one.Enable(t.Context(), f.ID, true); err != nil {
					t.Fatal(err)
				}
				<-time.After(2 * time.Hour) // the slot of the 1st has its run
				synctest.Wait()
				one.end()
				<-time.After(72 * time.Hour)

				two := begin(t, home)
				told := func(when string) {
					t.Helper()
					all, err := two.Triggers(t.Context())
					if err != nil || len(all) != 1 {
						t.Fatalf("triggers: %+v, %v", all, err)
					}
					if got := all[0]; texts(got.Waiting) != tt.waiting || texts(got.Missed) != tt.left {
						t.Errorf("%s: waiting %q, missed %q; want %q and %q", when, texts(got.Waiting), texts(got.Missed), tt.waiting, tt.left)
					}
				}
				told("nobody serves")
				told("asked again")
				if err := two.Enable(t.Context(), f.ID, false); err != nil {
					t.Fatal(err)
				}
				all, err := two.Triggers(t.Context())
				if err != nil || len(all[0].Waiting)+len(all[0].Missed) > 0 {
					t.Errorf("once it is off: %+v, %v", all, err)
				}
				two.end()
			})
		})
	}
}
