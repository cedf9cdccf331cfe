package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Uncertain is the code of the problem that a record has of which nobody knows whether
// the step did its work.
const Uncertain flow.Code = "uncertain"

// careful performs what counts each time it is done. Before it begins with records,
// that it is about to is on disk, in one entry with what became of those before them;
// so a batch of n records costs n+1 writes, and after a crash it is known of which
// records it is not known.
func (x *pass) careful(ctx context.Context, in *instance, items []*item, units []*unit) (flow.Entry, error) {
	intended := false
	for at := 0; at < len(items); {
		n, once := x.stretch(in, items[at:], units[before(units, items, at):])
		own := units[before(units, items, at):before(units, items, at+n)]
		if once {
			if x.halted(ctx) {
				break
			}
			if err := x.intend(ctx, items[:at], units[:before(units, items, at)], n); err != nil {
				return flow.Entry{}, err
			}
			units = units[before(units, items, at):]
			items, at, intended = items[at:], 0, true
			own = units[:len(own)]
			for _, u := range own {
				u.counts = true
			}
		}
		if err := x.work(ctx, in, own); err != nil {
			return flow.Entry{}, err
		}
		if once {
			x.unsure(ctx, own)
		}
		if !allFinished(items[at:at+n], own) || x.step.OnError == flow.StopRun && anyFailed(own) {
			break
		}
		at += n
	}
	e, err := x.outcome(ctx, items, units)
	if err != nil && intended {
		return flow.Entry{StepRun: flow.StepRun{Mark: flow.Settled}}, nil // nothing was begun
	}
	return e, err
}

// mayRepeat says whether a unit may be attempted once more without a person's word.
// Where each time counts and the step does not say how often to try, that is so only
// where the other side said that it does nothing for now.
func (x *pass) mayRepeat(u *unit, f *kit.Failure) bool {
	switch {
	case !u.counts:
		return true
	case f.Uncertain:
		return x.step.Uncertain == flow.DoAgain && x.step.Retry.Tries > 0
	}
	return x.step.Retry.Tries > 0 || f.Kind == kit.Throttled || f.Kind == kit.Busy
}

// before is where the units of the items from the n-th on begin.
func before(units []*unit, items []*item, n int) int {
	if n == len(items) {
		return len(units)
	}
	k := 0
	for _, it := range items[:n] {
		for k < len(units) && units[k].item == it {
			k++
		}
	}
	return k
}

func allFinished(items []*item, units []*unit) bool {
	for _, it := range items {
		n := 0
		for n < len(units) && units[n].item == it {
			n++
		}
		if !finishedWith(it, units[:n]) {
			return false
		}
		units = units[n:]
	}
	return true
}

func anyFailed(units []*unit) bool {
	for _, u := range units {
		if u.failed() {
			return true
		}
	}
	return false
}

// stretch is how many of the next items are done together: those up to the next one
// that counts each time it is done, or, once at such, as many as one intent names.
func (x *pass) stretch(in *instance, items []*item, units []*unit) (n int, once bool) {
	k, most := 0, max(1, x.step.Parallel)
	if x.step.bulk {
		most = len(items)
	}
	for i, it := range items {
		lasting := it.fate == going && k < len(units) && units[k].item == it && x.lasting(in, units[k])
		if i == 0 {
			once = lasting
		}
		if lasting != once || once && n == most {
			break
		}
		for k < len(units) && units[k].item == it {
			k++
		}
		n++
	}
	return n, once
}

// lasting says whether what the operation does for a unit counts each time.
func (x *pass) lasting(in *instance, u *unit) bool {
	if _, hangs := in.op.(kit.Effector); !hangs {
		return true
	}
	return in.take(u.inputs, u.item.decided) == nil && x.step.op.EffectOf(in.op) == kit.Once
}

// intend writes down what became of the items, and that the step is about to do the
// next n.
func (x *pass) intend(ctx context.Context, items []*item, units []*unit, n int) error {
	e := flow.Entry{StepRun: flow.StepRun{Mark: flow.Intended}}
	if len(items) > 0 {
		var err error
		if e, err = x.outcome(ctx, items, units); err != nil {
			return err
		}
	}
	e.Intends = n
	if err := x.write(ctx, &e); err != nil {
		return err
	}
	if x.task.note != nil {
		x.task.note(e.StepRun)
	}
	x.task.Nth += e.In + e.Passed
	x.task.Key = x.plan.key(x.task)
	x.began, x.attempts = time.Now(), 0
	x.announce()
	return nil
}

