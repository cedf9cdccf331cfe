package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// service is what a step asks, as all runs of the process share it: one connection, or
// one host where a step has none.
type service struct {
	name    string // as people read it
	breaker breaker
	bucket  bucket
}

// services are those that were asked a moment ago.
type services struct {
	mu    sync.Mutex
	known map[string]*service
}

// servicesLimit is how many are remembered before those with nothing to say are let go.
const servicesLimit = 1000

func (all *services) find(name string) *service {
	all.mu.Lock()
	defer all.mu.Unlock()
	if s := all.known[name]; s != nil {
		return s
	}
	if all.known == nil {
		all.known = map[string]*service{}
	}
	if len(all.known) >= servicesLimit {
		now := time.Now()
		for key, s := range all.known {
			if s.breaker.closed() && s.bucket.idle(now) {
				delete(all.known, key)
			}
		}
	}
	s := &service{name: name}
	all.known[name] = s
	return s
}

// asks finds the service that an operation, whose fields are bound, would ask, and the
// rate that holds there; nil where it asks none.
func (x *pass) asks(op kit.Operation) (*service, flow.Rate) {
	client, isClient := op.(kit.Client)
	var host string
	var speed float64
	if isClient {
		host, speed = client.Service()
	}
	rate := slower(x.step.served, rateOf(speed))
	switch {
	case x.step.Connection != "":
		return x.w.services.find(connectionService(x.step.Connection)), rate
	case host != "":
		return x.w.services.find(x.step.connector.Title + " at " + host), rate
	}
	return nil, rate
}

// rateOf is so many a second as a rate.
func rateOf(perSecond float64) flow.Rate {
	switch {
	case !(perSecond > 0):
		return flow.Rate{}
	case perSecond < 10:
		return flow.Rate{N: 1, Per: time.Duration(float64(time.Second) / perSecond)}
	}
	return flow.Rate{N: int(perSecond), Per: time.Second}
}

// slower is the rate that allows less.
func slower(a, b flow.Rate) flow.Rate {
	if a.IsZero() || !b.IsZero() && b.PerSecond() < a.PerSecond() {
		return b
	}
	return a
}

// gate is passed by each attempt: it waits until the service may be asked, and hears
// what came of it.
type gate struct {
	x       *pass
	service *service // nil where no service is asked
	rate    flow.Rate
	leave   leave
	turns   int
}

// gateOf is nil for an operation that asks nobody and has no rate of its own.
func (x *pass) gateOf(op kit.Operation) *gate {
	if x.ungated || x.step.Rate.IsZero() && x.step.Connection == "" {
		if _, asks := op.(kit.Client); !asks {
			return nil
		}
	}
	g := &gate{x: x}
	g.service, g.rate = x.asks(op)
	return g
}

// enter waits until an attempt may begin. No worker is held meanwhile.
func (g *gate) enter(ctx context.Context) error {
	if err := g.permit(ctx); err != nil {
		return err
	}
	if err := g.turn(ctx); err != nil {
		g.cut()
		return err
	}
	return nil
}

// permit waits for the breaker.
func (g *gate) permit(ctx context.Context) error {
	if g.service == nil {
		return nil
	}
	for told := false; ; told = true {
		l, d, changed := g.service.breaker.enter(time.Now())
		switch l {
		case asked, probe:
			g.leave = l
			return nil
		case denied:
			what, n := g.service.breaker.said()
			return kit.Fail(kit.Resting, "%s failed %d times in a row and is not asked again before %s; the last time: %s",
				g.service.name, n, clock(time.Now().Add(d)), what).
				Hint("resume the run once it is well again")
		}
		if !told && d > 0 {
			g.x.env.Log(flow.Info, "", "waits until %s: %s failed too often", clock(time.Now().Add(d)), g.service.name)
		}
		if !g.x.pauseFor(ctx, d, changed) {
			return g.x.undone(ctx)
		}
	}
}

