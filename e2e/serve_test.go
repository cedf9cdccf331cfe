package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is a call of the program that goes on beside the test.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines chan string // what it writes to standard error; closed at its end
	said  []string
}

// patience is how long a test waits for a line that a sound program writes at once.
const patience = 30 * time.Second

// begin starts the program. It is killed when the test ends, if it still goes on.
func (p *program) begin(args ...string) *process {
	p.t.Helper()
	cmd := p.command(args...)
	errs, err := cmd.StderrPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd.Stdout = io.Discard
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	x := &process{t: p.t, cmd: cmd, lines: make(chan string, 1000)}
	go func() {
		defer close(x.lines)
		for in := bufio.NewScanner(errs); in.Scan(); {
			x.lines <- in.Text()
		}
	}()
	p.t.Cleanup(func() { _ = cmd.Process.Kill() })
	return x
}

// until waits for a line with all these texts in it.
func (x *process) until(texts ...string) string {
	x.t.Helper()
	late := time.After(patience)
	for {
		select {
		case line, more := <-x.lines:
			if !more {
				x.t.Fatalf("it ended without saying %q\nit said\n%s", texts, strings.Join(x.said, "\n"))
			}
			x.said = append(x.said, line)
			found := true
			for _, text := range texts {
				found = found && strings.Contains(line, text)
			}
			if found {
				return line
			}
		case <-late:
			x.t.Fatalf("nothing said %q\nit said\n%s", texts, strings.Join(x.said, "\n"))
		}
	}
}

// end sends a signal, waits for the end and gives the exit code.
func (x *process) end(signal os.Signal) int {
	x.t.Helper()
	if err := x.cmd.Process.Signal(signal); err != nil {
		x.t.Fatal(err)
	}
	return x.wait()
}

func (x *process) wait() int {
	x.t.Helper()
	for line := range x.lines {
		x.said = append(x.said, line)
	}
	_ = x.cmd.Wait() // the exit code tells
	return x.cmd.ProcessState.ExitCode()
}

const tickFlow = `jackfield: 1
name: Tick
steps:
  - {id: tick, uses: core.schedule, with: {every: 1s}}
  - {id: out, uses: json.write, with: {path: ticks.jsonl, lines: true, mode: append}}
edges:
  - tick -> out
`

func hookFlow(name string, port int) string {
	return fmt.Sprintf(`jackfield: 1
name: %s
steps:
  - {id: hook, uses: http.webhook, with: {path: /orders, port: %d, reply: wait}}
  - {id: keep, uses: sqlite.upsert, with: {path: kept.db, table: orders, key: [id]}, map: '{row: .body}'}
  - {id: taken, uses: http.reply, with: {status: 201}, map: '{body: {taken: .body.id}}'}
edges:
  - hook -> keep -> taken
`, name, port)
}

func TestServeFiresSchedulesAndWebhooksUntilItIsEnded(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	port := freePort(t)
	p.run("flows", "enable", f.put("tick.flow.yaml", tickFlow)).want(t, 0).says(t, "tick is enabled; its triggers are live while the window is open or jackfield serve runs")
	p.run("flows", "enable", f.put("hook.flow.yaml", hookFlow("Hook", port))).want(t, 0)

	x := p.begin("serve")
	x.until("2 flows are live; Ctrl+C ends")
	x.until(fmt.Sprintf(`flow hook, step "hook": listens at http://127.0.0.1:%d/orders`, port))
	x.until("✓ run ", " of Tick: done")
	reply := ask(t, "curl", "-sS", "-w", " %{http_code}", "-H", "Content-Type: application/json", "-d", `{"id": "W-7", "total": 3}`, fmt.Sprintf("http://127.0.0.1:%d/orders", port))
	equal(t, "reply", reply, `{"taken":"W-7"} 201`)
	x.until("✓ run ", " of Hook: done")
	equal(t, "kept", f.sql("kept.db", "select id, total from orders"), "W-7|3")
	attached(t, p, x)
	x.until("✓ run ", " of Tick: done")

	equal(t, "exit code", x.end(syscall.SIGTERM), 0)
	p.run("doctor").want(t, 0).says(t, "✓ store        whole; 2 flows")
	ticks, hooks := 0, 0
	for _, r := range p.runs() {
		equal(t, "state of run "+r.Run, r.State, "done")
		switch r.Cause {
		case "schedule", "command line":
			ticks++
		case "webhook":
			hooks++
		}
	}
	equal(t, "runs of the webhook", hooks, 1)
	equal(t, "lines of the schedule", f.lines("ticks.jsonl"), ticks)
	if ticks < 2 {
		t.Errorf("the schedule fired %d times", ticks)
	}
}

