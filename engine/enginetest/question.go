package enginetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/engine"
	"jackfield/flow"
)

// questions tests that runs wait for answers and for nothing else.
func questions(t *testing.T, open func(t testing.TB) engine.History) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, *House)
	}{
		{"the rest of the run goes on", asksAndGoesOn},
		{"an answer outlives the program", answersAfterTheEnd},
		{"a second answer is refused unless it is the same", answersOnce},
		{"one that was due answers itself", answersInTime},
		{"a run that was stopped keeps them", stopsAsking},
		{"a run that only asks does not hold up the end of the program", drainsAsking},
		{"many are answered at once", answersManyAtOnce},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := Open(t, NewWorld(), open(t))
				h.Add("f", approval)
				test.run(t, h)
				h.Close()
			})
		})
	}
}

const approval = `
jackfield: 1
name: Approval
steps:
  - {id: start, uses: test.start, with: {items: [{n: 1}, {n: 2}, {n: 3}]}}
  - {id: pages, uses: test.pages, with: {pages: 2, size: 2}}
  - {id: ask, uses: test.ask, with: {text: "May it?"}}
  - {id: all, uses: test.collect}
  - {id: send, uses: test.send}
edges:
  - start -> ask
  - start -> pages
  - ask.approved -> all
  - pages -> send
  - {from: ask.rejected, to: all, when: "false"}
`

// asked starts the flow and gives the questions once nothing else is left to do.
func (h *House) asked() (flow.RunID, []flow.Question) {
	h.t.Helper()
	id, err := h.Local.Start(h.t.Context(), engine.Start{Flow: "f"})
	if err != nil {
		h.t.Fatal(err)
	}
	synctest.Wait()
	return id, h.Questions(id)
}

// Questions lists those of a run.
func (h *House) Questions(id flow.RunID) []flow.Question {
	h.t.Helper()
	all, err := h.Local.Questions(h.t.Context(), id)
	if err != nil {
		h.t.Fatalf("questions: %v", err)
	}
	return all
}

// Answer gives an answer.
func (h *House) Answer(question, choice string) {
	h.t.Helper()
	if err := h.Local.Answer(h.t.Context(), question, flow.Answer{Choice: choice, By: "test"}); err != nil {
		h.t.Fatalf("answer %s: %v", question, err)
	}
}

func asksAndGoesOn(t *testing.T, h *House) {
	id, asked := h.asked()
	same(t, "what went on", h.Counts(id), "[ask.waiting=3 pages.done=12 send.done=12 start.done=3]")
	row, err := h.History.Run(t.Context(), id)
	if err != nil || row.State != flow.Running || row.Questions != 3 {
		t.Fatalf("the run is %s with %d questions, %v", row.State, row.Questions, err)
	}
	if len(asked) != 3 {
		t.Fatalf("%d questions: %+v", len(asked), asked)
	}
	for i, q := range asked {
		same(t, "text", q.Text, "May it?")
		same(t, "kind", q.Kind, flow.Approval)
		same(t, "step", q.Step, flow.StepID("ask"))
		same(t, "record", q.Record.Data, any(map[string]any{"n": i + 1}))
	}
	for i, choice := range []string{flow.Approve, flow.Reject, flow.Approve} {
		h.Answer(asked[i].ID, choice)
		synctest.Wait()
		same(t, "questions left", len(h.Questions(id)), 2-i)
	}
	r := h.Wait(id)
	same(t, "state", r.State, flow.RunDone)
	same(t, "questions", r.Questions, 0)
	same(t, "counts", h.Counts(id), "[all.done=1 ask.approved=2 ask.rejected=1 pages.done=12 send.done=12 start.done=3]")
	same(t, "what was collected", h.Data(id, "all", flow.Done), []any{[]any{map[string]any{"n": 1}, map[string]any{"n": 3}}})
}

func answersAfterTheEnd(t *testing.T, h *House) {
	id, asked := h.asked()
	h.Answer(asked[0].ID, flow.Approve)
	h.Close()
	h.Reopen()
	again := h.Questions(id)
	if len(again) != 2 || again[0].ID != asked[1].ID || again[0].Record.Data == nil || !again[0].Asked.Equal(asked[1].Asked) {
		t.Fatalf("asked %+v, then %+v", asked, again)
	}
	h.Answer(asked[1].ID, flow.Reject) // nobody goes on with the run yet
	row, err := h.History.Run(t.Context(), id)
	if err != nil || row.Questions != 1 || row.State != flow.Running {
		t.Errorf("the row says %s with %d questions, %v", row.State, row.Questions, err)
	}
	if err := h.Local.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	same(t, "questions left", len(h.Questions("")), 1)
	h.Answer(asked[2].ID, flow.Reject)
	same(t, "state", h.Wait(id).State, flow.RunDone)
	same(t, "counts", h.Counts(id), "[all.done=1 ask.approved=1 ask.rejected=2 pages.done=12 send.done=12 start.done=3]")
}

