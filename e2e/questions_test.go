package e2e

import (
	"strings"
	"testing"
)

// The approval example asks about its large orders. A person answers from another
// command line, through the process of the run that waits.
func TestARunThatAsksGoesOnWithTheAnswersOfAnotherCommand(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), copyExamples(t)
	x := p.begin("run", f.path("approval.flow.yaml"))
	x.until("it asks 1 question")
	questions := decode[[]struct {
		ID   string `json:"id"`
		Text string `json:"text"`
	}](t, p.run("runs", "questions", "--json").want(t, 0))
	equal(t, "questions", len(questions), 1)
	equal(t, "what is asked", questions[0].Text, "May order 2 of Noé over 1260 go?")
	p.run("runs", "answer", questions[0].ID, "maybe").want(t, 2).says(t, "approve, reject")
	p.run("runs", "answer", questions[0].ID, "reject", "--note", "too many desks").want(t, 0)
	equal(t, "exit code of the run", x.wait(), 0)
	p.run("runs", "answer", questions[0].ID, "approve").says(t, "")
	log := p.run("runs", "logs", "last").want(t, 0)
	for _, want := range []string{"order 1 over 90.75 goes out", "order 3 over 0 goes out", "order 2 does not go out: too many desks"} {
		if !strings.Contains(log.out, want) {
			t.Errorf("the log lacks %q\n%s", want, log.out)
		}
	}
}
