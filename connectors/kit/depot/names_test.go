package depot

import (
	"testing"
	"unicode/utf8"
)

func TestNamesOfAnyBytesSurvive(t *testing.T) {
	for _, name := range []string{"", "a.csv", "two\nlines", "caf\xe9", "‛", "‛E9", "‛‛E9", "a‛\xff‛", "\xe2\x80", "Ωmega", "tab\tand \"quotes\"", "back\\slash"} {
		text := shown(name)
		if !utf8.ValidString(text) {
			t.Errorf("%q is shown as %q, which is no text", name, text)
		}
		if got := meant(text); got != name {
			t.Errorf("%q comes back from %q as %q", name, text, got)
		}
	}
}

func FuzzNames(f *testing.F) {
	f.Add("a‛\xff‛")
	f.Fuzz(func(t *testing.T, name string) {
		if got := meant(shown(name)); got != name {
			t.Errorf("%q comes back as %q", name, got)
		}
	})
}

func TestPathsStayInTheBaseFolder(t *testing.T) {
	for _, tt := range []struct{ base, text, want string }{
		{"/data", "a.csv", "/data/a.csv"},
		{"/data", "in//./a.csv", "/data/in/a.csv"},
		{"/data", "", "/data"},
		{"/data", "/data/a.csv", "/data/a.csv"},
		{"/data", "/data", "/data"},
		{"/data", "..a", "/data/..a"},
		{"/", "/etc/passwd", "/etc/passwd"},
		{"/", "etc", "/etc"},
		{"/data", "/database/a", ""},
		{"/data", "/etc/passwd", ""},
		{"/data", "../x", ""},
		{"/data", "in/../../x", ""},
		{"/data", `in\..\..\x`, ""},
		{"/data", "..", ""},
		{"/data", "‛2E‛2E/x", ""},
		{"/data", "a\x00b", ""},
	} {
		got, err := within(tt.base, tt.text, "path")
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%q in %s is %q, %v; want %q", tt.text, tt.base, got, err, tt.want)
		}
	}
}
