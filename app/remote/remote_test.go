package remote_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"jackfield/app"
	"jackfield/app/remote"
	"jackfield/connectors/core"
	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/store"
	"jackfield/store/vault"
	"jackfield/ui/uitest"
)

// house is a home folder that one process has open, with its door.
type house struct {
	t      *testing.T
	home   string
	local  *app.Local
	server *remote.Server
	close  func()
}

func open(t *testing.T, home string) *house {
	t.Helper()
	st, err := store.Open(home, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := vault.Open(home, st, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	account := kit.Connector{ID: "crm", Title: "CRM", Summary: "For tests", Connection: func() kit.Connection { return &account{} }}
	h := &house{t: t, home: home, local: app.New(app.Options{Store: st, Vault: secrets, History: st, Ops: kit.Set{core.New(), account}, Home: home})}
	if h.server, err = remote.Listen(home, "1.2.3", h.local); err != nil {
		t.Fatal(err)
	}
	closed := false
	h.close = func() {
		if closed {
			return
		}
		closed = true
		hurry, cancel := context.WithCancel(context.Background())
		cancel()
		if err := errors.Join(h.server.Close(hurry), h.local.Close(hurry), st.Close()); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(h.close)
	return h
}

func (h *house) dial(o remote.Options) *remote.Client {
	h.t.Helper()
	o.Home, o.Version = h.home, "1.2.3"
	if o.Role == "" {
		o.Role = remote.Command
	}
	c, err := remote.Dial(h.t.Context(), o)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = c.Close() })
	return c
}

// account is a connection with a secret.
type account struct{ token kit.Secret }

func (a *account) Fields() kit.Fields { return kit.Fields{kit.Hidden(&a.token, "token", "Token")} }

func (a *account) Test(context.Context, kit.Env) []kit.Check {
	return []kit.Check{{Name: "token", OK: a.token.Reveal() == "s3cret", Took: time.Second}}
}

// odd is data in which everything is that goes wrong on the way when numbers and
// names are not minded.
func odd() map[string]any {
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	return map[string]any{
		"int": 7, "beyond": 9007199254740993, "huge": huge, "float": 1.5, "null": nil, "text": "a\u2028\"\\<b>",
		"list": []any{1, nil, "x", []any{}, map[string]any{}}, "": true, "a.b": -0.25,
	}
}

func oddFlow() flow.Flow {
	return flow.Flow{
		Name: "Odd",
		Steps: []flow.Step{
			{ID: "begin", Uses: "core.manual", With: flow.Values{"items": []any{odd(), map[string]any{"bad": true}}}, At: flow.Point{X: 1.5, Y: -2}},
			{ID: "keep", Uses: "core.map", Map: `if .bad then error("it is bad") else . end`, Retry: flow.Retry{Tries: 2, First: time.Millisecond}},
		},
		Edges:    []flow.Edge{{From: "begin", To: "keep"}},
		Settings: flow.Settings{Timeout: time.Minute, Keep: 3},
	}
}

func TestTheSameIsSeenThroughTheSocket(t *testing.T) {
	h := open(t, t.TempDir())
	c, ctx := h.dial(remote.Options{}), t.Context()
	saved, err := c.Save(ctx, oddFlow())
	same(t, "Save", saved.ID, flow.ID("odd"), err)
	id, err := c.Start(ctx, app.Start{Flow: saved.ID})
	if err != nil {
		t.Fatal(err)
	}
	ended, err := c.Wait(ctx, id)
	same(t, "state", ended.State, flow.RunPartial, err)

	far, err := c.Flow(ctx, saved.ID, 0)
	near, _ := h.local.Flow(ctx, saved.ID, 0)
	same(t, "Flow", far, near, err)
	farRuns, err := c.Runs(ctx, app.Query{})
	nearRuns, _ := h.local.Runs(ctx, app.Query{})
	same(t, "Runs", asText(farRuns), asText(nearRuns), err)
	farSteps, err := c.StepRuns(ctx, id)
	nearSteps, _ := h.local.StepRuns(ctx, id)
	same(t, "StepRuns", asText(farSteps), asText(nearSteps), err)
	for _, s := range nearSteps {
		for o := range s.Out {
			ref := flow.Ref{Run: id, Seq: s.Seq, Outlet: o}
			farBatch, err := c.Records(ctx, ref)
			nearBatch, _ := h.local.Records(ctx, ref)
			same(t, fmt.Sprint(ref), farBatch, nearBatch, err)
		}
	}
	farLog, err := c.Log(ctx, id)
	nearLog, _ := h.local.Log(ctx, id)
	same(t, "Log", asText(farLog), asText(nearLog), err)
	sample, from, err := c.Sample(ctx, saved, "keep", 5)
	nearSample, nearFrom, _ := h.local.Sample(ctx, saved, "keep", 5)
	same(t, "Sample", sample, nearSample, err)
	same(t, "where the sample is from", from, nearFrom, nil)
	same(t, "Check", c.Check(ctx, flow.Flow{Name: "None"}), h.local.Check(ctx, flow.Flow{Name: "None"}), nil)
}

// same compares what came through the socket with what stands behind it.
func same(t *testing.T, what string, far, near any, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	} else if !reflect.DeepEqual(far, near) {
		t.Errorf("%s\n far  %+v\n near %+v", what, far, near)
	}
}

