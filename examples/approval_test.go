package examples_test

import (
	"testing"

	"jackfield/engine"
	"jackfield/flow"
)

func TestApprovalWaitsForAPersonAndGoesOn(t *testing.T) {
	s := newStage(t)
	id, err := s.local.Start(t.Context(), engine.Start{Flow: s.add("approval").ID})
	if err != nil {
		t.Fatal(err)
	}
	var open []flow.Question
	for len(open) == 0 {
		if open, err = s.local.Questions(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	s.reopen() // the question outlasts the program
	if err := s.local.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantText(t, "question", open[0].Text, "May order 2 of Noé over 1260 go?")
	if err := s.local.Answer(t.Context(), open[0].ID, flow.Answer{Choice: flow.Reject, Note: "too dear"}); err != nil {
		t.Fatal(err)
	}
	run := s.wait(id)
	wantRun(t, s, run, flow.RunDone, "ask.rejected=1 both.done=3 large.false=2 large.true=1 lines.done=3 lines.item=3 "+
		"price.done=3 refuse.done=1 send.done=2 start.done=3 stock.done=3 sum.done=3")
}
