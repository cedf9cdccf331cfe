package yaml_test

import (
	"fmt"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func BenchmarkRead(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			env := kittest.Env(b)
			var file strings.Builder
			for i := range n {
				fmt.Fprintf(&file, "- id: %d\n  name: Ada Lovelace\n  total: 149.9\n  lines: [{sku: a-100, n: 1}, {sku: b-200, n: 2}]\n  note: %s\n", i, strings.Repeat("please ring ", 8))
			}
			put(b, env, "in.yaml", file.String())
			b.SetBytes(int64(file.Len()))
			b.ReportAllocs()
			records := 0
			for b.Loop() {
				got, _, _ := values(b, env, flow.Values{"path": "in.yaml"})
				records += len(got)
			}
			b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	var data []any
	for i := range 1000 {
		data = append(data, object{"id": i, "name": "Ada Lovelace", "total": 149.9, "lines": []any{object{"sku": "a-100", "n": 1}}})
	}
	env := kittest.Env(b)
	records := 0
	for b.Loop() {
		if _, err := made(b, "write", flow.Values{"path": "out.yaml"}).(kit.Bulk).RunAll(b.Context(), env, batch(fmt.Sprint(records), data...)); err != nil {
			b.Fatal(err)
		}
		records += len(data)
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
}
