package engine

import (
	"sync"
	"time"
)

// breaker keeps a service that does not answer from being asked again and again. After
// some failures in a row it opens: nobody asks for a time that grows, then one attempt
// finds out, and if that goes well all go on. Only failures that pass by themselves
// count; a record that the service refuses says that the service is well.
type breaker struct {
	mu       sync.Mutex
	failures int       // in a row
	rests    int       // how often it has opened since it last went well
	until    time.Time // nobody asks before; zero where it is closed
	probing  bool
	changed  chan struct{} // closed when a probe has ended
	last     string        // what the last failure said
}

const (
	breakAfter  = 5 // failures in a row
	firstRest   = 5 * time.Second
	longestRest = 5 * time.Minute
	// patience is how many rests are waited for. When a service is still silent after
	// those, some two and a half minutes, what asks for it fails at once, until the next
	// probe: a run is not to last for days because each of its records waits its turn.
	patience = 5
)

// leave of a breaker to ask the service.
type leave int

const (
	asked   leave = iota // go on
	probe                // go on, and find out for all
	waiting              // wait, then ask for leave again
	denied               // it has been silent for too long
)

// enter asks for leave. A wait ends after d, or where d is 0 when changed is closed.
func (b *breaker) enter(now time.Time) (l leave, d time.Duration, changed <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.until.IsZero():
		return asked, 0, nil
	case now.Before(b.until) && b.rests > patience:
		return denied, b.until.Sub(now), nil
	case now.Before(b.until):
		return waiting, b.until.Sub(now), b.wake()
	case b.probing:
		return waiting, 0, b.wake()
	}
	b.probing = true
	return probe, 0, nil
}

func (b *breaker) wake() <-chan struct{} {
	if b.changed == nil {
		b.changed = make(chan struct{})
	}
	return b.changed
}

func (b *breaker) tellWaiting() {
	if b.changed != nil {
		close(b.changed)
		b.changed = nil
	}
}

// well notes that the service answered, and says whether it had been silent.
func (b *breaker) well() (again bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	again = !b.until.IsZero()
	b.failures, b.rests, b.until, b.probing = 0, 0, time.Time{}, false
	b.tellWaiting()
	return again
}

// ill notes a failure that passes by itself. It gives how long nobody asks from now on,
// where that was decided just now, and after how many failures.
func (b *breaker) ill(l leave, now time.Time, what string) (rest time.Duration, failures int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures++
	b.last = what
	opens := b.until.IsZero() && b.failures >= breakAfter
	if l != probe && !opens {
		return 0, 0 // it was on its way when the breaker opened
	}
	b.rests++
	rest = longestRest
	if b.rests < 16 {
		rest = min(firstRest<<(b.rests-1), longestRest)
	}
	b.until, b.probing = now.Add(rest), false
	b.tellWaiting()
	return rest, b.failures
}

// unknown notes that an attempt was cut short: it says nothing about the service.
func (b *breaker) unknown(l leave) {
	if l != probe {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
	b.tellWaiting()
}

// said is what the last failure said, and how many there were in a row.
func (b *breaker) said() (string, int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last, b.failures
}

// closed says whether nothing is held against the service.
func (b *breaker) closed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failures == 0 && b.until.IsZero()
}
