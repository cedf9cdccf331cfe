package depot

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Line is what is open to a service: a connection, a session.
type Line interface {
	comparable
	Alive() bool // whether it may still serve; asked before it is lent again
	Close() error
}

// Lines keeps lines open for a while after their use. With Shared, one serves all at a
// time who have the same settings; else each is lent to one.
type Lines[L Line] struct {
	Shared bool
	Linger time.Duration // how long a line stays open after its last use
	Idle   int           // how many with the same settings stay open; at least one

	mu     sync.Mutex
	open   map[string][]*kept[L] // of shared ones, those in use too
	making map[string]chan struct{}
	ending sync.WaitGroup // of lines that are being closed, which may take a while
}

// kept is one open line.
type kept[L Line] struct {
	line  L
	users int
	timer *time.Timer
}

// Key stands for settings, with their secrets, without giving them away.
func Key(settings ...any) string {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%q", settings)))
	return string(sum[:])
}

// Borrow lends a line for settings, or makes one. Who borrows gives it back once; broken
// says that it is of no more use.
func (l *Lines[L]) Borrow(ctx context.Context, key string, dial func(context.Context) (L, error)) (line L, giveBack func(broken bool), err error) {
	for {
		k, wait := l.lend(key)
		if k != nil {
			return k.line, func(broken bool) { l.giveBack(key, k, broken) }, nil
		}
		if wait == nil {
			break
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return line, nil, ctx.Err()
		}
	}
	made, err := dial(ctx)
	k := l.made(key, made, err)
	if err != nil {
		return line, nil, err
	}
	return made, func(broken bool) { l.giveBack(key, k, broken) }, nil
}

// lend finds an open line; wait is closed when somebody else has made the one that is to
// be shared. With neither the caller makes one.
func (l *Lines[L]) lend(key string) (k *kept[L], wait <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.open[key]) > 0 {
		all := l.open[key]
		k := all[len(all)-1]
		if !k.line.Alive() {
			l.drop(key, k)
			if k.users == 0 {
				l.end(k)
			}
			continue
		}
		k.users++
		k.timer.Stop()
		if !l.Shared {
			l.drop(key, k)
		}
		return k, nil
	}
	if !l.Shared {
		return nil, nil
	}
	if wait := l.making[key]; wait != nil {
		return nil, wait
	}
	if l.making == nil {
		l.making = map[string]chan struct{}{}
	}
	l.making[key] = make(chan struct{})
	return nil, nil
}

// made takes in a line that was made.
func (l *Lines[L]) made(key string, line L, err error) *kept[L] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if wait := l.making[key]; wait != nil {
		delete(l.making, key)
		close(wait)
	}
	if err != nil {
		return nil
	}
	k := &kept[L]{line: line, users: 1}
	k.timer = time.AfterFunc(l.Linger, func() { l.shut(key, k) })
	k.timer.Stop()
	if l.Shared {
		l.keep(key, k)
	}
	return k
}

func (l *Lines[L]) keep(key string, k *kept[L]) {
	if l.open == nil {
		l.open = map[string][]*kept[L]{}
	}
	l.open[key] = append(l.open[key], k)
}

// drop forgets a line; it stays open for those who use it.
func (l *Lines[L]) drop(key string, k *kept[L]) {
	all := l.open[key]
	for i, other := range all {
		if other == k {
			all = append(all[:i:i], all[i+1:]...)
			break
		}
	}
	if len(all) == 0 {
		delete(l.open, key)
		return
	}
	l.open[key] = all
}

func (l *Lines[L]) giveBack(key string, k *kept[L], broken bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k.users--
	if broken {
		l.drop(key, k)
	}
	if k.users > 0 {
		return
	}
	if !broken && !l.Shared && len(l.open[key]) < max(l.Idle, 1) {
		l.keep(key, k)
	}
	for _, other := range l.open[key] {
		if other == k {
			k.timer.Reset(l.Linger)
			return
		}
	}
	l.end(k)
}

// end closes a line; a polite end may take a while, and what it says is of no interest.
func (l *Lines[L]) end(k *kept[L]) {
	l.ending.Go(func() { k.line.Close() })
}

// shut closes a line that nobody has used for a while.
func (l *Lines[L]) shut(key string, k *kept[L]) {
	l.mu.Lock()
	idle := k.users == 0
	if idle {
		l.drop(key, k)
	}
	l.mu.Unlock()
	if idle {
		k.line.Close()
	}
}

// Close closes every line that nobody uses now; the others are closed when they are
// given back.
func (l *Lines[L]) Close() error {
	l.mu.Lock()
	var idle []L
	for _, all := range l.open {
		for _, k := range all {
			k.timer.Stop()
			if k.users == 0 {
				idle = append(idle, k.line)
			}
		}
	}
	l.open = nil
	l.mu.Unlock()
	var errs []error
	for _, line := range idle {
		errs = append(errs, line.Close())
	}
	l.ending.Wait()
	return errors.Join(errs...)
}
