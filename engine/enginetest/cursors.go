package enginetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"jackfield/engine"
	"jackfield/flow"
)

// moves tells the history of a cursor, newest first, as "number run cursor why".
func moves(t *testing.T, h engine.History, f flow.ID, s flow.StepID) string {
	t.Helper()
	all, err := h.CheckpointMoves(t.Context(), f, s)
	if err != nil {
		t.Fatalf("list the moves: %v", err)
	}
	var lines []string
	for _, m := range all {
		if m.Flow != f || m.Step != s || m.Moved.IsZero() {
			t.Errorf("the move %+v is of another cursor or has no time", m)
		}
		cursor := string(m.Cursor)
		if m.Cursor == nil {
			cursor = "-"
		}
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%d %s %s %s", m.Number, m.Run, cursor, m.Why)))
	}
	return strings.Join(lines, "\n")
}

func keepsMoves(t *testing.T, h engine.History) {
	at := began
	moved := func(id flow.RunID, key, cursor string) {
		t.Helper()
		at = at.Add(time.Second)
		e := entry(id, key, 1)
		e.Checkpoint = &flow.Checkpoint{Flow: "orders", Step: "read", Cursor: flow.Cursor(cursor), Run: id, Moved: at}
		add(t, h, e)
	}
	same(t, "before anything moved", moves(t, h, "orders", "read"), "")
	begin(t, h, run("r1"))
	begin(t, h, run("r2"))
	moved("r1", "a", "1")
	moved("r1", "b", "2")
	moved("r1", "b", "9") // the same entry once more
	moved("r2", "a", "3")
	moved("r2", "b", "4")
	moved("r1", "c", "5")
	same(t, "one change for what a run moved in a row", moves(t, h, "orders", "read"), "3 r1 5\n2 r2 4\n1 r1 2")
	all, err := h.CheckpointMoves(t.Context(), "orders", "read")
	if err != nil || !all[0].Moved.Equal(at) {
		t.Errorf("the last move was at %s, want %s (%v)", all[0].Moved, at, err)
	}
	// Others whose names begin alike have their own.
	for _, step := range []flow.StepID{"rea", "read@0123456789ab", "read2", "slot"} {
		if err := h.SetCheckpoint(t.Context(), flow.Checkpoint{Flow: "orders", Step: step, Cursor: flow.Cursor(`"x"`), Moved: at}); err != nil {
			t.Fatal(err)
		}
		same(t, "of "+string(step), moves(t, h, "orders", step), `1  "x"`)
	}
	same(t, "of another flow", moves(t, h, "others", "read"), "")
	same(t, "after the others", moves(t, h, "orders", "read"), "3 r1 5\n2 r2 4\n1 r1 2")
	var steps []flow.StepID
	list, err := h.Checkpoints(t.Context(), "orders")
	for _, c := range list {
		steps = append(steps, c.Step)
	}
	same(t, "all of a flow", steps, []flow.StepID{"rea", "read", "read2", "read@0123456789ab", "slot"})
	if err != nil {
		t.Error(err)
	}
}

func movesForAPerson(t *testing.T, h engine.History) {
	move := func(cursor, why string) error {
		return h.MoveCheckpoint(t.Context(), flow.CursorChange{Flow: "orders", Step: "read", Cursor: flow.Cursor(cursor), Why: why, Moved: began})
	}
	reset := func(step flow.StepID) error {
		return h.MoveCheckpoint(t.Context(), flow.CursorChange{Flow: "orders", Step: step, Why: "reset", Moved: began})
	}
	if err := reset("read"); err != nil {
		t.Fatalf("to reset what is not there: %v", err)
	}
	same(t, "nothing moved", moves(t, h, "orders", "read"), "")
	if err := move("1", "edited"); err != nil {
		t.Fatal(err)
	}
	if err := move("2", "edited"); err != nil {
		t.Fatal(err)
	}
	begin(t, h, run("r1"))
	if err := move("3", "edited"); err == nil {
		t.Error("it was moved while a run of the flow went on")
	}
	if err := reset("read"); err == nil {
		t.Error("it was reset while a run of the flow went on")
	}
	e := entry("r1", "a", 1)
	e.Checkpoint = &flow.Checkpoint{Flow: "orders", Step: "read", Cursor: flow.Cursor("7"), Run: "r1", Moved: began}
	add(t, h, e)
	r := run("r1")
	r.State = flow.RunDone
	if err := h.Update(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	other := run("r2")
	other.Flow = "others"
	begin(t, h, other)
	if err := reset("read"); err != nil {
		t.Errorf("a run of another flow stands in the way: %v", err)
	}
	if c, err := h.Checkpoint(t.Context(), "orders", "read"); c != nil || err != nil {
		t.Errorf("after a reset it is %+v, %v", c, err)
	}
	same(t, "moves", moves(t, h, "orders", "read"), "4  - reset\n3 r1 7\n2  2 edited\n1  1 edited")
}