func answersOnce(t *testing.T, h *House) {
	id, asked := h.asked()
	for _, live := range []bool{true, false} {
		h.Answer(asked[0].ID, flow.Approve)
		h.Answer(asked[0].ID, flow.Approve)
		for _, tt := range []struct{ question, choice, want string }{
			{asked[0].ID, flow.Reject, "was answered before: approve, by test"},
			{asked[1].ID, "perhaps", `"perhaps" is none of the choices; say one of approve, reject`},
			{asked[1].ID, "", "an answer needs a choice"},
			{string(id) + ".99", flow.Approve, "there is no question"},
			{"what", flow.Approve, "names no question"},
		} {
			err := h.Local.Answer(t.Context(), tt.question, flow.Answer{Choice: tt.choice})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("live %v, %s %q: %v", live, tt.question, tt.choice, err)
			}
		}
		answers := 0
		for _, r := range h.StepRuns(id) {
			if r.Mark == flow.Answered {
				answers++
			}
		}
		same(t, "answers in the history", answers, 1)
		if live {
			h.Close()
			h.Reopen()
		}
	}
}

func answersInTime(t *testing.T, h *House) {
	h.Add("f", strings.Replace(approval, `text: "May it?"`, `text: "May it?", due: 1h`, 1))
	id, asked := h.asked()
	h.Answer(asked[1].ID, flow.Approve)
	began := time.Now()
	same(t, "state", h.Wait(id).State, flow.RunDone)
	same(t, "counts", h.Counts(id), "[all.done=1 ask.approved=1 ask.rejected=2 pages.done=12 send.done=12 start.done=3]")
	if took := time.Since(began); took != time.Hour {
		t.Errorf("it took %s", took)
	}
}

func stopsAsking(t *testing.T, h *House) {
	id, asked := h.asked()
	if err := h.Local.Stop(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	r := h.Wait(id)
	same(t, "state", r.State, flow.RunStopped)
	same(t, "questions", r.Questions, 3)
	h.Answer(asked[2].ID, flow.Approve)
	if err := h.Local.Resume(t.Context(), id, flow.Fitting); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	same(t, "questions after the resume", len(h.Questions(id)), 2)
	h.Answer(asked[0].ID, flow.Approve)
	h.Answer(asked[1].ID, flow.Approve)
	same(t, "state", h.Wait(id).State, flow.RunDone)
	same(t, "what was collected", len(h.Data(id, "all", flow.Done)[0].([]any)), 3)
}

func drainsAsking(t *testing.T, h *House) {
	h.asked()
	h.Add("long", "jackfield: 1\nname: Long\nsteps: [{id: start, uses: test.start}, {id: wait, uses: test.wait}]\nedges: [start -> wait]\n")
	block := make(chan struct{})
	h.World.Block = block
	long, err := h.Local.Start(t.Context(), engine.Start{Flow: "long"})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	hurry, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	same(t, "runs that are left in a hurry", h.Local.Drain(hurry), 1)
	time.AfterFunc(time.Minute, func() { close(block) })
	same(t, "runs that are left", h.Local.Drain(t.Context()), 0)
	same(t, "state", h.Wait(long).State, flow.RunDone)
}

func answersManyAtOnce(t *testing.T, h *House) {
	const n = 40
	var items strings.Builder
	for i := range n {
		fmt.Fprintf(&items, ",%d", i)
	}
	h.Add("f", strings.Replace(approval, "{n: 1}, {n: 2}, {n: 3}", items.String()[1:], 1))
	id, asked := h.asked()
	same(t, "questions", len(asked), n)
	errs := make(chan error)
	for i := range n {
		for range 2 { // the window and the command line
			go func() {
				errs <- h.Local.Answer(t.Context(), asked[i].ID, flow.Answer{Choice: flow.Approve})
			}()
		}
	}
	for range 2 * n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	same(t, "state", h.Wait(id).State, flow.RunDone)
	same(t, "what was collected", len(h.Data(id, "all", flow.Done)[0].([]any)), n)
}
