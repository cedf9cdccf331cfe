package kittest

import (
	"syscall"
	"testing"
)

// smallDisk mounts a file system of a megabyte, where this user may.
func smallDisk(t testing.TB) (dir string, ok bool) {
	dir = t.TempDir()
	if err := syscall.Mount("jackfield", dir, "tmpfs", 0, "size=1m"); err != nil {
		return "", false
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir, true
}
