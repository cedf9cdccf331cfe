package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// signIns are those under way, at most one for a connection.
type signIns struct {
	mu   sync.Mutex
	of   map[string]*signIn // by connection
	work sync.WaitGroup
}

// signIn is one under way, or one that nobody has asked the end of yet.
type signIn struct {
	id     string
	cancel context.CancelFunc
	pasted chan string
	ended  chan struct{} // closed behind the fields below
	after  kit.Standing
	err    error
}

// SignIn begins a sign-in and gives what a person has to do. One that goes on for the same
// connection ends.
func (l *Local) SignIn(ctx context.Context, connection string, way kit.Way) (kit.Invitation, error) {
	entry, env, err := l.entry(ctx, connection)
	if err != nil {
		return kit.Invitation{}, err
	}
	if missing := entry.Fields().Missing("", nil); len(missing) > 0 {
		return kit.Invitation{}, Problems(missing)
	}
	within, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &signIn{id: rand.Text(), cancel: cancel, pasted: make(chan string, 1), ended: make(chan struct{})}
	invited := make(chan kit.Invitation, 1)
	l.signIns.begin(connection, s, func() {
		defer cancel()
		how := kit.SignIn{Way: way, Pasted: s.paste}
		s.err = entry.SignIn(within, env, how, func(i kit.Invitation) { i.ID = s.id; invited <- i })
		if s.err == nil {
			s.after, s.err = entry.Standing(within, env)
		}
		close(s.ended)
		l.watchers.tell(flow.Event{Kind: flow.ConnectionChanged, What: connection})
	})
	select {
	case i := <-invited:
		return i, nil
	case <-s.ended:
		return kit.Invitation{}, l.masked(s.err)
	case <-ctx.Done():
		cancel()
		return kit.Invitation{}, context.Cause(ctx)
	}
}

// AwaitSignIn returns when a sign-in has ended, and tells how the connection stands then.
// Who goes away before ends it.
func (l *Local) AwaitSignIn(ctx context.Context, id string) (kit.Standing, error) {
	s, err := l.signIns.find(id)
	if err != nil {
		return kit.Standing{}, err
	}
	select {
	case <-s.ended:
		return s.after, l.masked(s.err)
	case <-ctx.Done():
		s.cancel()
		return kit.Standing{}, context.Cause(ctx)
	}
}

// PasteSignIn brings the address that the browser was sent to in the end.
func (l *Local) PasteSignIn(_ context.Context, id, address string) error {
	s, err := l.signIns.find(id)
	if err != nil {
		return err
	}
	select {
	case s.pasted <- address:
		return nil
	case <-s.ended:
	default:
	}
	return kit.Fail(kit.Refused, "the sign-in has its answer already").Hint("begin it again")
}

// SignOut forgets what a sign-in gave.
func (l *Local) SignOut(ctx context.Context, connection string) error {
	entry, env, err := l.entry(ctx, connection)
	if err != nil {
		return err
	}
	if err := entry.SignOut(ctx, env); err != nil {
		return err
	}
	l.watchers.tell(flow.Event{Kind: flow.ConnectionChanged, What: connection})
	return nil
}

// Standing tells how a connection's sign-in stands.
func (l *Local) Standing(ctx context.Context, connection string) (kit.Standing, error) {
	entry, env, err := l.entry(ctx, connection)
	if failure, ok := errors.AsType[*kit.Failure](err); ok && failure.Kind == kit.Invalid {
		return kit.Standing{}, nil // nobody signs in there
	}
	if err != nil {
		return kit.Standing{}, err
	}
	return entry.Standing(ctx, env)
}

// entry is a stored connection that people may sign in to, with its settings.
func (l *Local) entry(ctx context.Context, name string) (kit.Entry, kit.Env, error) {
	connector, values, err := l.reveal(ctx, name)
	if err != nil {
		return nil, kit.Env{}, err
	}
	declared, ok := l.ops.Now().Connector(connector)
	if !ok || declared.Connection == nil {
		return nil, kit.Env{}, fmt.Errorf("connector %q has no connections", connector)
	}
	entry, ok := declared.Connection().(kit.Entry)
	if !ok {
		return nil, kit.Env{}, kit.Fail(kit.Invalid, "nobody has to sign in to %s by hand", name).Hint("just use it")
	}
	if problems := entry.Fields().Bind("", values); len(problems) > 0 {
		return nil, kit.Env{}, Problems(problems)
	}
	return entry, kit.Env{Dir: l.home, Tokens: l.tokensOf(name)}, nil
}

// begin takes the place of a sign-in that goes on, once that has let go of its port.
func (all *signIns) begin(connection string, s *signIn, do func()) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if before := all.of[connection]; before != nil {
		before.cancel()
		<-before.ended
	}
	if all.of == nil {
		all.of = map[string]*signIn{}
	}
	all.of[connection] = s
	all.work.Go(do)
}

func (all *signIns) find(id string) (*signIn, error) {
	all.mu.Lock()
	defer all.mu.Unlock()
	for _, s := range all.of {
		if s.id == id {
			return s, nil
		}
	}
	return nil, fmt.Errorf("there is no such sign-in, or another one has begun since: %w", fs.ErrNotExist)
}

// close ends all that go on.
func (all *signIns) close() {
	all.mu.Lock()
	for _, s := range all.of {
		s.cancel()
	}
	all.mu.Unlock()
	all.work.Wait()
}

// paste waits for the address that a person brings.
func (s *signIn) paste(ctx context.Context) (string, error) {
	select {
	case text := <-s.pasted:
		return text, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}
