package transforms

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/itchyny/gojq"

	"jackfield/flow/value"
)

// corpusPrograms use every construct of jq at least once.
var corpusPrograms = []string{
	`.`, `..`, `.a`, `.a.b`, `.["a"]`, `."a"`, `.a["b"]`, `.a."b"`, `.[0]`, `.[-1]`, `.[1:]`, `.[:1]`, `.[0:2]`, `.[.k]`, `.a[.k]`, `.a[.k]?`, `.a.b?`, `.a?.b?`, `.a??`,
	`.[]`, `.[]?`, `.a[]`, `.a[].b`, `.[] | .a?`, `.a[]?.b`, `.. | numbers`, `[..] | length`,
	`null`, `true`, `false`, `1`, `1.5e3`, `"x"`, `"a\(.a)b"`, `"\(.a)\(.b)"`, `@json "x\(.)"`, `@csv "\([.a, .b])"`, `@base64`, `@text`, `@html`, `@uri`, `[.a, .b] | @csv`,
	`{}`, `{a}`, `{a: 1}`, `{"a": .b}`, `{"x\(.k)": 1}`, `{(.k): .a}`, `{a, b: .a}`, `{a: (1, 2)}`, `{(.k, "z"): (1, 2)}`, `{$run}`, `. as $x | {$x}`, `{a: .a | .b?}`,
	`[]`, `[.[]?]`, `[1, 2, .a]`, `[.[]? | select(. != null)]`,
	`-.a`, `-1`, `+.a`, `.a + .b`, `.a - .b`, `.a * .b`, `.a / .b`, `.a % .b`, `.a + 1`, `1 + .a`, `.a * 2`, `.k * 3`, `"ab" * .a`, `.a * .a`, `{a: {b: 1}} * .`,
	`.a == .b`, `.a != .b`, `.a < .b`, `.a >= 1`, `.a and .b`, `.a or .b`, `.a // "none"`, `.a // .b // 1`, `(.a, .b) // 3`, `[.[]?] // "x"`, `.a | not`,
	`.a, .b`, `(.a, .b) | tostring`, `empty`, `.a | empty`, `1, empty, 2`, `error`, `error("why")`, `error(null)`, `.a | error`,
	`if .a then .b else .k end`, `if .a then 1 elif .b then 2 else 3 end`, `if .a then 1 end`, `if (true, false) then 1 else 2 end`, `if .a == 1 then .b | error else . end`,
	`try .a.b catch .`, `try error("x") catch .`, `try error({a: 1}) catch .a`, `(.a | error)? // "caught"`, `try (.a, error("x")) catch .`, `[.[]? | try (if . == 1 then error("one") else . end) catch "c"]`, `try error("a") catch error("b")`, `.a as $x | try error($x) catch (. == $x)`,
	`reduce .[]? as $x (0; . + 1)`, `reduce .[]? as $x (null; $x)`, `reduce (1, 2, 3) as $x (0; . + $x)`, `reduce .[] as [$a, $b] (0; . + $a)`, `reduce empty as $x (5; .)`, `reduce range(5) as $i ([]; . + [$i * $i])`,
	`foreach range(4) as $i (0; . + $i)`, `foreach .[]? as $x (0; . + 1; [$x, .])`, `[foreach (1, 2) as $x ((0, 10); . + $x)]`,
	`label $out | 1, break $out, 2`, `[label $f | .[]? | if . == 2 then break $f else . end]`, `label $a | label $b | 1, break $a, 2`, `first(.[]?)`, `[limit(2; .[]?)]`, `[limit(0; 1, 2)]`, `[skip(1; 1, 2, 3)]`, `nth(1; .[]?)`, `last(range(5))`, `isempty(.[]?)`, `[range(3)]`, `[range(1; 7; 3)]`, `[range(5; 0; -2)]`,
	`.a as $x | $x`, `.a as $x | .b as $y | [$x, $y]`, `. as [$a, $b] | [$b, $a]`, `. as {a: $x} | $x`, `. as {$a, b: [$c]} | [$a, $c]`, `. as {"a": $x, (.k): $y} | [$x, $y]`, `.[]? as [$a] ?// $a | [$a]`, `. as [$a] ?// {a: $a} ?// $a | $a`, `[.[]? as $x | $x * 2]`, `(1, 2) as $x | (3, 4) as $y | [$x, $y]`,
	`def f: .a; f`, `def f(g): g | g; f(tostring)`, `def f($x): $x + 1; f(1, 2)`, `def f($x; g): [$x, g]; f(.a; .b)`, `def f: def g: 3; g; f`, `def f: if . > 3 then . else . + 1 | f end; 0 | f`, `def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; 10 | fac`, `def f(x): x as $x | $x; f(.a)`, `[recurse(if . < 3 then . + 1 else empty end)]?`, `def f: .a.b.c; [f?]`, `def f: error("in f"); try f catch .`, `def f: .b | error; .a | f`,
	`.a = 1`, `.a.c = 2`, `.[0] = 1`, `.[5] = 1`, `.a |= 3`, `.a |= . + 1`, `.a += 1`, `.a -= 1`, `.a *= 2`, `.a /= 2`, `.a %= 2`, `.a //= 5`, `.[]? += 1`, `(.a, .b) = 9`, `(.a, .b) |= tostring`, `.a = (1, 2)`, `.a += (1, 2)`, `.[]? |= empty`, `.a[1:] = ["x"]`, `del(.a)`, `del(.[0])`, `del(.a, .b)`, `del(.[]?)`, `to_entries`, `with_entries(.value |= tostring)`, `map_values(. + 1)?`, `paths`, `[paths(type == "number")]`, `path(..)`, `[path(.a[]?)]`, `getpath(["a", "b"])`, `setpath(["a"]; 1)`, `setpath([0]; 1)`, `delpaths([["a"]])`, `pick(.a)`, `tostream`, `fromstream(tostream)`, `[1 | truncate_stream([[0], 1], [[1, 0], 2], [[1, 0]])]`, `.a |= (.b, .c)`, `.. |= .`, `(.. | numbers) |= . + 1`, `.a.b.c |= 1`, `path(1 + 1)`, `(1 + 1) = 2`, `.[.k] = 1`, `.a[.k] |= 2`,
	`length`, `keys`, `has("a")`, `has(0)`, `contains({a: 1})`, `inside({a: 1})`, `add`, `any`, `all`, `flatten`, `sort`, `sort_by(.a)`, `group_by(.a)`, `unique`, `unique_by(.a)`, `min`, `max`, `min_by(.a)`, `reverse`, `tostring`, `tonumber`, `tojson`, `fromjson`, `tojson | fromjson`, `type`, `ascii_downcase`, `explode`, `split(",")`, `join(",")`, `test("a")`, `[match("a"; "g").offset]`, `capture("(?<x>a)")`, `[scan("[a-z]")]`, `sub("a"; "b")`, `gsub("(?<c>[a-z])"; "\(.c)!")`, `splits(",")`, `ltrimstr("a")`, `startswith("a")`, `index("a")`, `indices(1)`, `transpose`, `walk(if type == "number" then . + 1 else . end)`, `todate`, `floor`, `sqrt`, `pow(.a; 2)`, `infinite`, `nan | isnan`, `IN(1, 2)`, `INDEX(.a)`, `[combinations]`, `ascii`, `implode`, `input_line_number?`, `env`, `$ENV`, `env.HOME`, `$run.id`, `$steps`, `$trigger.x`, `tojson | length`, `map(.a)`, `map(select(.a))`, `[.[]? | {a, n: (.b // 0)}]`, `splits("a+"; "i")`, `@sh`, `ltrimstr(1)`, `limit(-1; 1)`, `significand`, `bsearch(1)`, `getpath(["a", 0, "b"])`, `[.[] | tostring] | join("-")`, `debug`, `debug("x")`, `$__loc__`, `[1, {a: 2}] | .. |= (numbers |= . + 1)`,
	"# comment\n.a # more\n| .b", `.a|.b|.k`, `.and`, `.if`, `{if: 1, and: 2}`, `{"a":1}.a`, `[1,2][0]`, `"abc"[1:]`, `"abc" | .[0:1]`, `(.a).b`, `(.)[0]`, `.[][]?`, `..|.a?`, `1 as $x | 2 as $y | [$x, $y, $x]`, `[.a, .b] | (.[0], .[1]) |= 1`, `.a as [$x] | $x`,
}

