package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// callDepth is how deep flows may call each other.
const callDepth = 16

// calledCause is the cause of a run that another run called.
const calledCause = "flow"

// call runs a flow for a record of another run. The called run's id is computed from
// the record, so that the call finds its run again after a crash or in a retry, and
// goes on with it.
func (l *Local) call(ctx context.Context, c Call) ([]any, error) {
	parent := l.running(c.Run.ID)
	if parent == nil {
		return nil, errParked
	}
	f, err := l.callable(ctx, c.Flow)
	if err != nil {
		return nil, err
	}
	if err := mayCall(parent.chain, f.ID); err != nil {
		return nil, err
	}
	k := kinship{of: c.Run.ID, chain: parent.chain}
	k.id = c.Run.ID + "-" + flow.RunID(flow.Child(c.Step, []flow.RecordID{c.Record}, c.Number))
	child, row, err := l.called(ctx, f, c, k)
	if err != nil {
		return nil, err
	}
	if child != nil {
		if row, err = l.waitFor(ctx, child); err != nil {
			return nil, err
		}
	}
	if f, err = l.options.Flows(ctx, row.Flow, row.Version); err != nil {
		return nil, err
	}
	return l.answer(ctx, f, row)
}

// errSpent is behind what a called run failed with. Its own steps have tried again what was
// worth it, and a resume of it may do more than what failed: only who asks for that by the
// retry of the calling step gets it.
var errSpent = errors.New("the called run has tried again what was worth it")

// callable finds the flow that a step names.
func (l *Local) callable(ctx context.Context, name string) (flow.Flow, error) {
	f, err := l.options.Flows(ctx, flow.ID(name), 0)
	if errors.Is(err, fs.ErrNotExist) {
		return f, kit.Fail(kit.Missing, "there is no flow %q", name).On("flow").
			Hint("see its name: jackfield flows ls; jackfield flows import FILE takes in one that is but a file")
	}
	return f, err
}

func mayCall(chain []flow.ID, id flow.ID) error {
	names := make([]string, len(chain))
	for i, one := range chain {
		names[i] = string(one)
	}
	if slices.Contains(chain, id) {
		return kit.Fail(kit.Invalid, "flows would call each other without end: %s → %s", strings.Join(names, " → "), id).
			Hint("let one of them do its part without calling")
	}
	if len(chain) >= callDepth {
		return kit.Fail(kit.Invalid, "flows call each other %d deep: %s → %s", len(chain), strings.Join(names, " → "), id).
			Hint("call the last one directly")
	}
	return nil
}

// called finds the run of an earlier attempt, and goes on with it if it has not ended, or
// starts a new one. child is nil where it has. One that failed is resumed where somebody
// wants that, and not because the program died before its caller had heard of its end.
func (l *Local) called(ctx context.Context, f flow.Flow, c Call, k kinship) (child *live, row flow.Run, err error) {
	for {
		if r := l.running(k.id); r != nil {
			return r, row, nil
		}
		row, err = l.options.History.Run(ctx, k.id)
		switch {
		case err != nil:
			child, err = l.callAnew(ctx, f, c, k)
			return child, row, err
		case row.State == flow.RunDone, row.State.Ended() && row.State != flow.RunStopped && !c.Again:
			return nil, row, nil
		case row.State == flow.Running:
			child, err = l.takeUp(ctx, k.id, k, false, l.began)
		default:
			child, err = l.resume(ctx, k.id, flow.Fitting, k)
		}
		if !isCode(err, goingOn) && !isCode(err, hasEnded) {
			return child, row, err
		}
		// After a start of the program the called run is taken up by itself, too.
	}
}

func (l *Local) callAnew(ctx context.Context, f flow.Flow, c Call, k kinship) (*live, error) {
	input := c.Data
	if input == nil {
		input = []any{}
	}
	trigger, err := l.takes(ctx, f, input)
	if err != nil {
		return nil, err
	}
	return l.begin(ctx, f, Start{Trigger: trigger, Input: input, Cause: calledCause}, k)
}

