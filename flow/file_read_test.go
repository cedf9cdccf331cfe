package flow

import (
	"bytes"
	"fmt"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

const orders = `# Orders go to the CRM every night.
jackfield: 1
name: Orders to CRM
steps:
  - id: nightly
    uses: core.schedule
    with: {cron: "30 2 * * *", timezone: Europe/Vienna, missed: last}
  - id: orders
    uses: csv.read
    with: {path: orders.csv, cursor: updated_at}
  - id: push
    title: Push it
    uses: http.request
    connection: crm
    with: {method: POST, path: /contacts}
    map: |
      {body: {name: .customer, email: (.email | ascii_downcase)}}
    retry: {tries: 5, first: 1s, most: 1m}
    on_error: stop
    timeout: 1m30s
    off: true
  - {id: rejects, uses: csv.write, on_error: continue}
edges:
  - nightly -> orders -> rejects
  - {from: orders, to: push, when: .total > 0}
  - push.failed -> rejects
  - {from: push.done, to: rejects}
  - {from: orders, outlet: failed, to: rejects}
settings: {timeout: 2h, keep: 50, quota: 1.5GB}
layout:
  nightly: [10, 20]
  push: [30.4, -5]
`

func TestReadFileReadsAFlow(t *testing.T) {
	want := Flow{
		Name: "Orders to CRM",
		Steps: []Step{
			{ID: "nightly", Uses: "core.schedule", With: Values{"cron": "30 2 * * *", "timezone": "Europe/Vienna", "missed": "last"}, At: Point{10, 20}},
			{ID: "orders", Uses: "csv.read", With: Values{"path": "orders.csv", "cursor": "updated_at"}},
			{
				ID: "push", Title: "Push it", Uses: "http.request", Connection: "crm", With: Values{"method": "POST", "path": "/contacts"},
				Map:   "{body: {name: .customer, email: (.email | ascii_downcase)}}\n",
				Retry: Retry{Tries: 5, First: time.Second, Most: time.Minute}, OnError: StopRun, Timeout: 90 * time.Second, Off: true, At: Point{30.4, -5},
			},
			{ID: "rejects", Uses: "csv.write"},
		},
		Edges: []Edge{
			{From: "nightly", To: "orders"},
			{From: "orders", To: "rejects"},
			{From: "orders", To: "push", When: ".total > 0"},
			{From: "push", Outlet: Failed, To: "rejects"},
			{From: "push", To: "rejects"},
			{From: "orders", Outlet: Failed, To: "rejects"},
		},
		Settings: Settings{Timeout: 2 * time.Hour, Keep: 50, Quota: 3 << 29},
	}
	for name, data := range map[string]string{"as it is": orders, "from Windows": "\ufeff" + strings.ReplaceAll(orders, "\n", "\r\n")} {
		got, problems := ReadFile([]byte(data), "orders.flow.yaml")
		wantProblems(t, problems, nil)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v", name, got)
		}
	}
}

func TestReadFileTakesJSON(t *testing.T) {
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	data := "\t{\"jackfield\":\t1,\n\t\"name\": \"\\ud83d\\ude00 \\/ \\u00fc\",\r\n\t\"steps\": [\n\t\t{\"id\": \"a\", \"uses\": \"x.y\", \"with\": {\"n\": 1.0, \"deep\": " + deep +
		", \"big\": 12345678901234567890, \"no\": \"yes\", \"null\": null}, \"map\": \".a\\n| .b\"},\n\t\t{\"id\": \"b\", \"uses\": \"x.y\"}],\n\t\"edges\": [\"a -> b\", {\"from\": \"a\", \"outlet\": \"failed\", \"to\": \"b\"}]\n}\n"
	f, problems := ReadFile([]byte(data), "x.json")
	wantProblems(t, problems, nil)
	huge, _ := new(big.Int).SetString("12345678901234567890", 10)
	with := f.Steps[0].With
	delete(with, "deep")
	if f.Name != "😀 / ü" || f.Steps[0].Map != ".a\n| .b" || len(f.Edges) != 2 || !reflect.DeepEqual(with, Values{"n": 1.0, "big": huge, "no": "yes", "null": nil}) {
		t.Errorf("got %#v", f)
	}
}

