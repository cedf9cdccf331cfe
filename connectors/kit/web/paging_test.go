package web

import (
	"strings"
	"testing"
)

func TestNextLinkAmongManyRelations(t *testing.T) {
	for _, tt := range []struct {
		headers []string
		want    string
	}{
		{nil, ""},
		{[]string{`</a>; rel="prev"`}, ""},
		{[]string{`</a>; rel="prev", </b>; rel="next"`}, "/b"},
		{[]string{`</a>; rel=prev`, `</b?x=1,2;3>; rel=next; title="a; rel=prev"`}, "/b?x=1,2;3"},
		{[]string{`</a>; REL="First NEXT"`}, "/a"},
		{[]string{`</a>; title="next"`}, ""},
		{[]string{`</a`}, ""},
		{[]string{`</a>; rel="next-archive"`}, ""},
	} {
		if got := nextLink(tt.headers); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.headers, got, tt.want)
		}
	}
}

func FuzzNextLink(f *testing.F) {
	f.Add(`</a>; rel="prev", </b>; rel="next"`)
	f.Add(`<<>>;;rel==next,,`)
	f.Fuzz(func(t *testing.T, header string) {
		if got := nextLink([]string{header}); got != "" && !strings.Contains(header, "<"+got+">") {
			t.Errorf("%q gives %q, which is not in it", header, got)
		}
	})
}
