package flow

import (
	"math/rand/v2"
	"testing"
)

func TestParseSize(t *testing.T) {
	for _, c := range []struct {
		text string
		want int64
		bad  bool
	}{
		{text: "0", want: 0},
		{text: "12B", want: 12},
		{text: "500MB", want: 500 << 20},
		{text: "500 mb", want: 500 << 20},
		{text: "10G", want: 10 << 30},
		{text: "1.5GB", want: 3 << 29},
		{text: "2GiB", want: 2 << 30},
		{text: "64KB", want: 64 << 10},
		{text: "1TB", want: 1 << 40},
		{text: "500", bad: true},
		{text: "-1MB", bad: true},
		{text: "much", bad: true},
		{text: "", bad: true},
		{text: "MB", bad: true},
		{text: "NaNGB", bad: true},
		{text: "1e300GB", bad: true},
		{text: "1MBMB", bad: true},
	} {
		got, err := ParseSize(c.text)
		if got != c.want || (err != nil) != c.bad {
			t.Errorf("ParseSize(%q) gave %d, %v", c.text, got, err)
		}
	}
}

func TestWhatFormatSizeWritesIsReadAsTheSame(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 1000 {
		n := rnd.Int64N(1<<50) >> rnd.IntN(50) << rnd.IntN(3) * 10
		if n >= 1<<52 { // more than a float64 tells apart
			continue
		}
		if got, err := ParseSize(FormatSize(n)); got != n || err != nil {
			t.Fatalf("%d is written %s and read as %d, %v", n, FormatSize(n), got, err)
		}
	}
}

func TestShowSize(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.0 KB", 57 << 10: "57 KB", 1<<20 - 1: "1.0 MB",
		3435973837: "3.2 GB", 10 << 30: "10 GB", 1 << 60: "1048576 TB",
	} {
		if got := ShowSize(n); got != want {
			t.Errorf("%d is shown as %q, not %q", n, got, want)
		}
	}
}
