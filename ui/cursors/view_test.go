package cursors

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/uitest"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestACursorShowsItsHistoryAndGoesBack(t *testing.T) {
	v := New()
	s := uitest.Show(t, theme.New(true), v, fyne.NewSize(1100, 300))
	s.Want("Nothing is remembered yet")
	v.SetTitles(func(flow.StepID) string { return "Read orders" })
	var asked []flow.StepID
	v.OnHistory = func(step flow.StepID) { asked = append(asked, step) }
	var back []flow.CursorChange
	v.OnRewind = func(_ flow.StepID, to flow.CursorChange) { back = append(back, to) }
	v.Fill([]flow.Checkpoint{{Flow: "f", Step: "read", Cursor: flow.Cursor(`"2026-03-01"`)}}, noon)
	s.Want("Read orders", "2026-03-01")
	if !slices.Equal(asked, []flow.StepID{"read"}) {
		t.Errorf("asked for %v", asked)
	}
	moves := []flow.CursorChange{
		{Step: "read", Cursor: flow.Cursor(`"2026-03-01"`), Run: "r2", Moved: noon.Add(-time.Minute)},
		{Step: "read", Cursor: flow.Cursor(`{"of":"updated","mark":"2026-02-28","seen":"x"}`), Run: "r1", Moved: noon.Add(-24 * time.Hour)},
		{Step: "read", Why: "reset", Moved: noon.Add(-48 * time.Hour)},
	}
	v.ShowHistory("read", moves)
	s.Want("11:59:00", "run r2", "28 Feb 2026 12:00", "2026-02-28", "the beginning", "reset")
	s.Click("Back to this one")
	if len(back) > 0 {
		t.Error("it goes back to nothing")
	}
	s.Click("2026-02-28")
	s.Click("Back to this one")
	if len(back) != 1 || back[0].Run != "r1" {
		t.Errorf("it goes back to %+v", back)
	}
}
