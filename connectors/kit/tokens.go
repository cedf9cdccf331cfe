package kit

import (
	"context"
	"sync"
	"time"
)

// Tokens keeps what a connection learns while it is used and has to know again: access
// and refresh tokens, the key that a host showed. All that use a connection share one.
// Nil serves where there is no connection: nothing is kept, and nothing can be.
type Tokens struct {
	kept TokenStore

	mu      sync.Mutex
	held    map[string]chan struct{} // full while somebody changes what has this name
	unsaved map[string]Secret        // what could not be put on disk
	work    sync.WaitGroup
}

// TokenStore keeps tokens sealed. What SaveToken took is on disk, whole, when it returns;
// LoadToken gives the empty secret where there is none.
type TokenStore interface {
	LoadToken(ctx context.Context, name string) (Secret, error)
	SaveToken(ctx context.Context, name string, token Secret) error
}

// changeTime is the longest that a change may take once it has begun.
const changeTime = time.Minute

// NewTokens keeps tokens in a store; in memory where it is nil.
func NewTokens(kept TokenStore) *Tokens {
	if kept == nil {
		kept = &memoryTokens{all: map[string]Secret{}}
	}
	return &Tokens{kept: kept, held: map[string]chan struct{}{}, unsaved: map[string]Secret{}}
}

// Load gives a token, empty where there is none.
func (t *Tokens) Load(ctx context.Context, name string) (Secret, error) {
	if t == nil {
		return Secret{}, nil
	}
	t.mu.Lock()
	left, pending := t.unsaved[name]
	t.mu.Unlock()
	if !pending {
		return t.kept.LoadToken(ctx, name)
	}
	return t.Change(ctx, name, func(context.Context, Secret) (Secret, error) { return left, nil })
}

// Save keeps a token over what was there. It is on disk when it returns.
func (t *Tokens) Save(ctx context.Context, name string, token Secret) error {
	_, err := t.Change(ctx, name, func(context.Context, Secret) (Secret, error) { return token, nil })
	return err
}

// Change puts another token in the place of one. Of all that want to change the same one,
// one does at a time, and each gets what is there then. by has a context that outlives
// ctx, so that what a service gave is kept although nobody waits for it any more. What by
// gives is kept also where it gives an error with it, and nobody uses it before it is on
// disk: what could not be put there is tried again first.
func (t *Tokens) Change(ctx context.Context, name string, by func(ctx context.Context, was Secret) (Secret, error)) (Secret, error) {
	if t == nil {
		return Secret{}, Fail(Invalid, "there is no place to keep what the sign-in gives").Hint("make a connection with these settings and name it in the step")
	}
	door := t.door(name)
	select {
	case door <- struct{}{}:
	case <-ctx.Done():
		return Secret{}, context.Cause(ctx)
	}
	type outcome struct {
		token Secret
		err   error
	}
	done := make(chan outcome, 1)
	t.work.Go(func() {
		defer func() { <-door }()
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), changeTime)
		defer cancel()
		token, err := t.change(within, name, by)
		done <- outcome{token, err}
	})
	select {
	case o := <-done:
		return o.token, o.err
	case <-ctx.Done():
		return Secret{}, context.Cause(ctx)
	}
}

func (t *Tokens) change(ctx context.Context, name string, by func(context.Context, Secret) (Secret, error)) (Secret, error) {
	was, err := t.standing(ctx, name)
	if err != nil {
		return Secret{}, err
	}
	token, failed := by(ctx, was)
	if token.Reveal() == was.Reveal() {
		return token, failed
	}
	if err := t.put(ctx, name, token); err != nil {
		return Secret{}, err
	}
	return token, failed
}

// standing is what is kept, once what could not be put on disk is there.
func (t *Tokens) standing(ctx context.Context, name string) (Secret, error) {
	t.mu.Lock()
	left, pending := t.unsaved[name]
	t.mu.Unlock()
	if !pending {
		return t.kept.LoadToken(ctx, name)
	}
	return left, t.put(ctx, name, left)
}

func (t *Tokens) put(ctx context.Context, name string, token Secret) error {
	err := t.kept.SaveToken(ctx, name, token)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.unsaved[name] = token
		return err
	}
	delete(t.unsaved, name)
	return nil
}

func (t *Tokens) door(name string) chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held[name] == nil {
		t.held[name] = make(chan struct{}, 1)
	}
	return t.held[name]
}

// Wait returns when every change that was begun has ended.
func (t *Tokens) Wait() { t.work.Wait() }

type memoryTokens struct {
	mu  sync.Mutex
	all map[string]Secret
}

func (m *memoryTokens) LoadToken(_ context.Context, name string) (Secret, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.all[name], nil
}

func (m *memoryTokens) SaveToken(_ context.Context, name string, token Secret) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all[name] = token
	return nil
}
