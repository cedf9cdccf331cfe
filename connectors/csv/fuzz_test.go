package csv_test

import (
	std "encoding/csv"
	"reflect"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// FuzzReadAgreesWithTheStandardLibrary reads what encoding/csv reads and wants the same
// cells; what it refuses must leave no other row behind than the bad ones.
func FuzzReadAgreesWithTheStandardLibrary(f *testing.F) {
	for _, s := range []string{
		"a,b\n1,2\n", "a,\"b\"\"\"\n\"1\n\",2\r\n", "\"a\",b\n,\n", "a\n\n\"\"\n", "a,b\r\n\"x\",\"\"\r\n\"\"\"\",1",
		"a,b\n\"x\"y,2\n", "a,b\n\"never,2\n3,4\n", "a,b\nx\"y,2\n", "\r\r\n,", "a,b\n\"\r\n\",\"\r\"\n", "\"\"\"\n\"\"",
	} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, text string, lenient bool) {
		if !strings.Contains(text, "\n") || strings.Contains(text, "\x00") || hasMark(text) || kit.NotText([]byte(text)) != "" {
			return // another line end, another encoding, no text
		}
		r := std.NewReader(strings.NewReader(text))
		r.FieldsPerRecord, r.LazyQuotes = -1, lenient
		want, err := r.ReadAll()
		if err != nil || len(want) == 0 {
			return
		}
		env := kittest.Env(t)
		put(t, env, "in.csv", text)
		with := flow.Values{"path": "in.csv", "header": false, "lenient": lenient}
		if _, err := pages(t, env, with, nil); err != nil && lenient {
			return // a quote that is never closed; the standard library takes the rest of the file for its cell
		}
		var got [][]string
		width := len(want[0])
		records, bad := table(t, env, with)
		for _, b := range bad {
			if lenient && strings.Contains(b, "never closed") {
				return
			}
		}
		for _, rec := range records {
			m := rec.(map[string]any)
			row := make([]string, width)
			for i := range row {
				row[i] = m[columnName(i)].(string)
			}
			got = append(got, row)
		}
		var even [][]string
		odd := 0
		for _, row := range want {
			if len(row) == width && isUTF8(row) {
				even = append(even, row)
			} else {
				odd++
			}
		}
		for i := range got {
			for j := range got[i] { // the standard library makes \r\n in quotes into \n
				got[i][j] = strings.ReplaceAll(got[i][j], "\r\n", "\n")
			}
		}
		if !reflect.DeepEqual(got, even) || len(bad) != odd {
			t.Errorf("%q\n%q, bad %v\nwant %q and %d bad", text, got, bad, even, odd)
		}
	})
}
