package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// LocalOptions say what a Local works with.
type LocalOptions struct {
	History History
	Ops     kit.Library
	// Flows finds a version of a flow; 0 is the newest.
	Flows func(ctx context.Context, id flow.ID, version int) (flow.Flow, error)
	// Enabled lists the flows whose triggers are to be live, in this process or another
	// one: what happens for them while they are not yet live is kept. nil is none.
	Enabled func(ctx context.Context) ([]flow.Flow, error)
	// Connection finds a stored connection; its secrets come as kit.Secret.
	Connection func(ctx context.Context, name string) (connector string, values flow.Values, err error)
	// Rate is how often a stored connection may be used; nil is for no limits.
	Rate func(ctx context.Context, name string) flow.Rate
	// Tokens is where a stored connection keeps what its sign-in gave; nil for nowhere.
	Tokens func(connection string) *kit.Tokens
	// Mask knows the secrets that logs and problems must not show; nil for none.
	Mask    *kit.Mask
	Home    string           // the folder of flows that have no file, and of what runs keep
	Watch   func(flow.Event) // is told what happens; it must not wait
	Workers int              // how many tasks are performed at a time; 0 is by the machine
	Newest  flow.RunID       // the run with the greatest id that there is; new ones come behind it
	Clock   Clock            // of schedules
}

// Local runs flows on this machine: one loop for each run, and one set of workers for
// all of them.
type Local struct {
	options LocalOptions
	worker  *Worker
	slots   chan struct{}
	quit    chan struct{}
	quiet   chan struct{} // rings when a run has ended or only waits
	ids     runIDs
	work    sync.WaitGroup
	turns   turns

	programs  Programs
	plans     plans
	awaited   map[flow.RunID][]*live // who waits for the end of a run
	answering sync.Mutex             // held while somebody answers, so that no two answers cross

	mu      sync.Mutex
	closed  bool
	live    map[flow.RunID]*live
	enabled map[flow.ID]*enabled

	followers []follower // of enabled flows; replaced, never changed
	followed  bool       // those that were enabled when the program started are among them
	events    atomic.Uint32
}

// Start says which run to start.
type Start struct {
	Flow    flow.ID
	Version int            // 0 is the newest
	Trigger flow.StepID    // "" is the manual trigger, or else the first
	Input   []any          // records in place of what the trigger would give; nil for none
	Set     []flow.Setting // for this run only
	Limit   int            // how many records each source gives at the most; 0 is all
	Cause   string         // as flow.Run.Cause; "" is "manual"
	Of      flow.RunID     // the run that this one repeats
	Slot    time.Time      // the planned time, for a schedule

	arrange *flow.Arrangement // of its trigger, with which the run begins

	part  *flow.Part // of a replay
	keys  flow.RunID
	given int
	bring func(context.Context, *live) error // brings the records of a part
}

// NewLocal makes a runner. Close ends it.
func NewLocal(o LocalOptions) *Local {
	if o.Workers <= 0 {
		o.Workers = max(4, 2*runtime.GOMAXPROCS(0))
	}
	l := &Local{
		options: o, slots: make(chan struct{}, o.Workers), quit: make(chan struct{}), quiet: make(chan struct{}, 1),
		live: map[flow.RunID]*live{}, enabled: map[flow.ID]*enabled{},
	}
	l.worker = &Worker{History: o.History, Watch: o.Watch, Call: l.call, Start: l.startFor, Results: l.results, Scratch: l.scratch, Keep: l.keep, Tokens: o.Tokens, Mask: o.Mask, Quit: l.quit}
	l.ids.behind(o.Newest)
	if h, ok := o.History.(Computing); ok {
		h.Compute(l.compute)
		l.worker.computing = h
	}
	return l
}

// Start starts a run. When it returns, the run is on disk, and its input where it has
// one. What stands in the way comes as Problems.
func (l *Local) Start(ctx context.Context, s Start) (flow.RunID, error) {
	f, err := l.options.Flows(ctx, s.Flow, s.Version)
	if err != nil {
		return "", err
	}
	r, err := l.begin(ctx, f, s, kinship{})
	if err != nil {
		return "", err
	}
	return r.id, nil
}

// Wait returns when the run has ended.
func (l *Local) Wait(ctx context.Context, id flow.RunID) (flow.Run, error) {
	if r := l.running(id); r != nil {
		return r.wait(ctx)
	}
	return l.options.History.Run(ctx, id)
}

var errStopped = errors.New("the run was stopped")

// Stop ends a run at once. What it has done stays, and Resume goes on from there.
func (l *Local) Stop(ctx context.Context, id flow.RunID) error {
	if r := l.running(id); r != nil {
		r.stop(errStopped)
		_, err := l.Wait(ctx, id)
		return err
	}
	row, err := l.options.History.Run(ctx, id)
	if err != nil {
		return err
	}
	if row.State.Ended() {
		return Problems{{Code: hasEnded, What: fmt.Sprintf("run %s has ended already", id), Fix: "there is nothing to stop"}}
	}
	row.State, row.Ended = flow.RunStopped, lastly(row)
	return l.update(ctx, row)
}

// Resume takes a run up again that has ended and left something to do.
func (l *Local) Resume(ctx context.Context, id flow.RunID, by flow.Which) error {
	_, err := l.resume(ctx, id, by, kinship{})
	return err
}

func (l *Local) resume(ctx context.Context, id flow.RunID, by flow.Which, k kinship) (*live, error) {
	return l.takeUp(ctx, id, k, true, l.finderOf(by))
}

