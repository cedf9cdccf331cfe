package e2e

import (
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// slotRow is a run as runs ls --json prints it.
type slotRow struct {
	Run, Flow, State, Cause string
	Slot                    time.Time
}

// TestEverySecondHasItsRunWhateverIsKilled kills the served program in the middle of
// runs and between them, again and again: each second from the first to the last one
// has exactly one run.
func TestEverySecondHasItsRunWhateverIsKilled(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	p.run("flows", "enable", f.put("tick.flow.yaml", strings.Replace(tickFlow, "every: 1s", "every: 1s, missed: all", 1))).want(t, 0)
	for round := range 8 {
		x := p.begin("serve")
		for range 1 + round%3 {
			x.until("run ", " of Tick: running")
		}
		if round%2 == 0 {
			x.until("run ", " of Tick: done")
		}
		x.end(syscall.SIGKILL)
	}
	x := p.begin("serve")
	x.until("run ", " of Tick: done")
	equal(t, "exit code", x.end(syscall.SIGTERM), 0)

	// What was cut off by the end goes on at the next one.
	x = p.begin("serve")
	x.until("run ", " of Tick: done")
	equal(t, "exit code", x.end(syscall.SIGTERM), 0)
	rows := decode[[]slotRow](t, p.run("runs", "ls", "--json", "--limit", "1000").want(t, 0))
	times := map[time.Time]int{}
	var first, last time.Time
	for i, r := range rows {
		equal(t, "cause", r.Cause, "schedule")
		if r.State != "done" && i > 0 {
			t.Errorf("the run of %s is %s", r.Slot, r.State)
		}
		slot := r.Slot.UTC()
		times[slot]++
		if last.IsZero() || slot.After(last) {
			last = slot
		}
		if first.IsZero() || slot.Before(first) {
			first = slot
		}
	}
	for slot := first; !slot.After(last); slot = slot.Add(time.Second) {
		if times[slot] != 1 {
			t.Errorf("the slot %s has %d runs", slot, times[slot])
		}
	}
	if len(rows) < 9 {
		t.Errorf("only %d runs", len(rows))
	}
	t.Logf("%d slots over 8 kills, each with one run", len(rows))
}

const dropFlow = `jackfield: 1
name: Drop
steps:
  - {id: came, uses: files.watch, with: {folder: inbox, pattern: "*.txt", interval: 100ms}}
  - {id: names, uses: json.write, with: {path: names.jsonl, lines: true, mode: append}}
edges:
  - came -> names
`

func TestFilesThatCameWhileItWasClosedHaveTheirRuns(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	drop := func(name string) {
		t.Helper()
		f.put("inbox/"+name, name)
	}
	if err := os.Mkdir(f.path("inbox"), 0o777); err != nil {
		t.Fatal(err)
	}
	drop("before.txt")
	p.run("flows", "enable", f.put("drop.flow.yaml", dropFlow)).want(t, 0)
	for round := range 4 {
		x := p.begin("serve")
		x.until(`flow drop, step "came": watches `)
		if round > 0 {
			x.until("run ", " of Drop: done") // what came while it was closed
		}
		drop(fmt.Sprintf("open%d.txt", round))
		x.until("run ", " of Drop: done")
		var how os.Signal = syscall.SIGTERM
		if round%2 == 1 {
			how = syscall.SIGKILL
		}
		x.end(how)
		drop(fmt.Sprintf("closed%d.txt", round))
	}
	names := map[string]int{}
	for _, r := range decode[[]slotRow](t, p.run("runs", "ls", "--json", "--limit", "100").want(t, 0)) {
		equal(t, "state of run "+r.Run, r.State, "done")
		names[p.run("runs", "records", r.Run, "came").want(t, 0).out]++
	}
	equal(t, "runs", len(names), 7) // open0 to open3, closed0 to closed2
	for record, n := range names {
		if n != 1 {
			t.Errorf("%d runs took %s", n, record)
		}
	}
}

func TestFlowThatFollowsAnotherRunsAfterItWasRunByHand(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	second := strings.Replace(tickFlow, "{id: tick, uses: core.schedule, with: {every: 1s}}", "{id: tick, uses: core.after, with: {flow: First}}", 1)
	p.run("flows", "enable", f.put("second.flow.yaml", strings.Replace(second, "Tick", "Second", 1))).want(t, 0)
	first := f.put("first.flow.yaml", "jackfield: 1\nname: First\nsteps:\n  - {id: start, uses: core.manual}\n")
	p.run("run", first).want(t, 0)
	p.run("flows", "triggers").want(t, 0).says(t, "after First: done, partial")
	x := p.begin("serve")
	x.until("✓ run ", " of Second: done")
	p.run("run", first).want(t, 0)
	x.until("✓ run ", " of Second: done")
	equal(t, "exit code", x.end(syscall.SIGTERM), 0)
	equal(t, "lines", f.lines("ticks.jsonl"), 2)
}

func TestPortThatIsTakenIsListenedOnOnceItIsFree(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := taken.Addr().(*net.TCPAddr).Port
	p.run("flows", "enable", f.put("hook.flow.yaml", hookFlow("Hook", port))).want(t, 0)
	p.run("flows", "enable", f.put("tick.flow.yaml", tickFlow)).want(t, 0)
	x := p.begin("serve")
	said := x.until(`trigger "hook" of "Hook" does not listen`)
	if !strings.Contains(said, fmt.Sprintf("port %d is taken by ", port)) || !strings.Contains(said, "choose another port, or close that program") {
		t.Errorf("it says %s", said)
	}
	x.until("✓ run ", " of Tick: done") // the others do not mind
	p.run("flows", "triggers").want(t, 0).says(t, fmt.Sprintf("port %d is taken by ", port))
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	x.until(fmt.Sprintf(`flow hook, step "hook": listens at http://127.0.0.1:%d/orders`, port))
	reply := ask(t, "curl", "-sS", "-d", `{"id": "W-7"}`, fmt.Sprintf("http://127.0.0.1:%d/orders", port))
	equal(t, "reply", reply, `{"taken":"W-7"}`)
	equal(t, "exit code", x.end(syscall.SIGTERM), 0)
}
