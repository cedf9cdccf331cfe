package e2e

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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

// BenchmarkHundredThousandLines compares the whole program, with its durable history,
// with jq -c on the same file in one run. "x-jq" below 1 is faster than jq.
func BenchmarkHundredThousandLines(b *testing.B) {
	bin, err := headless()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	in := filepath.Join(dir, "in.jsonl")
	if err := writeOrders(in, 100_000); err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(dir, "lines.flow.yaml")
	if err := os.WriteFile(file, []byte(linesFlow), 0o644); err != nil {
		b.Fatal(err)
	}
	var ours, jq time.Duration
	for i := range b.N {
		ours += timed(b, exec.Command(bin, "--home", filepath.Join(dir, fmt.Sprint("home", i)), "run", file), "")
		jq += timed(b, exec.Command("jq", "-c", tenFields, in), filepath.Join(dir, "jq.jsonl"))
	}
	same := exec.Command("sh", "-c", `jq -cS . "$0/jq.jsonl" > "$0/sorted.jsonl" && cmp "$0/out.jsonl" "$0/sorted.jsonl"`, dir)
	if out, err := same.CombinedOutput(); err != nil {
		b.Fatalf("jackfield and jq differ: %s", out)
	}
	b.ReportMetric(ours.Seconds()/float64(b.N), "s/jackfield")
	b.ReportMetric(jq.Seconds()/float64(b.N), "s/jq")
	b.ReportMetric(ours.Seconds()/jq.Seconds(), "x-jq")
	b.ReportMetric(0, "ns/op")
}

func timed(b *testing.B, cmd *exec.Cmd, to string) time.Duration {
	b.Helper()
	if to != "" {
		f, err := os.Create(to)
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		cmd.Stdout = f
	}
	began := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("%v: %v", cmd.Args, err)
	}
	return time.Since(began)
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
