package tables

import (
	"testing"
	"testing/synctest"
	"time"
)

// thing is something that can be open.
type thing struct{ stale, closed bool }

func (t *thing) Rest()        {}
func (t *thing) Fresh() bool  { return !t.stale }
func (t *thing) Close() error { t.closed = true; return nil }

func openThing() (*thing, error) { return &thing{}, nil }

func TestWhatIsOpenIsClosedWhenNobodyUsedItForAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Shelf[*thing]{Linger: time.Second}
		first, back, err := s.Borrow("a", openThing)
		if err != nil {
			t.Fatal(err)
		}
		back()
		<-time.After(s.Linger / 2)
		again, back, err := s.Borrow("a", openThing)
		if err != nil || again != first {
			t.Errorf("within the moment it is opened anew: %v", err)
		}
		<-time.After(2 * s.Linger)
		if first.closed {
			t.Error("it was closed while in use")
		}
		back()
		<-time.After(2 * s.Linger)
		synctest.Wait()
		if !first.closed {
			t.Error("it is open still")
		}
	})
}

func TestCloseWaitsForWhoeverUsesIt(t *testing.T) {
	s := &Shelf[*thing]{Linger: time.Hour}
	it, back, err := s.Borrow("a", openThing)
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := s.Borrow("a", openThing)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	back()
	if it.closed {
		t.Error("it was closed under its user")
	}
	if next, back, err := s.Borrow("a", openThing); err != nil || next == it {
		t.Errorf("after Close it is lent again: %v", err)
	} else {
		back()
	}
	other()
	if !it.closed {
		t.Error("it stays open after it was given back")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsNotFreshIsOpenedAnew(t *testing.T) {
	s := &Shelf[*thing]{Linger: time.Hour}
	old, back, err := s.Borrow("a", openThing)
	if err != nil {
		t.Fatal(err)
	}
	old.stale = true
	shared, other, err := s.Borrow("a", openThing)
	if err != nil || shared != old {
		t.Errorf("while it is in use another is opened: %v", err)
	}
	back()
	other()
	next, back, err := s.Borrow("a", openThing)
	if err != nil || next == old || !old.closed {
		t.Errorf("the stale one is lent again: %v", err)
	}
	back()
	if err := s.Close(); err != nil || !next.closed {
		t.Errorf("Close: %v", err)
	}
}
