package e2e

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// tenFields renames and computes ten fields of an order of about 690 bytes.
const tenFields = `{id: .id, number: .no, customer: .customer.name, email: .customer.email, city: .customer.address.city, country: .customer.address.country, total: .total, currency: .currency, status: .status, placed: .placed_at}`

const linesFlow = `jackfield: 1
name: Lines
steps:
  - id: read
    uses: json.read
    with: {path: in.jsonl, lines: true}
  - id: shape
    uses: core.map
    map: "` + tenFields + `"
  - id: write
    uses: json.write
    with: {path: out.jsonl, lines: true}
edges:
  - read -> shape -> write
`

// rounds is how often each program is run; the median counts.
const rounds = 5

// BenchmarkHundredThousandLines compares the whole program, with its durable history,
// with jq -c and with a pipeline that keeps nothing, on the same file, in turn. "x-jq"
// below 1 is faster than jq.
func BenchmarkHundredThousandLines(b *testing.B) {
	bin, dir := lines(b, 100_000)
	var ours, jq, plain, work []time.Duration
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	for i := range rounds {
		cmd := exec.Command(bin, "--home", filepath.Join(dir, fmt.Sprint("home", i)), "run", filepath.Join(dir, "lines.flow.yaml"))
		ours = append(ours, timed(b, cmd))
		work = append(work, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
		cmd = exec.Command("jq", "-c", tenFields, filepath.Join(dir, "in.jsonl"))
		out, err := os.Create(filepath.Join(dir, "jq.jsonl"))
		if err != nil {
			b.Fatal(err)
		}
		cmd.Stdout = out
		jq = append(jq, timed(b, cmd))
		out.Close()
		cmd = exec.Command(self)
		cmd.Env = append(os.Environ(), "GOGC=400", plainVariable+"="+filepath.Join(dir, "in.jsonl")+"\n"+filepath.Join(dir, "plain.jsonl"))
		plain = append(plain, timed(b, cmd))
	}
	if out, err := exec.Command("cmp", filepath.Join(dir, "plain.jsonl"), filepath.Join(dir, "out.jsonl")).CombinedOutput(); err != nil {
		b.Fatalf("jackfield and the plain pipeline differ: %s", out)
	}
	// The names of members are in jq's order there and sorted here.
	same := exec.Command("sh", "-c", `jq -cS . "$0/jq.jsonl" | cmp - "$0/out.jsonl"`, dir)
	if out, err := same.CombinedOutput(); err != nil {
		b.Fatalf("jackfield and jq differ: %s", out)
	}
	b.ReportMetric(median(ours).Seconds(), "s/jackfield")
	b.ReportMetric(median(jq).Seconds(), "s/jq")
	b.ReportMetric(median(plain).Seconds(), "s/plain")
	b.ReportMetric(median(work).Seconds(), "cpu-s/jackfield")
	b.ReportMetric(median(ours).Seconds()/median(jq).Seconds(), "x-jq")
	b.ReportMetric(median(ours).Seconds()/median(plain).Seconds(), "x-plain")
	took := median(ours).Seconds()
	ledger.linesPerSecond = 100_000 / took
	file := "100,000 lines, mapped, file to file, durable"
	account(file, fmt.Sprintf("%.2f s", took), fmt.Sprintf("a third of jq -c, which takes %.2f s", median(jq).Seconds()), promised(took, median(jq).Seconds()/3))
	account(file, fmt.Sprintf("%.2f s", took), fmt.Sprintf("1.3 times of a pipeline that keeps nothing, %.2f s", median(plain).Seconds()), promised(took, 1.3*median(plain).Seconds()))
	b.ReportMetric(0, "ns/op")
}

// lines makes a folder with lines.flow.yaml and so many orders in in.jsonl, and gives
// the program that runs it.
func lines(b *testing.B, n int) (bin, dir string) {
	b.Helper()
	bin, err := headless()
	if err != nil {
		b.Fatal(err)
	}
	dir = b.TempDir()
	if err := writeOrders(filepath.Join(dir, "in.jsonl"), n); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "lines.flow.yaml"), []byte(linesFlow), 0o644); err != nil {
		b.Fatal(err)
	}
	return bin, dir
}

func timed(b *testing.B, cmd *exec.Cmd) time.Duration {
	b.Helper()
	began := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("%v: %v", cmd.Args, err)
	}
	return time.Since(began)
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// writeOrders makes up orders of about 690 bytes each.
func writeOrders(path string, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	for i := range n {
		fmt.Fprintf(w, `{"id":%d,"no":"SO-%07d","status":"%s","currency":"EUR","total":%d.%02d,"placed_at":"2026-0%d-%02dT10:%02d:00Z",`+
			`"customer":{"id":%d,"name":"Customer %d","email":"customer%d@example.org","phone":"+43 1 %07d","address":{"street":"Main Street %d","zip":"%05d","city":"Vienna","country":"AT"}},`+
			`"lines":[{"sku":"A-%05d","text":"Widget, blue, size %d","qty":%d,"price":%d.5},{"sku":"B-%05d","text":"Gadget with a longer description","qty":%d,"price":%d.25}],`+
			`"tags":["web","priority","gift"],"note":"Please leave the parcel at the door if nobody is at home.","meta":{"source":"shop","campaign":"autumn","version":3,"agent":"Mozilla/5.0"}}`+"\n",
			i, i, []string{"open", "paid", "shipped"}[i%3], i%900, i%100, i%9+1, i%28+1, i%60,
			i%5000, i%5000, i%5000, i, i%200, i%99999, i%9999, i%12, i%9+1, i%80, i%7777, i%3+1, i%40)
	}
	return w.Flush()
}
