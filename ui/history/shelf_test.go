package history

import (
	"fmt"
	"testing"

	"jackfield/flow"
)

func TestShelfHoldsFewBatchesAndGivesEveryRecord(t *testing.T) {
	var batches []batch
	for i := range 50 {
		batches = append(batches, batch{flow.Ref{Seq: i}, 10})
	}
	asked := 0
	s := newShelf(batches, func(ref flow.Ref, got func(flow.Batch)) {
		asked++
		var b flow.Batch
		for i := range 10 {
			b = append(b, flow.Record{ID: flow.RecordID(fmt.Sprintf("%d/%d", ref.Seq, i))})
		}
		got(b)
	}, func() {})
	for _, n := range []int{0, 9, 10, 255, 499} {
		if _, ok := s.at(n); ok != (n == 9) {
			t.Fatalf("before it was asked for, record %d was there: %v", n, ok)
		}
		rec, ok := s.record(n)
		if want := fmt.Sprintf("%d/%d", n/10, n%10); !ok || string(rec.ID) != want {
			t.Errorf("record %d is %q, want %s", n, rec.ID, want)
		}
	}
	for n := range 500 {
		s.record(n)
		if len(s.held) > mostHeld {
			t.Fatalf("%d batches are held", len(s.held))
		}
	}
	if _, ok := s.record(500); ok {
		t.Error("there is a record beyond the last")
	}
	if asked < 50 {
		t.Errorf("only %d batches were asked for", asked)
	}
}
