package engine

import (
	"slices"
	"time"

	"jackfield/flow"
)

// asking is one record that waits for an answer, as it will come back to its step.
type asking struct {
	arrival
	ask   flow.Ask
	asked time.Time
}

// id names the question.
func (a *asking) id() string { return flow.QuestionID(a.origin.ref.Run, a.origin.ref.Seq, a.nth) }

// ask lets the records wait that left r by flow.Waiting.
func (p *Plan) ask(me *progress, r flow.StepRun, a arrival, from []arrival) {
	a.again, a.by = true, cameBy(from)
	me.asking = slices.Clone(me.asking)
	for k := range a.count {
		one := &asking{arrival: a, ask: r.Asked(k), asked: r.Started.Add(r.Took)}
		one.nth, one.count = k, k+1
		me.asking = append(me.asking, one)
	}
}

// answered takes a record that waited back into its step, with the answer.
func (p *Plan) answered(s *State, i int, r flow.StepRun) {
	for k, a := range s.steps[i].asking {
		if len(r.From) != 1 || a.origin.ref != r.From[0] || a.nth != r.Nth {
			continue
		}
		me := s.edit(i)
		me.asking = slices.Delete(slices.Clone(me.asking), k, k+1)
		back := a.arrival
		back.kind, back.answer = a.ask.Kind, r.Answer
		me.waiting = me.waiting.push(back)
		return
	}
}

// asks is how many answers the run waits for.
func (s State) asks() int {
	n := 0
	for _, one := range s.steps {
		n += len(one.asking)
	}
	return n
}

// due is when the first question answers itself; the zero time where none does.
func (s State) due() time.Time {
	var first time.Time
	for _, one := range s.steps {
		for _, a := range one.asking {
			if !a.ask.Due.IsZero() && (first.IsZero() || a.ask.Due.Before(first)) {
				first = a.ask.Due
			}
		}
	}
	return first
}

// overdue are the questions that were due at a moment.
func (p *Plan) overdue(s State, now time.Time) []flow.Question {
	return slices.DeleteFunc(p.Questions(s), func(q flow.Question) bool { return q.Due.IsZero() || q.Due.After(now) })
}

// mark is what is written down of an answer.
func (a *asking) mark(step flow.StepID, said flow.Answer) flow.StepRun {
	return flow.StepRun{
		Run: a.origin.ref.Run, Key: answerPrefix + a.id(), Step: step, From: []flow.Ref{a.origin.ref}, Nth: a.nth, Edge: -1, Attempt: 1,
		Mark: flow.Answered, Answer: &said, Started: said.Given,
	}
}

// answerPrefix stands before the id of a question in the key of its answer.
const answerPrefix = "answer:"

// Questions lists what the run waits for a person to say, the oldest first. Which
// record each is about, the history tells: see flow.ParseQuestionID.
func (p *Plan) Questions(s State) []flow.Question {
	var all []flow.Question
	for i, one := range s.steps {
		for _, a := range one.asking {
			all = append(all, p.question(s, i, a))
		}
	}
	slices.SortStableFunc(all, func(a, b flow.Question) int { return a.Asked.Compare(b.Asked) })
	return all
}

func (p *Plan) question(s State, i int, a *asking) flow.Question {
	return flow.Question{
		ID: a.id(), Run: s.run.ID, Flow: s.run.Flow, Name: s.run.Name,
		Step: p.steps[i].ID, Title: p.steps[i].Label(), Ask: a.ask, Asked: a.asked,
	}
}

// find gives an open question by the place of its record.
func (s State) find(at flow.Ref, place int) (step int, found *asking) {
	for i, one := range s.steps {
		for _, a := range one.asking {
			if a.origin.ref == at && a.nth == place {
				return i, a
			}
		}
	}
	return 0, nil
}