// turn waits for a token of the service and one of the step.
func (g *gate) turn(ctx context.Context) error {
	if g.service != nil {
		if err := g.draw(ctx, &g.service.bucket, g.rate, g.service.name); err != nil {
			return err
		}
	}
	if r := g.x.step.Rate; !r.IsZero() {
		own := g.x.w.services.find(fmt.Sprintf("step %q of flow %q", g.x.step.ID, g.x.task.run.Flow))
		return g.draw(ctx, &own.bucket, r, "the step")
	}
	return nil
}

// longTurn is how long a wait for a token is before the log tells of it.
const longTurn = 30 * time.Second

func (g *gate) draw(ctx context.Context, b *bucket, r flow.Rate, name string) error {
	for drawn := false; ; {
		var d time.Duration
		now := time.Now()
		if drawn {
			d = b.shutFor(now)
		} else {
			d, drawn = b.take(now, r)
		}
		if d <= 0 && drawn {
			return nil
		}
		if d >= longTurn {
			g.x.env.Log(flow.Info, "", "waits until %s: %s takes no more before", clock(now.Add(d)), name)
		}
		if !g.x.pauseFor(ctx, d, nil) {
			return g.x.undone(ctx)
		}
	}
}

// env gives the operation the means to take further turns and to tell what the service
// said. The first turn of an attempt was taken already.
func (g *gate) env(env kit.Env) kit.Env {
	env.TakeTurn = func(ctx context.Context) error {
		if g.turns++; g.turns == 1 {
			return nil
		}
		return g.turn(ctx)
	}
	env.Allowed = func(left int, in time.Duration) {
		if g.service != nil {
			g.service.bucket.learn(time.Now(), left, in)
		}
	}
	return env
}

// cut notes that the attempt did not come to an end.
func (g *gate) cut() {
	if g.service != nil {
		g.service.breaker.unknown(g.leave)
	}
}

// heard notes how the attempt ended.
func (g *gate) heard(err error) {
	if g.service == nil {
		return
	}
	var f *kit.Failure
	if err != nil {
		f = kit.AsFailure(err)
	}
	switch {
	case f == nil || answers(f.Kind):
		if g.service.breaker.well() {
			g.x.env.Log(flow.Info, "", "%s is well again", g.service.name)
			g.x.tellTrouble("%s is well again", g.service.name)
		}
		return
	case !f.Passing() && f.Kind != kit.Hung:
		g.cut()
		return
	}
	if f.After > 0 {
		g.service.bucket.stay(time.Now(), f.After)
	}
	if rest, n := g.service.breaker.ill(g.leave, time.Now(), f.What); rest > 0 {
		g.x.env.Log(flow.Warn, "", "%s failed %d times in a row and is left alone for %s; the last time: %s", g.service.name, n, shortly(rest), f.What)
		g.x.tellTrouble("%s failed %d times in a row and is left alone for %s; the last time: %s", g.service.name, n, shortly(rest), f.What)
	}
}

// answers says whether a failure of this kind shows that the service is there and well.
func answers(kind flow.Code) bool {
	switch kind {
	case kit.Refused, kit.Denied, kit.Missing:
		return true
	}
	return false
}

func (x *pass) tellTrouble(format string, args ...any) {
	x.w.tell(flow.Event{Kind: flow.Trouble, Flow: x.task.run.Flow, Run: flow.Run{ID: x.task.run.ID}, What: fmt.Sprintf(format, args...)})
}

// pauseFor lets d pass, or where d is 0 waits for changed, which also ends the wait
// before. It says whether the task is to go on. No worker is held meanwhile.
func (x *pass) pauseFor(ctx context.Context, d time.Duration, changed <-chan struct{}) (goOn bool) {
	var timer <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		timer = t.C
	} else if changed == nil {
		return !x.halted(ctx)
	}
	x.seat.rest(func() {
		select {
		case <-timer:
			goOn = true
		case <-changed:
			goOn = true
		case <-x.w.Quit:
		case <-ctx.Done():
		}
	})
	return goOn
}

// clock is a moment as a person reads it: with its day where that is another one.
func clock(at time.Time) string {
	at = at.Local()
	if time.Until(at) > 20*time.Hour {
		return at.Format("2006-01-02 15:04")
	}
	return at.Format("15:04:05")
}
