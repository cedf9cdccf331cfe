package transforms

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestEndlessProgramsAreEnded(t *testing.T) {
	small := Limits{Time: 100 * time.Millisecond, Outputs: 1000, Bytes: 4 << 20}
	for _, c := range []struct{ name, src, want string }{
		{"a function that calls itself", `def f: f; f`, "still worked"},
		{"a loop that gives nothing", `last(repeat(.))`, "still worked"},
		{"until never", `until(false; .)`, "still worked"},
		{"a range that is never kept", `reduce range(1e12) as $i (0; .)`, "still worked"},
		{"values without end", `repeat(.)`, "more than 1000 values"},
		{"an array that grows", `[range(1e12)]`, "holds more than 4 MB"},
		{"an array of the same", `[limit(1e12; repeat(1))]`, "holds more than 4 MB"},
		{"recursion that comes back", `def f: 1 + f; f`, "holds more than 4 MB"},
		{"arrays inside of arrays", `reduce range(1e12) as $i (null; [.])`, "deeper than 10,000"},
		{"a text of gigabytes", `"x" * 1e9`, "the text would take more than 4 MB"},
		{"a text that doubles", `reduce range(60) as $i ("x"; . + .)`, "4 MB"},
		{"an array that doubles", `reduce range(60) as $i ([1]; . + .)`, "4 MB"},
		{"a text that doubles by itself", `reduce range(60) as $i ("xxxx"; "\(.)\(.)")`, "4 MB"},
		{"many big texts", `[range(1e9) | "x" * 1e5]`, "4 MB"},
		{"a place far behind the end", `.[400000000] = 1`, "is too far"},
		{"a computed place", `.a = [] | .a[.n * 1e8] = 1`, "is too far"},
		{"a far place in a path", `setpath(["a", 400000000]; 1)`, "is too far"},
		{"a far place in a stream", `fromstream([[400000000], 1], [[400000000]])`, "is too far"},
		{"a value that shares its parts", `reduce range(60) as $i (1; [., .])`, "gave more than 4 MB"},
		{"its text", `reduce range(60) as $i (1; [., .]) | tojson`, "would take more than 4 MB"},
		{"its flat form", `reduce range(60) as $i (1; [., .]) | flatten`, "would take more than 4 MB"},
		{"the same again and again", `range(500) as $i | [range(2000)]`, "gave more than 4 MB"},
		{"a number without end", `reduce range(60) as $i (12345678901234567890; . * .)`, "digits"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := compiled(t, c.src).With(small)
			if strings.Contains(c.want, "MB") || strings.Contains(c.want, "deeper") || strings.Contains(c.want, "digits") {
				p = p.With(Limits{Time: time.Minute}) // that is not what ends it
			}
			out := p.outcome(t.Context(), map[string]any{"n": 4}, Vars{})
			if strings.HasPrefix(c.src, ".[") {
				out = p.outcome(t.Context(), nil, Vars{})
			}
			if e, ok := errors.AsType[*RunError](out.Err); !ok || !strings.Contains(e.What, c.want) {
				t.Errorf("got %v", out.Err)
			}
		})
	}
}

func TestLimitsLeaveHonestProgramsAlone(t *testing.T) {
	big := make([]any, 200_000)
	for i := range big {
		big[i] = map[string]any{"n": i, "text": strings.Repeat("x", 100)}
	}
	for _, src := range []string{
		`map(.n) | add`, `[.[] | select(.n % 2 == 0) | .n] | length`, `group_by(.n % 10) | length`,
		`reduce .[] as $x (0; . + $x.n)`, `map(.n += 1) | length`, `[limit(10; .[])] | length`,
	} {
		if out := compiled(t, src).With(Limits{Time: time.Hour}).outcome(t.Context(), big, Vars{}); out.Err != nil {
			t.Errorf("%s: %v", src, out.Err)
		}
	}
}

func TestAHungryProgramIsNotTheOthersTrouble(t *testing.T) {
	hungry := compiled(t, `[range(1e12)]`).With(Limits{Time: time.Hour})
	modest := compiled(t, `[range(20000)] | length`).With(Limits{Time: time.Hour, Bytes: 2 << 20})
	done := make(chan error)
	go func() {
		done <- hungry.outcome(t.Context(), nil, Vars{}).Err
	}()
	for {
		if out := modest.outcome(t.Context(), nil, Vars{}); out.Err != nil {
			t.Fatal(out.Err)
		}
		select {
		case err := <-done:
			if err == nil || !strings.Contains(err.Error(), "holds more than 64 MB") {
				t.Errorf("got %v", err)
			}
			return
		default:
		}
	}
}

func TestAnEndedContextEndsTheProgram(t *testing.T) {
	p := compiled(t, `def f: f; f`)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- p.outcome(ctx, nil, Vars{}).Err }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	for _, out := range compiled(t, `.`).Batch(ctx, []any{1, 2}, Vars{}) {
		if out.Err != nil && !errors.Is(out.Err, context.Canceled) {
			t.Errorf("got %v", out.Err)
		}
	}
}

func TestOneRecordThatTakesTooLongDoesNotTouchTheOthers(t *testing.T) {
	p := compiled(t, `if . == 3 then def f: f; f else . * 2 end`).With(Limits{Time: 50 * time.Millisecond})
	got := p.Batch(t.Context(), []any{1, 2, 3, 4}, Vars{})
	for i, out := range got {
		if i == 2 {
			if out.Err == nil || !strings.Contains(out.Err.Error(), "still worked after 50ms") {
				t.Errorf("got %v", out.Err)
			}
		} else if out.Err != nil || out.Values[0] != (i+1)*2 {
			t.Errorf("record %d: %v %v", i, out.Values, out.Err)
		}
	}
}

func TestWithKeepsWhatIsZero(t *testing.T) {
	p := compiled(t, `.`)
	if got := p.With(Limits{Outputs: 5}).limits; got != (Limits{10 * time.Second, 5, 64 << 20}) {
		t.Errorf("got %+v", got)
	}
	if p.limits != defaultLimits {
		t.Errorf("the program itself has changed to %+v", p.limits)
	}
	if out := compiled(t, `"x" * 3000`).With(Limits{Bytes: 1000}).outcome(t.Context(), nil, Vars{}); out.Err == nil {
		t.Error("the smaller limit does not hold")
	}
}

func FuzzRun(f *testing.F) {
	for i, src := range corpusPrograms {
		f.Add(src, i)
	}
	f.Fuzz(func(t *testing.T, src string, i int) {
		p, err := Compile(src)
		if err != nil {
			if _, ok := err.(*SyntaxError); !ok {
				t.Fatalf("%q: %T", src, err)
			}
			return
		}
		p = p.With(Limits{Time: 50 * time.Millisecond, Outputs: 100, Bytes: 1 << 20})
		p.Steps()
		p.Keys()
		p.Paths()
		p.Doubts(true)
		in := corpusInputs[uint(i)%uint(len(corpusInputs))]
		for _, out := range p.Batch(t.Context(), []any{in, in}, Vars{}) {
			if e, ok := out.Err.(*RunError); out.Err != nil && (!ok || e.What == "" || strings.Contains(e.What, "broke down") || e.End > len(src)) {
				t.Fatalf("%q: %v", src, out.Err)
			}
		}
	})
}
