package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"sync"
	"sync/atomic"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/flow"
)

// Local is the door to the engine and the store of this very process.
type Local struct {
	store    Store
	vault    Vault
	ops      kit.Library
	home     string
	examples fs.FS
	runner   *engine.Local
	watchers watchers
	janitor  sync.WaitGroup
	untidy   chan struct{} // something may have to be given up
	full     atomic.Pointer[flow.Problem]
	stop     context.CancelFunc
	links    links
	tokens   tokens
	signIns  signIns
	mask     kit.Mask // knows the secrets that were used
	unlock   sync.Once
	unlocked chan struct{} // closed once the vault was locked and is no longer
	wellness wellness
}

// Options are the parts that Local is put together from.
type Options struct {
	Store    Store
	Vault    Vault
	History  engine.History // the same store, as the engine sees it
	Ops      kit.Library
	Home     string // an absolute path; paths in flows without a file are relative to it
	Examples fs.FS  // flow files at the top, their data in folders
	Workers  int    // how many tasks are performed at a time, in all; 0 is by the machine
}

var _ Service = (*Local)(nil)

// New puts the door together. Nothing runs before Serve or Start.
func New(o Options) *Local {
	l := &Local{store: o.Store, vault: o.Vault, ops: o.Ops, home: o.Home, examples: o.Examples, untidy: make(chan struct{}, 1), unlocked: make(chan struct{})}
	newest := flow.RunID("")
	if runs, err := o.Store.Runs(context.Background(), "", "", "", 1); err == nil && len(runs) > 0 {
		newest = runs[0].ID
	}
	l.watchers.mask = &l.mask
	l.runner = engine.NewLocal(engine.LocalOptions{
		Newest:     newest,
		History:    o.History,
		Ops:        o.Ops,
		Flows:      l.flowForRun,
		Connection: l.reveal,
		Rate:       l.rateOf,
		Tokens:     l.tokensOf,
		Mask:       &l.mask,
		Home:       o.Home,
		Workers:    o.Workers,
		Enabled:    l.enabledFlows,
		Watch:      l.told,
	})
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	l.janitor.Go(func() { l.keepHistoryShort(ctx) })
	l.janitor.Go(func() { l.watchHealth(ctx) })
	if _, ok := l.ops.(kit.Shelf); ok {
		l.janitor.Go(func() { l.watchConnectors(ctx) })
	}
	return l
}

// Recover takes up the runs that were cut off.
func (l *Local) Recover(ctx context.Context) error { return l.runner.Recover(ctx) }

// enabledFlows lists the flows whose triggers are to be live, as they are now. One that
// cannot be read is left out; whoever makes it live is told.
func (l *Local) enabledFlows(ctx context.Context) ([]flow.Flow, error) {
	all, err := l.store.Flows(ctx)
	if err != nil {
		return nil, err
	}
	var found []flow.Flow
	for _, o := range all {
		if !o.Enabled {
			continue
		}
		if f, err := l.store.Flow(ctx, o.ID, 0); err == nil {
			found = append(found, l.withBound(f))
		}
	}
	return found, nil
}

// Serve takes up the runs that were cut off and makes the triggers of enabled flows
// live. What cannot go live is told to those who watch; the others do. While the vault
// is locked it waits: a run that starts by itself would fail for want of its secrets.
func (l *Local) Serve(ctx context.Context) error {
	if err := l.awaitUnlock(ctx); err != nil {
		return err
	}
	l.serveLinks()
	if err := l.runner.Recover(ctx); err != nil {
		return err
	}
	all, err := l.store.Flows(ctx)
	if err != nil {
		return err
	}
	for _, o := range all {
		if !o.Enabled {
			continue
		}
		if err := l.goLive(ctx, o.ID); err != nil {
			l.watchers.tell(flow.Event{
				Kind: flow.Trouble, Flow: o.ID,
				What: fmt.Sprintf("the triggers of %s are not live: %v", o.Name, err),
			})
		}
	}
	l.wellness.serving.Store(true)
	return nil
}

// Drain lets nothing start by itself any more and waits for the runs that go on. When
// ctx ends before, it gives how many are left.
func (l *Local) Drain(ctx context.Context) (left int) { return l.runner.Drain(ctx) }

// Close lets running tasks come to a safe place and lets go. Runs that are under way
// go on at the next Serve.
func (l *Local) Close(ctx context.Context) error {
	l.signIns.close()
	err := errors.Join(l.closeLinks(ctx), l.runner.Close(ctx))
	l.tokens.wait()
	l.keepHealth(context.WithoutCancel(ctx), true)
	l.stop()
	l.janitor.Wait()
	return err
}

// Watch yields what changes from now on.
func (l *Local) Watch(ctx context.Context) iter.Seq[flow.Event] { return l.watchers.watch(ctx) }

// flowForRun finds a flow by its id or, as one flow calls another, by its name.
func (l *Local) flowForRun(ctx context.Context, id flow.ID, version int) (flow.Flow, error) {
	f, err := l.store.Flow(ctx, id, version)
	if !errors.Is(err, fs.ErrNotExist) || version != 0 {
		return l.withBound(f), err
	}
	all, listErr := l.store.Flows(ctx)
	if listErr != nil {
		return f, listErr
	}
	for _, o := range all {
		if o.Name == string(id) {
			f, err = l.store.Flow(ctx, o.ID, 0)
			return l.withBound(f), err
		}
	}
	return f, err
}
