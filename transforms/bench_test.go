package transforms

import (
	"context"
	"fmt"
	"testing"

	"github.com/itchyny/gojq"
)

var benchPrograms = []struct{ name, src string }{
	{"rename", `{order: .id, customer: .name, mail: .email, town: .city, state: .status, sum: .total, money: .currency, at: .created, paid: .paid, remark: .note}`},
	{"nested", `{id, customer: {name: .name, contact: {mail: .email, town: .city}}, lines: [.items[] | {sku, amount: (.qty * .price)}], sum: ([.items[] | .qty * .price] | add)}`},
	{"filter", `select(.total > 50 and .status == "open")`},
}

func benchRecords(n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = map[string]any{
			"id": i, "name": fmt.Sprint("Customer ", i), "email": "someone@example.com", "city": "Vienna",
			"status": []string{"open", "paid"}[i%2], "total": float64(i % 100), "currency": "EUR",
			"created": "2026-10-07T09:30:00Z", "paid": i%3 == 0, "note": nil,
			"items": []any{
				map[string]any{"sku": "A1", "qty": 2, "price": 9.5},
				map[string]any{"sku": "B2", "qty": 1, "price": 20},
			},
		}
	}
	return out
}

func BenchmarkMapping(b *testing.B) {
	records := benchRecords(1000)
	for _, c := range benchPrograms {
		q, err := gojq.Parse(c.src)
		if err != nil {
			b.Fatal(err)
		}
		code, err := gojq.Compile(q)
		if err != nil {
			b.Fatal(err)
		}
		p, err := Compile(c.src)
		if err != nil {
			b.Fatal(err)
		}
		perRecord := func(b *testing.B) {
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(records)), "ns/record")
		}
		b.Run(c.name+"/gojq", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, r := range records {
					iter := code.RunWithContext(context.Background(), r)
					for {
						if _, ok := iter.Next(); !ok {
							break
						}
					}
				}
			}
			perRecord(b)
		})
		b.Run(c.name+"/run", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, r := range records {
					for range p.Run(context.Background(), r, Vars{}) {
					}
				}
			}
			perRecord(b)
		})
		b.Run(c.name+"/each", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.BatchEach(context.Background(), records, func(int) Vars { return Vars{} })
			}
			perRecord(b)
		})
		b.Run(c.name+"/batch", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Batch(context.Background(), records, Vars{})
			}
			perRecord(b)
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, c := range benchPrograms {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Compile(c.src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
