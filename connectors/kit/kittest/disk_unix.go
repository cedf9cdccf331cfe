//go:build unix

package kittest

import (
	"os/signal"
	"syscall"
	"testing"
)

// SmallDisk is a folder whose disk is full after one megabyte. Where that cannot be
// mounted, no file of this process grows beyond a megabyte until the test ends, so a
// test with a small disk does not run in parallel with others.
func SmallDisk(t testing.TB) string {
	t.Helper()
	if dir, ok := smallDisk(t); ok {
		return dir
	}
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatalf("read the limit of file sizes: %v", err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	small := before
	small.Cur = 1 << 20
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		t.Fatalf("limit the size of files: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Errorf("lift the limit of file sizes: %v", err)
		}
	})
	return t.TempDir()
}
