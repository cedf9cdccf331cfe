package e2e

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func TestASecondServeWaitsAndTakesOver(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	p.run("flows", "enable", f.put("tick.flow.yaml", tickFlow)).want(t, 0)
	first := p.begin("serve")
	first.until("1 flow is live")
	second := p.begin("serve")
	second.until(fmt.Sprintf("process %d has the home folder open; this one goes on when that ends", first.cmd.Process.Pid))
	first.until("✓ run ", " of Tick: done")
	first.end(os.Kill)
	second.until("1 flow is live")
	second.until("✓ run ", " of Tick: done")
	equal(t, "exit code", second.end(syscall.SIGTERM), 0)

	third := p.begin("serve")
	third.until("1 flow is live")
	fourth := p.begin("serve")
	fourth.until("has the home folder open")
	equal(t, "exit code of the one that waits", fourth.end(os.Interrupt), 0)
	equal(t, "exit code", third.end(os.Interrupt), 0)
}

// Two runs from two command lines: the second goes through the first one's process,
// which stays until it has ended too.
func TestARunThroughAnotherRunsProcess(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	came, goOn := make(chan struct{}, 2), map[string]chan struct{}{"a": make(chan struct{}), "b": make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		came <- struct{}{}
		<-goOn[strings.TrimPrefix(r.URL.Path, "/")]
		fmt.Fprint(w, `{"ok": true}`)
	}))
	t.Cleanup(server.Close)
	flowAsking := func(name string) string {
		return f.put(name+".flow.yaml", fmt.Sprintf(`jackfield: 1
name: %s
steps:
  - {id: start, uses: core.manual}
  - {id: ask, uses: http.request, with: {url: "%s/%s"}}
edges:
  - start -> ask
`, name, server.URL, name))
	}
	first := p.begin("run", flowAsking("a"))
	await(t, came, "the first run's request")
	second := p.begin("run", flowAsking("b"))
	await(t, came, "the second run's request")
	close(goOn["a"])
	first.until("waiting for 1 command that goes through this process")
	close(goOn["b"])
	equal(t, "exit code of the second", second.wait(), 0)
	equal(t, "exit code of the first", first.wait(), 0)
	for _, r := range p.runs() {
		equal(t, "state of "+r.Run, r.State, "done")
	}
}

func await(t *testing.T, came <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-came:
	case <-time.After(patience):
		t.Fatalf("nobody saw %s", what)
	}
}

// The process that a command goes through is killed: the command goes on by itself,
// and its run with it.
func TestACommandOutlivesTheProcessItGoesThrough(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	came, goOn := make(chan struct{}, 9), make(chan struct{})
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 2 {
			came <- struct{}{}
			<-goOn
		}
		fmt.Fprint(w, `{"ok": true}`)
	}))
	t.Cleanup(server.Close)
	host := p.begin("serve")
	host.until("Ctrl+C ends")
	x := p.begin("run", f.put("send.flow.yaml", sendFlow(server.URL, "tries: 1")))
	await(t, came, "the second order")
	host.end(os.Kill)
	equal(t, "exit code of the run", x.wait(), 0)
	close(goOn)
	runs := p.runs()
	equal(t, "runs", len(runs), 1)
	equal(t, "state", runs[0].State, "done")
}

func TestServeTellsSystemdHowItStands(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	folder, err := os.MkdirTemp("/tmp", "jf")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(folder, "n"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = manager.Close() })
	p.env = append(p.env, "NOTIFY_SOCKET="+filepath.Join(folder, "n"))
	x := p.begin("serve")
	equal(t, "first word", datagram(t, manager), "READY=1")
	if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	equal(t, "last word", datagram(t, manager), "STOPPING=1")
	equal(t, "exit code", x.wait(), 0)
}

func datagram(t *testing.T, c *net.UnixConn) string {
	t.Helper()
	text := make([]byte, 100)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	n, err := c.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(text[:n])
}

// Ended with runs under way, serve lets those that end in time come to their end, and
// the others rest until the next start.
func TestServeDrainsOrParksItsRuns(t *testing.T) {
	for _, c := range []struct {
		name, drain, state string
		answers            bool
		said               string
	}{
		{name: "drained", drain: "20s", answers: true, state: "done"},
		{name: "parked", drain: "0s", state: "running", said: "1 run is not at the end and will go on at the next start"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, f := newProgram(t), newFolder(t)
			came, goOn := make(chan struct{}, 9), make(chan struct{})
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				came <- struct{}{}
				select {
				case <-goOn:
					fmt.Fprint(w, `{}`)
				case <-r.Context().Done():
				}
			}))
			t.Cleanup(server.Close)
			port := freePort(t)
			p.run("flows", "enable", f.put("slow.flow.yaml", fmt.Sprintf(`jackfield: 1
name: Slow
steps:
  - {id: hook, uses: http.webhook, with: {path: /slow, port: %d}}
  - {id: ask, uses: http.request, with: {url: "%s"}}
edges:
  - hook -> ask
`, port, server.URL))).want(t, 0)
			x := p.begin("serve", "--drain", c.drain)
			x.until("listens at")
			ask(t, "curl", "-sS", "-d", "{}", fmt.Sprintf("http://127.0.0.1:%d/slow", port))
			await(t, came, "the request")
			if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if c.answers {
				close(goOn)
			}
			equal(t, "exit code", x.wait(), 0)
			if c.said != "" && !strings.Contains(strings.Join(x.said, "\n"), c.said) {
				t.Errorf("it said\n%s", strings.Join(x.said, "\n"))
			}
			equal(t, "state", p.runs()[0].State, c.state)
		})
	}
}
