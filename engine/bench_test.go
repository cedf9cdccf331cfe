package engine_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"jackfield/connectors/core"
	"jackfield/connectors/json"
	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

// BenchmarkStep is what a step costs beside its work: by batch of one record, and by
// record in batches of a thousand; kept in memory and kept on disk.
func BenchmarkStep(b *testing.B) {
	for _, history := range []struct {
		name string
		open func(testing.TB) engine.History
	}{{"memory", memory}, {"disk", durable}} {
		for _, size := range []int{1, 1000} {
			b.Run(fmt.Sprintf("%s/batches of %d", history.name, size), func(b *testing.B) {
				const steps, batches = 10, 50
				h := enginetest.Open(b, enginetest.NewWorld(), history.open(b))
				h.Add("f", chain(steps, batches, size))
				for b.Loop() {
					if r := h.Run(engine.Start{Flow: "f"}); r.State != flow.RunDone {
						b.Fatal(r.Problem)
					}
				}
				each := b.Elapsed().Seconds() / float64(b.N) / (steps * batches)
				b.ReportMetric(each*1e6, "µs/batch")
				b.ReportMetric(each*1e9/float64(size), "ns/record")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// chain is a source with steps in a row behind it that let everything pass.
func chain(steps, batches, size int) string {
	text := fmt.Sprintf("jackfield: 1\nname: Chain\nsteps:\n  - {id: s0, uses: test.pages, with: {pages: %d, size: %d}}\n", batches, size)
	edges := "edges:\n"
	for i := 1; i < steps; i++ {
		text += fmt.Sprintf("  - {id: s%d, uses: test.test, with: {when: \"true\"}}\n", i)
		outlet := ".true"
		if i == 1 {
			outlet = ""
		}
		edges += fmt.Sprintf("  - s%d%s -> s%d\n", i-1, outlet, i)
	}
	return text + edges
}

// BenchmarkStart is how long a run takes that does nearly nothing.
func BenchmarkStart(b *testing.B) {
	for _, history := range []struct {
		name string
		open func(testing.TB) engine.History
	}{{"memory", memory}, {"disk", durable}} {
		b.Run(history.name, func(b *testing.B) {
			h := enginetest.Open(b, enginetest.NewWorld(), history.open(b))
			h.Add("f", "jackfield: 1\nname: Small\nsteps: [{id: start, uses: test.start}, {id: end, uses: test.map, map: \"{a: 1}\"}]\nedges: [start -> end]\n")
			for b.Loop() {
				h.Run(engine.Start{Flow: "f"})
			}
		})
	}
}

const tenFields = `{id: .order_id, customer: .customer.name, mail: .customer.email, city: .address.city, zip: .address.zip, total: .amount, currency: .currency, state: .status, created: .created_at, items: .item_count}`

// BenchmarkFile reads 100,000 lines of JSON, maps ten fields of each and writes them to
// a file: as a flow with its history on disk, as one with it in memory, and with jq.
func BenchmarkFile(b *testing.B) {
	const lines = 100_000
	dir := b.TempDir()
	in := filepath.Join(dir, "orders.jsonl")
	writeOrders(b, in, lines)
	ops := kit.Set{core.New(), json.New()}
	f := enginetest.Parse(b, `
jackfield: 1
name: File
steps:
  - {id: read, uses: json.read, with: {path: orders.jsonl, lines: true}}
  - {id: shape, uses: core.map, map: '`+tenFields+`'}
  - {id: write, uses: json.write, with: {path: out.jsonl, lines: true}}
edges: [read -> shape, shape -> write]
`)
	f.ID, f.Version, f.Path = "f", 1, filepath.Join(dir, "file.flow.yaml")
	for _, history := range []struct {
		name string
		open func(testing.TB) engine.History
	}{{"memory", memory}, {"disk", durable}} {
		b.Run(history.name, func(b *testing.B) {
			h := enginetest.OpenWith(b, ops, history.open(b))
			h.Keep("f", f)
			for b.Loop() {
				if r := h.Run(engine.Start{Flow: "f"}); r.State != flow.RunDone {
					b.Fatal(r.Problem)
				}
			}
			b.ReportMetric(lines*float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
	b.Run("jq", func(b *testing.B) {
		jq, err := exec.LookPath("jq")
		if err != nil {
			b.Skip("jq is not installed")
		}
		for b.Loop() {
			out, err := os.Create(filepath.Join(dir, "jq.jsonl"))
			if err != nil {
				b.Fatal(err)
			}
			cmd := exec.Command(jq, "-c", tenFields, in)
			cmd.Stdout = out
			if err := cmd.Run(); err != nil {
				b.Fatal(err)
			}
			out.Close()
		}
		b.ReportMetric(lines*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	})
}

// writeOrders writes orders of about 690 bytes.
func writeOrders(b *testing.B, path string, n int) {
	b.Helper()
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(file)
	for i := range n {
		fmt.Fprintf(w, `{"order_id":"A-%07d","customer":{"name":"Customer %d","email":"customer%d@example.org","phone":"+43 1 %07d","tier":"gold"},`+
			`"address":{"street":"Long Street %d","city":"Vienna","zip":"%04d","country":"AT"},"amount":%d.%02d,"currency":"EUR","status":"paid",`+
			`"created_at":"2026-03-01T12:%02d:%02dZ","item_count":%d,"note":"please ring twice, the bell is broken and nobody hears it otherwise",`+
			`"lines":[{"sku":"S-%05d","qty":%d,"price":9.5},{"sku":"S-%05d","qty":1,"price":12.25},{"sku":"S-%05d","qty":3,"price":1.75}],`+
			`"tags":["web","spring","newsletter"],"meta":{"source":"shop","campaign":"spring-%d","ip":"192.0.2.%d","agent":"Mozilla/5.0"}}`+"\n",
			i, i%5000, i%5000, i, i%200, i%10000, i%1000, i%100, i/60%60, i%60, i%9, i%99999, i%7, i%777, i%333, i%20, i%250)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkPlan is what checking and compiling a flow takes, as the window does it
// after a change.
func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{20, 200, 2000} {
		b.Run(fmt.Sprint(n, " steps"), func(b *testing.B) {
			text, edges := "jackfield: 1\nname: Plan\nsteps:\n", "edges:\n"
			for i := range n {
				text += fmt.Sprintf("  - {id: s%d, uses: test.map, map: '{a: .b, c: (.d | ascii_downcase)}'}\n", i)
				if i > 0 {
					edges += fmt.Sprintf("  - {from: s%d, to: s%d, when: .a > %d}\n", i-1, i, i)
				}
			}
			f, ops := enginetest.Parse(b, text+edges), enginetest.NewWorld().Ops()
			for _, kept := range []struct {
				name     string
				programs *engine.Programs
			}{{"anew", nil}, {"again", &engine.Programs{}}} {
				b.Run(kept.name, func(b *testing.B) {
					for b.Loop() {
						if p, problems := engine.NewPlan(f, ops, engine.PlanOptions{Programs: kept.programs}); p == nil {
							b.Fatal(problems)
						}
					}
				})
			}
		})
	}
}
