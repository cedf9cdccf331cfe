package e2e

import (
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// BenchmarkMillionLines runs the flow of BenchmarkHundredThousandLines on ten times as
// many lines, and tells how much more memory that takes at its peak: "x-memory" near 1
// is that memory hangs on what is on its way and not on how much there is.
func BenchmarkMillionLines(b *testing.B) {
	small, _ := peak(b, 100_000)
	large, took := peak(b, 1_000_000)
	b.ReportMetric(small, "MB-at-100k")
	b.ReportMetric(large, "MB-at-1M")
	b.ReportMetric(large/small, "x-memory")
	b.ReportMetric(took.Seconds(), "s/1M")
	b.ReportMetric(1e6/took.Seconds(), "records/s")
	b.ReportMetric(0, "ns/op")
}

// peak is the most memory that a run of so many lines had, in megabytes, and how long
// it took.
func peak(b *testing.B, n int) (megabytes float64, took time.Duration) {
	b.Helper()
	bin, dir := lines(b, n)
	cmd := exec.Command(bin, "--home", filepath.Join(dir, "home"), "run", filepath.Join(dir, "lines.flow.yaml"))
	took = timed(b, cmd)
	kilobytes := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	return float64(kilobytes) / 1024, took
}
