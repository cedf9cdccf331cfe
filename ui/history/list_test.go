package history

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/uitest"
	"jackfield/ui/widgets"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.Local)

// table is a list of runs in a window, and what it wished for.
type table struct {
	*uitest.Screen
	*List
	wishes []string
}

func newTable(t *testing.T, ofOneFlow bool) *table {
	t.Helper()
	l := &table{Screen: uitest.Show(t, theme.New(true), widgets.NewText("", widgets.Plain), fyne.NewSize(1100, 300))}
	wish := func(format string, args ...any) { l.wishes = append(l.wishes, fmt.Sprintf(format, args...)) }
	l.List = NewList(ofOneFlow)
	l.OnOpen = func(id flow.RunID) { wish("open %s", id) }
	l.OnRemove = func(id flow.RunID) { wish("remove %s", id) }
	l.OnMore = func(before flow.RunID) { wish("more before %s", before) }
	l.OnState = func(s flow.RunState) { wish("only %q", s) }
	l.Win.SetContent(widgets.WithLayer(l.List))
	return l
}

func (l *table) wished(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(l.wishes, want) {
		t.Errorf("it wished for %q, want %q", l.wishes, want)
	}
	l.wishes = nil
}

// ids are the runs that are listed, from the top.
func (l *table) ids() (all []flow.RunID) {
	for _, r := range l.runs {
		all = append(all, r.ID)
	}
	return all
}

func run(id string, state flow.RunState) flow.Run {
	return flow.Run{ID: flow.RunID(id), Name: "Orders " + id, State: state, Started: noon, Ended: noon.Add(1500 * time.Millisecond), Given: 40, Cause: "manual"}
}

func TestAListShowsRunsAndOpensThem(t *testing.T) {
	l := newTable(t, false)
	r := run("r2", flow.RunPartial)
	r.Failures = 3
	l.Fill([]flow.Run{r, run("r1", flow.RunDone)}, false, noon)
	l.Want("State", "Orders r2", "some failed", "12:00:00", "1.5 s", "40", "3", "by hand", "Orders r1", "done")
	l.FocusBelow("Started by")
	l.Key(fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn, fyne.KeyDelete)
	l.wished(t, "open r1", "remove r1")
	l.Menu("Orders r2")
	l.Click("Remove…")
	l.wished(t, "remove r2")
}

func TestTheListOfOneFlowLeavesItsNameOut(t *testing.T) {
	l := newTable(t, true)
	l.Want("No runs yet", "Press Run")
	l.WantNot("State", "all")
	l.Fill([]flow.Run{run("r1", flow.RunDone)}, false, noon)
	l.Want("State", "done")
	l.WantNot("Orders r1", "No runs yet")
}

func TestAFilterIsWishedForAndKept(t *testing.T) {
	l := newTable(t, false)
	l.Click("failed")
	l.wished(t, `only "failed"`)
	if l.State() != flow.RunFailed {
		t.Errorf("the state is %q", l.State())
	}
	l.Fill(nil, false, noon)
	l.Want("No run is in this state")
	l.Update(run("r1", flow.RunDone), noon)
	l.Update(run("r2", flow.RunFailed), noon)
	if got := l.ids(); !slices.Equal(got, []flow.RunID{"r2"}) {
		t.Errorf("it lists %v", got)
	}
	l.Update(run("r2", flow.Running), noon) // it is retried
	if got := l.ids(); len(got) > 0 {
		t.Errorf("it lists %v though that left the state", got)
	}
}

func TestRunsComeInByTheirAge(t *testing.T) {
	l := newTable(t, false)
	l.Fill([]flow.Run{run("r5", flow.RunDone), run("r3", flow.Running)}, false, noon)
	l.rows.Pick(1)
	for _, r := range []flow.Run{run("r4", flow.Running), run("r6", flow.Running), run("r3", flow.RunFailed), run("r1", flow.RunDone)} {
		l.Update(r, noon)
	}
	if got := l.ids(); !slices.Equal(got, []flow.RunID{"r6", "r5", "r4", "r3", "r1"}) {
		t.Errorf("it lists %v", got)
	}
	if got := l.picked(); got != "r3" {
		t.Errorf("the chosen run became %s", got)
	}
	if r := l.runs[3]; r.State != flow.RunFailed {
		t.Errorf("the run is still %s", r.State)
	}
}

func TestOlderRunsAreAskedForAtTheEndAndOnce(t *testing.T) {
	l := newTable(t, false)
	var first []flow.Run
	for i := range 100 {
		first = append(first, run(fmt.Sprintf("r%03d", 500-i), flow.RunDone))
	}
	l.Fill(first, true, noon)
	l.FocusBelow("Started by")
	l.Key(fyne.KeyHome)
	l.wished(t)
	l.Key(fyne.KeyEnd, fyne.KeyUp, fyne.KeyDown)
	l.wished(t, "more before r401")
	l.Append("r401", []flow.Run{run("r400", flow.RunDone)}, false)
	if n := len(l.runs); n != 101 {
		t.Fatalf("%d runs", n)
	}
	l.Key(fyne.KeyEnd)
	l.wished(t)
}

func TestOlderRunsOfAnotherListAreLeftOut(t *testing.T) {
	l := newTable(t, false)
	l.Fill([]flow.Run{run("r5", flow.RunDone)}, true, noon)
	l.moved()
	l.wished(t, "more before r5")
	l.Fill([]flow.Run{run("r9", flow.RunFailed)}, true, noon)
	l.Append("r5", []flow.Run{run("r4", flow.RunDone)}, false)
	if got := l.ids(); !slices.Equal(got, []flow.RunID{"r9"}) {
		t.Errorf("it lists %v", got)
	}
	l.moved()
	l.wished(t, "more before r9")
	l.Append("r9", nil, true) // asking went wrong
	l.moved()
	l.wished(t, "more before r9")
}

func TestARunOlderThanTheListIsNotPutAtItsEnd(t *testing.T) {
	l := newTable(t, false)
	l.Fill([]flow.Run{run("r9", flow.RunDone), run("r8", flow.RunDone)}, true, noon)
	l.Update(run("r1", flow.RunDone), noon)
	if got := l.ids(); !slices.Equal(got, []flow.RunID{"r9", "r8"}) {
		t.Errorf("it lists %v: what lies between r8 and r1 would seem not to be", got)
	}
}
