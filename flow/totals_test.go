package flow_test

import (
	"reflect"
	"testing"

	"jackfield/flow"
)

func TestTotalsCountARecordThatWasTakenAgainOnce(t *testing.T) {
	failed := func(seq int) []flow.Ref { return []flow.Ref{{Seq: seq, Outlet: flow.Failed}} }
	got := flow.Totals([]flow.StepRun{
		{Seq: 0, Step: "read", Out: map[flow.Outlet]int{flow.Done: 5}},
		{Seq: 1, Step: "send", In: 5, From: []flow.Ref{{Seq: 0, Outlet: flow.Done}}, Out: map[flow.Outlet]int{flow.Done: 2, flow.Failed: 3}},
		{Seq: 2, Step: "", Key: "resume:1"},
		{Seq: 3, Step: "send", In: 2, From: failed(1), Edge: -1, Out: map[flow.Outlet]int{flow.Done: 2}},
		{Seq: 4, Step: "send", In: 1, From: failed(1), Edge: -1, Out: map[flow.Outlet]int{flow.Failed: 1}},
	})
	want := map[flow.StepID]map[flow.Outlet]int{
		"read": {flow.Done: 5},
		"send": {flow.Done: 4, flow.Failed: 1},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("totals are %v, want %v", got, want)
	}
}

func TestTotalsOfABarrierThatTakesFailedAndNewRecords(t *testing.T) {
	got := flow.Totals([]flow.StepRun{
		{Seq: 0, Step: "read", Out: map[flow.Outlet]int{flow.Done: 2}},
		{Seq: 1, Step: "all", In: 2, From: []flow.Ref{{Seq: 0, Outlet: flow.Done}}, Out: map[flow.Outlet]int{flow.Failed: 2}},
		{Seq: 2, Step: "read", Out: map[flow.Outlet]int{flow.Done: 3}},
		{Seq: 3, Step: "all", In: 5, Edge: -1, From: []flow.Ref{{Seq: 1, Outlet: flow.Failed}, {Seq: 2, Outlet: flow.Done}}, Out: map[flow.Outlet]int{flow.Done: 1}},
	})
	if want := map[flow.Outlet]int{flow.Done: 1}; !reflect.DeepEqual(got["all"], want) {
		t.Errorf("the barrier has %v, want %v", got["all"], want)
	}
}

func TestTotalsLeaveFailedRecordsThatAnEdgeLedOn(t *testing.T) {
	got := flow.Totals([]flow.StepRun{
		{Seq: 0, Step: "send", Out: map[flow.Outlet]int{flow.Failed: 3}},
		{Seq: 1, Step: "rejects", In: 3, From: []flow.Ref{{Seq: 0, Outlet: flow.Failed}}, Out: map[flow.Outlet]int{flow.Done: 3}},
	})
	if got["send"][flow.Failed] != 3 {
		t.Errorf("send has %d failed records, want 3", got["send"][flow.Failed])
	}
}
