package xml_test

import (
	"fmt"
	"strings"
	"testing"

	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func BenchmarkRead(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			env := kittest.Env(b)
			var file strings.Builder
			file.WriteString("<orders>\n")
			for i := range n {
				fmt.Fprintf(&file, "<order id='%d'><name>Ada Lovelace</name><line sku='a-100' n='1'/><line sku='b-200' n='2'/><note>%s</note></order>\n", i, strings.Repeat("please ring ", 8))
			}
			file.WriteString("</orders>\n")
			put(b, env, "in.xml", file.String())
			b.SetBytes(int64(file.Len()))
			b.ReportAllocs()
			records := 0
			for b.Loop() {
				got, _, _ := values(b, env, flow.Values{"path": "in.xml"})
				records += len(got)
			}
			b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
		})
	}
}
