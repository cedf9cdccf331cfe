package transforms

import (
	"context"
	"testing"

	"jackfield/flow/value"
)

// pruned is what is left of a value when only what w wants is read.
func pruned(t *testing.T, v any, w *value.Want) any {
	d, err := new(value.Decoder).Document(value.Append(nil, v), w)
	if err != nil {
		t.Fatal(err)
	}
	return named(d.Value)
}

func TestProgramsSeeNoMoreThanTheyWant(t *testing.T) {
	parts := 0
	for _, p := range testPrograms(t) {
		w := p.Wants()
		if w == nil {
			continue
		}
		for _, in := range corpusInputs {
			in = pruned(t, in, nil) // as JSON has it
			less := pruned(t, in, w)
			want, got := p.outcome(context.Background(), in, Vars{}), p.outcome(context.Background(), less, Vars{})
			if (want.Err == nil) != (got.Err == nil) || want.Err == nil && shown(want.Values) != shown(got.Values) {
				t.Errorf("%s\non %s gives %.300s %v\non %s only %.300s %v", p.src, clip(in, 200), shown(want.Values), want.Err, clip(less, 200), shown(got.Values), got.Err)
			}
			parts++
		}
	}
	if parts < 4000 {
		t.Errorf("only %d programs and records had parts to leave out", parts)
	}
}

func TestWantsNameWhatAMappingReads(t *testing.T) {
	rest := map[string]any{"a": map[string]any{"b": map[string]any{"c": 1, "d": 2}, "e": 3}, "f": []any{1}, "g": "x", "h": 4}
	for _, c := range []struct{ name, src, sees string }{
		{"fields", `{x: .a.b.c, y: .g}`, `{"a":{"b":{"c":1}},"g":"x"}`},
		{"the same name", `{g, h}`, `{"g":"x","h":4}`},
		{"a function of a field", `{x: (.g | ascii_upcase)}`, `{"g":"x"}`},
		{"a part and the whole", `[.a.b.c, .a]`, `{"a":{"b":{"c":1,"d":2},"e":3}}`},
		{"inside of a pipe", `.a | {x: .b.d, y: .e}`, `{"a":{"b":{"d":2},"e":3}}`},
		{"a condition", `if .h > 3 then .g else "\(.f)" end`, `{"f":[1],"g":"x","h":4}`},
		{"constants", `{x: 1, y: $run.id}`, `{}`},
		{"a choice", `.none // .h`, `{"h":4}`},
		{"all", `. + {x: 1}`, `{"a":{"b":{"c":1,"d":2},"e":3},"f":[1],"g":"x","h":4}`},
		{"any name", `.[.g]`, `{"a":{"b":{"c":1,"d":2},"e":3},"f":[1],"g":"x","h":4}`},
		{"a name behind each", `.f[][.g]?`, `{"a":{"b":{"c":1,"d":2},"e":3},"f":[1],"g":"x","h":4}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Compile(c.src)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(value.Append(nil, pruned(t, rest, p.Wants()))); got != c.sees {
				t.Errorf("it sees %s, not %s", got, c.sees)
			}
		})
	}
}
