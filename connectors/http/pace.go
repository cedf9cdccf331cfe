package http

import (
	"context"
	"sync"
	"time"
)

// paces keeps requests to a host apart where a limit is set.
type paces struct {
	mu   sync.Mutex
	next map[string]time.Time // when the next request may go, by host
}

// wait returns when a request to the host may go, at most rate of them a second. Who
// waits keeps the order of asking.
func (p *paces) wait(ctx context.Context, host string, rate float64) error {
	if rate <= 0 {
		return ctx.Err()
	}
	pause := time.Until(p.reserve(host, time.Duration(float64(time.Second)/rate)))
	if pause <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *paces) reserve(host string, apart time.Duration) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for other, next := range p.next {
		if next.Before(now) {
			delete(p.next, other)
		}
	}
	slot := now
	if next, waits := p.next[host]; waits {
		slot = next
	}
	if p.next == nil {
		p.next = map[string]time.Time{}
	}
	p.next[host] = slot.Add(apart)
	return slot
}
