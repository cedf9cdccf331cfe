package flow

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRunIDsAscendWithTime(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	at := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	var ids []RunID
	for range 2000 {
		ids = append(ids, NewRunID(at, rnd.Uint32))
		at = at.Add(time.Duration(1+rnd.Int64N(int64(400*24*time.Hour))) / time.Microsecond * time.Microsecond)
		if at.Year() > 3000 {
			break
		}
		at = at.Add(time.Microsecond)
	}
	if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Error("they do not ascend")
	}
	for _, id := range ids {
		if len(id) != 19 || strings.Trim(string(id), "0123456789abcdefghjkmnpqrstvwxyz") != "" {
			t.Fatalf("got %q", id)
		}
	}
}

func TestRunIDsOfOneMomentDiffer(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2, 2))
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	seen := map[RunID]bool{}
	for range 10_000 {
		seen[NewRunID(at, rnd.Uint32)] = true
	}
	if len(seen) < 10_000 {
		t.Errorf("%d ids are equal", 10_000-len(seen))
	}
	all := NewRunID(at, func() uint32 { return 1<<32 - 1 })
	none := NewRunID(at, func() uint32 { return 0 })
	next := NewRunID(at.Add(time.Microsecond), func() uint32 { return 0 })
	if none >= all || all >= next || none[:11] != all[:11] {
		t.Errorf("got %s, %s, %s", none, all, next)
	}
}

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