var corpusInputs = func() []any {
	var out []any
	for _, text := range []string{
		`null`, `true`, `false`, `0`, `1`, `-3`, `2.5`, `123456789012345678901234567890`, `""`, `"a,b"`, `"a"`, `"12"`, `"[1,2.50,{\"a\":1e3}]"`,
		`[]`, `[1,2,3]`, `[[1,2],[3,4]]`, `[{"a":1},{"a":2,"b":5}]`, `["a",null,false,{}]`, `[null,0]`,
		`{}`, `{"a":1}`, `{"a":1,"b":2,"k":"b"}`, `{"a":{"b":{"c":1},"x":[1]},"k":"x"}`, `{"a":"x","b":null,"k":"a"}`, `{"a":[1,[2]],"b":3,"k":0}`, `{"a":null,"b":false,"k":5}`, `{"a":"s","b":"t","k":"kk"}`, `{"a":[{"b":1},{"b":2}],"b":"1"}`,
	} {
		v, err := value.Decode([]byte(text))
		if err != nil {
			panic(err)
		}
		out = append(out, v)
	}
	return out
}()

// generator makes programs at random, most of which compile.
type generator struct {
	*rand.Rand
	vars []string
}

func (g *generator) pick(of ...string) string { return of[g.IntN(len(of))] }