// Recover takes up the runs that were going on when the program ended. Those that
// cannot be taken up are failed, with the reason.
func (l *Local) Recover(ctx context.Context) error {
	rows, err := l.options.History.Unfinished(ctx)
	if err != nil {
		return fmt.Errorf("list unfinished runs: %w", err)
	}
	for _, row := range rows {
		if _, err := l.takeUp(ctx, row.ID, kinship{}, false, l.began); err != nil {
			if ctx.Err() != nil || errors.Is(err, errParked) {
				return err
			}
			if isCode(err, goingOn) || isCode(err, hasEnded) {
				continue // a run that called it was quicker
			}
			if err := l.fail(ctx, row, fmt.Errorf("the run could not be taken up again: %w", err)); err != nil {
				return err
			}
		}
	}
	return nil
}

// fail ends a run that cannot begin or be taken up.
func (l *Local) fail(ctx context.Context, row flow.Run, why error) error {
	f := kit.AsFailure(why)
	p := flow.Problem{Code: f.Kind, What: why.Error(), Fix: f.Fix}
	maskProblem(l.options.Mask, &p)
	row.State, row.Ended, row.Problem, row.Queued = flow.RunFailed, lastly(row), &p, false
	if began, err := l.began(ctx, row); err == nil {
		if err := l.report(ctx, began, row); err != nil {
			return err
		}
	}
	return l.update(ctx, row)
}

// Close ends the runner. Tasks end after the record that they are at; when ctx ends,
// at once. Runs that are not at their end go on with Recover, next time.
func (l *Local) Close(ctx context.Context) error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	close(l.quit)
	var all []*enabled
	for _, e := range l.enabled {
		all = append(all, e)
	}
	l.mu.Unlock()
	for _, e := range all {
		e.cancel()
	}
	done := make(chan struct{})
	go func() {
		for _, e := range all {
			e.work.Wait()
		}
		l.work.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	for _, r := range l.live {
		r.stop(errParked)
	}
	l.mu.Unlock()
	select {
	case <-done:
		return nil
	case <-time.After(5 * time.Second):
		return fmt.Errorf("end the runner: %d runs do not stop", len(l.runningIDs()))
	}
}

// Programs is the jq that this runner has compiled; checks of the same flows may use it.
func (l *Local) Programs() *Programs { return &l.programs }

func (l *Local) running(id flow.RunID) *live {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.live[id]
}

// Performs says whether a run goes on here, if only to wait.
func (l *Local) Performs(id flow.RunID) bool { return l.running(id) != nil }

// from finds the runs of a flow that were started by a trigger and go on.
func (l *Local) from(f flow.ID, trigger flow.StepID) []*live {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []*live
	for _, r := range l.live {
		if r.plan.flow.ID == f && r.from == trigger {
			found = append(found, r)
		}
	}
	return found
}

func (l *Local) runningIDs() []flow.RunID {
	l.mu.Lock()
	defer l.mu.Unlock()
	var ids []flow.RunID
	for id := range l.live {
		ids = append(ids, id)
	}
	return ids
}

func (l *Local) tell(e flow.Event) { l.worker.tell(e) }

func (l *Local) trouble(f flow.ID, format string, args ...any) {
	l.tell(flow.Event{Kind: flow.Trouble, Flow: f, What: fmt.Sprintf(format, args...)})
}

// update writes a run's row and tells of it. Where it ends, those who wait for that
// hear of it too.
func (l *Local) update(ctx context.Context, row flow.Run) error {
	if row.State.Ended() {
		if err := l.foretell(ctx, row); err != nil {
			return err
		}
		defer l.tellFollowers(row)
	}
	if err := l.options.History.Update(context.WithoutCancel(ctx), row); err != nil {
		return fmt.Errorf("write how run %s stands: %w", row.ID, err)
	}
	l.tell(flow.Event{Kind: flow.RunChanged, Flow: row.Flow, Run: row})
	return nil
}

// finder looks connections up for a plan.
func finder(ctx context.Context, find func(context.Context, string) (string, flow.Values, error)) func(string) (string, flow.Values, error) {
	return func(name string) (string, flow.Values, error) {
		if find == nil {
			return "", nil, kit.Fail(kit.Missing, "there is no connection %q here", name)
		}
		return find(ctx, name)
	}
}

// dir is what relative paths of a flow are relative to.
func (l *Local) dir(f flow.Flow) string {
	if f.Path != "" {
		return filepath.Dir(f.Path)
	}
	return l.options.Home
}

// scratch is the folder beside a run's batches that goes with them.
func (l *Local) scratch(id flow.RunID) string {
	if l.options.Home == "" {
		return ""
	}
	return filepath.Join(l.options.Home, "batches", string(id), "work")
}

// keep is the folder of what a step keeps between runs.
func (l *Local) keep(f flow.ID, s flow.StepID) string {
	if l.options.Home == "" {
		return ""
	}
	return filepath.Join(l.options.Home, keepName, string(f), string(s))
}

// keepName is the folder in which steps keep things between runs, in a folder for each
// flow.
const keepName = "keep"

// Forget removes what the steps of a flow keep between runs.
func (l *Local) Forget(f flow.ID) error {
	if l.options.Home == "" || f == "" {
		return nil
	}
	return os.RemoveAll(filepath.Join(l.options.Home, keepName, string(f)))
}
