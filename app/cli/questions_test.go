package cli_test

import (
	"strings"
	"testing"
	"time"

	"jackfield/app/cli"
	"jackfield/flow"
)

// askingDesk has a run that waits for an approval and one that waits for a form.
func askingDesk(t *testing.T) *desk {
	d := newDesk(t)
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.Local)
	d.RunRows = []flow.Run{
		{ID: "r2", Flow: "orders", Name: "Orders", State: flow.RunStopped, Started: at, Ended: at, Questions: 1},
		{ID: "r1", Flow: "orders", Name: "Orders", State: flow.Running, Started: at, Ended: at, Questions: 1},
	}
	name := flow.Property{Name: "name", Required: true, Schema: flow.Of(flow.String)}
	form := flow.ObjectOf(name)
	d.Asking = []flow.Question{
		{
			ID: "r1.4", Run: "r1", Flow: "orders", Name: "Orders", Step: "may", Title: "May it?", Asked: at, Record: &flow.Record{ID: "a", Data: map[string]any{"total": 70}},
			Ask: flow.Ask{Kind: flow.Approval, Text: "Send an order of 70?", Choices: []string{flow.Approve, flow.Reject}, Due: at.Add(time.Hour), Else: flow.Reject},
		},
		{
			ID: "r2.5.1", Run: "r2", Flow: "orders", Name: "Orders", Step: "who", Title: "who", Asked: at,
			Ask: flow.Ask{Kind: flow.Form, Text: "Who is it?", Fields: &form},
		},
	}
	return d
}

func TestQuestionsAreShownWithTheWordsThatAnswerThem(t *testing.T) {
	d := askingDesk(t)
	d.want("runs questions", said{cli.Done, `Send an order of 70?
  Orders, step "May it?", asked 2026-03-01 12:00:00
  answers itself with "reject" at 2026-03-01 13:00:00
  {"total":70}
  jackfield runs answer r1.4 approve|reject

Who is it?
  Orders, step "who", asked 2026-03-01 12:00:00
  jackfield runs answer r2.5.1 --values '{"name": …}'
`, ""})
	if got := d.call("runs", "questions", "r2", "--json"); !strings.Contains(got.out, `"id": "r2.5.1"`) || strings.Contains(got.out, "r1.4") {
		t.Errorf("as JSON %s", got.out)
	}
	if got := d.call("runs", "ls"); !strings.Contains(got.out, "… running, asks 1 question") {
		t.Errorf("the list is %s", got.out)
	}
}

func TestAnswersReachTheDoor(t *testing.T) {
	d := askingDesk(t)
	d.in = `{"name": "Ada"}`
	for _, tt := range []struct{ args, out, err string }{
		{"runs answer r1.4 perhaps", "", `none of the choices; say one of approve, reject`},
		{"runs answer r1.4 approve --note fine", "answered r1.4; the run goes on", ""},
		{"runs answer r2.5.1 --values [1]", "", "an object is wanted"},
		{"runs answer r2.5.1 --values {}", "", `field "name": it is missing`},
		{"runs answer r2 --values -", "answered r2.5.1; the run is stopped, and jackfield runs resume r2 goes on with it", ""},
		{"runs answer r2 --values {}", "", "there is no open question"},
		{"runs questions", "", "nothing is asked"},
		{"runs answer --all r1 again", "", "nothing is asked"},
		{"runs answer r1.4 again --step may", "", "--step goes with --all"},
	} {
		got := d.call(strings.Fields(tt.args)...)
		if !strings.Contains(got.out, tt.out) || !strings.Contains(got.err, tt.err) {
			t.Errorf("jackfield %s: %+v", tt.args, got)
		}
	}
}

func TestAllThatAStepAsksIsAnsweredAlike(t *testing.T) {
	d := askingDesk(t)
	again := flow.Ask{Kind: flow.Uncertain, Text: "Did it?", Choices: []string{flow.Again, flow.Skip}}
	for _, id := range []string{"r1.7", "r1.7.1", "r1.7.2"} {
		d.Asking = append(d.Asking, flow.Question{ID: id, Run: "r1", Step: "mail", Ask: again})
	}
	d.want("runs answer --all r1 skip", said{cli.RunFailed, "", "jackfield: after 0 answers: question r1.4: field \"choice\": \"skip\" is none of the choices; say one of approve, reject\n"})
	d.want("runs answer --all r1 skip --step mail", said{cli.Done, "answered 3 questions; the run goes on, or does so when jackfield serve or the window is open\n", ""})
	if len(d.Asking) != 2 {
		t.Errorf("open are %+v", d.Asking)
	}
}
