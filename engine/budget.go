package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// budgets count down how many retries each run may still make, so that a service which
// is ill does not make a run of many records many times as long.
type budgets struct {
	mu   sync.Mutex
	left map[flow.RunID]int
}

// open sets what a run may still spend.
func (b *budgets) open(id flow.RunID, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left == nil {
		b.left = map[flow.RunID]int{}
	}
	b.left[id] = max(n, 0)
}

// take spends n retries of a run, or says that there are not so many left. A run that
// was never opened, as when a flow is only looked at, may spend what it likes.
func (b *budgets) take(id flow.RunID, n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	left, counted := b.left[id]
	if !counted {
		return true
	}
	if left < n {
		return false
	}
	b.left[id] = left - n
	return true
}

func (b *budgets) forget(id flow.RunID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.left, id)
}

// retryBudget is how many retries a run of the flow may make between its start, or a
// resume, and its end.
func retryBudget(s flow.Settings) int {
	if s.Retries > 0 {
		return s.Retries
	}
	return flow.RetryBudget
}

// longestPause is how long a service may ask a run to wait at the most.
const longestPause = 24 * time.Hour

// refuseRetry says why n further attempts are not made, after a pause that the service
// asked for; "" where they are.
func (x *pass) refuseRetry(ctx context.Context, n int, asked time.Duration) string {
	if asked > longestPause {
		return fmt.Sprintf("the service asked to wait %s, which is longer than a run waits", shortly(asked))
	}
	if end, limited := ctx.Deadline(); limited && asked > 0 && time.Now().Add(asked).After(end) {
		return fmt.Sprintf("the service asked to wait %s, and the run's time is over before that", shortly(asked))
	}
	if !x.w.budgets.take(x.task.run.ID, n) {
		return fmt.Sprintf("the %d retries that the run may make are used up", retryBudget(x.plan.flow.Settings))
	}
	x.retries += n
	return ""
}

// withNote adds to a failure why it is not tried again.
func withNote(err error, note string) error {
	f := *kit.AsFailure(err)
	f.What += "; not tried again: " + note
	return &f
}

// logPause tells of a pause between two attempts. One that the service asked for and
// that is long is told with its end.
func (x *pass) logPause(rec flow.RecordID, d, asked time.Duration, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	_, most := pauses(x.step.Retry)
	if asked > most || asked > 15*time.Minute {
		text = fmt.Sprintf("waits until %s because the service asked to: %s", clock(time.Now().Add(d)), text)
		x.tellTrouble("step %q %s", x.step.ID, text)
	}
	x.env.Log(flow.Warn, rec, "%s", text)
}

// pauses are the first and the longest pause with their defaults.
func pauses(r flow.Retry) (first, most time.Duration) {
	first, most = r.First, r.Most
	if first <= 0 {
		first = time.Second
	}
	if most <= 0 {
		most = time.Minute
	}
	return first, most
}

// jittered takes up to a fifth off d, by chance.
func jittered(d time.Duration) time.Duration {
	return d - time.Duration(rand.Int64N(int64(d)/5+1))
}