// asText writes times without the clock that only their own process can read.
func asText[T any](all []T) []string {
	var lines []string
	for _, one := range all {
		lines = append(lines, strings.ReplaceAll(fmt.Sprintf("%+v", one), " +0000 UTC", ""))
	}
	return lines
}

// Every method goes to its own counterpart with all its arguments.
func TestEveryMethodOfTheDoorFindsItsWay(t *testing.T) {
	home := t.TempDir()
	door := &uitest.Door{}
	server, err := remote.Listen(home, "1", door)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close(t.Context()) })
	c, err := remote.Dial(t.Context(), remote.Options{Home: home, Role: remote.Face, Version: "1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	methods := reflect.TypeFor[app.Service]()
	for i := range methods.NumMethod() {
		m := methods.Method(i)
		if m.Name == "Watch" || m.Name == "Connectors" || m.Name == "TestConnection" {
			continue
		}
		in := []reflect.Value{reflect.ValueOf(t.Context())}
		for j := 1; j < m.Type.NumIn(); j++ {
			in = append(in, reflect.Zero(m.Type.In(j)))
		}
		before := len(door.Asked())
		for _, got := range reflect.ValueOf(c).MethodByName(m.Name).Call(in) {
			if err, is := got.Interface().(error); is && got.Type() == reflect.TypeFor[error]() {
				for _, wrong := range []string{"the door has no", "arguments", "argument ", "results instead", "read the answer", "broke down"} {
					if strings.Contains(err.Error(), wrong) {
						t.Errorf("%s: %v", m.Name, err)
					}
				}
			}
		}
		direct := &uitest.Door{}
		reflect.ValueOf(direct).MethodByName(m.Name).Call(in)
		same(t, "what "+m.Name+" asks for", door.Asked()[before:], append([]string{}, direct.Asked()...), nil)
	}
}

func TestErrorsKeepTheirMeaning(t *testing.T) {
	h := open(t, t.TempDir())
	c, ctx := h.dial(remote.Options{}), t.Context()
	if _, err := c.Flow(ctx, "none", 0); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a flow that is not there: %v", err)
	}
	bad := oddFlow()
	bad.Steps[1].Uses = "core.nothing"
	saved, err := c.Save(ctx, bad)
	if err != nil {
		t.Fatal(err)
	}
	_, far := c.Start(ctx, app.Start{Flow: saved.ID})
	_, near := h.local.Start(ctx, app.Start{Flow: saved.ID})
	ps, ok := errors.AsType[app.Problems](far)
	if want, _ := errors.AsType[app.Problems](near); !ok || !reflect.DeepEqual(ps, want) {
		t.Errorf("problems\n far  %v\n near %v", far, near)
	}
	slow := flow.Flow{Name: "Slow", Steps: []flow.Step{{ID: "a", Uses: "core.manual"}, {ID: "b", Uses: "core.wait", With: flow.Values{"for": "1h"}}}, Edges: []flow.Edge{{From: "a", To: "b"}}}
	if slow, err = c.Save(ctx, slow); err != nil {
		t.Fatal(err)
	}
	id, err := c.Start(ctx, app.Start{Flow: slow.ID})
	if err != nil {
		t.Fatal(err)
	}
	impatient, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := c.Wait(impatient, id); !errors.Is(err, context.Canceled) {
		t.Errorf("a wait that was given up: %v", err)
	}
	if err := c.Stop(ctx, id); err != nil {
		t.Errorf("stop: %v", err)
	}
}