func TestSettingsOfAStepKeepTheirKinds(t *testing.T) {
	huge, _ := new(big.Int).SetString("-98765432109876543210", 10)
	tests := []struct {
		yaml string
		want any
	}{
		{"5", 5},
		{"+5", 5},
		{"-0", 0},
		{"9223372036854775807", 9223372036854775807},
		{"-98765432109876543210", huge},
		{"0x1F", 31},
		{"0o17", 15},
		{"1.0", 1.0},
		{".5", 0.5},
		{"1e3", 1000.0},
		{"1E+21", 1e21},
		{"1.", 1.0},
		{"true", true},
		{"FALSE", false},
		{"", nil},
		{"~", nil},
		{"null", nil},
		{"yes", "yes"},
		{"No", "No"},
		{"on", "on"},
		{"off", "off"},
		{"y", "y"},
		{"2020-01-01", "2020-01-01"},
		{"2020-01-01T10:00:00Z", "2020-01-01T10:00:00Z"},
		{"2020-01-01 10:00:00", "2020-01-01 10:00:00"},
		{"!!timestamp 2020-01-01", "2020-01-01"},
		{"1_000", "1_000"},
		{"12:30", "12:30"},
		{"1.2.3", "1.2.3"},
		{"0b1", "0b1"},
		{"0x", "0x"},
		{"+", "+"},
		{`"5"`, "5"},
		{`'true'`, "true"},
		{`!!str 5`, "5"},
		{`!!int "5"`, 5},
		{`"a\tb\u00fc"`, "a\tbü"},
		{"[1, [a, {b: c}], {}]", []any{1, []any{"a", map[string]any{"b": "c"}}, map[string]any{}}},
		{"{1: a, true: b, ~: c, 2020-01-01: d, \"<<\": e}", map[string]any{"1": "a", "true": "b", "~": "c", "2020-01-01": "d", "<<": "e"}},
		{"[&x {a: 1}, *x]", []any{map[string]any{"a": 1}, map[string]any{"a": 1}}},
		{"|\n      two\n       lines\n", "two\n lines\n"},
		{">-\n      folded\n      text\n", "folded text"},
	}
	for _, tt := range tests {
		t.Run(tt.yaml, func(t *testing.T) {
			f, problems := ReadFile([]byte("jackfield: 1\nname: x\nsteps:\n  - id: a\n    uses: x.y\n    with:\n     v: "+tt.yaml+"\n"), "x")
			wantProblems(t, problems, nil)
			if got := f.Steps[0].With["v"]; !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %#v, want %#v", got, tt.want)
			}
		})
	}
}

