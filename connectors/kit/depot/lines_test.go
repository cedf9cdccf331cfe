package depot

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// wire is a line that says whether it was closed.
type wire struct {
	n            int
	dead, closed bool
}

func (w *wire) Alive() bool { return !w.dead }

func (w *wire) Close() error {
	w.closed = true
	return nil
}

// exchange makes wires.
type exchange struct {
	made int
	err  error
}

func (x *exchange) dial(context.Context) (*wire, error) {
	if x.err != nil {
		return nil, x.err
	}
	<-time.After(time.Second) // within synctest: others come meanwhile
	x.made++
	return &wire{n: x.made}, nil
}

func borrow(t *testing.T, l *Lines[*wire], x *exchange) (*wire, func(bool)) {
	t.Helper()
	w, giveBack, err := l.Borrow(t.Context(), "key", x.dial)
	if err != nil {
		t.Fatal(err)
	}
	return w, giveBack
}

func TestASharedLineServesAllUntilNobodyWantsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, x := &Lines[*wire]{Shared: true, Linger: time.Minute}, &exchange{}
		var backs []func(bool)
		got := make(chan func(bool))
		for range 5 {
			go func() {
				_, giveBack, _ := l.Borrow(t.Context(), "key", x.dial)
				got <- giveBack
			}()
		}
		for range 5 {
			backs = append(backs, <-got)
		}
		if x.made != 1 {
			t.Errorf("%d lines were made", x.made)
		}
		for _, giveBack := range backs {
			giveBack(false)
		}
		<-time.After(30 * time.Second)
		w, giveBack := borrow(t, l, x)
		<-time.After(5 * time.Minute)
		if w.closed || x.made != 1 {
			t.Errorf("in use and closed: %v, made %d", w.closed, x.made)
		}
		giveBack(false)
		<-time.After(61 * time.Second)
		synctest.Wait()
		if !w.closed {
			t.Error("nobody wants it, and it is open")
		}
	})
}

func TestALineThatIsNotSharedIsLentToOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, x := &Lines[*wire]{Linger: time.Minute, Idle: 1}, &exchange{}
		a, backA := borrow(t, l, x)
		b, backB := borrow(t, l, x)
		if a == b {
			t.Error("two have the same line")
		}
		backA(false)
		backB(false) // one is enough
		synctest.Wait()
		if a.closed || !b.closed {
			t.Errorf("closed: %v, %v", a.closed, b.closed)
		}
		c, backC := borrow(t, l, x)
		if c != a {
			t.Error("the idle line is not lent again")
		}
		backC(true)
		synctest.Wait()
		if d, _ := borrow(t, l, x); d == a || !a.closed {
			t.Error("a broken line is lent again")
		}
	})
}

func TestALineThatIsDeadIsMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, x := &Lines[*wire]{Shared: true, Linger: time.Minute}, &exchange{}
		a, back := borrow(t, l, x)
		a.dead = true
		b, backB := borrow(t, l, x)
		if a == b || a.closed {
			t.Error("a dead line is lent, or closed under who has it")
		}
		back(true)
		synctest.Wait()
		if !a.closed || b.closed {
			t.Errorf("closed: %v, %v", a.closed, b.closed)
		}
		backB(false)
		if err := l.Close(); err != nil || !b.closed {
			t.Errorf("closed: %v, %v", b.closed, err)
		}
	})
}

func TestWhoCannotConnectHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, x := &Lines[*wire]{Shared: true, Linger: time.Minute}, &exchange{err: errors.New("no answer")}
		for range 3 {
			if _, _, err := l.Borrow(t.Context(), "key", x.dial); !errors.Is(err, x.err) {
				t.Error(err)
			}
		}
		x.err = nil
		_, back := borrow(t, l, x)
		l.Close()
		back(false)
		synctest.Wait()
		if n := len(l.open); n != 0 {
			t.Errorf("%d lines are kept after the end", n)
		}
	})
}

func TestKeysOfSettingsDiffer(t *testing.T) {
	made := map[string]int{}
	for i, settings := range [][]any{{"a", "b"}, {"ab", ""}, {"a", 1}, {"a", 2}, {"a"}} {
		for range 2 {
			key := Key(settings...)
			if other, there := made[key]; there && other != i {
				t.Errorf("%v has the key of another", settings)
			}
			made[key] = i
		}
	}
	if len(made) != 5 {
		t.Errorf("%d keys of 5 settings", len(made))
	}
}
