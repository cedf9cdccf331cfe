package files

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// watched is a folder with a watch that looks into it, in a bubble of time.
type watched struct {
	t   *testing.T
	env kit.Env

	mu     sync.Mutex // of the next four
	events []string   // "created a.csv"
	logged []string
	refuse error // what give answers
	mark   flow.Cursor

	notice chan struct{}
	stop   context.CancelFunc
	ended  chan error
}

func watchIn(t *testing.T, w *watch) *watched {
	x := &watched{t: t, env: kittest.Env(t), notice: make(chan struct{}, 1), ended: make(chan error, 1)}
	x.env.Write = func(l flow.LogLine) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.logged = append(x.logged, string(l.Level)+": "+l.Text)
	}
	x.env.Marked = func(context.Context) (flow.Cursor, error) {
		x.mu.Lock()
		defer x.mu.Unlock()
		return x.mark, nil
	}
	x.env.Mark = func(_ context.Context, to flow.Cursor) error {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.mark = to
		return nil
	}
	w.Folder = "in"
	if w.Pattern == "" {
		w.Pattern = "*"
	}
	w.Interval = 2 * time.Second
	return x
}

func (x *watched) start(w *watch) {
	ctx, stop := context.WithCancel(x.t.Context())
	x.stop = stop
	go func() {
		x.ended <- w.look(ctx, x.env, &notices{signal: x.notice}, x.give)
	}()
	synctest.Wait()
}

func (x *watched) give(_ context.Context, e kit.Event) (kit.Receipt, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.refuse != nil {
		return kit.Receipt{}, x.refuse
	}
	for _, d := range e.Data {
		m := d.(map[string]any)
		x.events = append(x.events, m["change"].(string)+" "+m["name"].(string))
	}
	x.mark = e.Mark
	if e.Cause != "watch" {
		x.t.Errorf("cause %q", e.Cause)
	}
	return kit.Receipt{}, nil
}

func (x *watched) answer(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.refuse = err
}

func (x *watched) put(name, content string) {
	x.t.Helper()
	path := filepath.Join(x.env.Dir, "in", filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(content), 0o666)); err != nil {
		x.t.Fatal(err)
	}
}

// after lets time pass and wants these events since the last call.
func (x *watched) after(d time.Duration, want ...string) {
	x.t.Helper()
	timer := time.NewTimer(d)
	<-timer.C
	synctest.Wait()
	x.mu.Lock()
	defer x.mu.Unlock()
	if !reflect.DeepEqual(x.events, want) {
		x.t.Errorf("after %v: %q, want %q", d, x.events, want)
	}
	x.events = nil
}

func (x *watched) end() {
	x.stop()
	if err := <-x.ended; !errors.Is(err, context.Canceled) {
		x.t.Errorf("it ends with %v", err)
	}
}

func TestWatchGivesWhatComesAndChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watch{Pattern: "*.csv"}
		x := watchIn(t, w)
		x.put("old.csv", "1")
		x.start(w)
		x.after(10 * time.Second)
		x.put("new.csv", "1")
		x.put("other.txt", "1")
		x.put("below/new.csv", "1")
		x.after(10*time.Second, "created new.csv")
		x.put("old.csv", "12")
		x.put("new.csv", "12")
		x.after(10*time.Second, "changed new.csv", "changed old.csv")
		x.after(10 * time.Second)
		if err := os.Remove(filepath.Join(x.env.Dir, "in", "new.csv")); err != nil {
			t.Fatal(err)
		}
		x.after(10 * time.Second)
		x.put("new.csv", "12")
		x.after(10*time.Second, "created new.csv")
		x.end()
	})
}

func TestWatchWaitsUntilTheFileIsWrittenToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		x := watchIn(t, w)
		x.put("before", "")
		x.start(w)
		for n := range 20 {
			x.put("slow", strings.Repeat("x", n))
			x.after(1500 * time.Millisecond)
		}
		x.after(5*time.Second, "created slow")
		x.end()
	})
}

func TestWatchGivesFilesThatAreThereIfAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watch{Existing: true, Recursive: true}
		x := watchIn(t, w)
		x.put("b", "1")
		x.put("a/c", "1")
		x.start(w)
		x.after(5*time.Second, "created c", "created b")
		x.end()
	})
}

func TestWatchWaitsForTheFolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		x := watchIn(t, w)
		x.start(w)
		x.after(10 * time.Second)
		x.put("a", "1")
		x.after(10*time.Second, "created a")
		away := filepath.Join(x.env.Dir, "away")
		in := filepath.Join(x.env.Dir, "in")
		if err := os.Rename(in, away); err != nil {
			t.Fatal(err)
		}
		x.after(10 * time.Second)
		if err := os.Rename(away, in); err != nil {
			t.Fatal(err)
		}
		x.after(10 * time.Second)
		x.end()
		want := []string{"warn", "info", "warn", "info"}
		for i, l := range x.logged {
			if i >= len(want) || !strings.HasPrefix(l, want[i]) {
				t.Errorf("logged %q, want levels %q", x.logged, want)
				break
			}
		}
	})
}

func TestNoticeMakesItLookSooner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		x := watchIn(t, w)
		x.put("before", "")
		x.start(w)
		x.after(100 * time.Millisecond)
		x.put("a", "1")
		x.notice <- struct{}{}
		x.after(2600*time.Millisecond, "created a") // a look after 0.5 s, and then 2 s to settle; else it were 4 s
		x.end()
	})
}

func TestFileThatCouldNotBeGivenIsGivenLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		x := watchIn(t, w)
		x.put("before", "")
		x.answer(errors.New("no space left"))
		x.start(w)
		x.put("a", "1")
		x.after(10 * time.Second)
		if len(x.logged) < 2 || !strings.Contains(x.logged[1], "no space left; trying again") {
			t.Errorf("logged %q", x.logged)
		}
		x.answer(nil)
		x.after(5*time.Second, "created a")
		x.end()
	})
}

// closed lets the watch end, and do happen before it begins again with w.
func (x *watched) closed(w *watch, do func()) {
	x.t.Helper()
	x.end()
	do()
	w.Folder, w.Interval = "in", 2*time.Second
	x.start(w)
}

func TestFilesThatCameWhileNobodyLookedAreGivenOnce(t *testing.T) {
	for _, existing := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := &watch{Pattern: "*.csv", Existing: existing}
			x := watchIn(t, w)
			x.put("old.csv", "1")
			x.put("touched.csv", "1")
			x.start(w)
			if existing {
				x.after(10*time.Second, "created old.csv", "created touched.csv")
			} else {
				x.after(10 * time.Second)
			}
			x.put("before.csv", "1")
			x.after(10*time.Second, "created before.csv")
			x.closed(&watch{Pattern: "*.csv", Existing: existing}, func() {
				x.put("while.csv", "1")
				x.put("touched.csv", "12")
			})
			x.after(10*time.Second, "changed touched.csv", "created while.csv")
			x.closed(&watch{Pattern: "*.csv", Existing: existing}, func() {})
			x.after(10 * time.Second)
			x.end()
		})
	}
}

func TestFileThatWasBeingWrittenWhenItEndedIsGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		x := watchIn(t, w)
		x.put("known", "1")
		x.start(w)
		x.after(3 * time.Second)
		x.put("known", "12")
		x.put("new", "1")
		x.after(time.Second) // seen, and not settled
		x.closed(&watch{Pattern: "*"}, func() {})
		x.after(10*time.Second, "changed known", "created new")
		x.end()
	})
}

func TestWatchOfAnotherFolderBeginsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		x := watchIn(t, w)
		x.put("a.csv", "1")
		x.start(w)
		x.after(3 * time.Second)
		x.closed(&watch{Pattern: "*.csv"}, func() { x.put("b.csv", "1") })
		x.after(10 * time.Second)
		x.put("c.csv", "1")
		x.after(10*time.Second, "created c.csv")
		x.end()
	})
}

