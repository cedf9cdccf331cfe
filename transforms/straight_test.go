package transforms

import (
	"context"
	"testing"

	"jackfield/flow/value"
)

func TestStraightProgramsGiveWhatTheMachineGives(t *testing.T) {
	for _, src := range []string{
		`{}`, `{a}`, `{a: .a}`, `{x: .a.b}`, `{"a": .b, "x y": .a["b"], c: ."k"}`, `{a, b: .k, c: .a.b.c}`, `{if: .a}`, `{a: .a, a: .b}`, `{"a"}`,
	} {
		p, err := Compile(src)
		if err != nil {
			t.Fatal(err)
		}
		if p.straight == nil {
			t.Errorf("%s is not straight", src)
		}
		// All in one batch, so that those that fail are in the midst of others.
		for i, got := range p.Batch(context.Background(), corpusInputs, Vars{}) {
			want := p.outcome(context.Background(), corpusInputs[i], Vars{})
			if shown(got.Values) != shown(want.Values) || (got.Err == nil) != (want.Err == nil) || got.Err != nil && got.Err.Error() != want.Err.Error() {
				t.Errorf("%s\non %s gives %s %v\nnot %s %v", src, clip(corpusInputs[i], 200), shown(got.Values), got.Err, shown(want.Values), want.Err)
			}
		}
		others, err := Compile(`.k, .a.b, .a.z, .other`)
		if err != nil {
			t.Fatal(err)
		}
		for name, w := range map[string]*value.Want{
			"what it wants": p.Wants(), "what others want too": p.Wants().With(others.Wants()),
			"all of the members": p.Wants().With(value.Of(map[string]*value.Want{"a": nil, "b": nil, "k": nil})),
		} {
			for i, got := range p.Batch(context.Background(), partsOf(t, corpusInputs, w), Vars{}) {
				want := p.outcome(context.Background(), corpusInputs[i], Vars{})
				if shown(got.Values) != shown(want.Values) || (got.Err == nil) != (want.Err == nil) {
					t.Errorf("%s\nwith %s of %s gives %s %v\nnot %s %v", src, name, clip(corpusInputs[i], 200), shown(got.Values), got.Err, shown(want.Values), want.Err)
				}
			}
		}
	}
	for _, src := range []string{
		`.`, `[.a]`, `{a: 1}`, `{a: .a?}`, `{a: .[0]}`, `{(.k): .a}`, `{"x\(.k)": .a}`, `{$run}`, `{a: .a[]}`, `{a: (.a)}`, `{a: .a | .b}`, `{a}.a`, `def f: 1; {a}`, `{a: .[.k]}`,
	} {
		if p, err := Compile(src); err != nil || p.straight != nil {
			t.Errorf("%s is straight (%v)", src, err)
		}
	}
}

// partsOf reads what w wants of the records.
func partsOf(t *testing.T, records []any, w *value.Want) []any {
	t.Helper()
	var d value.Decoder
	parts := make([]any, len(records))
	for i, rec := range records {
		doc, err := d.Document(value.Append(nil, rec), w)
		if err != nil {
			t.Fatal(err)
		}
		parts[i] = doc.Value
	}
	return parts
}
