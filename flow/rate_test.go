package flow

import (
	"testing"
	"time"
)

func TestRatesAreWrittenAsPeopleDo(t *testing.T) {
	for _, tt := range []struct {
		text, want string
		rate       Rate
	}{
		{"10/s", "10/s", Rate{10, time.Second}},
		{" 600 / m ", "600/m", Rate{600, time.Minute}},
		{"5/10s", "5/10s", Rate{5, 10 * time.Second}},
		{"1000/1h", "1000/h", Rate{1000, time.Hour}},
		{"", "", Rate{}},
	} {
		got, err := ParseRate(tt.text)
		if err != nil || got != tt.rate || got.String() != tt.want {
			t.Errorf("%q: %v, %q, %v", tt.text, got, got.String(), err)
		}
	}
	for _, text := range []string{"10", "0/s", "-1/s", "ten/s", "10/fortnight", "10/0s", "/s", "1.5/s"} {
		if got, err := ParseRate(text); err == nil {
			t.Errorf("%q reads as %v", text, got)
		}
	}
}
