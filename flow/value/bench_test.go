package value

import (
	"encoding/json"
	"fmt"
	"testing"
)

// order is a record of about 690 bytes, as shops send them.
func order(n int) []byte {
	return fmt.Appendf(nil, `{"id":%d,"number":"A-2024-%06d","created_at":"2024-03-%02dT10:%02d:00Z","status":"paid",`+
		`"currency":"EUR","total":%d.95,"customer":{"id":%d,"name":"Zoë Example","email":"zoe.example%d@example.org",`+
		`"vip":%t,"address":{"street":"Ringstraße %d","city":"Wien","zip":"10%02d","country":"AT"}},`+
		`"lines":[{"sku":"SKU-%05d","title":"Coffee, whole beans 1 kg","quantity":2,"price":18.5,"tax":0.1},`+
		`{"sku":"SKU-%05d","title":"Filter paper No. 4","quantity":1,"price":3.95,"tax":0.2}],`+
		`"shipping":{"method":"post","cost":4.9,"tracking":null},"tags":["new","newsletter"],`+
		`"note":"Please ring twice, the bell is a bit shy.","discount":null,"paid":true}`,
		n, n, 1+n%28, n%60, 40+n%100, n*7, n, n%9 == 0, n%100, n%100, n%5000, (n*3)%5000)
}

func orders() [][]byte {
	list := make([][]byte, 1000)
	for i := range list {
		list[i] = order(i)
	}
	return list
}

func BenchmarkDecode(b *testing.B) {
	records := orders()
	var d Decoder
	b.Run("Decoder", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(records[0])))
		for i := 0; b.Loop(); i++ {
			if _, err := d.Decode(records[i%len(records)]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Decode", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := Decode(records[i%len(records)]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			var v any
			if err := json.Unmarshal(records[i%len(records)], &v); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json-normal", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := reference(records[i%len(records)]); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	v, err := Decode(order(1))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("Append", func(b *testing.B) {
		b.ReportAllocs()
		var dst []byte
		for b.Loop() {
			dst = Append(dst[:0], v)
		}
	})
	b.Run("Appender", func(b *testing.B) {
		b.ReportAllocs()
		var a Appender
		var dst []byte
		for b.Loop() {
			dst = a.Append(dst[:0], v)
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkNormalOfNormal(b *testing.B) {
	v, err := Decode(order(1))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Normal(v); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDocument is checking a record and reading ten of its members.
func BenchmarkDocument(b *testing.B) {
	records := orders()
	all := func(names ...string) *Want {
		m := map[string]*Want{}
		for _, n := range names {
			m[n] = nil
		}
		return Of(m)
	}
	customer := all("name", "email").With(Of(map[string]*Want{"address": all("city", "country")}))
	want := all("id", "number", "total", "currency", "status", "created_at").With(Of(map[string]*Want{"customer": customer}))
	var d Decoder
	b.ReportAllocs()
	b.SetBytes(int64(len(records[0])))
	for i := 0; b.Loop(); i++ {
		if _, err := d.Document(records[i%len(records)], want); err != nil {
			b.Fatal(err)
		}
	}
}
