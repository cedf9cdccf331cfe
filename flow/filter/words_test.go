package filter

import (
	"fmt"
	"strings"
	"testing"
)

func TestWordsOfAnyText(t *testing.T) {
	for src, want := range map[string]string{
		"a >= 10 and `b c` in ('x', 2024-01-01)": "2:a 1:>= 3:10 0:and 2:`b c` 0:in 1:( 5:'x' 1:, 4:2024-01-01 1:)",
		`a = ; 'open`:                            `2:a 1:= 6:; 6:'open`,
		``:                                       ``,
		`a = E'\q' x`:                            `2:a 1:= 6:E'\q' x`,
	} {
		var got []string
		for _, w := range Words(src) {
			got = append(got, fmt.Sprintf("%d:%s", w.Kind, src[w.Start:w.End]))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s\n got %s\nwant %s", src, strings.Join(got, " "), want)
		}
	}
}
