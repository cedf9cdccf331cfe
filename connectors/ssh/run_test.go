package ssh

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/depot/depottest"
	"jackfield/connectors/kit/kittest"
	"jackfield/connectors/ssh/sshtest"
	"jackfield/flow"
)

func TestCommands(t *testing.T) {
	server := sshtest.Start(t, "")
	with := server.With(server.Address, "")
	c := New("")
	defer c.Close()
	awful := "a'b\"c $(touch /tmp/jackfield-was-here) `id` \\ \n; exit 3 # * ?é\t"
	for _, tt := range []struct {
		name string
		with []any
		want map[string]any
	}{
		{"words stay words", []any{"argv", []any{"printf", "<%s>", awful, ""}}, map[string]any{"stdout": "<" + awful + "><>", "code": 0}},
		{"values are variables", []any{"command", `printf %s "$file"; printf %s "$file" | wc -l >&2`, "values", map[string]any{"file": awful}}, map[string]any{"stdout": awful, "stderr": "1\n"}},
		{"what stands in the record is standard input", []any{"argv", []any{"sort"}, "stdin", "b\na\n"}, map[string]any{"stdout": "a\nb\n"}},
		{"any exit code", []any{"command", "echo no >&2; exit 7", "any_code", true}, map[string]any{"code": 7, "stderr": "no\n"}},
		{"output is cut", []any{"command", "yes | head -c 100000", "most", 1000}, map[string]any{"cut": true, "stdout": strings.Repeat("y\n", 500)}},
		{"bytes are base64", []any{"command", `printf '\377\000'`}, map[string]any{"stdout_base64": "/wA="}},
		{"nothing", []any{"argv", []any{"true"}}, map[string]any{"stdout": "", "stderr": "", "cut": false, "code": 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := depottest.Perform(t, c, "run", depottest.Set(with, tt.with...))
			if err != nil {
				t.Fatal(err)
			}
			for k, want := range tt.want {
				if got := got.(map[string]any)[k]; got != want {
					t.Errorf("%s is %q, want %q", k, got, want)
				}
			}
		})
	}
	if _, err := os.Stat("/tmp/jackfield-was-here"); err == nil {
		t.Error("a value was read as a command")
	}
}

func TestCommandsThatDoNotWork(t *testing.T) {
	server := sshtest.Start(t, "")
	with := server.With(server.Address, "")
	c := New("")
	defer c.Close()
	for _, tt := range []struct {
		with  []any
		kind  flow.Code
		field string
		says  string
	}{
		{[]any{"command", "echo first >&2; echo second >&2; exit 2"}, kit.Refused, "", "code 2: first"},
		{[]any{"argv", []any{"no-such-program"}}, kit.Refused, "", "code 127"},
		{[]any{}, kit.Invalid, "argv", "no command"},
		{[]any{"argv", []any{"x"}, "command", "y"}, kit.Invalid, "command", "both"},
		{[]any{"argv", []any{"a\x00b"}}, kit.Invalid, "argv", "zero byte"},
		{[]any{"command", "kill -9 $$"}, kit.Refused, "", "KILL"},
	} {
		_, err := depottest.Perform(t, c, "run", depottest.Set(with, tt.with...))
		kittest.WantFailure(t, err, tt.kind, tt.field, tt.says)
	}
	op, _ := c.Op("run")
	if problems := op.New().Fields().Bind("s", flow.Values{"values": map[string]any{"a b": "x"}}); len(problems) != 1 {
		t.Errorf("a variable with a space: %v", problems)
	}
}

// held is a pipe; begun is closed when a process has opened it for writing, and gone
// when none has it open any more.
type held struct {
	path        string
	begun, gone chan struct{}
}

