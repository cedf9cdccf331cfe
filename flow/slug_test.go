package flow

import (
	"strings"
	"testing"
	"time"
)

func TestSlugsArePlain(t *testing.T) {
	tests := map[string]ID{
		"Orders to CRM":                    "orders-to-crm",
		"  --Ümläüte & Straße!! ":          "uemlaeuete-strasse",
		"U\u0308bergabe":                   "uebergabe",
		"Crème brûlée, señor Łukasz":       "creme-brulee-senor-lukasz",
		"cafe\u0301":                       "cafe",
		"Ada's flow / v2.0":                "adas-flow-v2-0",
		"日本":                               "flow",
		"":                                 "flow",
		"---":                              "flow",
		strings.Repeat("abc ", 30):         "abc-abc-abc-abc-abc-abc-abc-abc-abc-abc",
		strings.Repeat("x", 39) + "ß":      ID(strings.Repeat("x", 39) + "s"),
		"\xff\x00a":                        "a",
		strings.Repeat("日", 1000) + "done": "done",
	}
	for name, want := range tests {
		if got := Slug(name); got != want || len(got) > 40 {
			t.Errorf("Slug(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestDurationsAreWrittenShort(t *testing.T) {
	tests := map[time.Duration]string{
		0: "0s", time.Second: "1s", time.Minute: "1m", time.Hour: "1h", 90 * time.Second: "1m30s", 90 * time.Minute: "1h30m",
		10 * time.Second: "10s", 20 * time.Minute: "20m", 100 * time.Hour: "100h", time.Hour + time.Second: "1h0m1s", 1500 * time.Millisecond: "1.5s", -time.Minute: "-1m",
	}
	for d, want := range tests {
		got := FormatDuration(d)
		if back, err := time.ParseDuration(got); got != want || err != nil || back != d {
			t.Errorf("%v is %q, want %q (%v, %v)", d, got, want, back, err)
		}
	}
}
