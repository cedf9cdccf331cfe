package e2e

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The memory of a run is to hang on what is on its way and not on how much there is:
// ten million records take at most 1.2 times the memory of a hundred thousand, and at
// most 200 MB.
const (
	fewRecords  = 100_000
	mostGrowth  = 1.2
	mostMemory  = 200 // MB
	mappingFlow = `jackfield: 1
name: Shape
steps:
  - {id: read, uses: json.read, with: {path: in.jsonl, lines: true}}
  - {id: shape, uses: core.map, map: "{id, number: .no, state: .status, amount: .total, buyer: .customer.name}"}
  - {id: write, uses: json.write, with: {path: out.jsonl, lines: true}}
edges:
  - read -> shape -> write
`
	branchingFlow = `jackfield: 1
name: Branch
steps:
  - {id: read, uses: json.read, with: {path: in.jsonl, lines: true}}
  - {id: paid, uses: core.filter, with: {when: '.status == "paid"'}}
  - {id: shape, uses: core.map, map: "{id, no, was: $steps.read.status}"}
  - {id: write, uses: json.write, with: {path: out.jsonl, lines: true}}
  - {id: bad, uses: core.fail, with: {when: ".id % 2 == 0"}}
edges:
  - read -> paid
  - paid.true -> shape -> write
  - paid.false -> bad
`
	sortingFlow = `jackfield: 1
name: Sort
steps:
  - {id: read, uses: json.read, with: {path: in.jsonl, lines: true}}
  - {id: order, uses: core.sort, with: {fields: [customer.id, -total]}}
  - {id: write, uses: json.write, with: {path: out.jsonl, lines: true}}
edges:
  - read -> order -> write
`
	gatheringFlow = `jackfield: 1
name: Gather
steps:
  - {id: read, uses: json.read, with: {path: in.jsonl, lines: true}}
  - {id: once, uses: core.dedupe, with: {by: .no}}
  - {id: sums, uses: core.group, with: {by: .customer.id, sum: [total], max: [no]}}
  - {id: write, uses: json.write, with: {path: out.jsonl, lines: true}}
edges:
  - read -> once -> sums -> write
`
)

func TestMemoryHangsOnWhatIsOnItsWayAlone(t *testing.T) {
	const many = 400_000
	bin, err := headless()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, n := range []int{fewRecords, many} {
		if err := writeShortOrders(filepath.Join(dir, fmt.Sprint(n)), n); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name, flow string
		code       int
	}{
		{"mapping", mappingFlow, 0},
		{"branches and records that fail", branchingFlow, 3},
		{"sorting", sortingFlow, 0},
		{"grouping without duplicates", gatheringFlow, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			few := peakOf(t, bin, filepath.Join(dir, fmt.Sprint(fewRecords)), tt.flow, tt.code)
			lots := peakOf(t, bin, filepath.Join(dir, fmt.Sprint(many)), tt.flow, tt.code)
			if lots.megabytes > mostMemory || lots.megabytes > mostGrowth*few.megabytes {
				t.Errorf("%d records took %.0f MB at the peak, and %d took %.0f MB", fewRecords, few.megabytes, many, lots.megabytes)
			}
		})
	}
}

// BenchmarkTenMillionRecords runs flows over records of about 200 bytes. It needs 12 GB
// of disk. "x-memory" is how much more memory ten million take than a hundred thousand.
func BenchmarkTenMillionRecords(b *testing.B) {
	const many = 10_000_000
	bin, err := headless()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	for _, n := range []int{fewRecords, many} {
		if err := writeShortOrders(filepath.Join(dir, fmt.Sprint(n)), n); err != nil {
			b.Fatal(err)
		}
	}
	for _, one := range []struct{ name, flow string }{{"map", mappingFlow}, {"sort", sortingFlow}} {
		b.Run(one.name, func(b *testing.B) {
			few := peakOf(b, bin, filepath.Join(dir, fmt.Sprint(fewRecords)), one.flow, 0)
			lots := peakOf(b, bin, filepath.Join(dir, fmt.Sprint(many)), one.flow, 0)
			b.ReportMetric(few.megabytes, "MB-at-100k")
			b.ReportMetric(lots.megabytes, "MB-at-10M")
			b.ReportMetric(lots.megabytes/few.megabytes, "x-memory")
			b.ReportMetric(lots.took.Seconds(), "s/10M")
			b.ReportMetric(many/lots.took.Seconds(), "records/s")
			b.ReportMetric(float64(lots.history)/many, "history-bytes/record")
			b.ReportMetric(0, "ns/op")
			if lots.megabytes > mostMemory || lots.megabytes > mostGrowth*few.megabytes {
				b.Errorf("%d records took %.0f MB at the peak, and %d took %.0f MB", fewRecords, few.megabytes, many, lots.megabytes)
			}
		})
	}
}

// peak is what a run took.
type peak struct {
	megabytes float64 // of resident memory, at the most
	took      time.Duration
	history   int64 // bytes of disk
}

// peakOf runs a flow in dir with a home of its own, which is gone afterwards.
func peakOf(t testing.TB, bin, dir, text string, code int) (p peak) {
	t.Helper()
	home, file := filepath.Join(dir, "home"), filepath.Join(dir, "memory.flow.yaml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(home)
	defer os.Remove(filepath.Join(dir, "out.jsonl"))
	cmd := exec.Command(bin, "--home", home, "run", file)
	var said strings.Builder
	cmd.Stderr = &said
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for going := true; going; {
		select {
		case <-ended:
			going = false
		case <-look.C:
			p.megabytes = max(p.megabytes, highWater(cmd.Process.Pid))
		}
	}
	p.took = time.Since(began)
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("exit code %d, want %d: %s", got, code, said.String())
	}
	_ = filepath.WalkDir(home, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if info, err := e.Info(); err == nil {
			p.history += info.Sys().(*syscall.Stat_t).Blocks * 512
		}
		return nil
	})
	return p
}

// highWater is the most resident memory that a process has had so far, in megabytes; 0
// where it has ended. What wait4(2) tells begins with the memory of this process.
func highWater(pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	line, _, _ := strings.Cut(rest, " kB")
	kilobytes, _ := strconv.Atoi(strings.TrimSpace(line))
	return float64(kilobytes) / 1024
}

// writeShortOrders makes a folder with orders of about 200 bytes each in in.jsonl.
func writeShortOrders(dir string, n int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, "in.jsonl"))
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	for i := range n {
		fmt.Fprintf(w, `{"id":%d,"no":"SO-%08d","status":"%s","total":%d.%02d,"customer":{"id":%d,"name":"Customer %d","country":"%s"},`+
			`"note":"Please leave the parcel at the door.","tags":["web","gift"]}`+"\n",
			i, i, []string{"open", "paid", "shipped"}[i%3], i%900, i%100, i*7919%50_000, i%5000, []string{"AT", "DE", "FR", "IT"}[i%4])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}
