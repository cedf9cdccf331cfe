package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"jackfield/flow"
	"jackfield/store"
)

func TestTheHistoryOfACursorForgetsTheOldestChanges(t *testing.T) {
	s := got(store.Open(t.TempDir(), store.Options{}))(t)
	defer s.Close()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for n := range 1000 + 5 {
		must(t, s.MoveCheckpoint(t.Context(), flow.CursorChange{
			Flow: "orders", Step: "read", Cursor: fmt.Append(nil, n+1), Why: "edited", Moved: at,
		}))
	}
	all := got(s.CheckpointMoves(t.Context(), "orders", "read"))(t)
	if len(all) != 1000 || all[0].Number != 1005 || all[len(all)-1].Number != 6 || string(all[len(all)-1].Cursor) != "6" {
		t.Errorf("%d changes are kept, from %+v to %+v", len(all), all[len(all)-1], all[0])
	}
}

func TestAMoveDuringARunIsRefusedByName(t *testing.T) {
	s := got(store.Open(t.TempDir(), store.Options{}))(t)
	defer s.Close()
	must(t, s.Begin(t.Context(), flow.Run{ID: "r1", Flow: "orders", State: flow.Running}))
	err := s.MoveCheckpoint(t.Context(), flow.CursorChange{Flow: "orders", Step: "read", Cursor: flow.Cursor("1")})
	if !errors.Is(err, store.ErrRunning) {
		t.Errorf("the move gave %v", err)
	}
}
