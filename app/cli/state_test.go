package cli_test

import (
	"strings"
	"testing"
	"time"

	"jackfield/flow"
)

func stateDesk(t *testing.T) *desk {
	d := newDesk(t)
	at := time.Date(2026, 3, 1, 3, 0, 0, 0, time.Local)
	d.Stored = []flow.Flow{{ID: "orders", Name: "Orders"}}
	d.Moves = []flow.CursorChange{
		{Flow: "orders", Step: "read", Number: 3, Why: "reset", Moved: at.Add(2 * time.Hour)},
		{Flow: "orders", Step: "read", Number: 2, Cursor: flow.Cursor(`{"n": 7}`), Run: "r2", Moved: at.Add(time.Hour)},
		{Flow: "orders", Step: "read", Number: 1, Cursor: flow.Cursor(`{"n": 3}`), Run: "r1", Moved: at},
	}
	d.Stands = []flow.Checkpoint{
		{Flow: "orders", Step: "read", Cursor: flow.Cursor(`{"n": 7}`), Run: "r2", Moved: at.Add(time.Hour)},
		{Flow: "orders", Step: "ask@0123456789ab", Cursor: flow.Cursor(`"` + strings.Repeat("x", 120) + `"`), Moved: at},
	}
	return d
}

func TestStateListsShowsAndMovesCursors(t *testing.T) {
	d := stateDesk(t)
	d.want("flows state orders", said{out: "" +
		"step              moved                by       cursor\n" +
		"read              2026-03-01 04:00:00  run r2   {\"n\":7}\n" +
		"ask@0123456789ab  2026-03-01 03:00:00  by hand  \"" + strings.Repeat("x", 98) + "…\n"})
	d.want("flows state orders read", said{out: "{\n  \"n\": 7\n}\n"})
	d.want("flows state orders read --history", said{out: "" +
		"change  moved                by      cursor\n" +
		"3       2026-03-01 05:00:00  reset   (none)\n" +
		"2       2026-03-01 04:00:00  run r2  {\"n\":7}\n" +
		"1       2026-03-01 03:00:00  run r1  {\"n\":3}\n"})
	d.want(`flows state orders read --set {"n":5}`, said{out: "read: the next run goes on from {\"n\":5}\n"})
	d.want("flows state orders read --rewind 2026-03-01T03:30", said{out: "read: the next run goes on from where it was at 2026-03-01 03:30:00\n"})
	d.want("flows state orders read", said{out: "{\n  \"n\": 3\n}\n"})
	d.want("flows state orders read --reset --why again", said{out: "read: the next run begins at the very beginning\n"})
	d.want("flows state orders read", said{code: 2, err: "jackfield: step \"read\" of orders has no cursor; these have: ask@0123456789ab\n"})
	if got := d.call("flows", "state", "orders", "read", "--history", "--json").out; !strings.Contains(got, `"why": "again"`) || !strings.HasPrefix(got, "[") {
		t.Errorf("as JSON the history is %s", got)
	}
	if got := d.call("flows", "state", "orders", "--json").out; !strings.Contains(got, `"step": "ask@0123456789ab"`) {
		t.Errorf("as JSON the list is %s", got)
	}
}

func TestStateSaysWhatDoesNotGoTogether(t *testing.T) {
	d := stateDesk(t)
	for args, want := range map[string]string{
		"flows state orders --history":                    "say of which step: jackfield flows state FLOW STEP; without one it lists them",
		"flows state orders read --reset --rewind today":  "choose one of --history, --set, --rewind and --reset",
		"flows state orders read --why x":                 "--why goes with --set or --reset",
		"flows state orders read --rewind some_other_day": `"some_other_day" is no time; write 2026-03-01, "2026-03-01 03:00", "yesterday 03:00" or "2 days ago"`,
	} {
		d.want(args, said{code: 2, err: "jackfield: " + want + "\n"})
	}
}

// After a reset the step was said to be none that has a cursor, and a rewind to a time
// before the first run to go on from where it was.
func TestStateOfAStepWithoutACursorSaysThatItBeginsAtTheBeginning(t *testing.T) {
	d := stateDesk(t)
	d.Stored[0].Steps = []flow.Step{{ID: "read", Uses: "csv.read"}}
	d.want("flows state orders read --rewind 2026-02-01", said{out: "read: it had no cursor at 2026-02-01 00:00:00; the next run begins at the very beginning\n"})
	d.want("flows state orders read", said{err: "step \"read\" of orders has no cursor; its next run begins at the very beginning\n"})
	d.want("flows state orders rad", said{code: 2, err: "jackfield: step \"rad\" of orders has no cursor; these have: ask@0123456789ab\n"})
}
