package engine_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/flow"
)

// served is a flow of one step that asks a service through a connection.
func served(items, more string) string {
	return strings.NewReplacer("ITEMS", items, "MORE", more).Replace(`
jackfield: 1
name: Served
steps:
  - {id: start, uses: test.start, with: {items: ITEMS}}
  - {id: send, uses: test.mail, connection: main, MORE}
edges: [start -> send]
`)
}

// numbers is a list of so many.
func numbers(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint(i + 1)
	}
	return "[" + strings.Join(list, ",") + "]"
}

// outage is a service that does not answer until it is well.
type outage struct {
	mu    sync.Mutex
	well  time.Time
	asked []time.Duration // since the beginning
	begin time.Time
}

func newOutage(lasts time.Duration) *outage {
	return &outage{begin: time.Now(), well: time.Now().Add(lasts)}
}

func (o *outage) ask(kit.Env, flow.Record, any) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, time.Since(o.begin))
	if time.Now().Before(o.well) {
		return kit.Fail(kit.Unavailable, "nobody home")
	}
	return nil
}

func TestServiceThatFailsIsLeftAloneUntilItIsWell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		o := newOutage(12 * time.Second)
		h.World.OnSend = o.ask
		h.Add("f", served(numbers(100), "title: x"))
		r := h.Run(engine.Start{Flow: "f"})
		equal(t, "state", r.State, flow.RunPartial)
		// Five fail, then it rests 5 s, fails once more, rests 10 s, and is well.
		equal(t, "failed", r.Failures, 6)
		equal(t, "first", fmt.Sprint(o.asked[:7]), "[0s 0s 0s 0s 0s 5s 15s]")
		equal(t, "asked in all", len(o.asked), 100)
		troubles := h.Troubles()
		if len(troubles) != 3 || !strings.Contains(troubles[0], "the connection main failed 5 times in a row and is left alone for 5s; the last time: nobody home") ||
			!strings.Contains(troubles[2], "is well again") {
			t.Errorf("told %q", troubles)
		}
	})
}

func TestServiceThatStaysSilentFailsRecordsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		o := newOutage(1000 * time.Hour)
		h.World.OnSend = o.ask
		h.Add("f", served(numbers(500), "title: x"))
		r := h.Run(engine.Start{Flow: "f"})
		equal(t, "state", r.State, flow.RunFailed)
		equal(t, "failed", r.Failures, 500)
		if took := time.Since(o.begin); took != 155*time.Second {
			t.Errorf("the run took %s", took)
		}
		equal(t, "asked", len(o.asked), 10)
		last := h.Records(r.ID, "send", flow.Failed)[499].Problem
		equal(t, "code", last.Code, kit.Resting)
		if !strings.Contains(last.What, "failed 10 times in a row and is not asked again before") || !strings.Contains(last.What, "nobody home") {
			t.Errorf("said %q", last.What)
		}
	})
}

// Two runs and one connection: while it rests neither asks, and one attempt finds out
// for both.
func TestRestOfAServiceHoldsForAllRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		o := newOutage(8 * time.Second)
		h.World.OnSend = o.ask
		h.Add("a", served(numbers(50), "parallel: 5"))
		h.Add("b", served(numbers(50), "parallel: 5"))
		first, err := h.Local.Start(t.Context(), engine.Start{Flow: "a"})
		if err != nil {
			t.Fatal(err)
		}
		second := h.Run(engine.Start{Flow: "b"})
		one := h.Wait(first)
		during := 0
		for _, at := range o.asked {
			if at > 0 && at < 15*time.Second {
				during++
				equal(t, "probe", at, 5*time.Second)
			}
		}
		equal(t, "probes while it was ill", during, 1)
		if one.State != flow.RunPartial && second.State != flow.RunPartial {
			t.Errorf("the runs are %s and %s; one of them met the outage", one.State, second.State)
		}
	})
}

func TestFaultsOfTheRecordsDoNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		begin := time.Now()
		n := 0
		h.World.OnSend = func(kit.Env, flow.Record, any) error {
			if n++; n%5 == 0 {
				return kit.Fail(kit.Refused, "not that one")
			}
			return kit.Fail(kit.Unavailable, "nobody home")
		}
		h.Add("f", served(numbers(40), "title: x"))
		h.Run(engine.Start{Flow: "f"})
		equal(t, "asked", n, 40)
		equal(t, "took", time.Since(begin), time.Duration(0))
	})
}

// What waits for a service holds no worker: other flows go on, though more wait than
// there are workers.
func TestWhoWaitsForAServiceHoldsNoWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.World.OnSend = newOutage(20 * time.Second).ask
		h.Add("other", "jackfield: 1\nname: Other\nsteps: [{id: s, uses: test.map}]\n")
		h.Add("f", served(numbers(10), "title: x"))
		for range 20 {
			if _, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"}); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		begin := time.Now()
		equal(t, "state", h.Run(engine.Start{Flow: "other"}).State, flow.RunDone)
		equal(t, "took", time.Since(begin), time.Duration(0))
	})
}

func TestRunThatWaitsForAServiceCanBeStoppedAndClosed(t *testing.T) {
	for _, end := range []string{"stop", "close"} {
		t.Run(end, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				h.World.OnSend = newOutage(time.Hour).ask
				h.Add("f", served(numbers(10), "title: x"))
				id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				begin := time.Now()
				want := flow.RunStopped
				if end == "close" {
					h.Close()
					want = flow.Running
				} else if err := h.Local.Stop(t.Context(), id); err != nil {
					t.Fatal(err)
				}
				equal(t, "took", time.Since(begin), time.Duration(0))
				r, err := h.History.Run(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "state", r.State, want)
				equal(t, "kept", h.Counts(id), "[send.failed=5 start.done=10]")
			})
		})
	}
}

func TestRateKeepsAttemptsApart(t *testing.T) {
	for _, tt := range []struct {
		name, more string
		flows      int
		took       time.Duration
	}{
		{"five a second", "rate: 5/s", 1, 3800 * time.Millisecond}, // twenty, the first at once
		{"five in ten seconds", "rate: 5/10s", 1, 38 * time.Second},
		{"a tenth may come at once", "rate: 100/s", 1, 100 * time.Millisecond},
		{"several hands share it", "rate: 5/s, parallel: 10", 1, 3800 * time.Millisecond},
		{"the runs of a flow share it", "rate: 5/s", 2, 7800 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				h.Add("f", strings.Replace(served(numbers(20), tt.more), "connection: main, ", "", 1))
				begin := time.Now()
				var ids []flow.RunID
				for range tt.flows {
					id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
					if err != nil {
						t.Fatal(err)
					}
					ids = append(ids, id)
				}
				for _, id := range ids {
					equal(t, "state", h.Wait(id).State, flow.RunDone)
				}
				equal(t, "took", time.Since(begin).Round(time.Millisecond), tt.took)
			})
		})
	}
}

func TestRateOfAConnectionHoldsForAllFlows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.Rate = flow.Rate{N: 2, Per: time.Second}
		h.Add("a", served(numbers(5), "title: x"))
		h.Add("b", served(numbers(5), "title: x"))
		begin := time.Now()
		id, err := h.Local.Start(t.Context(), engine.Start{Flow: "a"})
		if err != nil {
			t.Fatal(err)
		}
		h.Run(engine.Start{Flow: "b"})
		h.Wait(id)
		equal(t, "took", time.Since(begin), 4500*time.Millisecond)
	})
}

