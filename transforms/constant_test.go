package transforms

import "testing"

func TestConstantsAreKnown(t *testing.T) {
	for _, tt := range []struct {
		src  string
		want any // nil where it is none
	}{
		{`"2030-01-31"`, "2030-01-31"},
		{"2030-01-31", 1998},
		{"1 + 2 * 3", 7},
		{"-5", -5},
		{".due", nil},
		{`.due + 1`, nil},
		{`"\(.due)"`, nil},
		{"now", nil},
		{"1, 2", nil},
		{"1 / 0", nil},
	} {
		p, err := Compile(tt.src)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := p.Constant(); ok != (tt.want != nil) || ok && got != tt.want {
			t.Errorf("%s: %v, %v; want %v", tt.src, got, ok, tt.want)
		}
	}
}