func newHeld(t testing.TB) held {
	t.Helper()
	h := held{path: filepath.Join(t.TempDir(), "held"), begun: make(chan struct{}), gone: make(chan struct{})}
	if err := syscall.Mkfifo(h.path, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		pipe, err := os.Open(h.path)
		if err != nil {
			return
		}
		defer pipe.Close()
		close(h.begun)
		if _, err := io.Copy(io.Discard, pipe); err == nil {
			close(h.gone)
		}
	}()
	return h
}

func TestACommandThatTakesTooLongIsKilledWithAllThatItStarted(t *testing.T) {
	server := sshtest.Start(t, "")
	h := newHeld(t)
	c := New("")
	defer c.Close()
	// A grandchild that does not mind being told to end holds the pipe.
	script := `sh -c 'trap "" TERM; exec 9>"$pipe"; while :; do sleep 1; done' & wait`
	with := depottest.Set(server.With(server.Address, ""), "command", script, "values", map[string]any{"pipe": h.path}, "within", "2s")
	_, err := depottest.Perform(t, c, "run", with)
	kittest.WantFailure(t, err, kit.TimedOut, "", "2s", "killed")
	if !kit.AsFailure(err).Uncertain {
		t.Error("nobody knows what a command did that was killed, but the failure is certain")
	}
	<-h.gone
}

func TestACommandOfAStoppedRunIsKilled(t *testing.T) {
	server := sshtest.Start(t, "")
	h := newHeld(t)
	c := New("")
	defer c.Close()
	op, _ := c.Op("run")
	o := op.New()
	with := depottest.Set(server.With(server.Address, ""), "command", `exec 9>"$pipe"; sleep 600`, "values", map[string]any{"pipe": h.path})
	if problems := o.Fields().Bind("s", with); len(problems) > 0 {
		t.Fatal(problems)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := o.(kit.Action).Run(ctx, kittest.Env(t), flow.Record{ID: "rec1"})
		ended <- err
	}()
	<-h.begun
	cancel()
	if err := <-ended; kit.AsFailure(err).Kind != kit.Stopped {
		t.Errorf("it ends with %v", err)
	}
	<-h.gone
}

func TestACommandOnALostLineIsUncertain(t *testing.T) {
	server := sshtest.Start(t, "")
	proxy := kittest.NewProxy(t, server.Address)
	c := New("")
	defer c.Close()
	with := server.With(proxy.Address, "")
	if _, err := depottest.Perform(t, c, "run", depottest.Set(with, "argv", []any{"true"})); err != nil {
		t.Fatal(err)
	}
	proxy.CutAfter(20_000)
	_, err := depottest.Perform(t, c, "run", depottest.Set(with, "command", "yes | head -c 10000000"))
	kittest.WantFailure(t, err, kit.Unavailable, "", "lost")
	if !kit.AsFailure(err).Uncertain {
		t.Error("nobody knows what the command did, but the failure is certain")
	}
	proxy.Mend()
	proxy.Stop()
	_, err = depottest.Perform(t, c, "run", depottest.Set(with, "argv", []any{"true"}))
	kittest.WantFailure(t, err, kit.Unavailable, "", "connect")
	if kit.AsFailure(err).Uncertain {
		t.Error("nothing was asked, but the failure is uncertain")
	}
}

func TestManyCommandsAndFilesShareALine(t *testing.T) {
	server := sshtest.Start(t, "")
	proxy := kittest.NewProxy(t, server.Address)
	base := t.TempDir()
	with := server.With(proxy.Address, base)
	c := New("")
	defer c.Close()
	ended := make(chan error)
	for i := range 30 {
		go func() {
			var err error
			if i%2 == 0 {
				_, err = depottest.Perform(t, c, "run", depottest.Set(with, "argv", []any{"sleep", "0.05"}))
			} else {
				_, err = depottest.Perform(t, c, "upload", depottest.Set(with, "path", fmt.Sprint("f", i), "text", "x"))
			}
			ended <- err
		}()
	}
	for range 30 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if n := proxy.Made(); n != 1 {
		t.Errorf("%d lines were made", n)
	}
}
