package depot

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// memory is files in memory. Its lists come in pages of page entries; 0 is whole.
type memory struct {
	hostile
	mu    sync.Mutex
	files map[string]string
	at    time.Time
	page  int
	fail  map[string]error // of listing a folder
}

func newMemory(paths ...string) *memory {
	m := &memory{files: map[string]string{}, at: time.Unix(1e9, 0), fail: map[string]error{}}
	for _, p := range paths {
		m.files["/base/"+p] = "x"
	}
	return m
}

func (m *memory) List(_ context.Context, dir, after string, _ int) ([]Info, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.fail[dir]; err != nil {
		return nil, false, err
	}
	seen := map[string]Info{}
	for p, text := range m.files {
		rest, ok := strings.CutPrefix(p, dir+"/")
		if !ok {
			continue
		}
		name, _, deep := strings.Cut(rest, "/")
		i := Info{Path: dir + "/" + name, Dir: deep}
		if !deep {
			i.Size, i.Modified = int64(len(text)), m.at
		}
		seen[name] = i
	}
	if len(seen) == 0 && dir != "/base" {
		return nil, false, fs.ErrNotExist
	}
	var all []Info
	for _, i := range seen {
		all = append(all, i)
	}
	all = Sorted(all, after)
	if m.page > 0 && len(all) > m.page {
		return all[:m.page], true, nil
	}
	return all, false, nil
}

func (m *memory) Stat(_ context.Context, p string) (Info, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, ok := m.files[p]
	if !ok {
		return Info{}, fs.ErrNotExist
	}
	return Info{Path: p, Size: int64(len(text)), Modified: m.at}, nil
}

func TestAWalkGoesOnWhereverItStopped(t *testing.T) {
	paths := []string{"a", "a b/c", "a-b", "a.txt", "a/b", "a/b-c/d", "a/b/../x", "a/z", "a0", "b/c/d/e", "b/c/d/f", "b/c0", "z"}
	paths = slices.DeleteFunc(paths, func(p string) bool { return p == "a" || strings.Contains(p, "..") }) // a is a folder
	for _, page := range []int{0, 1, 2} {
		m := newMemory(paths...)
		m.page = page
		w := walk{site: &site{Store: m, base: "/base"}, root: "/base", pattern: "*", recursive: true}
		from := func(after string) (all []string) {
			err := w.each(t.Context(), after, func(one found) bool {
				all = append(all, one.rel)
				return true
			})
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		all := from("")
		if got := slices.Sorted(slices.Values(all)); !slices.Equal(got, slices.Sorted(slices.Values(paths))) {
			t.Fatalf("pages of %d: %q, want %q", page, got, paths)
		}
		for i, after := range all {
			if rest := from(after); !slices.Equal(rest, all[i+1:]) {
				t.Errorf("pages of %d, behind %s: %q, want %q", page, after, rest, all[i+1:])
			}
		}
		for i, gone := range all { // it goes on though the file where it stopped is gone
			delete(m.files, "/base/"+gone)
			if rest := from(gone); !slices.Equal(rest, all[i+1:]) {
				t.Errorf("pages of %d, behind %s that is gone: %q, want %q", page, gone, rest, all[i+1:])
			}
			m.files["/base/"+gone] = "x"
		}
	}
}

func TestAFolderThatMayNotBeLookedInto(t *testing.T) {
	m := newMemory("a/b", "c/d", "e")
	m.fail["/base/a"] = fs.ErrPermission
	read := func(with flow.Values) (kit.Page, error) {
		return perform(t, m, "list", with).(kit.Source).Read(t.Context(), kittest.Env(t), nil)
	}
	page, err := read(flow.Values{"recursive": true})
	if err != nil || len(page.Data) != 2 || len(page.Bad) != 1 || page.Bad[0].Failure.Kind != kit.Denied || page.Bad[0].At != 0 {
		t.Errorf("%+v, %v", page, err)
	}
	// What is in it would be too old for the next run, so the mark must not move.
	if _, err = read(flow.Values{"recursive": true, "changed": true}); kit.AsFailure(err).Kind != kit.Denied {
		t.Errorf("only what is new: %v", err)
	}
	m.fail["/base/a"] = kit.Fail(kit.Unavailable, "gone")
	if _, err = read(flow.Values{"recursive": true}); kit.AsFailure(err).Kind != kit.Unavailable {
		t.Errorf("what passes by itself is tried again: %v", err)
	}
}

func TestALongListGoesOnBehindABadFolder(t *testing.T) {
	var paths []string
	for i := range pageFiles - 1 {
		paths = append(paths, fmt.Sprintf("a%05d", i))
	}
	m := newMemory(append(paths, "b/x", "c")...)
	m.fail["/base/b"] = fs.ErrPermission
	files, bad := 0, 0
	var after flow.Cursor
	for {
		page, err := perform(t, m, "list", flow.Values{"recursive": true}).(kit.Source).Read(t.Context(), kittest.Env(t), after)
		if err != nil {
			t.Fatal(err)
		}
		files, bad = files+len(page.Data), bad+len(page.Bad)
		if after = page.Next; !page.More {
			break
		}
	}
	if files != pageFiles || bad != 1 {
		t.Errorf("%d files and %d bad ones", files, bad)
	}
}

// set changes what there is.
func (m *memory) set(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
}

// watching is a trigger at work over memory.
type watching struct {
	t      *testing.T
	m      *memory
	mu     sync.Mutex
	mark   flow.Cursor
	events []string
	log    []string
	stop   context.CancelFunc
	ended  chan error
}

func (x *watching) start() {
	x.t.Helper()
	ctx, stop := context.WithCancel(x.t.Context())
	x.stop, x.ended = stop, make(chan error, 1)
	env := kittest.Env(x.t)
	env.Marked = func(context.Context) (flow.Cursor, error) {
		x.mu.Lock()
		defer x.mu.Unlock()
		return x.mark, nil
	}
	env.Mark = func(_ context.Context, to flow.Cursor) error {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.mark = to
		return nil
	}
	env.Write = func(l flow.LogLine) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.log = append(x.log, l.Text)
	}
	o := perform(x.t, x.m, "new_files", flow.Values{"recursive": true, "interval": "1m", "settle": "10s"})
	go func() {
		x.ended <- o.(kit.Listener).Listen(ctx, env, func(_ context.Context, e kit.Event) (kit.Receipt, error) {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.mark = e.Mark
			for _, d := range e.Data {
				r := d.(map[string]any)
				x.events = append(x.events, fmt.Sprint(r["change"], " ", r["path"]))
			}
			return kit.Receipt{}, nil
		})
	}()
	synctest.Wait()
}