func TestEventsComeThroughTheSocketFromTheCallOn(t *testing.T) {
	h := open(t, t.TempDir())
	c, ctx := h.dial(remote.Options{}), t.Context()
	saved, err := c.Save(ctx, oddFlow())
	if err != nil {
		t.Fatal(err)
	}
	events := c.Watch(ctx)
	id, err := h.local.Start(ctx, app.Start{Flow: saved.ID}) // before anybody looks
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[flow.EventKind]bool{}
	for e := range events {
		if e.Run.ID == id {
			kinds[e.Kind] = true
		}
		if e.Kind == flow.RunChanged && e.Run.State.Ended() {
			break
		}
	}
	for _, want := range []flow.EventKind{flow.RunChanged, flow.StepBegan, flow.StepEnded} {
		if !kinds[want] {
			t.Errorf("no event %q came", want)
		}
	}
}

func TestSecretsArriveAndDoNotComeBack(t *testing.T) {
	h := open(t, t.TempDir())
	c, ctx := h.dial(remote.Options{}), t.Context()
	conn := flow.Connection{Name: "mine", Connector: "crm", Values: flow.Values{"token": kit.NewSecret("s3cret")}}
	checks, err := found(c.TestConnection(ctx, conn))
	same(t, "the check", checks, []kit.Check{{Name: "token", OK: true, Took: time.Second}}, err)
	if err := c.SaveConnection(ctx, conn); err != nil {
		t.Fatal(err)
	}
	all, err := c.Connections(ctx)
	if text := fmt.Sprintf("%+v", all); err != nil || !strings.Contains(text, "mine") || strings.Contains(text, "s3cret") {
		t.Errorf("connections: %s %v", text, err)
	}
	checks, err = found(c.TestConnection(ctx, all[len(all)-1]))
	same(t, "the check of what is stored", checks[0].OK, true, err)
}

func TestOnlyTheOwnerComesToTheDoor(t *testing.T) {
	h := open(t, t.TempDir())
	socket := remote.Address(h.home)
	for path, want := range map[string]fs.FileMode{filepath.Dir(socket): fs.ModeDir | 0o700, socket: fs.ModeSocket | 0o600} {
		info, err := os.Lstat(path)
		if err != nil || info.Mode() != want {
			t.Errorf("%s has %v, %v; want %v", path, info.Mode(), err, want)
		}
	}
}

func TestADoorThatLeadsElsewhereIsNotOpened(t *testing.T) {
	home := t.TempDir()
	if err := os.Symlink(t.TempDir(), filepath.Join(home, "door")); err != nil {
		t.Fatal(err)
	}
	if s, err := remote.Listen(home, "1", &uitest.Door{}); err == nil {
		_ = s.Close(t.Context())
		t.Error("the door was opened in a folder that a link leads to")
	}
}

func TestALongHomeHasItsDoorElsewhere(t *testing.T) {
	home := filepath.Join(t.TempDir(), strings.Repeat("long", 40))
	t.Setenv("XDG_RUNTIME_DIR", shortFolder(t))
	h := open(t, home)
	if _, err := h.dial(remote.Options{}).Flows(t.Context()); err != nil {
		t.Error(err)
	}
}