func (g *generator) expr(depth int) string {
	if depth <= 0 {
		return g.pick(`.`, `.a`, `.b`, `.k`, `.[0]`, `.a.b`, `1`, `2`, `0`, `"x"`, `null`, `true`, `[]`, `{}`, `.[]?`, `.a?`, `empty`, `..`, g.variable())
	}
	e := func() string { return g.expr(depth - 1 - g.IntN(2)) }
	switch g.IntN(28) {
	case 0, 1, 2:
		return "(" + e() + " | " + e() + ")"
	case 3:
		return "(" + e() + ", " + e() + ")"
	case 4, 5, 6:
		return "(" + e() + " " + g.pick("+", "-", "*", "/", "%") + " " + e() + ")"
	case 7:
		return "(" + e() + " " + g.pick("==", "<", ">=", "!=", "and", "or", "//") + " " + e() + ")"
	case 8, 9:
		return "{a: " + e() + ", (" + e() + " | tostring): " + e() + "}"
	case 10:
		return "{b: " + e() + ", k: .k, (" + e() + "): 1}"
	case 11:
		return "[" + e() + "]"
	case 12:
		return "if " + e() + " then " + e() + " else " + e() + " end"
	case 13:
		return "(try " + e() + " catch " + e() + ")"
	case 14:
		return "(" + e() + ")?"
	case 15:
		name := g.bind()
		s := "(" + e() + " as " + name + " | "
		g.vars = append(g.vars, name)
		s += e() + ")"
		g.vars = g.vars[:len(g.vars)-1]
		return s
	case 16:
		name := g.bind()
		s := "reduce " + "(" + e() + ") as " + name + " (" + e() + "; "
		g.vars = append(g.vars, name)
		s += e() + ")"
		g.vars = g.vars[:len(g.vars)-1]
		return s
	case 17:
		name := g.bind()
		s := "foreach " + "(" + e() + ") as " + name + " (" + e() + "; "
		g.vars = append(g.vars, name)
		s += e() + "; " + e() + ")"
		g.vars = g.vars[:len(g.vars)-1]
		return s
	case 18:
		return g.pick("map(", "select(", "first(", "isempty(", "map_values(", "sort_by(", "any(", "with_entries(", "limit(2; ", "error(", "path(", "del(", "add(") + e() + ")"
	case 19:
		return "(" + g.pick(".a", ".[]?", ".a.b", ".[0]", "(.a, .b)", ".[.k]", "..", "("+e()+")") + " " + g.pick("=", "|=", "+=", "*=", "//=", "-=") + " " + e() + ")"
	case 20:
		return "\"<\\(" + e() + ")>\""
	case 21:
		return "(" + e() + " | " + g.pick("length", "tostring", "tojson", "type", "keys", "add", "not", "tonumber", "ascii_downcase", "to_entries", "flatten", "sort", "@csv", "@json", "reverse", "first", "numbers", "error", "paths", "fromjson", "tostream") + ")"
	case 22:
		return "(def f: " + e() + "; " + g.pick("f", "[f]", "f | f", "f?") + ")"
	case 23:
		return "(def f(g): " + g.pick("g", "g | g", "[g]", "(.a | g)", "try g catch .") + "; f(" + e() + "))"
	case 24:
		return "(label $l | " + e() + ", break $l, " + e() + ")"
	case 25:
		return "." + g.pick("a", "b", "k") + g.pick("", "?", "[]", "[]?", "["+e()+"]", "["+e()+"]?", "[1:]")
	case 26:
		return "-(" + e() + ")"
	}
	return "(. as " + g.pick("[$p]", "{a: $p}", "[$p] ?// $p", "{a: $p} ?// [$p] ?// $p", "{$a, b: $p}") + " | [$p, " + e() + "])"
}

func (g *generator) bind() string { return g.pick("$x", "$y", "$z") }

func (g *generator) variable() string {
	if len(g.vars) == 0 {
		return "."
	}
	return g.vars[g.IntN(len(g.vars))]
}

// generated gives n programs from a seed.
func generated(seed uint64, n int) []string {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
	out := make([]string, n)
	for i := range out {
		out[i] = g.expr(4)
	}
	return out
}

// quick are limits for programs made at random: few values, but all the time that a
// busy machine needs.
var quick = Limits{Outputs: 200}

// collect drains a run of gojq, up to the limit of quick.
func collect(iter gojq.Iter) (values []any, err error) {
	for {
		v, ok := iter.Next()
		if !ok {
			return values, nil
		}
		if err, failed := v.(error); failed {
			return values, err
		}
		if values = append(values, v); len(values) > quick.Outputs {
			return values, nil
		}
	}
}

// shown makes results comparable; JSON would not tell 1 from 1.0.
func shown(v any) string { return fmt.Sprintf("%#v", sortable(v)) }

// sortable has texts in place of big numbers.
func sortable(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = sortable(one)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, one := range v {
			out[k] = sortable(one)
		}
		return out
	case fmt.Stringer:
		return fmt.Sprint(v)
	}
	return v
}

func compiled(t *testing.T, src string) *Program {
	t.Helper()
	p, err := Compile(src)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return p
}