func TestFolderThatIsMountedLateGivesOnlyWhatIsNew(t *testing.T) {
	for _, gone := range []string{"missing", "empty"} {
		t.Run(gone, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &watch{}
				x := watchIn(t, w)
				x.put("a", "1")
				x.start(w)
				x.after(3 * time.Second)
				in, away := filepath.Join(x.env.Dir, "in"), filepath.Join(x.env.Dir, "away")
				x.closed(&watch{Pattern: "*"}, func() {
					err := os.Rename(in, away)
					if gone == "empty" {
						err = errors.Join(err, os.Mkdir(in, 0o777))
					}
					if err != nil {
						t.Fatal(err)
					}
				})
				x.after(10 * time.Second)
				if err := errors.Join(os.RemoveAll(in), os.Rename(away, in)); err != nil {
					t.Fatal(err)
				}
				x.put("b", "1")
				x.after(10*time.Second, "created b")
				x.end()
			})
		})
	}
}

func TestEventOfAFileCarriesWhatIsDealtWith(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watch{Existing: true}
		x := watchIn(t, w)
		x.put("a", "1")
		x.put("b", "1")
		x.answer(errors.New("no space left"))
		x.start(w)
		x.after(10 * time.Second)
		x.answer(nil)
		x.after(5*time.Second, "created a", "created b")
		x.closed(&watch{Pattern: "*", Existing: true}, func() {})
		x.after(10 * time.Second)
		x.mark = flow.Cursor(`"of an older kind"`)
		x.closed(&watch{Pattern: "*", Existing: true}, func() {})
		x.after(10*time.Second, "created a", "created b")
		x.end()
	})
}

func TestWatchListensToTheSystem(t *testing.T) {
	w := &watch{Folder: "in", Pattern: "*", Interval: 100 * time.Millisecond}
	env := kittest.Env(t)
	if err := os.Mkdir(filepath.Join(env.Dir, "in"), 0o777); err != nil {
		t.Fatal(err)
	}
	n := listenTo(env)
	n.watch(filepath.Join(env.Dir, "in"))
	if err := os.WriteFile(filepath.Join(env.Dir, "in", "a"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	<-n.changed()
	n.close()

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	w.Existing = true
	events := make(chan kit.Event)
	ended := make(chan error, 1)
	go func() {
		ended <- w.Listen(ctx, env, func(_ context.Context, e kit.Event) (kit.Receipt, error) {
			events <- e
			return kit.Receipt{}, nil
		})
	}()
	e := <-events
	if m := e.Data[0].(map[string]any); len(e.Data) != 1 || m["name"] != "a" || m["change"] != "created" || m["size"] != 0 {
		t.Errorf("%+v", e)
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestStartByHandGivesTheFilesThatAreThere(t *testing.T) {
	env := kittest.Env(t)
	w := &watch{Folder: "in", Pattern: "*.csv", Interval: time.Second}
	if _, err := w.Start(t.Context(), env); err == nil || !strings.Contains(err.Error(), "there is no folder") {
		t.Errorf("%v", err)
	}
	x := &watched{t: t, env: env}
	x.put("b.csv", "1")
	x.put("a.csv", "1")
	x.put("c.txt", "1")
	got, err := w.Start(t.Context(), env)
	if err != nil || len(got) != 2 || got[0].(map[string]any)["name"] != "a.csv" || got[1].(map[string]any)["change"] != created {
		t.Errorf("%v, %v", got, err)
	}
}

func TestWatchRefusesToKeepTheDiskBusy(t *testing.T) {
	problems := watchOp().New().Fields().Bind("s", flow.Values{"interval": "10ms"})
	if len(problems) != 1 || !strings.Contains(problems[0].What, "less than 100ms") {
		t.Errorf("%v", problems)
	}
	if err := (&watch{}).look(t.Context(), kit.Env{}, &notices{}, nil); err == nil {
		t.Error("no folder is watched")
	}
}
