package kittest

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Program builds Jackfield without a window and gives its path.
func Program(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "jackfield")
	cmd := exec.Command("go", "build", "-tags", "headless", "-o", path, "jackfield")
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	return path
}

// Timed performs a command and says how long it took.
func Timed(t testing.TB, cmd *exec.Cmd) time.Duration {
	t.Helper()
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", cmd, err, out)
	}
	return time.Since(began)
}