// waitFor waits for a called run, and stops it where the caller is stopped.
func (l *Local) waitFor(ctx context.Context, child *live) (flow.Run, error) {
	select {
	case <-child.ended:
	case <-ctx.Done():
		why := context.Cause(ctx)
		if !errors.Is(why, errParked) {
			child.stop(errStopped)
		} else {
			child.stop(errParked)
		}
		<-child.ended
		return flow.Run{}, why
	}
	return child.row, child.err
}

// answer is what a called run gives: the data that left its last steps. Failures that
// none of its steps took care of are the caller's.
func (l *Local) answer(ctx context.Context, f flow.Flow, row flow.Run) ([]any, error) {
	name := cmp.Or(f.Name, string(f.ID))
	if row.State == flow.RunStopped {
		return nil, kit.Fail(kit.Stopped, "the called flow %q was stopped", name).Hint("resume this run, and it goes on")
	}
	if row.State != flow.RunDone && row.State != flow.RunPartial {
		what := &flow.Problem{Code: kit.Unknown, What: string(row.State)}
		if row.Problem != nil {
			what = row.Problem
		}
		failure := kit.Fail(what.Code, "the called flow %q failed: %s", name, what.Error()).Hint("see its run %s", row.ID)
		failure.Cause = errSpent
		return nil, failure
	}
	p, err := l.plan(ctx, f, row.Set)
	if err != nil {
		return nil, err
	}
	data := []any{}
	for r, err := range l.options.History.StepRuns(ctx, row.ID) {
		if err != nil {
			return nil, fmt.Errorf("read what the called flow %q did: %w", name, err)
		}
		if data, err = l.gatherFrom(ctx, p, r, data); err != nil {
			return nil, err
		}
	}
	s, err := l.fold(ctx, p, row)
	if err != nil {
		return nil, err
	}
	if err := p.keepsWord(name, data); err != nil {
		return nil, err
	}
	if n := s.unresolved(p); n > 0 {
		return nil, kit.Fail(kit.Refused, "%s of the called flow %q failed", count(n, "record"), name).
			Hint("see its run %s; resume this run to try them again", row.ID)
	}
	return data, nil
}

// gatherFrom adds what rests behind a last step: one that no edge leaves, unless by
// failed.
func (l *Local) gatherFrom(ctx context.Context, p *Plan, r flow.StepRun, data []any) ([]any, error) {
	s, ok := p.step(r.Step)
	if !ok || s.In != "" {
		return data, nil // what leaves a scope leaves by its container
	}
	for o, edges := range s.leaves {
		if o != flow.Failed && o != flow.Finally && len(edges) > 0 {
			return data, nil
		}
	}
	for _, o := range s.outlets {
		if o == flow.Failed || o == flow.Finally || o == Empty || r.Out[o] == 0 {
			continue
		}
		batch, err := l.worker.batch(ctx, ref(r, o))
		if err != nil {
			return nil, err
		}
		for _, rec := range batch {
			data = append(data, rec.Data)
		}
	}
	return data, nil
}

// unresolved is how many records failed and went nowhere.
func (s State) unresolved(p *Plan) int {
	n := 0
	for i, one := range s.steps {
		if !p.caught(i) {
			n += one.out[flow.Failed]
		}
	}
	return n
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// callers are the flows that called the run of row, the outermost first.
func (l *Local) callers(ctx context.Context, row flow.Run) []flow.ID {
	var chain []flow.ID
	for (row.Cause == calledCause || row.Cause == startedCause) && row.Of != "" && len(chain) < callDepth {
		caller, err := l.options.History.Run(ctx, row.Of)
		if err != nil {
			break
		}
		chain = append(chain, caller.Flow)
		row = caller
	}
	slices.Reverse(chain)
	return chain
}
