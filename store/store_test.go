package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/flow"
	"jackfield/store"
)

// TestMain lets the test's own program be the second process that some tests need.
func TestMain(m *testing.M) {
	if role := os.Getenv("STORE_TEST_ROLE"); role != "" {
		if err := roles()[role](os.Getenv("STORE_TEST_HOME")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if sample != "" {
		_ = os.RemoveAll(sample)
	}
	os.Exit(code)
}

func roles() map[string]func(home string) error {
	return map[string]func(home string) error{
		"open":    openOnce,
		"append":  appendForEver,
		"compact": appendAndCompact,
		"fill":    fillTheDisk,
	}
}

// process is the test's own program in a role.
func process(t *testing.T, role, home string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "STORE_TEST_ROLE="+role, "STORE_TEST_HOME="+home)
	cmd.Stderr = os.Stderr
	return cmd
}

func openOnce(home string) error {
	s, err := store.Open(home, store.Options{})
	if err != nil {
		fmt.Println(err)
		return nil
	}
	fmt.Println("opened")
	return s.Close()
}

// openHome opens a store that the test closes.
func openHome(t testing.TB, home string) *store.Store {
	t.Helper()
	s, err := store.Open(home, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func ctxOf(t testing.TB) context.Context { return t.Context() }

// must fails the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// got is must for calls that give something.
func got[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}

func TestOpenMakesFolderAndFileForTheirOwnerAlone(t *testing.T) {
	home := filepath.Join(t.TempDir(), "a", "home")
	openHome(t, home)
	for path, want := range map[string]fs.FileMode{
		home:                                0o700 | fs.ModeDir,
		filepath.Join(home, "jackfield.db"): 0o600,
		filepath.Join(home, "lock"):         0o600,
	} {
		info, err := os.Stat(path)
		must(t, err)
		if info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode(), want)
		}
	}
}

func TestSecondOpenTellsWhoHasTheStoreOpen(t *testing.T) {
	home := t.TempDir()
	s := openHome(t, home)

	_, err := store.Open(home, store.Options{})
	var open *store.OpenError
	if !errors.As(err, &open) || open.PID != os.Getpid() {
		t.Fatalf("a second Open in this process gave %v", err)
	}
	var seen flow.Problem
	if !errors.As(err, &seen) || seen.Fix == "" {
		t.Errorf("the error holds no problem with a fix: %#v", seen)
	}

	said := fmt.Sprintf("Jackfield is already open (process %d)", os.Getpid())
	out, err := process(t, "open", home).Output()
	must(t, err)
	if !strings.HasPrefix(string(out), said) {
		t.Errorf("another process said %q, want %q…", out, said)
	}

	must(t, s.Close())
	out, err = process(t, "open", home).Output()
	must(t, err)
	if string(out) != "opened\n" {
		t.Errorf("after Close another process said %q", out)
	}
}

func TestANumberLeftInTheLockMeansNothing(t *testing.T) {
	home := t.TempDir()
	must(t, os.WriteFile(filepath.Join(home, "lock"), []byte("1\n and what else a crash may leave"), 0o600))
	openHome(t, home)
	text, err := os.ReadFile(filepath.Join(home, "lock"))
	must(t, err)
	if want := fmt.Sprintln(os.Getpid()); string(text) != want {
		t.Errorf("the lock says %q, want %q", text, want)
	}
}

func TestAHomeThatCannotBeWrittenSaysSo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	_, err := store.Open(filepath.Join(file, "home"), store.Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "open the store: ") {
		t.Errorf("Open below a file gave %v", err)
	}
}

func TestAClosedStoreRefuses(t *testing.T) {
	s := openHome(t, t.TempDir())
	must(t, s.Close())
	must(t, s.Close())
	calls := map[string]func() error{
		"Begin":      func() error { return s.Begin(ctxOf(t), flow.Run{ID: "r", Flow: "f", State: flow.Running}) },
		"Flows":      func() error { _, err := s.Flows(ctxOf(t)); return err },
		"Compact":    func() error { return s.Compact(ctxOf(t)) },
		"Check":      func() error { return s.Check(ctxOf(t)) },
		"SetPref":    func() error { return s.SetPref("theme", "dark") },
		"Append":     func() error { _, err := s.Append(ctxOf(t), flow.Entry{StepRun: flow.StepRun{Key: "k"}}); return err },
		"Checkpoint": func() error { _, err := s.Checkpoint(ctxOf(t), "f", "s"); return err },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s gave %v", name, err)
		}
	}
	if _, set := s.Pref("theme"); set {
		t.Error("a closed store has a preference")
	}
}

func TestACallWhoseContextHasEndedDoesNothing(t *testing.T) {
	s := openHome(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Begin(ctx, flow.Run{ID: "r", Flow: "f", State: flow.Running}); !errors.Is(err, context.Canceled) {
		t.Errorf("Begin gave %v", err)
	}
	if _, err := s.Run(ctxOf(t), "r"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Run gave %v", err)
	}
	if _, err := s.Runs(ctx, "", "", "", 0); !errors.Is(err, context.Canceled) {
		t.Errorf("Runs gave %v", err)
	}
}

func TestPreferencesOutliveTheProcess(t *testing.T) {
	home := t.TempDir()
	s := openHome(t, home)
	if _, set := s.Pref("theme"); set {
		t.Error("a new store has a preference")
	}
	must(t, s.SetPref("theme", "dark"))
	must(t, s.SetPref("note", ""))
	must(t, s.Close())
	s = openHome(t, home)
	if text, set := s.Pref("theme"); !set || text != "dark" {
		t.Errorf("theme is %q, %v", text, set)
	}
	if text, set := s.Pref("note"); !set || text != "" {
		t.Errorf("note is %q, %v", text, set)
	}
}
