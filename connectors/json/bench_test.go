package json_test

import (
	"fmt"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func order(i int) any {
	return object{
		"id": i, "at": "2026-02-27T10:15:00Z", "customer": object{"name": "Ada Lovelace", "mail": "ada@example.org"},
		"street": "12 Square, Marylebone", "city": "London", "country": "GB", "total": 149.9, "state": "paid",
		"lines": []any{object{"sku": "a-100", "n": 1, "price": 99.9}, object{"sku": "b-200", "n": 2, "price": 25}},
		"note":  strings.Repeat("please ring twice ", 16),
	}
}

func BenchmarkRead(b *testing.B) {
	env := kittest.Env(b)
	var lines strings.Builder
	for i := range 100_000 {
		lines.WriteString(text(order(i)) + "\n")
	}
	put(b, env, "in.jsonl", lines.String())
	put(b, env, "in.json", "["+strings.ReplaceAll(strings.TrimSuffix(lines.String(), "\n"), "\n", ",\n")+"]")
	for name, with := range map[string]flow.Values{
		"lines": {"path": "in.jsonl", "lines": true}, "list": {"path": "in.json"}, "values": {"path": "in.jsonl"},
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(lines.Len()))
			b.ReportAllocs()
			records := 0
			for b.Loop() {
				all, err := pages(b, env, with)
				if err != nil {
					b.Fatal(err)
				}
				for _, p := range all {
					records += len(p.Data)
				}
			}
			b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	var data []any
	for i := range 1000 {
		data = append(data, order(i))
	}
	env := kittest.Env(b)
	b.ReportAllocs()
	records := 0
	for b.Loop() {
		if _, err := made(b, "write", flow.Values{"path": "out.json"}).(kit.Bulk).RunAll(b.Context(), env, batch(fmt.Sprint(records), data...)); err != nil {
			b.Fatal(err)
		}
		records += len(data)
	}
	b.SetBytes(int64(len(text(data))))
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
}
