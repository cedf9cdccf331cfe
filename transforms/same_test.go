package transforms

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/itchyny/gojq"
)

// differs lists the programs of the corpus that give something else than gojq by
// intent: see rewriter and prelude.
func differs(src string) bool {
	return strings.Contains(src, "]?") && strings.Contains(src, "[") || strings.Contains(src, "$__loc__") ||
		strings.Contains(src, "debug") || strings.Contains(src, "ascii`") || strings.Contains(src, "fromjson") ||
		strings.Contains(src, "$ENV") || strings.Contains(src, "env")
}

func testPrograms(t *testing.T) []*Program {
	var out []*Program
	for _, src := range append(corpusPrograms, generated(1, 1200)...) {
		p, err := Compile(src)
		if err != nil {
			continue
		}
		out = append(out, p.With(quick))
	}
	if len(out) < 1400 {
		t.Fatalf("only %d programs compile", len(out))
	}
	return out
}

func TestRunGivesWhatGojqGives(t *testing.T) {
	compared := 0
	for _, p := range testPrograms(t) {
		q, err := gojq.Parse(p.src)
		if err != nil {
			t.Fatal(err)
		}
		code, err := gojq.Compile(q, gojq.WithVariables(variables))
		if err != nil || differs(p.src) {
			continue
		}
		for _, in := range corpusInputs {
			m := p.newMeter(context.Background())
			m.start(p.plain, in, Vars{}.values())
			got, gotErr := collect(m.iter)
			if _, limited := errors.AsType[*limitError](gotErr); limited {
				continue
			}
			want, wantErr := collect(code.RunWithContext(context.Background(), in, Vars{}.values()...))
			compared++
			if gotErr != nil && strings.Contains(gotErr.Error(), "is too far") && wantErr != nil {
				continue
			}
			if shown(got) != shown(want) || (gotErr == nil) != (wantErr == nil) || gotErr != nil && gotErr.Error() != wantErr.Error() {
				t.Errorf("%s\non %s gives %.300s %v\nnot %.300s %v", p.src, clip(in, 200), shown(got), gotErr, shown(want), wantErr)
			}
		}
	}
	t.Log("compared", compared)
}

func TestBatchGivesWhatRunGives(t *testing.T) {
	for _, p := range testPrograms(t) {
		got := p.Batch(context.Background(), corpusInputs, Vars{})
		for i, in := range corpusInputs {
			want := p.outcome(context.Background(), in, Vars{})
			if shown(got[i].Values) != shown(want.Values) || shown(errorText(got[i].Err)) != shown(errorText(want.Err)) {
				t.Errorf("%s\non %s gives %.300s %v\nnot %.300s %v", p.src, clip(in, 200), shown(got[i].Values), got[i].Err, shown(want.Values), want.Err)
			}
		}
	}
}

func TestBatchEachGivesEachRecordItsVariables(t *testing.T) {
	vars := func(i int) Vars {
		return Vars{Trigger: corpusInputs[i], Steps: map[string]any{"a": i, "b": corpusInputs[i]}, Now: time.Unix(7, 0)}
	}
	programs := []string{
		`[$trigger, $steps.a, $steps.b, now, .]`, `$steps.a, .`, `if $steps.a % 3 == 0 then error("third") else $trigger end`,
		`def f: $steps.a; [f, ($trigger as $steps | $steps)]`, `$trigger.a`, `.a + $steps.a`, `empty`, `{$trigger, x: [.[]? | $steps.a]}`,
	}
	for _, src := range append(programs, corpusPrograms...) {
		p, err := Compile(src)
		if err != nil {
			continue
		}
		for i, got := range p.BatchEach(t.Context(), corpusInputs, vars) {
			want := p.outcome(t.Context(), corpusInputs[i], vars(i))
			if shown(got.Values) != shown(want.Values) || errorText(got.Err) != errorText(want.Err) {
				t.Errorf("%s\non %s gives %.300s %v\nnot %.300s %v", src, clip(corpusInputs[i], 200), shown(got.Values), got.Err, shown(want.Values), want.Err)
			}
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestTracedProgramsGoTheSameWayAndFindThePlace(t *testing.T) {
	placed, failed := 0, 0
	for _, p := range testPrograms(t) {
		code := p.machine.trace()
		if code == nil {
			t.Errorf("%s cannot be traced", p.src)
			continue
		}
		for _, in := range corpusInputs {
			plain := p.newMeter(context.Background())
			plain.start(p.plain, in, Vars{}.values())
			want, wantErr := collect(plain.iter)
			if _, limited := errors.AsType[*limitError](wantErr); limited {
				continue
			}
			traced, x := p.newMeter(context.Background()), &trace{}
			traced.start(code.code, in, append(Vars{}.values(), x))
			got, gotErr := collect(traced.iter)
			if _, limited := errors.AsType[*limitError](gotErr); limited {
				continue
			}
			if said, _ := x.value.(string); x.on && strings.Contains(said, "invalid path") && wantErr == nil {
				continue // gojq takes 0 * .a for the path .a where .a is 0; a trace does not
			}
			if shown(got) != shown(want) || (gotErr == nil) != (wantErr == nil) {
				t.Errorf("%s\non %s gives %.300s %v\nnot %.300s %v", p.src, clip(in, 200), shown(got), gotErr, shown(want), wantErr)
			}
			if wantErr == nil {
				continue
			}
			failed++
			if x.on && p.span(code.places[x.spot].part) != (span{0, len(p.src)}) || len(p.src) < 20 {
				placed++
			}
		}
	}
	if placed*100 < failed*95 {
		t.Errorf("found the place of %d out of %d failures", placed, failed)
	}
	t.Logf("found the place of %d out of %d failures", placed, failed)
}
