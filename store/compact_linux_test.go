package store

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"jackfield/flow"
)

func TestACompactionThatTheDiskHasNoRoomForChangesNothing(t *testing.T) {
	small := t.TempDir()
	if err := syscall.Mount("jackfield", small, "tmpfs", 0, "size=24m"); err != nil {
		t.Logf("no file system of its own: %v", err)
		return
	}
	t.Cleanup(func() { mustDo(t, syscall.Unmount(small, 0)) })
	b := &busy{runs: map[flow.RunID]int{}}
	var err error
	b.store, err = Open(filepath.Join(small, "home"), Options{})
	mustDo(t, err)
	mustDo(t, b.use(t.Context(), 1, 400, rand.New(rand.NewPCG(5, 5))))
	mustDo(t, os.WriteFile(filepath.Join(small, "ballast"), make([]byte, 12<<20), 0o600))
	if err := b.store.Compact(t.Context()); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("compacting gave %v", err)
	}
	mustDo(t, b.use(t.Context(), 2, 50, rand.New(rand.NewPCG(6, 6))), b.store.Close(), check(b.store.home, b.told()))
}
