package windowbench

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"jackfield/examples"
)

// orders copies the examples and gives the path of the orders example.
func orders(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	if err := os.CopyFS(dir, examples.Files); err != nil {
		b.Fatal(err)
	}
	return filepath.Join(dir, "orders.flow.yaml")
}

// starts is how often each window is started: the first time warms the disk's cache
// and does not count.
const starts = 6

// BenchmarkStart is the time from the start of the program on the orders example to
// its first picture, in turn with that of a window that shows a word: "x-bare" is how
// many times as long it takes. "first" has a home folder that is new, without what
// Mesa keeps of compiled shaders; "again" the one of the start before.
func BenchmarkStart(b *testing.B) {
	for _, way := range []string{"first", "again"} {
		b.Run(way, func(b *testing.B) {
			s, file := newStage(b), orders(b)
			ours, bare := b.TempDir(), b.TempDir()
			var oursTook, bareTook []time.Duration
			for range starts {
				if way == "first" {
					ours, bare = b.TempDir(), b.TempDir()
				}
				oursTook = append(oursTook, s.open(s.jackfield(ours, file)))
				bareTook = append(bareTook, s.open(s.self(bare, aWord)))
			}
			b.ReportMetric(ms(median(oursTook[1:])), "ms/start")
			b.ReportMetric(ms(median(bareTook[1:])), "ms/bare")
			b.ReportMetric(median(oursTook[1:]).Seconds()/median(bareTook[1:]).Seconds(), "x-bare")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// open starts a window, ends it, and gives the time to its first picture.
func (s *stage) open(cmd *exec.Cmd) time.Duration {
	s.b.Helper()
	defer s.end(cmd)
	return s.start(cmd)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// watched is how long an idle window is watched, and settled how long it is left alone
// before: until it has given back what the start took.
const watched, settled = 10 * time.Second, 12 * time.Second

// BenchmarkIdle is what the window uses while nobody touches it, on the orders example,
// and beside it what a window uses that shows one word.
func BenchmarkIdle(b *testing.B) {
	s, file := newStage(b), orders(b)
	for b.Loop() {
		ours, bare := s.idle(s.jackfield(b.TempDir(), file)), s.idle(s.self(b.TempDir(), aWord))
		b.ReportMetric(float64(ours.resident)/1024, "MB-resident")
		b.ReportMetric(float64(ours.anonymous)/1024, "MB-anonymous")
		b.ReportMetric(share(ours.cpu), "%-of-a-core")
		b.ReportMetric(float64(bare.resident)/1024, "MB-resident-bare")
		b.ReportMetric(float64(bare.anonymous)/1024, "MB-anonymous-bare")
		b.ReportMetric(share(bare.cpu), "%-of-a-core-bare")
		b.ReportMetric(float64(ours.resident)/float64(bare.resident), "x-bare-resident")
		b.ReportMetric(0, "ns/op")
	}
}

// share is a processor's time while the window was watched, in percent of a core.
func share(cpu time.Duration) float64 { return 100 * cpu.Seconds() / watched.Seconds() }

// idle opens a window, leaves it alone, and tells what it holds and how much of a
// processor it then took.
func (s *stage) idle(cmd *exec.Cmd) use {
	s.b.Helper()
	s.start(cmd)
	defer s.end(cmd)
	<-time.After(settled)
	before := useOf(s.b, cmd.Process.Pid)
	<-time.After(watched)
	after := useOf(s.b, cmd.Process.Pid)
	after.cpu -= before.cpu
	return after
}
