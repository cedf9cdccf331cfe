package core

import (
	"context"
	"maps"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// The outlets of an approval, and of a form beside done.
const (
	approved flow.Outlet = "approved"
	rejected flow.Outlet = "rejected"
	overdue  flow.Outlet = "overdue"
)

func approvalOp() kit.Op {
	return kit.Op{
		ID: "approval", Title: "Ask for approval", Icon: "approval", Effect: kit.Pure,
		Summary: "Asks a person whether a record may go on, and waits for the answer as long as it takes.",
		Words:   []string{"human", "person", "confirm", "review", "sign off", "decision", "question", "yes", "no"},
		New:     func() kit.Operation { return &approval{Else: flow.Reject} },
		Outlets: []flow.Outlet{approved, rejected},
		Examples: []kit.Example{{
			Title: "Large orders",
			With:  flow.Values{"text": `"May order \(.id) over \(.total) be sent?"`, "due": "48h", "else": "reject", "key": "decision"},
			In:    map[string]any{"id": 7, "total": 900},
		}},
	}
}

// approval asks for a yes or no.
type approval struct {
	question
	Else string
	Key  string
}

// question is what approvals and forms have in common.
type question struct {
	Text any
	Due  time.Duration
}

func (q *question) fields() kit.Fields {
	return kit.Fields{
		kit.Expr(&q.Text, "text", "Question").Needed().Eg(`"May order \(.id) be sent?"`).Help("What the person reads."),
		kit.Duration(&q.Due, "due", "Answer within").Eg("48h").Help("Left empty it is waited for without end."),
	}
}

// ask words the question. A due time counts from now.
func (q *question) ask(kind flow.QuestionKind, otherwise string) flow.Ask {
	a := flow.Ask{Kind: kind, Text: line(q.Text)}
	if q.Due > 0 {
		a.Due, a.Else = time.Now().Add(q.Due).Round(0), otherwise
	}
	return a
}

func (a *approval) Fields() kit.Fields {
	return append(a.fields(),
		kit.Pick(&a.Else, "else", "Without an answer",
			kit.Choice{Value: flow.Reject, Label: "Reject"},
			kit.Choice{Value: flow.Approve, Label: "Approve"}).
			OnlyIf(func() bool { return a.Due > 0 }),
		kit.Text(&a.Key, "key", "Keep the answer under").Eg("decision").More().
			Help("The record gets {choice, note, by, at} under this name; left empty it goes on as it came."),
	)
}

func (a *approval) Run(_ context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	if env.Answer == nil {
		ask := a.ask(flow.Approval, a.Else)
		ask.Choices = []string{flow.Approve, flow.Reject}
		return kit.Ask(ask), nil
	}
	o := rejected
	if env.Answer.Choice == flow.Approve {
		o = approved
	}
	if a.Key == "" {
		return kit.Pass(o), nil
	}
	return kit.Result{Outlet: o, Data: []any{with(rec.Data, a.Key, decision(*env.Answer))}}, nil
}

// decision is an answer as flows see it.
func decision(a flow.Answer) map[string]any {
	return map[string]any{"choice": a.Choice, "note": a.Note, "by": a.By, "at": a.Given.UTC().Format(time.RFC3339)}
}

// with is a record with one value more. One that is no object stands under "value".
func with(record any, key string, v any) map[string]any {
	m, is := record.(map[string]any)
	if !is {
		return map[string]any{"value": record, key: v}
	}
	m = maps.Clone(m)
	if m == nil {
		m = map[string]any{}
	}
	m[key] = v
	return m
}
