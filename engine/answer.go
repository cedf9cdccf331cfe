package engine

import (
	"context"
	"fmt"
	"time"

	"jackfield/flow"
)

// rests says whether nothing can be done in the run before somebody answers, time has
// passed or another run has ended.
func (r *live) rests(ctx context.Context) bool {
	return ctx.Err() == nil && !r.local.ending() && len(r.plan.Ready(r.state)) == 0 && r.state.fatal == nil && r.state.expects()
}

// next gives what is put into the history next. It comes back without at the moment for
// which an alarm is set, and where nothing is being done as soon as the run is to end.
func (r *live) next(ctx context.Context, results <-chan result, idle bool, alarm time.Time) (got result, ok bool) {
	var quit, done <-chan struct{}
	if idle {
		quit, done = r.local.quit, ctx.Done()
		r.rest.Store(true)
		defer r.rest.Store(false)
		r.local.quieter()
	}
	var due <-chan time.Time
	if at := r.state.due(); !at.IsZero() && r.reminding == nil {
		timer := time.NewTimer(time.Until(at))
		defer timer.Stop()
		due = timer.C
	}
	stop := func() bool { return true }
	defer func() { stop() }()
	select {
	case got = <-results:
		return got, true
	case got = <-r.inbox:
		return got, true
	case <-due:
		r.answerOverdue(ctx)
	case <-wakes(alarm, &stop):
	case <-r.poke:
	case <-r.reminding:
		r.reminding = nil
	case <-quit:
	case <-done:
	}
	return got, false
}

// answerOverdue gives the questions that are due the answers that they were asked with,
// beside the loop, which takes them like any other. Where that cannot be written it is
// tried again a while later.
func (r *live) answerOverdue(ctx context.Context) {
	now := time.Now()
	overdue := r.plan.overdue(r.state, now)
	said := make(chan struct{})
	r.reminding = said
	r.local.work.Go(func() {
		defer close(said)
		written := true
		for _, q := range overdue {
			if err := r.local.Answer(ctx, q.ID, flow.Answer{Choice: q.Else, By: flow.ByTime, Given: now}); err != nil {
				r.local.trouble(r.row.Flow, "question %s was due and could not be answered: %v", q.ID, err)
				written = false
			}
		}
		if written {
			return
		}
		again := time.NewTimer(longestSleep)
		defer again.Stop()
		select {
		case <-again.C:
		case <-r.local.quit:
		case <-ctx.Done():
		}
	})
}

// show lets others see how the run stands. Its row says how many answers it waits for,
// at least whether it is any while other things are being done.
func (r *live) show(idle bool) {
	now := r.state
	r.shown.Store(&now)
	for _, answered := range r.folded {
		close(answered)
	}
	asked := r.asked
	r.folded, r.asked = nil, false
	n, wakes := now.asks(), now.wakes(func(int) bool { return true })
	if !idle {
		wakes = r.row.Wakes
	}
	if wakes.Equal(r.row.Wakes) && (n == r.row.Questions || !idle && (n == 0) == (r.row.Questions == 0)) {
		if asked { // as many as before, and yet others
			r.local.tell(flow.Event{Kind: flow.RunChanged, Flow: r.row.Flow, Run: r.row})
		}
		return
	}
	r.row.Questions, r.row.Wakes = n, wakes
	if err := r.local.update(context.Background(), r.row); err != nil {
		r.local.trouble(r.row.Flow, "run %s waits, for %s and for what else it does, and that could not be written: %v", r.id, count(n, "answer"), err)
	}
}

func (l *Local) ending() bool {
	select {
	case <-l.quit:
		return true
	default:
		return false
	}
}

// Questions lists what a run waits for a person to say, the oldest first; what all
// unfinished runs do, where id is "".
func (l *Local) Questions(ctx context.Context, id flow.RunID) ([]flow.Question, error) {
	if id != "" {
		return l.questionsOf(ctx, id)
	}
	rows, err := l.options.History.Unfinished(ctx)
	if err != nil {
		return nil, fmt.Errorf("list unfinished runs: %w", err)
	}
	var all []flow.Question
	for _, row := range rows {
		some, err := l.questionsOf(ctx, row.ID)
		if err != nil {
			l.trouble(row.Flow, "what run %s asks cannot be told: %v", row.ID, err)
			continue
		}
		all = append(all, some...)
	}
	return all, nil
}

func (l *Local) questionsOf(ctx context.Context, id flow.RunID) ([]flow.Question, error) {
	l.answering.Lock()
	p, s, err := l.stand(ctx, id)
	l.answering.Unlock()
	if err != nil {
		return nil, err
	}
	open := p.Questions(s)
	for i := range open {
		if err := l.showRecord(ctx, &open[i]); err != nil {
			return nil, err
		}
	}
	return open, nil
}

// showRecord puts the record that a question is about into it.
func (l *Local) showRecord(ctx context.Context, q *flow.Question) error {
	at, place, _ := flow.ParseQuestionID(q.ID)
	batch, err := l.worker.batch(ctx, at)
	if err == nil && place < len(batch) {
		q.Record = &batch[place]
	}
	return err
}