// A service says that it takes so many more, and until when: nobody sends it more, in
// this run or another one.
func TestAllowanceOfAServiceIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		begin := time.Now()
		var mu sync.Mutex
		at := map[time.Duration]int{}
		h.World.OnSend = func(env kit.Env, _ flow.Record, _ any) error {
			mu.Lock()
			defer mu.Unlock()
			now := time.Since(begin)
			at[now.Truncate(time.Minute)]++
			env.Allowance(10-at[now.Truncate(time.Minute)], time.Minute-now%time.Minute)
			return nil
		}
		h.Add("a", served(numbers(15), "title: x"))
		h.Add("b", served(numbers(15), "title: x"))
		id, err := h.Local.Start(t.Context(), engine.Start{Flow: "a"})
		if err != nil {
			t.Fatal(err)
		}
		h.Run(engine.Start{Flow: "b"})
		h.Wait(id)
		equal(t, "in each minute", fmt.Sprint(at), "map[0s:10 1m0s:10 2m0s:10]")
	})
}

func TestOneThrottledRecordHoldsBackTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		begin := time.Now()
		var early atomic.Int32
		h.World.OnSend = func(_ kit.Env, _ flow.Record, data any) error {
			if now := time.Since(begin); now < 90*time.Second {
				early.Add(1)
				return kit.Fail(kit.Throttled, "too many").Wait(90*time.Second - now)
			}
			return nil
		}
		h.Add("f", served(numbers(50), "retry: {tries: 2}"))
		equal(t, "state", h.Run(engine.Start{Flow: "f"}).State, flow.RunDone)
		equal(t, "too early", early.Load(), int32(1))
	})
}

func TestRetriesOfARunAreUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		var tried attempts
		h.World.OnSend = func(_ kit.Env, rec flow.Record, _ any) error {
			tried.note(time.Now(), "any")
			return kit.Fail(kit.Unavailable, "nobody home")
		}
		h.Add("f", sending("send", "retry: {tries: 10, first: 1ms, most: 1ms}")+"settings: {retries: 7}\n")
		r := h.Run(engine.Start{Flow: "f"})
		equal(t, "attempts", len(tried.at["any"]), 3+6) // three together take two rounds; the third would be too much
		what := h.Records(r.ID, "send", flow.Failed)[0].Problem.What
		equal(t, "why", what, "nobody home; not tried again: the 7 retries that the run may make are used up")
		equal(t, "kept", h.StepRuns(r.ID)[1].Retries, 6)
		// A resume may spend as many again.
		h.Resume(r.ID)
		equal(t, "attempts after the resume", len(tried.at["any"]), 2*(3+6))
	})
}

func TestOnlyTheNamedKindsAreTriedAgain(t *testing.T) {
	for _, tt := range []struct {
		name, op, retry string
		kind            flow.Code
		want            int
	}{
		{"named", "send", "retry: {tries: 4, only: [throttled, busy]}", kit.Busy, 4},
		{"not named, though it passes", "send", "retry: {tries: 4, only: [throttled]}", kit.Busy, 1},
		{"named, though it does not pass", "send", "retry: {tries: 4, only: refused}", kit.Refused, 4},
		{"named, of an operation that counts every time", "mail", "retry: {only: busy}", kit.Busy, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				var tried attempts
				h.World.OnSend = func(_ kit.Env, rec flow.Record, _ any) error {
					tried.note(time.Now(), rec.Data)
					return kit.Fail(tt.kind, "no")
				}
				h.Add("f", sending(tt.op, tt.retry))
				h.Run(engine.Start{Flow: "f"})
				equal(t, "attempts", len(tried.at[1]), tt.want)
			})
		})
	}
}

func TestLongWaitThatAServiceAskedForIsTold(t *testing.T) {
	for _, tt := range []struct {
		name     string
		asked    time.Duration
		settings string
		state    flow.RunState
		took     time.Duration
		says     string
	}{
		{"two hours", 2 * time.Hour, "", flow.RunDone, 2 * time.Hour, "because the service asked to: attempt 2 of 3 with 3 records in 2h0m0s: too many"},
		{"longer than the flow may take", 2 * time.Hour, "settings: {timeout: 1h}\n", flow.RunFailed, 0, "too many; not tried again: the service asked to wait 2h0m0s, and the run's time is over before that"},
		{"longer than anybody waits", 100 * time.Hour, "", flow.RunFailed, 0, "too many; not tried again: the service asked to wait 100h0m0s, which is longer than a run waits"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				begin := time.Now()
				h.World.OnSend = func(kit.Env, flow.Record, any) error {
					if time.Since(begin) < tt.asked {
						return kit.Fail(kit.Throttled, "too many").Wait(tt.asked)
					}
					return nil
				}
				h.Add("f", sending("send", "title: x")+tt.settings)
				r := h.Run(engine.Start{Flow: "f"})
				equal(t, "state", r.State, tt.state)
				equal(t, "took", time.Since(begin), tt.took)
				said := fmt.Sprint(h.Lines(), r.Problem, h.Troubles())
				if !strings.Contains(said, tt.says) {
					t.Errorf("said %s", said)
				}
			})
		})
	}
}

