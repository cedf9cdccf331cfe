package flow

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

func TestCopyWritesAFragment(t *testing.T) {
	f, _ := ReadFile([]byte(orders), "f")
	f.Steps[1].At, f.Steps[2].At = Point{100, 300}, Point{400.4, 250}
	want := `jackfield: 1
fragment: true
steps:
  - id: orders
    uses: csv.read
    with: {cursor: updated_at, path: orders.csv}
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
edges:
  - {from: orders, to: push, when: .total > 0}
layout:
  orders: [0, 50]
  push: [300, 0]
`
	if got := string(Copy(f, []StepID{"push", "orders", "gone"})); got != want {
		t.Errorf("got\n%s", got)
	}
	if f.Steps[1].At != (Point{100, 300}) {
		t.Error("the flow itself has moved")
	}
}

func TestPasteGivesTakenStepsNewIDs(t *testing.T) {
	f := Flow{Name: "Mine", Steps: []Step{{ID: "push", Uses: "a.b"}, {ID: "push_2", Uses: "a.b"}, {ID: "read", Uses: "a.b"}}, Edges: []Edge{{From: "read", To: "push"}}}
	text := `jackfield: 1
fragment: true
steps:
  - id: push
    uses: http.request
    map: '{a: $steps.push.x, b: $steps.other.y, c: "$steps.push", d: "\($steps["push"].z)"} # $steps.push'
    with: {list: [{when: $steps.log}], n: 1}
  - {id: log, uses: core.log}
  - {id: push_2, uses: core.log}
edges:
  - {from: push.failed, to: log, when: $steps.push_2.a > $steps.push.b}
  - push_2 -> log
layout: {push: [10, 0], log: [0, 20]}
`
	got, ids, err := Paste(f, []byte(text), Point{100, 200})
	if err != nil {
		t.Fatal(err)
	}
	want := Flow{
		Name: "Mine", Steps: append(f.Steps[:3:3],
			Step{
				ID: "push_3", Uses: "http.request", With: Values{"list": []any{map[string]any{"when": "$steps.log"}}, "n": 1}, At: Point{110, 200},
				Map: `{a: $steps.push_3.x, b: $steps.other.y, c: "$steps.push", d: "\($steps["push_3"].z)"} # $steps.push`,
			},
			Step{ID: "log", Uses: "core.log", At: Point{100, 220}}, Step{ID: "push_4", Uses: "core.log", At: Point{100, 200}}),
		Edges: []Edge{{From: "read", To: "push"}, {From: "push_3", Outlet: Failed, To: "log", When: "$steps.push_4.a > $steps.push_3.b"}, {From: "push_4", To: "log"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v\nwant %#v", got, want)
	}
	if !reflect.DeepEqual(ids, []StepID{"push_3", "log", "push_4"}) {
		t.Errorf("new are %v", ids)
	}
	if len(f.Steps) != 3 || len(f.Edges) != 1 {
		t.Error("the flow that was given has changed")
	}
}

func TestPasteTakesAWholeFlow(t *testing.T) {
	got, ids, err := Paste(Flow{}, []byte("\n\n"+orders+"\n\n"), Point{1000, 1000})
	want, _ := ReadFile([]byte(orders), "f")
	if err != nil || len(ids) != 4 || len(got.Edges) != len(want.Edges) || got.Name != "" || got.Settings != (Settings{}) {
		t.Fatalf("got %#v, %v, %v", got, ids, err)
	}
	if got.Steps[0].At != (Point{1010, 1025}) || got.Steps[2].At.Y != 1000 {
		t.Errorf("they stand at %v and %v", got.Steps[0].At, got.Steps[2].At)
	}
}

func TestPasteSaysWhyNot(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{name: "nothing", text: "", want: "the text is not a flow"},
		{name: "prose", text: "Dear Ada,\nplease find: enclosed: x\n", want: "the text is not a flow"},
		{name: "a word", text: "push", want: "the text is not a flow"},
		{name: "another file", text: "version: 3\nservices: {}\n", want: `the text cannot be pasted: the text:1:1: a flow has no "version"`},
		{name: "no steps", text: "jackfield: 1\nname: x\n", want: "the text has no steps to paste"},
		{name: "one problem", text: "jackfield: 1\nsteps: [{id: a, use: x.y}]\n", want: `the text:2:17, step "a": a step has no "use"; did you mean "uses"?`},
		{name: "problems", text: "jackfield: 1\nsteps: [{id: a, use: x.y, off: 3}]\n", want: `(and 1 more)`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := Flow{Name: "Mine"}
			got, ids, err := Paste(f, []byte(tt.text), Point{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || ids != nil || !reflect.DeepEqual(got, f) {
				t.Errorf("got %v, %v, %v", got, ids, err)
			}
		})
	}
}

func TestPasteMendsIDs(t *testing.T) {
	long := StepID(strings.Repeat("x", 64))
	f := Flow{Steps: []Step{{ID: "step"}, {ID: long}, {ID: "a_9"}, {ID: "a_0"}}}
	text := "jackfield: 1\nsteps: [{id: Bad Id, uses: x.y}, {uses: x.y}, {id: " + string(long) + ", uses: x.y}, {id: a_9, uses: x.y}, {id: a_9, uses: x.y}, {id: a_0, uses: x.y}]\nedges: [a_9 -> a_0, a_9 -> gone]\n"
	got, ids, err := Paste(f, []byte(text), Point{})
	want := []StepID{"step_2", "step_3", long[:62] + "_2", "a_10", "a_11", "a_0_2"}
	if err != nil || !reflect.DeepEqual(ids, want) || !reflect.DeepEqual(got.Edges, []Edge{{From: "a_10", To: "a_0_2"}}) {
		t.Errorf("got %v, %v, %v", ids, got.Edges, err)
	}
	for _, p := range got.Structure() {
		if p.Code == BadID || p.Code == DuplicateStep {
			t.Errorf("%s", p.Error())
		}
	}
}

func TestWhatIsCopiedIsPastedWhole(t *testing.T) {
	for seed := range uint64(300) {
		f := randomFlow(rand.New(rand.NewPCG(seed, 7)))
		if len(f.Steps) == 0 {
			continue
		}
		var all []StepID
		for _, s := range f.Steps {
			all = append(all, s.ID)
		}
		got, ids, err := Paste(Flow{Name: f.Name, Note: f.Note, Settings: f.Settings}, Copy(f, all), topLeft(f.Steps))
		if err != nil || !reflect.DeepEqual(ids, all) || !sameFlow(got, f) {
			t.Fatalf("got %#v\nwant %#v\nerror %v", got, f, err)
		}
	}
}

func TestReferencesFollowTheirSteps(t *testing.T) {
	ids := map[StepID]StepID{"a": "b", "b": "a", "push": "push_2", "same": "same"}
	tests := []struct{ src, want string }{
		{`.a | $a | $stepsx.a | $step.a`, `.a | $a | $stepsx.a | $step.a`},
		{`$steps.a + $steps.b.a`, `$steps.b + $steps.a.a`},
		{`$steps["a"], $steps[ "b" ].x, $steps."push"`, `$steps["b"], $steps[ "a" ].x, $steps."push_2"`},
		{`$steps .a, $steps. "a"`, `$steps .b, $steps. "b"`},
		{`$steps.ab, $steps.same, $steps.c, $steps["ab"], $steps[a]`, `$steps.ab, $steps.same, $steps.c, $steps["ab"], $steps[a]`},
		{`"$steps.a \($steps.a | "x\($steps.b)") $steps.a"`, `"$steps.a \($steps.b | "x\($steps.a)") $steps.a"`},
		{`"\"$steps.a" + $steps.a`, `"\"$steps.a" + $steps.b`},
		{"# $steps.a\n$steps.a # $steps.b", "# $steps.a\n$steps.b # $steps.b"},
		{`"\( ("x" | (. + $steps.a)) ) $steps.a"`, `"\( ("x" | (. + $steps.b)) ) $steps.a"`},
		{`$steps["a\(1)"], $steps`, `$steps["a\(1)"], $steps`},
		{`"open $steps.a`, `"open $steps.a`},
		{`$steps.`, `$steps.`},
		{`$steps["a`, `$steps["a`},
		{`"\`, `"\`},
	}
	for _, tt := range tests {
		if got := renameInJQ(tt.src, ids); got != tt.want {
			t.Errorf("%s\nbecame %s\nwant   %s", tt.src, got, tt.want)
		}
	}
}