// stand tells how a run stands. What nobody knows of one that does not go on here is
// settled first, so that what is asked about it has a name. l.answering is held.
func (l *Local) stand(ctx context.Context, id flow.RunID) (*Plan, State, error) {
	if r := l.running(id); r != nil {
		if s := r.shown.Load(); s != nil {
			return r.plan, *s, nil
		}
	}
	row, err := l.options.History.Run(ctx, id)
	if err != nil {
		return nil, State{}, err
	}
	f, err := l.began(ctx, row)
	if err != nil {
		return nil, State{}, err
	}
	p, err := l.plan(ctx, f, row.Set)
	if err != nil {
		return nil, State{}, err
	}
	s, err := l.fold(ctx, p, row)
	if err != nil {
		return nil, s, err
	}
	return p, l.worker.settle(ctx, p, s), nil
}

// Answer settles a question. The answer is on disk when it returns, and nobody finds the
// question among the open ones. The run goes on by itself where it goes on here, else as
// soon as somebody takes it up. The same answer given once more changes nothing; another
// one is refused.
func (l *Local) Answer(ctx context.Context, question string, said flow.Answer) error {
	r, folded, err := l.writeAnswer(ctx, question, said)
	if err != nil || folded == nil {
		return err
	}
	select {
	case <-folded:
	case <-r.ended:
	case <-ctx.Done():
	}
	return nil
}

// writeAnswer writes an answer down and gives it to its run, where that goes on here; folded
// tells when the run has taken it.
func (l *Local) writeAnswer(ctx context.Context, question string, said flow.Answer) (r *live, folded chan struct{}, err error) {
	at, _, ok := flow.ParseQuestionID(question)
	if !ok {
		return nil, nil, Problems{{Code: "no-question", What: fmt.Sprintf("%q names no question", question), Fix: "jackfield runs questions lists those that are open"}}
	}
	if said.Given.IsZero() {
		said.Given = time.Now()
	}
	l.answering.Lock()
	defer l.answering.Unlock()
	if r = l.running(at.Run); r != nil {
		if before, was := r.said[question]; was {
			return nil, nil, repeats(question, before, said)
		}
	}
	e, err := l.answerTo(ctx, question, said)
	if err != nil || e.Key == "" {
		return nil, nil, err
	}
	if e.Seq, err = l.options.History.Append(context.WithoutCancel(ctx), flow.Entry{StepRun: e}); err != nil {
		return nil, nil, fmt.Errorf("store the answer: %w", err)
	}
	if r == nil {
		return nil, nil, l.uncount(ctx, at.Run)
	}
	if r.said == nil {
		r.said = map[string]flow.Answer{}
	}
	r.said[question] = said
	folded = make(chan struct{})
	select {
	case r.inbox <- result{done: e, aside: true, folded: folded}:
	case <-r.ended: // whoever takes it up finds the answer
	}
	return r, folded, nil
}

// answerTo is what to write down of an answer; nothing where the same one was given
// before.
func (l *Local) answerTo(ctx context.Context, question string, said flow.Answer) (flow.StepRun, error) {
	at, place, _ := flow.ParseQuestionID(question)
	p, s, err := l.stand(ctx, at.Run)
	if err != nil {
		return flow.StepRun{}, err
	}
	if i, a := s.find(at, place); a != nil {
		if wrong := a.ask.Fits(said); len(wrong) > 0 {
			return flow.StepRun{}, Problems(wrong)
		}
		return a.mark(p.steps[i].ID, said), nil
	}
	for e, err := range l.options.History.StepRuns(ctx, at.Run) {
		if err != nil {
			return flow.StepRun{}, fmt.Errorf("read what run %s did: %w", at.Run, err)
		}
		if e.Mark == flow.Answered && e.Key == answerPrefix+question {
			return flow.StepRun{}, repeats(question, *e.Answer, said)
		}
	}
	return flow.StepRun{}, Problems{{Code: "no-question", What: fmt.Sprintf("there is no question %s", question), Fix: "jackfield runs questions lists those that are open"}}
}

// repeats says that a question was answered before, unless the answer is the same.
func repeats(question string, before, said flow.Answer) error {
	if before.Same(said) {
		return nil
	}
	return Problems{{
		Code: "answered", What: fmt.Sprintf("question %s was answered before: %s", question, inWords(before)),
		Fix: "the run has gone on with that; start the flow anew where it was wrong",
	}}
}

// inWords tells who said what and when.
func inWords(a flow.Answer) string {
	text := a.Choice
	if text == "" {
		text = "with values"
	}
	if a.By != "" {
		text += ", by " + a.By
	}
	return text + ", " + a.Given.Local().Format("2006-01-02 15:04:05")
}

// uncount counts the open questions of a run that does not go on here anew.
func (l *Local) uncount(ctx context.Context, id flow.RunID) error {
	_, s, err := l.stand(ctx, id)
	if err != nil {
		return err
	}
	row, err := l.options.History.Run(ctx, id)
	if err != nil {
		return err
	}
	row.Questions = s.asks()
	return l.update(ctx, row)
}
