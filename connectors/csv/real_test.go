package csv_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

const unicodeData = "/usr/share/unicode/UnicodeData.txt" // of Debian's package unicode-data

var unicodeColumns = []any{
	"code", "name", "category", "combining", "bidi", "decomposition", "decimal", "digit",
	"numeric", "mirrored", "old_name", "comment", "upper", "lower", "title",
}

func TestUnicodeDataIsReadWhole(t *testing.T) {
	text, err := os.ReadFile(unicodeData)
	if err != nil {
		t.Fatalf("%v; install the package unicode-data", err)
	}
	got, bad := table(t, kittest.Env(t), flow.Values{
		"path": unicodeData, "delimiter": ";", "header": false, "quote": "", "columns": unicodeColumns,
	})
	if want := bytes.Count(text, []byte{'\n'}); len(got) != want || len(bad) != 0 {
		t.Fatalf("%d rows of %d, bad %v", len(got), want, bad)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	for i, line := range lines {
		m := got[i].(map[string]any)
		cells := make([]string, len(unicodeColumns))
		for j, c := range unicodeColumns {
			cells[j], _ = m[c.(string)].(string)
		}
		if strings.Join(cells, ";") != line {
			t.Fatalf("row %d is %q, want %q", i+1, cells, line)
		}
	}
}