func TestReadFileTellsWhereWhatAndWhatToDo(t *testing.T) {
	step := func(lines string) string {
		return "jackfield: 1\nname: x\nsteps:\n  - id: a\n    uses: x.y\n" + lines
	}
	edges := func(lines string) string {
		return "jackfield: 1\nname: x\nsteps: [{id: a, uses: x.y}, {id: bee, uses: x.y}]\nedges:\n" + lines
	}
	tests := []struct {
		name, file string
		want       []string
	}{
		{name: "nothing", file: "", want: []string{`f:1:1: the file is empty; a flow file begins with "jackfield: 1"`}},
		{name: "only a comment", file: "# hello\n", want: []string{"f:1:1: the file is empty"}},
		{name: "only a mark", file: "\ufeff", want: []string{"f:1:1: the file is empty"}},
		{name: "only dashes", file: "---\n", want: []string{"f:1:1: the file is empty"}},
		{name: "UTF-16", file: "\xff\xfej\x00", want: []string{"f:1:1: the file is written in UTF-16; save it as UTF-8"}},
		{name: "not UTF-8", file: "jackfield: 1\nname: M\xfcnchen\n", want: []string{"f:2:8: the byte 0xfc is not UTF-8; save the file as UTF-8"}},
		{name: "control character", file: "jackfield: 1\nname: ä\x1b[0m\n", want: []string{"f:2:8: there is the control character 0x1b"}},
		{name: "a list", file: "- a\n", want: []string{`f:1:1: this is not a flow, but a list`}},
		{name: "a text", file: "hello\n", want: []string{`this is not a flow, but "hello"`}},
		{name: "two documents", file: "jackfield: 1\n---\njackfield: 1\n", want: []string{"f:2:1: a second document begins here; keep one flow in a file"}},
		{name: "no version", file: "name: x\n", want: []string{`f:1:1: the file does not say which version it is written for; begin it with "jackfield: 1"`}},
		{name: "newer version", file: "jackfield: 2\nname: x\n", want: []string{`f:1:12: the file is written for version 2, and this program knows version 1; open it with a newer Jackfield`}},
		{name: "strange version", file: "jackfield: one\nname: x\n", want: []string{`f:1:12: the version is "one"; write "jackfield: 1"`}},

		{name: "quota without a unit", file: "jackfield: 1\nsettings: {quota: 500}\n", want: []string{"f:2:19: the quota has no unit; write 500MB, if megabytes are meant"}},
		{name: "quota", file: "jackfield: 1\nsettings: {quota: much}\n", want: []string{`f:2:19: the quota is a size, and this is "much"; write it like 500MB or 10GB`}},
		{name: "tab", file: "jackfield: 1\nsettings:\n\tkeep: 1\n", want: []string{"f:3:1: a tab stands where spaces should; indent with spaces"}},
		{name: "colon in a text", file: "jackfield: 1\nname: Orders: the flow\n", want: []string{`f:2:1: there is a ": " where none can be; put the text in quotes`}},
		{name: "jq without quotes", file: step("    map: @text\n"), want: []string{`a value begins with a character that has a meaning of its own here; put the value in quotes`}},
		{name: "quote not closed", file: "jackfield: 1\nname: \"x\nsteps: []\n", want: []string{"a quote or a bracket is not closed"}},
		{name: "bracket not closed", file: "jackfield: 1\nsteps: [\n", want: []string{"a quote or a bracket is not closed"}},
		{name: "indentation", file: "jackfield: 1\nsettings:\n    keep: 1\n  timeout: 1s\n", want: []string{"f:4:3: the indentation does not fit what stands before it; begin the names of one level in the same column"}},
		{
			name: "indentation inside a step", file: "jackfield: 1\nname: x\nsteps:\n  - id: a\n    uses: core.map\n   map: .x\n  - id: b\n    uses: core.map\n",
			want: []string{"f:6:4: the indentation does not fit"},
		},
		{name: "unknown anchor", file: "jackfield: 1\nname: ä *x\nnote: *x\n", want: []string{`f:2:9: there is no anchor "x" that *x could stand for`}},
		{name: "bad escape", file: "jackfield: 1\nname: \"C:\\temp\\q\"\n", want: []string{`there is a "\" in double quotes that begins no escape`}},
		{name: "broken JSON", file: "{\"jackfield\": 1,\n \"name\": }", want: []string{`f:2:10: the file is not JSON: "}", where a value should be`}},

		{name: "unknown key", file: "jackfield: 1\nname: x\nstep: []\nversion: 3\n", want: []string{`f:3:1: a flow has no "step"; did you mean "steps"?`, `f:4:1: a flow has no "version"; it may have jackfield, name, note, steps, edges, settings, layout`}},
		{name: "key twice", file: "jackfield: 1\nname: x\nname: y\n", want: []string{`f:3:1: "name" is there twice, first in line 2; remove one of them`}},
		{name: "merge", file: step("    with: {<<: {b: 1}}\n"), want: []string{`f:6:12, step "a": "<<" does not merge here`}},
		{name: "list as a name", file: step("    with: {[b]: 1}\n"), want: []string{`step "a": a name is a text, and this is a list`}},
		{name: "wrong types", file: "jackfield: 1\nname: [x]\nnote: {}\nsteps: {a: 1}\nedges: a -> b\nsettings: 5\nlayout: []\n", want: []string{
			`f:2:7: the name is a text, and this is a list`, `f:3:7: the note is a text, and this is names with values`, `f:4:8: steps is written as a list, and this is names with values`,
			`f:5:8: edges is written as a list, and this is "a -> b"`, `f:6:11: settings is written as names with values, and this is the number 5`, `f:7:9: the layout is written as names with values, and this is a list`,
		}},
		{name: "wrong types in a step", file: step("    title: [x]\n    with: 5\n    map: [x]\n    retry: 3\n    on_error: ignore\n    timeout: 30\n    off: yes\n"), want: []string{
			`f:6:12, step "a": the title is a text`, `f:7:11, step "a": with is written as names with values, and this is the number 5`, `f:8:10, step "a": the mapping is a text`,
			`retry is written as names with values, and this is the number 3`, `f:10:15, step "a": on_error is stop or continue, and this is "ignore"; write stop or continue`,
			`f:11:14, step "a": the timeout has no unit; write 30s, if seconds are meant`, `off is true or false, and this is "yes"; write true or false`,
		}},
		{name: "wrong types in retry", file: step("    retry: {tries: -1, first: soon, most: [], more: 1}\n"), want: []string{
			`tries is a whole number from 0 up, and this is the number -1`, `the first pause is a length of time, and this is "soon"; write it like 30s, 5m or 1h30m`, `the longest pause is a length of time, and this is a list`, `retry has no "more"; did you mean "most"?`,
		}},
		{name: "wrong types of limits", file: step("    retry: {only: {a: 1}}\n    rate: fast\n    parallel: many\n    order: []\n") + "settings: {unresolved: later, retries: all, concurrency: -2, on_failure: []}\n", want: []string{
			`a kind of failure is a text, and this is names with values`, `f:7:11, step "a": the rate is "fast"; write it like 10/s, 600/m or 5/10s`, `parallel is a whole number from 0 up, and this is "many"`,
			`the order is a text, and this is a list`, `unresolved is resume or leave, and this is "later"; write resume or leave`, `retries is a whole number from 0 up, and this is "all"`,
			`concurrency is a whole number from 0 up`, `on_failure is a text, and this is a list`,
		}},
		{name: "wrong rule for what is uncertain", file: step("    uncertain: never\n"), want: []string{`f:6:16, step "a": uncertain is ask, again or skip, and this is "never"; write ask, again or skip`}},
		{name: "negative time", file: step("    timeout: -5s\n"), want: []string{`the timeout is a length of time, and this is "-5s"`}},
		{name: "unknown key in a step", file: step("    whit: {}\n"), want: []string{`f:6:5, step "a": a step has no "whit"; did you mean "with"?`}},
		{name: "number with zeros", file: step("    with: {zip: 01067}\n"), want: []string{`f:6:17, step "a", field "zip": 01067 is read as the number 1067; put it in quotes`}},
		{name: "number without end", file: step("    with: {list: [1, " + strings.Repeat("7", 100_001) + "]}\n"), want: []string{`field "list[1]": this whole number has more than 100000 digits`}},
		{name: "strange tags", file: step("    with: {a: !!binary aGk=, b: !thing x}\n"), want: []string{`field "a": the tag !!binary means nothing here`, `field "b": the tag !thing means nothing here`}},

		{name: "no id", file: "jackfield: 1\nname: x\nsteps:\n  - uses: x.y\nedges: [b -> b2]\n", want: []string{`f:4:5, field "steps[0].id": the step at place 1 has no id`}},
		{name: "bad id", file: "jackfield: 1\nname: x\nsteps: [{id: Push It, uses: x.y}]\n", want: []string{`f:3:14, step "Push It", field "id": "Push It" cannot be the id of a step; an id has a-z`}},
		{name: "id is a list", file: "jackfield: 1\nname: x\nsteps: [{id: [a], uses: x.y}]\n", want: []string{`f:3:14: the id is a text, and this is a list`}},
		{name: "no operation", file: "jackfield: 1\nname: x\nsteps: [{id: a}]\n", want: []string{`f:3:14, step "a", field "uses": the step does not say what it does`}},
		{name: "operation is a list", file: "jackfield: 1\nname: x\nsteps: [{id: a, uses: [x]}]\n", want: []string{`f:3:23, step "a": uses is a text, and this is a list`}},
		{name: "ids twice", file: "jackfield: 1\nname: x\nsteps:\n  - {id: a, uses: x.y}\n  - {id: b, uses: x.y}\n  - {id: a, uses: x.y}\n  - {id: a, uses: x.y}\n", want: []string{
			`f:6:10, step "a", field "id": there is a step "a" already`, `f:7:10, step "a", field "id": there is`,
		}},
		{name: "step is a text", file: "jackfield: 1\nname: x\nsteps: [a]\nedges: [a -> b]\n", want: []string{`f:3:9: a step is written as names with values, and this is "a"`}},

		{name: "edges that cannot be read", file: edges("  - a bee\n  - a ->\n  - -> bee\n  - a -> bee.failed\n  - a. -> bee\n  - []\n  -\n  - 5\n"), want: []string{
			`f:5:5: the edge "a bee" has no arrow; write it like "a -> b", "a.failed -> b" or {from: a, to: b, when: .total > 0}`, `f:6:5: the edge "a ->" lacks a step beside an arrow`,
			`f:7:5: the edge "-> bee" lacks a step`, `f:8:5: the edge "a -> bee.failed" ends in an outlet; it ends in a step`, `f:9:5: the edge "a. -> bee" lacks an outlet behind the dot`,
			`f:10:5: an edge is a text or names with values, and this is a list`, `this is nothing`, `the edge "5" has no arrow`,
		}},
		{name: "long edges that cannot be read", file: edges("  - {from: a}\n  - {to: bee}\n  - {from: a.x, outlet: y, to: bee}\n  - {form: a, to: bee}\n"), want: []string{
			`f:5:5: the edge has no "to"`, `f:6:5: the edge has no "from"`, `f:7:5: the edge leaves by "x" and by "y"; name the outlet once`, `f:8:5: the edge has no "from"`, `f:8:6: an edge has no "form"; did you mean "from"?`,
		}},
		{name: "edge to nowhere", file: edges("  - a -> bea\n"), want: []string{`f:5:5, edge "a -> bea": there is no step "bea"; did you mean "bee"?`}},
		{name: "edge twice", file: edges("  - a -> bee\n  - a.failed -> bee\n  - {from: a, to: bee, when: .x}\n"), want: []string{`f:7:5, edge "a -> bee": the same edge is there twice`}},
		{name: "loop", file: edges("  - a -> bee\n  - bee -> a\n"), want: []string{`f:3:14, step "a": records would go round: a → bee → a`}},
		{name: "places", file: "jackfield: 1\nname: x\nlayout:\n  a: [1]\n  b: [x, 2]\n  c: 5\n  d: [1e9, 0]\n  e: [1, 2, 3]\n", want: []string{
			`f:4:6, step "a": a place is two numbers, and this is a list; write it like [120, 80]`, `f:5:6, step "b"`, `f:6:6, step "c"`, `f:7:6, step "d"`, `f:8:6, step "e"`,
		}},
		{name: "piece of a flow", file: "jackfield: 1\nfragment: true\nname: x\n", want: []string{`f:2:1: a flow has no "fragment"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := ReadFile([]byte(tt.file), "f")
			wantProblems(t, problems, tt.want)
		})
	}
}

func TestWhatCanBeReadOfABrokenFileIsGiven(t *testing.T) {
	f, problems := ReadFile([]byte("name: Half\nsteps:\n  - {id: a, uses: x.y, with: {n: 1, m: !x 2}, titel: A}\n  - nonsense\n  - {id: b, uses: x.z, timeout: soon}\nedges: [a -> b, b]\n"), "f")
	want := Flow{Name: "Half", Steps: []Step{{ID: "a", Uses: "x.y", With: Values{"n": 1, "m": "2"}}, {ID: "b", Uses: "x.z"}}, Edges: []Edge{{From: "a", To: "b"}}}
	if !reflect.DeepEqual(f, want) || len(problems) != 6 {
		t.Errorf("got %#v and %d problems", f, len(problems))
	}
}

func TestAliasesCannotBlowUp(t *testing.T) {
	var b strings.Builder
	b.WriteString("jackfield: 1\nname: x\nsteps:\n  - id: a\n    uses: x.y\n    with:\n      l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 20; i++ {
		fmt.Fprintf(&b, "      l%d: &l%d [*l%d, *l%d, *l%d, *l%d, *l%d, *l%d, *l%d, *l%d]\n", i, i, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1)
	}
	_, problems := ReadFile([]byte(b.String()), "f")
	wantProblems(t, problems, []string{"the values are too many or nested too deep; an alias may repeat itself"})
	_, problems = ReadFile([]byte("jackfield: 1\nname: x\nsteps:\n  - id: a\n    uses: x.y\n    with:\n      round: &r [*r]\n"), "f")
	wantProblems(t, problems, []string{`field "round[0][0][0][0][0][0][0]…": the values are too many`})
}

func TestAFileCutOffOrMixedUpIsSurvived(t *testing.T) {
	for i := range len(orders) {
		checkRubbish(t, []byte(orders[:i]))
	}
	rnd := rand.New(rand.NewPCG(1, 1))
	pieces := []string{"\n", "  ", "- ", ": ", "{", "}", "[", "]", "\"", "'", "|", "#", "&a", "*a", "!!int ", "? ", "->", ".", ",", "\t", "~", "<<", "0"}
	for range 3000 {
		data := []byte(orders)
		for range 1 + rnd.IntN(4) {
			from := rnd.IntN(len(data))
			to := min(from+rnd.IntN(12), len(data))
			data = slices.Replace(data, from, to, []byte(pick(rnd, pieces...))...)
		}
		checkRubbish(t, data)
	}
}

func FuzzReadFileNeverPanics(f *testing.F) {
	f.Add([]byte(orders))
	f.Add([]byte("{\"jackfield\": 1, \"steps\": [{\"id\": \"a\"}]}"))
	f.Add([]byte("jackfield: 1\nsteps: &s [{id: a, with: *s}]\nedges: *s\n? [a]\n: b\n"))
	f.Add([]byte("%YAML 1.1\n---\njackfield: !!int 1\nname: !<x> y\n...\n"))
	f.Add(WriteFile(Flow{Name: "a", Steps: []Step{{ID: "a", Map: "a\nb", With: Values{"x": "\x00"}}}}))
	f.Fuzz(checkRubbish)
}

// checkRubbish wants problems that can be shown, and of a file without one a flow
// whose file does not change any more.
func checkRubbish(t *testing.T, data []byte) {
	t.Helper()
	got, problems := ReadFile(data, "f")
	sound := true
	for _, p := range problems {
		sound = sound && p.Warning
		if p.Line < 1 || p.Column < 1 || p.What == "" || p.Code == "" || p.File != "f" {
			t.Fatalf("%q: problem %#v", data, p)
		}
	}
	Locate(data, got.Structure(), "f")
	if !sound {
		return
	}
	first := WriteFile(got)
	again, problems := ReadFile(first, "f")
	if len(problems) > 0 {
		t.Fatalf("%q became\n%s\n%v", data, first, problems)
	}
	if second := WriteFile(again); !bytes.Equal(second, first) {
		t.Fatalf("%q became\n%s\nand then\n%s", data, first, second)
	}
}

func BenchmarkReadFile(b *testing.B) {
	for b.Loop() {
		ReadFile([]byte(orders), "f")
	}
}

func TestOneKindOfFailureNeedsNoBrackets(t *testing.T) {
	f, problems := ReadFile([]byte("jackfield: 1\nname: x\nsteps:\n  - {id: a, uses: x.y, retry: {only: busy}}\n  - {id: b, uses: x.y, retry: {only: [busy, timed-out]}}\n"), "f")
	wantProblems(t, problems, nil)
	if !reflect.DeepEqual(f.Steps[0].Retry.Only, []Code{"busy"}) || !reflect.DeepEqual(f.Steps[1].Retry.Only, []Code{"busy", "timed-out"}) {
		t.Errorf("got %v and %v", f.Steps[0].Retry, f.Steps[1].Retry)
	}
}
