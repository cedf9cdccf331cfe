package transforms

import (
	"errors"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestVariablesAreThoseOfTheRun(t *testing.T) {
	vars := Vars{
		Run: map[string]any{"id": "r1"}, Flow: map[string]any{"name": "Orders"}, Trigger: map[string]any{"body": 5},
		Steps: map[string]any{"orders": map[string]any{"total": 7}}, Now: time.Date(2026, 10, 7, 9, 30, 0, 500_000_000, time.UTC),
	}
	for src, want := range map[string]any{
		`$run.id`: "r1", `$flow.name`: "Orders", `$trigger.body`: 5, `$steps.orders.total`: 7, `$steps.none`: nil,
		`now`: 1791365400.5, `now | todate`: "2026-10-07T09:30:00Z", `now | strflocaltime("%H")`: "09", `now | localtime | mktime`: 1791365400.5,
		`def now: 3; now`: 3, `env | length`: 0, `$ENV.HOME`: nil, `$__loc__.line`: 1, `"a\n" | $__loc__ | .file`: "<top-level>",
		`{b: 2, a: 1} | keys_unsorted | length`: 2, `1 | debug("x") | debug | stderr`: 1, `[1] | toarray | length`: 1, `66 | ascii`: "B",
		`.a[.b]?`: 1, `.a[.b]? |= 5 | .a.x`: 5, `.a[.b]?.y? = 5 | .a.x`: 1, `"[1.50]" | fromjson | .[0] | tojson`: "1.50",
	} {
		got, err := compiled(t, src).One(t.Context(), map[string]any{"a": map[string]any{"x": 1}, "b": "x"}, vars)
		if err != nil || got != want {
			t.Errorf("%s gives %v %v, not %v", src, got, err, want)
		}
	}
}

func TestTheClockOfARunStandsStill(t *testing.T) {
	p := compiled(t, `[now, now] | .[0] == .[1]`)
	for _, at := range []time.Time{{}, time.Unix(5, 0)} {
		if ok, err := p.True(t.Context(), nil, Vars{Now: at}); !ok || err != nil {
			t.Errorf("got %v %v", ok, err)
		}
	}
}

func TestNumbersReadFromTextAreNumbers(t *testing.T) {
	got, err := compiled(t, `fromjson`).One(t.Context(), `{"n": 1, "f": 2.5, "b": 123456789012345678901234567890}`, Vars{})
	if err != nil {
		t.Fatal(err)
	}
	m := got.(map[string]any)
	if m["n"] != 1 || m["f"] != 2.5 {
		t.Errorf("got %#v", m)
	}
	if b, ok := m["b"].(*big.Int); !ok || b.String() != "123456789012345678901234567890" {
		t.Errorf("got %#v", m["b"])
	}
}

func TestOneWantsExactlyOneValue(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"none", `empty`, "gave nothing; one value is wanted"},
		{"several", `1, 2, 3`, "gave 3 values; one is wanted"},
		{"a failure behind the first", `1, error("late")`, "late"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := compiled(t, c.src).One(t.Context(), nil, Vars{})
			if e, ok := errors.AsType[*RunError](err); !ok || e.What != c.want {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestTrueTakesWhatJqTakesForTrue(t *testing.T) {
	for src, want := range map[string]bool{`true`: true, `false`: false, `null`: false, `0`: true, `""`: true, `empty`: false, `.a == 1`: true} {
		if got, err := compiled(t, src).True(t.Context(), map[string]any{"a": 1}, Vars{}); got != want || err != nil {
			t.Errorf("%s: got %v %v", src, got, err)
		}
	}
	if _, err := compiled(t, `true, false`).True(t.Context(), nil, Vars{}); err == nil {
		t.Error("two values are taken for one")
	}
	if _, err := compiled(t, `error("x")`).True(t.Context(), nil, Vars{}); err == nil {
		t.Error("a failure is taken for false")
	}
}

func TestRunStopsWhereItsReaderStops(t *testing.T) {
	n := 0
	for v, err := range compiled(t, `range(1e9)`).Run(t.Context(), nil, Vars{}) {
		if err != nil || v != n {
			t.Fatalf("got %v %v", v, err)
		}
		if n++; n == 5 {
			break
		}
	}
	if n != 5 {
		t.Errorf("read %d", n)
	}
}

func TestAProgramRunsFromManyGoroutines(t *testing.T) {
	p := compiled(t, `if . % 3 == 0 then .a else {n: ., s: "\(.)"} end`)
	in := make([]any, 200)
	for i := range in {
		in[i] = i
	}
	want := p.Batch(t.Context(), in, Vars{})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i, out := range p.Batch(t.Context(), in, Vars{}) {
				if shown(out.Values) != shown(want[i].Values) || errorText(out.Err) != errorText(want[i].Err) {
					t.Errorf("record %d: got %v %v", i, out.Values, out.Err)
				}
			}
		})
	}
	all.Wait()
}

func TestWhatGoesInIsNotChanged(t *testing.T) {
	in := map[string]any{"a": []any{1, 2, map[string]any{"b": 3}}, "c": "x"}
	before := shown(in)
	for _, src := range []string{
		`.a[2].b = 9`, `.a |= map(0)`, `del(.a[0])`, `.a += [5]`, `.a | sort`, `.a | reverse`, `map_values(1)`, `to_entries`, `.a[1:] = []`,
		`walk(if type == "number" then . + 1 else . end)`, `with_entries(.value = 1)`, `.. |= 5`, `(.a[] | numbers) += 1`, `. * {a: {}}`, `setpath(["a", 0]; 7)`,
	} {
		compiled(t, src).outcome(t.Context(), in, Vars{})
		if shown(in) != before {
			t.Fatalf("%s changed its input to %s", src, shown(in))
		}
	}
}

func TestABatchIsLongerThanOneRun(t *testing.T) {
	in := make([]any, 2*batchSize+7)
	for i := range in {
		in[i] = i
	}
	p := compiled(t, `if . % 500 == 499 then error("n \(.)") elif . % 2 == 0 then . else empty end`)
	for i, out := range p.Batch(t.Context(), in, Vars{}) {
		switch {
		case i%500 == 499:
			if out.Err == nil || !strings.Contains(out.Err.Error(), "n ") || out.Values != nil {
				t.Errorf("record %d: %v %v", i, out.Values, out.Err)
			}
		case i%2 == 0:
			if out.Err != nil || len(out.Values) != 1 || out.Values[0] != i {
				t.Errorf("record %d: %v %v", i, out.Values, out.Err)
			}
		default:
			if out.Err != nil || out.Values == nil || len(out.Values) != 0 {
				t.Errorf("record %d: %v %v", i, out.Values, out.Err)
			}
		}
	}
}