// An operation that does not end when it is told to is left to itself.
func TestOperationThatIgnoresItsContextHoldsNothingUp(t *testing.T) {
	for _, tt := range []struct {
		name, op, more string
		end            string
		took           time.Duration
		state          flow.RunState
		code           flow.Code
	}{
		{"its own time-out", "send", "timeout: 10s", "", 12 * time.Second, flow.RunPartial, kit.Hung},
		{"its own time-out, in bulk", "sendall", "with: {table: x}, timeout: 10s", "", 12 * time.Second, flow.RunFailed, kit.Hung},
		{"the flow's time-out", "send", "title: x", "settings: {timeout: 5s}\n", 7 * time.Second, flow.RunFailed, kit.TimedOut},
		{"a person stops the run", "send", "title: x", "stop", 3 * time.Second, flow.RunStopped, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				forever := make(chan struct{})
				defer close(forever)
				h.World.OnSend = func(_ kit.Env, rec flow.Record, _ any) error {
					if rec.Data == 2 {
						<-forever
					}
					return nil
				}
				settings := tt.end
				if tt.end == "stop" {
					settings = ""
				}
				h.Add("f", sending(tt.op, tt.more)+settings)
				begin := time.Now()
				id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
				if err != nil {
					t.Fatal(err)
				}
				if tt.end == "stop" {
					time.Sleep(time.Second)
					if err := h.Local.Stop(t.Context(), id); err != nil {
						t.Fatal(err)
					}
				}
				r := h.Wait(id)
				equal(t, "took", time.Since(begin), tt.took)
				equal(t, "state", r.State, tt.state)
				if tt.code == kit.Hung {
					p := h.Records(id, "send", flow.Failed)[0].Problem
					equal(t, "code", p.Code, kit.Hung)
					equal(t, "what", p.What, "it took longer than 10s and did not end when it was told to")
				}
			})
		})
	}
}

func TestCloseDoesNotWaitForAnOperationThatIgnoresItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		forever := make(chan struct{})
		defer close(forever)
		h.World.OnSend = func(kit.Env, flow.Record, any) error { <-forever; return nil }
		h.Add("f", sending("send", "title: x"))
		if _, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		begin := time.Now()
		if err := h.Local.Close(ctx); err != nil {
			t.Error(err)
		}
		equal(t, "took", time.Since(begin), 12*time.Second)
	})
}

func TestLimitsThatMeanNothingAreTold(t *testing.T) {
	for _, tt := range []struct{ name, step, want string }{
		{"kind", "{id: a, uses: test.send, retry: {only: [bussy]}}", `step "a", field "retry": there is no kind of failure "bussy"; did you mean "busy"?`},
		{"order", "{id: a, uses: test.send, order: .a |}", `step "a", field "order"`},
		{"parallel source", "{id: a, uses: test.pages, parallel: 3}", `test.pages takes its records one after the other, so parallel and order do nothing here`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t)
			_, problems := engine.NewPlan(h.Add("f", "jackfield: 1\nname: x\nsteps: ["+tt.step+"]\n"), h.World.Ops(), engine.PlanOptions{})
			if said := engine.Problems(problems).Error(); !strings.Contains(said, tt.want) {
				t.Errorf("said %s", said)
			}
		})
	}
}