func (x *watching) end() {
	x.stop()
	<-x.ended
}

// after lets time pass and wants these events since the last call.
func (x *watching) after(d time.Duration, want ...string) {
	x.t.Helper()
	<-time.After(d)
	synctest.Wait()
	x.mu.Lock()
	defer x.mu.Unlock()
	if !slices.Equal(x.events, want) {
		x.t.Errorf("after %v: %q, want %q", d, x.events, want)
	}
	x.events = nil
}

func TestAFileIsGivenOnceItIsWrittenToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := &watching{t: t, m: newMemory("old")}
		x.start()
		x.m.set(func() { x.m.files["/base/new"] = "ha" })
		x.after(65 * time.Second)                           // seen at 60 s, not settled yet
		x.m.set(func() { x.m.files["/base/new"] = "half" }) // at 70 s it is another one
		x.after(10 * time.Second)
		x.after(10*time.Second, "created new")
		x.after(time.Hour)
		x.end()
		x.start()
		x.after(time.Hour)
		x.end()
	})
}

func TestWhatCannotBeSeenIsNotForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := &watching{t: t, m: newMemory("a/old", "b")}
		x.start()
		x.m.set(func() { x.m.fail["/base/a"] = fs.ErrPermission })
		x.after(10 * time.Minute)
		x.m.set(func() { delete(x.m.fail, "/base/a") })
		x.after(10 * time.Minute)
		x.m.set(func() { x.m.fail["/base"] = kit.Fail(kit.Unavailable, "the host is down") })
		x.after(10 * time.Minute)
		x.m.set(func() { x.m.files["/base/a/new"] = "x" })
		x.m.set(func() { delete(x.m.fail, "/base") })
		x.after(2*time.Minute, "created a/new")
		x.end()
		if n := len(slices.DeleteFunc(x.log, func(l string) bool { return !strings.Contains(l, "waiting for it") })); n != 1 {
			t.Errorf("that the host is down is told %d times", n)
		}
	})
}

func TestAWrongPasswordEndsTheTrigger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := &watching{t: t, m: newMemory()}
		x.m.set(func() { x.m.fail["/base"] = kit.Fail(kit.Denied, "wrong password") })
		x.start()
		if err := <-x.ended; kit.AsFailure(err).Kind != kit.Denied {
			t.Error(err)
		}
		x.stop()
	})
}
