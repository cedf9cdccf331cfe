package engine_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

// jumpy is a clock that can be set, and goes on by itself. While it jumps timers do not
// notice, as on a machine that sleeps.
type jumpy struct {
	by    atomic.Int64
	asked atomic.Int64
	zone  atomic.Pointer[time.Location]
}

func (j *jumpy) jump(d time.Duration) { j.by.Add(int64(d)) }

func (j *jumpy) clock() engine.Clock {
	j.zone.Store(time.UTC)
	return engine.Clock{
		Now: func() time.Time {
			j.asked.Add(1)
			return time.Now().Add(time.Duration(j.by.Load()))
		},
		Zone: j.zone.Load,
	}
}

// on opens a house whose schedules go by a clock that can be set.
func (j *jumpy) on(t *testing.T, h engine.History) *enginetest.House {
	house := enginetest.Open(t, enginetest.NewWorld(), h)
	house.Clock = j.clock()
	house.Close()
	house.Reopen()
	return house
}

func TestMachineThatSleptIsNoticedWithinAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j jumpy
		h := j.on(t, memory(t))
		enable(t, h, h.Add("f", hourly("last", "map")))
		pass(90 * time.Minute)
		j.jump(8 * time.Hour) // asleep from 01:30 to 09:30
		pass(time.Minute)
		equal(t, "slots", slots(h), []string{"01:00", "09:00"})
		pass(30 * time.Minute)
		equal(t, "slots", slots(h), []string{"01:00", "09:00", "10:00"})
		if got := h.Troubles(); len(got) != 1 || !strings.Contains(got[0], "missed its slots from 2000-01-01T02:00:00Z to 2000-01-01T09:00:00Z") {
			t.Errorf("troubles %q", got)
		}
		h.Close()
	})
}

func TestClockThatIsSetBackWhileItRunsAndWhileItIsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j jumpy
		h := j.on(t, memory(t))
		f := h.Add("f", hourly("all", "map"))
		enable(t, h, f)
		pass(3*time.Hour + time.Minute)
		j.jump(-2 * time.Hour) // 01:01
		pass(90 * time.Minute) // 02:31
		equal(t, "slots", slots(h), []string{"01:00", "02:00", "03:00"})
		h.Close()
		j.jump(-150 * time.Minute) // 00:01
		h.Reopen()
		enable(t, h, f)
		pass(4 * time.Hour) // 04:01
		equal(t, "slots", slots(h), []string{"01:00", "02:00", "03:00", "04:00"})
		if got := h.Troubles(); len(got) != 2 || !strings.Contains(got[1], "slots that had their turn are not fired again") {
			t.Errorf("troubles %q", got)
		}
		h.Close()
	})
}

func TestScheduleOfTheMachineGoesByItsNewZone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j jumpy
		h := j.on(t, memory(t))
		enable(t, h, h.Add("f", strings.Replace(hourly("last", "map"), "0 * * * *, timezone: UTC", "0 9 * * *", 1)))
		pass(10 * time.Hour)
		equal(t, "slots", slots(h), []string{"09:00"})
		j.zone.Store(time.FixedZone("Elsewhere", -5*3600))
		pass(5 * time.Hour) // 15:00 here, 10:00 there
		equal(t, "slots", slots(h), []string{"09:00", "14:00"})
		if got := h.Troubles(); len(got) != 1 || !strings.Contains(got[0], "goes by another time zone from now on: this machine's is Elsewhere") {
			t.Errorf("troubles %q", got)
		}
		h.Close()
	})
}

func TestScheduleWithNothingToDoLooksOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j jumpy
		h := j.on(t, memory(t))
		enable(t, h, h.Add("f", strings.Replace(hourly("last", "map"), "0 * * * *", "0 0 29 2 *", 1)))
		pass(time.Minute)
		before := j.asked.Load()
		pass(time.Hour)
		if n := j.asked.Load() - before; n > 60*2+2 {
			t.Errorf("it asked for the time %d times in an hour", n)
		}
		h.Close()
	})
}

func TestRunIsReplacedByTheNextSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		block := make(chan struct{})
		h.World.Block = block
		enable(t, h, h.Add("f", strings.Replace(hourly("none", "wait"), "missed: none", "missed: none, overlap: replace", 1)))
		pass(3*time.Hour + time.Minute)
		close(block)
		pass(time.Minute)
		equal(t, "slots", slots(h), []string{"03:00"})
		stopped := 0
		for _, e := range h.Events() {
			if e.Kind == flow.RunChanged && e.Run.State == flow.RunStopped {
				stopped++
			}
		}
		equal(t, "stopped runs", stopped, 2)
		h.Close()
	})
}

func TestRunsOfSlotsGoOnSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		block := make(chan struct{})
		h.World.Block = block
		enable(t, h, h.Add("f", strings.Replace(hourly("none", "wait"), "missed: none", "missed: none, overlap: parallel, most: 2", 1)))
		pass(4*time.Hour + time.Minute)
		close(block)
		pass(time.Minute)
		equal(t, "slots", slices.Sorted(slices.Values(slots(h))), []string{"01:00", "02:00", "03:00"}) // and not 04:00
		h.Close()
	})
}

func TestScheduleThatWasChangedCountsFromThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		f := h.Add("f", strings.Replace(hourly("all", "map"), "0 * * * *", "0 1 * * *", 1))
		enable(t, h, f)
		pass(10*time.Hour + 30*time.Minute)
		enable(t, h, h.Add("f", hourly("all", "map")))
		pass(time.Hour)
		equal(t, "slots", slots(h), []string{"01:00", "11:00"})
		enable(t, h, h.Add("f", strings.Replace(hourly("all", "map"), "id: end", "id: end, title: Another", 1)))
		pass(time.Hour)
		equal(t, "slots", slots(h), []string{"01:00", "11:00", "12:00"})
		h.Close()
	})
}

// full is a history whose disk is full while it is told so.
type full struct {
	engine.History
	is atomic.Bool
}

func (f *full) Arrange(ctx context.Context, a flow.Arrangement) error {
	if f.is.Load() {
		return &syscallError{}
	}
	return f.History.Arrange(ctx, a)
}

type syscallError struct{}

func (*syscallError) Error() string { return "write: no space left on device" }
func (*syscallError) Unwrap() error { return syscall.ENOSPC }

func TestSlotThatCannotBeWrittenDownIsMetOnceItCan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := &full{History: memory(t)}
		h := enginetest.Open(t, enginetest.NewWorld(), disk)
		f := h.Add("f", hourly("all", "map"))
		enable(t, h, f)
		pass(30 * time.Minute)
		disk.is.Store(true)
		pass(2 * time.Hour)
		equal(t, "slots", slots(h), []string(nil))
		troubles := h.Troubles()
		if len(troubles) != 1 || !strings.Contains(troubles[0], "no space left") || !strings.Contains(troubles[0], "make room on the disk") {
			t.Errorf("troubles %q", troubles)
		}
		if at, err := h.Local.Standing(t.Context(), f, "clock", 1, true); err != nil || at.Problem == nil || at.Problem.Code != "disk-full" {
			t.Errorf("standing %+v, %v", at, err)
		}
		disk.is.Store(false)
		pass(2 * time.Minute)
		equal(t, "slots", slots(h), []string{"01:00", "02:00"})
		pass(time.Hour)
		equal(t, "slots", slots(h), []string{"01:00", "02:00", "03:00"})
		h.Close()
	})
}
