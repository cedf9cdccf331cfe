package engine

import (
	"sync"
	"time"

	"jackfield/flow"
)

// bucket says when a service may be asked next. It knows two things: the rate that a
// person set, as a bucket of tokens that fills evenly, and what the service itself said,
// such as how many more requests it takes until when.
type bucket struct {
	mu     sync.Mutex
	tokens float64 // may be less than none: those have been given to who waits
	filled time.Time
	left   int // how many more the service takes before renews
	renews time.Time
	shut   time.Time // the service asked not to come before
}

// burst is how many tokens the bucket holds: a tenth of what the rate allows in its
// stretch, at least one, so that a stretch never sees much more than its number.
func burst(r flow.Rate) float64 { return max(1, float64(r.N)/10) }

// take takes a token. It gives how long to wait before going; where ok is false nothing
// was taken, and to be asked again after that.
func (b *bucket) take(now time.Time, r flow.Rate) (d time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Before(b.shut) {
		return b.shut.Sub(now), false
	}
	if now.Before(b.renews) {
		if b.left <= 0 {
			return b.renews.Sub(now), false
		}
		b.left--
	}
	speed := r.PerSecond()
	if speed == 0 {
		return 0, true
	}
	if b.filled.IsZero() {
		b.tokens = burst(r)
	} else {
		b.tokens = min(burst(r), b.tokens+now.Sub(b.filled).Seconds()*speed)
	}
	b.filled = now
	b.tokens--
	if b.tokens >= 0 {
		return 0, true
	}
	return time.Duration(-b.tokens / speed * float64(time.Second)), true
}

// learn takes in what the service said: so many more until then.
func (b *bucket) learn(now time.Time, left int, in time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	renews := now.Add(in)
	if renews.Sub(b.renews).Abs() < time.Second && now.Before(b.renews) {
		left = min(left, b.left) // an answer that was overtaken by others
	}
	b.left, b.renews = max(left, 0), renews
}

// stay takes in that the service asked not to come for a while.
func (b *bucket) stay(now time.Time, d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if until := now.Add(d); until.After(b.shut) {
		b.shut = until
	}
}

// idle says whether the bucket is as good as a new one.
func (b *bucket) idle(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return now.After(b.shut) && now.After(b.renews) && now.Sub(b.filled) > time.Hour
}

// shutFor is how long the service asked not to come.
func (b *bucket) shutFor(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(0, b.shut.Sub(now))
}