// unsure settles what was begun and of which nobody knows whether it was done: the
// other side never said, or the attempt was cut short.
func (x *pass) unsure(ctx context.Context, units []*unit) {
	ended := false
	for i := len(units) - 1; i >= 0; i-- {
		u := units[i]
		var why *kit.Failure
		switch {
		case u.done && u.err != nil:
			if why = kit.AsFailure(u.err); !why.Uncertain || x.step.Uncertain == flow.DoAgain {
				why = nil // it failed for certain, or may be done once more by whoever wants that
			}
		case !u.done && u.begun:
			why = kit.Fail(kit.Stopped, "it was cut short: %w", cutShort(ctx))
			if x.step.Uncertain == flow.DoAgain && !ended {
				why = nil // it is done once more, like those behind it
			}
		}
		if why != nil {
			x.doubt(u, why.What)
		}
		ended = ended || u.done
	}
}

// cutShort is why a task is to end.
func cutShort(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return errors.New("the other side did not say how it went")
}

// doubt lets a record rest, or go on, by the rule of its step.
func (x *pass) doubt(u *unit, why string) {
	u.done, u.err = true, nil
	label, id := x.step.Label(), u.item.rec.ID
	if x.step.Uncertain == flow.LetPass {
		u.result = kit.Pass(x.step.first())
		x.env.Log(flow.Warn, id, "nobody knows whether this was done: %s; the record goes on as it came, as the step says", why)
		return
	}
	ask := flow.Ask{
		Kind: flow.Uncertain, Choices: []string{flow.Again, flow.Skip},
		Text: fmt.Sprintf("Did %q do its work for this record? %s. Do it again, or skip it because it was done?", label, sentence(why)),
	}
	if x.step.Uncertain == flow.DoAgain {
		ask.Due, ask.Else = time.Now(), flow.Again
	}
	u.item.problem = &flow.Problem{
		Step: x.step.ID, Record: id, Code: Uncertain, What: "nobody knows whether this was done: " + why,
		Fix: "look on the other side whether it was, then answer what the run asks",
	}
	u.result = kit.Ask(ask)
	x.env.Log(flow.Warn, id, "nobody knows whether this was done: %s; the run asks", why)
}

// settle writes down what became of what steps were about to do, where nobody is doing
// it any more. What cannot be written is left for another time.
func (w *Worker) settle(ctx context.Context, p *Plan, s State) State {
	for i, one := range s.steps {
		if one.intends == 0 {
			continue
		}
		t, ok := p.task(s, i)
		if !ok {
			continue
		}
		if done, err := w.Do(context.WithoutCancel(ctx), p, t); err == nil && done.Seq == s.next {
			s = p.After(s, done)
		}
	}
	return s
}

// settleIntents settles what the step was about to do when the program ended.
func (x *pass) settleIntents(ctx context.Context) (flow.Entry, error) {
	items, err := x.arrived(ctx, &x.task.came[0])
	if err != nil {
		return flow.Entry{}, err
	}
	items = items[:min(x.task.unsure, len(items))]
	if x.step.Uncertain == flow.DoAgain {
		for _, it := range items {
			x.env.Log(flow.Warn, it.rec.ID, "the program ended in the middle of it; it is done again, as the step says")
		}
		return flow.Entry{StepRun: flow.StepRun{Mark: flow.Settled}}, nil
	}
	var units []*unit
	for _, it := range items {
		u := &unit{item: it, rec: it.came()}
		x.doubt(u, "the program ended in the middle of it")
		units = append(units, u)
	}
	e, err := x.outcome(ctx, items, units)
	e.Mark = flow.Settled
	return e, err
}

// sentence begins with a capital letter.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// skipped says whether a person said of the records that what is uncertain was done.
func (x *pass) skipped() bool {
	a := x.task.came[0]
	return a.answer != nil && a.kind == flow.Uncertain && a.answer.Choice == flow.Skip
}

// markedKey is the key of an entry that takes no records, so that it is told from the
// one that does.
func (x *pass) markedKey(e *flow.Entry) string {
	if e.In+e.Passed > 0 {
		return x.task.Key
	}
	switch e.Mark {
	case flow.Intended:
		return fmt.Sprintf("%s!%d", x.task.Key, x.task.came[0].cut)
	case flow.Settled:
		return fmt.Sprintf("%s?%d", x.task.Key, x.task.came[0].cut)
	}
	return x.task.Key
}
