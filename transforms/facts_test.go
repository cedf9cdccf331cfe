package transforms

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestStepsAreTheOnesThatTheProgramReads(t *testing.T) {
	for _, c := range []struct {
		name, src string
		ids       []string
		all       bool
	}{
		{name: "none", src: `.a`},
		{name: "by name, once each", src: `{a: $steps.orders.id, b: $steps["read"].x, c: $steps.orders}`, ids: []string{"orders", "read"}},
		{name: "inside of a text and a function", src: `def f: $steps.one; "\($steps.two.x)" | map(f)`, ids: []string{"one", "two"}},
		{name: "by a computed name", src: `$steps[.name]`, all: true},
		{name: "as a whole", src: `$steps | keys`, all: true},
		{name: "as a member", src: `{$steps}`, all: true},
		{name: "both", src: `[$steps.a, $steps]`, ids: []string{"a"}, all: true},
		{name: "a variable of the program's own", src: `.x as $steps | $steps.a`},
		{name: "in a text and a comment only", src: "\"$steps.a\" # $steps.b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ids, all := compiled(t, c.src).Steps()
			if !slices.Equal(ids, c.ids) || all != c.all {
				t.Errorf("%s: got %v %v", c.src, ids, all)
			}
		})
	}
}

func TestTriggerIsSeen(t *testing.T) {
	for src, want := range map[string]bool{`$trigger.x`: true, `{$trigger}`: true, `. as $trigger | $trigger`: false, `.trigger`: false} {
		if got := compiled(t, src).UsesTrigger(); got != want {
			t.Errorf("%s: got %v", src, got)
		}
	}
}

func TestKeysAreThoseOfTheObjectThatComesOut(t *testing.T) {
	for _, c := range []struct {
		src   string
		names []string
		exact bool
	}{
		{`{a: 1, "b": 2, c}`, []string{"a", "b", "c"}, true},
		{`{$run, (.k): 1}`, []string{"run"}, false},
		{`{"x\(.a)": 1, b: 2}`, []string{"b"}, false},
		{`.items[] | {a: 1}`, []string{"a"}, true},
		{`. as $o | {a: $o}`, []string{"a"}, true},
		{`if .x then {a: 1, b: 2} else {b: 1, a: 2} end`, []string{"a", "b"}, true},
		{`if .x then {a: 1} else {b: 1} end`, []string{"a", "b"}, false},
		{`if .x then {a: 1} else empty end`, []string{"a"}, true},
		{`if .x then {a: 1} end`, []string{"a"}, false},
		{`{a: 1} + {b: 2}`, []string{"a", "b"}, true},
		{`. + {b: 2}`, []string{"b"}, false},
		{`{a: 1} | .b = 2`, []string{"a", "b"}, true},
		{`{a: 1} | .b |= empty`, []string{"a", "b"}, false},
		{`{a: 1} | .b[]? = 2`, []string{"a", "b"}, false},
		{`{a: 1, b: 2} | del(.b)`, []string{"a"}, true},
		{`{a: 1, b: {c: 2}} | del(.b.c)`, []string{"a", "b"}, true},
		{`{a: 1} | select(.a)`, []string{"a"}, true},
		{`{a: 1}, {a: 2}`, []string{"a"}, true},
		{`{a: {x: 1}}.a`, nil, false},
		{`.`, nil, false},
		{`[1]`, nil, false},
		{`empty`, nil, false},
		{`{}`, nil, true},
		{`def f: 1; {a: f}`, []string{"a"}, true},
	} {
		names, exact := compiled(t, c.src).Keys()
		if !slices.Equal(names, c.names) || exact != c.exact {
			t.Errorf("%s: got %v %v", c.src, names, exact)
		}
	}
}

// What Keys calls exact holds for whatever the program gives.
func TestExactKeysAreTheKeysOfEveryValue(t *testing.T) {
	checked := 0
	for i, expr := range generated(7, 400) {
		src := []string{
			"{a: 1, b: (%)}", "{a: (%)} | .b = (%)", "if % then {a: (%)} else {a: 2} end", "{a: 1} + {b: (%)}",
			"{a: (%), b: 1} | del(.b)", "{a: 1} | .a |= (%)", "({a: (%)}, {a: 1}) | select(%)", "try {a: (%)} catch {a: .}",
			"first({a: (%)})", "{a: 1} | .b += (%)", "({a: (%)} // {a: 1}) | .c //= (%)", "{a: (%)} | del(.b, .c)",
		}[i%12]
		p, err := Compile(strings.ReplaceAll(src, "%", expr))
		if err != nil {
			continue
		}
		names, exact := p.Keys()
		if !exact {
			continue
		}
		want := map[string]bool{}
		for _, n := range names {
			want[n] = true
		}
		for _, in := range corpusInputs {
			for _, v := range p.With(quick).outcome(t.Context(), in, Vars{}).Values {
				checked++
				m, _ := v.(map[string]any)
				got := map[string]bool{}
				for k := range m {
					got[k] = true
				}
				if !maps.Equal(got, want) {
					t.Fatalf("%s gives %s, not an object with %v", p.src, clip(v, 200), names)
				}
			}
		}
	}
	if checked < 1000 {
		t.Errorf("only %d values checked", checked)
	}
}

func TestPathsAreWhatTheProgramReads(t *testing.T) {
	for _, c := range []struct {
		src  string
		want []string
	}{
		{`.customer.name`, []string{"customer.name"}},
		{`{a: .x, b}`, []string{"x", "b"}},
		{`[.items[] | {sku, amount: (.qty * .price)}]`, []string{"items[].sku", "items[].qty", "items[].price"}},
		{`.items | map(select(.ok) | .id)`, []string{"items[].ok", "items[].id"}},
		{`. as $o | .items[] | [$o.id, .sku]`, []string{"id", "items[].sku"}},
		{`"\(.first) \(.last)"`, []string{"first", "last"}},
		{`.["first name"]`, []string{`["first name"]`}},
		{`.a // .b`, []string{"a", "b"}},
		{`.a as {b: $x, $c} | $x + $c`, []string{"a.b", "a.c"}},
		{`if .a then .b else .c end`, []string{"a", "b", "c"}},
		{`reduce .items[] as $i (0; . + $i.n)`, []string{"items[].n"}},
		{`def f: .x; .a | f`, []string{"a.x"}},
		{`.tags[0] | ascii_downcase`, []string{"tags[0]"}},
		{`.a += .b`, []string{"a", "b"}},
		{`$steps.a.b`, nil},
		{`.`, nil},
	} {
		if got := compiled(t, c.src).Paths(); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q", c.src, got)
		}
	}
}