// shortFolder is one whose path leaves room for a socket's.
func shortFolder(t *testing.T) string {
	folder, err := os.MkdirTemp("/tmp", "jf")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

func TestWhatAKilledProcessLeftIsNobodys(t *testing.T) {
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, "door"), 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", remote.Address(home))
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := remote.Dial(t.Context(), remote.Options{Home: home, Role: remote.Command}); !errors.Is(err, remote.ErrNobody) {
		t.Errorf("a socket without a process: %v", err)
	}
	h := open(t, home)
	if _, err := h.dial(remote.Options{}).Flows(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestClosingWaitsForCommandsAndNotForWindows(t *testing.T) {
	h := open(t, t.TempDir())
	window, command := h.dial(remote.Options{Role: remote.Face}), h.dial(remote.Options{Role: remote.Command})
	done := make(chan error)
	go func() { done <- h.server.Close(t.Context()) }()
	if _, err := command.Flows(t.Context()); err != nil {
		t.Error(err)
	}
	late := h.dial(remote.Options{Role: remote.Command}) // who comes now is let in too
	_ = command.Close()
	if _, err := late.Flows(t.Context()); err != nil {
		t.Error(err)
	}
	select {
	case err := <-done:
		t.Fatalf("it closed while a command was attached: %v", err)
	default:
	}
	_ = late.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
	<-window.Lost()
	if _, err := remote.Dial(t.Context(), remote.Options{Home: h.home, Role: remote.Command}); !errors.Is(err, remote.ErrNobody) {
		t.Errorf("a door that is closed: %v", err)
	}
}

// A window keeps working when the process whose door it used has gone.
func TestAWindowTakesOver(t *testing.T) {
	h := open(t, t.TempDir())
	var next *house
	window := h.dial(remote.Options{Role: remote.Face, Reopen: func(context.Context) (app.Service, error) {
		next = open(t, h.home)
		return next.local, nil
	}})
	saved, err := window.Save(t.Context(), oddFlow())
	if err != nil {
		t.Fatal(err)
	}
	ctx, enough := context.WithCancel(t.Context())
	defer enough()
	events := window.Watch(ctx)
	h.close()
	f, err := window.Flow(t.Context(), saved.ID, 0)
	same(t, "the flow", f.Steps[0].With, flow.Values{"items": []any{odd(), map[string]any{"bad": true}}}, err)
	same(t, "whose door it uses", window.PID(), 0, nil)
	var told []string
	id := flow.RunID("")
	for e := range events {
		told = append(told, e.What)
		if e.Kind == flow.FlowChanged && id == "" {
			if id, err = window.Start(t.Context(), app.Start{Flow: saved.ID}); err != nil {
				t.Fatal(err)
			}
		}
		if e.Kind == flow.RunChanged && e.Run.ID == id && e.Run.State.Ended() {
			break
		}
	}
	if !strings.Contains(strings.Join(told, "\n"), "has ended; this one goes on in its place") {
		t.Errorf("it was told %q", told)
	}
}

// An answer that was lost is told where the call may have done something, and asked
// for again where it cannot have.
func TestALostAnswerIsNotAskedForTwice(t *testing.T) {
	h := open(t, t.TempDir())
	reopened := 0
	c := h.dial(remote.Options{Role: remote.Face, Reopen: func(context.Context) (app.Service, error) {
		reopened++
		return open(t, h.home).local, nil
	}})
	slow := flow.Flow{Name: "Slow", Steps: []flow.Step{{ID: "a", Uses: "core.manual"}, {ID: "b", Uses: "core.wait", With: flow.Values{"for": "1h"}}}, Edges: []flow.Edge{{From: "a", To: "b"}}}
	slow, err := c.Save(t.Context(), slow)
	if err != nil {
		t.Fatal(err)
	}
	id, err := c.Start(t.Context(), app.Start{Flow: slow.ID})
	if err != nil {
		t.Fatal(err)
	}
	waited := make(chan error)
	go func() {
		_, err := c.Wait(t.Context(), id) // on its way when the process ends
		waited <- err
	}()
	h.close()
	if err := <-waited; err != nil {
		t.Errorf("a wait is asked for again and finds the run: %v", err)
	}
	same(t, "how often it was reopened", reopened, 1, nil)
}