// attached: while x has the home folder open, every command works through its door, and
// only what must have the store for itself says that it is in use.
func attached(t *testing.T, p *program, x *process) {
	t.Helper()
	p.run("flows", "ls").want(t, 0).says(t, "Tick", "Hook")
	p.run("runs", "show", "last").want(t, 0)
	id := decode[runSummary](t, p.run("run", "tick", "--json").want(t, 0)).Run
	x.until("✓ run "+id, " of Tick: done") // it ran over there
	p.run("flows", "disable", "hook").want(t, 0)
	p.run("flows", "enable", "hook").want(t, 0)
	p.run("doctor", "--rescue").want(t, 1).says(t, fmt.Sprintf("Jackfield is already open (process %d)", x.cmd.Process.Pid))
	p.run("doctor").want(t, 0).says(t, fmt.Sprintf("✓ store        in use by process %d, so it was not looked at", x.cmd.Process.Pid))
}

func TestTwoFlowsOnOneWebhookPathAreTold(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	port := freePort(t)
	p.run("flows", "enable", f.put("one.flow.yaml", hookFlow("One", port))).want(t, 0)
	p.run("flows", "enable", f.put("two.flow.yaml", hookFlow("Two", port))).want(t, 0)
	x := p.begin("serve")
	line := x.until("does not listen")
	path := fmt.Sprintf("the path /orders on port %d is taken by flow ", port)
	if !strings.Contains(line, `trigger "hook" of "Two" does not listen: `+path+`"one"; choose another path, or another port`) &&
		!strings.Contains(line, `trigger "hook" of "One" does not listen: `+path+`"two"; choose another path, or another port`) {
		t.Errorf("it says %s", line)
	}
	// The other one works all the same.
	reply, err := http.Post(fmt.Sprintf("http://127.0.0.1:%d/orders", port), "application/json", strings.NewReader(`{"id": 1}`))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "reply", body(t, reply.Body), `{"taken":1}`)
	reply.Body.Close()
	equal(t, "exit code", x.end(os.Interrupt), 0)
}

func TestServeWithoutEnabledFlowsSaysSo(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	x := p.begin("serve")
	x.until("no flow is enabled, so nothing will start by itself; enable one: jackfield flows enable FLOW")
	equal(t, "exit code", x.end(os.Interrupt), 0)
}

// cutOff begins a run and sends it a signal while it waits for the reply to the
// second of three orders. The service answers from then on.
func (p *program) cutOff(f folder, signal os.Signal) (s *service, code int) {
	p.t.Helper()
	s, server := newService(p.t, nil)
	came, goOn := make(chan struct{}), make(chan struct{})
	s.set(onlyTwo(func(http.ResponseWriter) {
		close(came)
		<-goOn
	}))
	x := p.begin("run", f.put("send.flow.yaml", sendFlow(server.URL, "tries: 1")))
	select {
	case <-came:
	case <-time.After(patience):
		p.t.Fatal("the run did not come to the second order")
	}
	code = x.end(signal)
	close(goOn)
	s.set(nil)
	return s, code
}

func TestInterruptStopsARunAndResumeFinishesIt(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			p, f := newProgram(t), newFolder(t)
			s, code := p.cutOff(f, signal)
			equal(t, "exit code", code, 1)
			runs := p.runs()
			equal(t, "runs", len(runs), 1)
			equal(t, "state", runs[0].State, "stopped")
			p.run("runs", "show", "last").want(t, 0).says(t, "■ Send: stopped", "to go on: jackfield runs resume "+runs[0].Run)
			p.run("runs", "stop", "last").want(t, 2).says(t, "run "+runs[0].Run+" has ended already; there is nothing to stop")
			p.finishes(f, s, p.run("runs", "resume", "last", "--json").want(t, 0))
		})
	}
}

// finishes fails the test unless all three orders came through. Where the program was
// killed in the middle of a batch, its first order may come again, with the same key.
func (p *program) finishes(f folder, s *service, r result, again ...string) {
	p.t.Helper()
	equal(p.t, "counts", decode[runSummary](p.t, r).counts(), "out.done=3 send.done=3 start.done=3")
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, order := range []string{"1", "3"} {
		if n := s.taken[order]; n < 1 || n > 1 && !slices.Contains(again, order) {
			p.t.Errorf("order %s was taken %d times", order, n)
		}
	}
	equal(p.t, "replies written", f.lines("out.jsonl"), 3)
}

func TestServeTakesUpARunThatWasKilled(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	s, _ := p.cutOff(f, os.Kill)
	equal(t, "state", p.runs()[0].State, "running")
	x := p.begin("serve")
	x.until("✓ run ", " of Send: done")
	equal(t, "exit code", x.end(syscall.SIGTERM), 0)
	p.finishes(f, s, p.run("runs", "show", "last", "--json").want(t, 0), "1")
}

func TestRunThatWasKilledIsStoppedByHand(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	s, _ := p.cutOff(f, os.Kill)
	p.run("runs", "stop", "last").want(t, 0).says(t, "stopped "+p.runs()[0].Run)
	equal(t, "state", p.runs()[0].State, "stopped")
	p.finishes(f, s, p.run("runs", "resume", "last", "--json").want(t, 0), "1")
}
