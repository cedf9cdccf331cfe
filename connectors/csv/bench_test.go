package csv_test

import (
	"fmt"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func BenchmarkRead(b *testing.B) {
	env := kittest.Env(b)
	order := "100023,2026-02-27T10:15:00Z,Ada Lovelace,ada@example.org,\"12 Square, Marylebone\",London,GB,149.90,3,paid\n"
	for _, file := range []struct{ name, row string }{
		{"quoted", order}, {"plain", strings.ReplaceAll(strings.ReplaceAll(order, `"`, ""), "12 Square,", "12 Square")},
	} {
		b.Run(file.name, func(b *testing.B) {
			text := "id,at,name,mail,street,city,country,total,items,state\n" + strings.Repeat(file.row, 100_000)
			put(b, env, "in.csv", text)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			records := 0
			for b.Loop() {
				all, err := pages(b, env, flow.Values{"path": "in.csv"}, nil)
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
	env := kittest.Env(b)
	var data []any
	for i := range 1000 {
		data = append(data, object{
			"id": i, "at": "2026-02-27T10:15:00Z", "name": "Ada Lovelace", "mail": "ada@example.org",
			"street": "12 Square, Marylebone", "city": "London", "country": "GB", "total": 149.9, "items": 3, "state": "paid",
		})
	}
	records := 0
	for b.Loop() {
		if _, err := made(b, "write", flow.Values{"path": "out.csv"}).(kit.Bulk).RunAll(b.Context(), env, batch(fmt.Sprint(records), data...)); err != nil {
			b.Fatal(err)
		}
		records += len(data)
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
}
