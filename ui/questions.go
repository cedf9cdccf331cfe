package ui

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/ui/inbox"
	"jackfield/ui/widgets"
)

func (w *Window) makeInbox() {
	w.inbox = inbox.New()
	w.inbox.NewForm = newForm
	w.inbox.OnRun = w.openRun
	w.inbox.OnAnswer = w.answer
	w.countQuestions(nil)
}

// showInbox goes to the page of questions.
func (w *Window) showInbox() {
	w.show(w.inbox)
	w.countQuestions(nil)
}

// countQuestions looks which questions are open, for the page and for the head.
func (w *Window) countQuestions(then func()) {
	w.counting++
	count := w.counting
	var all []flow.Question
	w.later("look what waits for you", func(ctx context.Context) (err error) {
		all, err = w.svc.Questions(ctx, "")
		return err
	}, func() {
		if count != w.counting {
			return // a later look knows more
		}
		w.offerQuestions(all)
		w.questions = all
		w.inbox.Fill(all, w.now())
		w.head.update()
		call(then)
	})
}

// offerQuestions tells of questions that are new since the last look.
func (w *Window) offerQuestions(all []flow.Question) {
	known := map[string]bool{}
	for _, q := range w.questions {
		known[q.ID] = true
	}
	var fresh []flow.Question
	for _, q := range all {
		if !known[q.ID] {
			fresh = append(fresh, q)
		}
	}
	if len(fresh) == 0 || w.showing(w.inbox) {
		return
	}
	text := fresh[0].Name + " asks: " + fresh[0].Text
	if len(fresh) > 1 {
		text = strconv.Itoa(len(fresh)) + " questions wait for you"
	}
	w.say(widgets.News, text, "Answer", func() {
		w.showInbox()
		w.inbox.Choose(fresh[0].ID)
	})
}

// asksFor says whether a run had open questions at the last look.
func (w *Window) asksFor(id flow.RunID) bool {
	return slices.ContainsFunc(w.questions, func(q flow.Question) bool { return q.Run == id })
}

func (w *Window) answer(id string, a flow.Answer) {
	var wrong app.Problems
	w.laterOr("give the answer", func(ctx context.Context) error {
		err := w.svc.Answer(ctx, id, a)
		if problems, ok := errors.AsType[app.Problems](err); ok {
			wrong, err = problems, nil
		}
		return err
	}, func() {
		if len(wrong) > 0 {
			w.inbox.ShowProblems(wrong)
			return
		}
		w.countQuestions(nil)
	}, func() { w.inbox.ShowProblems(nil) })
}
