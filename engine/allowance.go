package engine

import "time"

// Allowance is what a service said of how often it may be asked. The zero value says that
// it said nothing, or that this is over.
type Allowance struct {
	Left   int       // how many more requests it takes before Renews
	Renews time.Time // zero where it named no number
	Shut   time.Time // it asked not to come before
}

// Allowance is what the service of a connection said last.
func (l *Local) Allowance(connection string) Allowance {
	all := &l.worker.services
	all.mu.Lock()
	s := all.known[connectionService(connection)]
	all.mu.Unlock()
	if s == nil {
		return Allowance{}
	}
	return s.bucket.allowance(time.Now())
}

// connectionService names the service of a connection.
func connectionService(connection string) string { return "the connection " + connection }

func (b *bucket) allowance(now time.Time) (a Allowance) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Before(b.renews) {
		a.Left, a.Renews = b.left, b.renews
	}
	if now.Before(b.shut) {
		a.Shut = b.shut
	}
	return a
}
