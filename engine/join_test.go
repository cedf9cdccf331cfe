package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

// branches is a flow whose records take two ways, which meet again.
func branches(join string) string {
	return `
jackfield: 1
name: Branches
steps:
  - {id: start, uses: test.start, with: {items: [{k: 1}, {k: 2}, {k: 3}]}}
  - {id: price, uses: test.map, map: "{k, price: (.k * 10)}"}
  - {id: stock, uses: test.map, map: "{k, stock: (.k + 100)}"}
  - {id: meet, uses: test.join, with: ` + join + `}
  - {id: then, uses: test.map, map: "{v: ., start: $steps.start, price: $steps.price.price}"}
edges: [start -> price, start -> stock, price -> meet, stock -> meet, meet -> then]
`
}

func TestJoinOfAllGivesAListForEachWay(t *testing.T) {
	h := open(t)
	h.Add("f", branches("{as: lists}"))
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunDone)
	equal(t, "given", h.Data(r.ID, "meet", flow.Done), []any{map[string]any{
		"price": []any{obj("k", 1, "price", 10), obj("k", 2, "price", 20), obj("k", 3, "price", 30)},
		"stock": []any{obj("k", 1, "stock", 101), obj("k", 2, "stock", 102), obj("k", 3, "stock", 103)},
	}})
}

func TestJoinOfAllTellsOfAWayThatGaveNothing(t *testing.T) {
	h := open(t)
	h.Add("f", strings.ReplaceAll(branches("{as: lists}"), `map: "{k, stock: (.k + 100)}"`, `map: "empty"`))
	r := h.Run(engine.Start{Flow: "f"})
	data := h.Data(r.ID, "meet", flow.Done)
	equal(t, "given", len(data), 1)
	equal(t, "stock", data[0].(map[string]any)["stock"], []any{})
}

func TestJoinOfNothingGivesNothing(t *testing.T) {
	for _, as := range []string{"lists", "stream", "pairs", "any", "keyed"} {
		h := open(t)
		h.Add("f", strings.ReplaceAll(branches("{as: "+as+", key: .k}"), "[{k: 1}, {k: 2}, {k: 3}]", "[]"))
		r := h.Run(engine.Start{Flow: "f"})
		equal(t, as, h.Counts(r.ID), "[]")
	}
}

func TestJoinStreamsBranchAfterBranch(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Stream
steps:
  - {id: start, uses: test.start}
  - {id: slow, uses: test.pages, with: {pages: 9, size: 2}}
  - {id: fast, uses: test.map, map: "{fast: range(3)}"}
  - {id: meet, uses: test.join, with: {as: stream}}
  - {id: then, uses: test.map}
edges: [start -> slow, start -> fast, slow -> meet, fast -> meet, meet -> then]
`)
	r := h.Run(engine.Start{Flow: "f"})
	var got []string
	for _, v := range h.Data(r.ID, "then", flow.Done) {
		m := v.(map[string]any)
		if m["fast"] != nil {
			got = append(got, fmt.Sprintf("f%v", m["fast"]))
		} else {
			got = append(got, fmt.Sprint(m["n"]))
		}
	}
	equal(t, "order", strings.Join(got, " "), "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 f0 f1 f2")
}

func TestJoinOfAnyLetsOnlyTheFirstGoOn(t *testing.T) {
	h := open(t)
	h.Add("f", branches("{as: any}"))
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "first", len(h.Data(r.ID, "meet", flow.Done)), 1)
	equal(t, "late", len(h.Data(r.ID, "meet", "late")), 5)
	h.Add("g", branches("{as: any, key: .k}"))
	r = h.Run(engine.Start{Flow: "g"})
	first := map[any]int{}
	for _, v := range h.Data(r.ID, "meet", flow.Done) {
		first[v.(map[string]any)["k"]]++
	}
	equal(t, "first of each key", first, map[any]int{1: 1, 2: 1, 3: 1})
	equal(t, "late", len(h.Data(r.ID, "meet", "late")), 3)
}

func TestKeyedJoinPutsPartnersTogether(t *testing.T) {
	h := open(t)
	h.Add("f", branches("{as: keyed, key: .k}"))
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "counts", h.Counts(r.ID), "[meet.done=3 price.done=3 start.done=3 stock.done=3 then.done=3]")
	for _, v := range h.Data(r.ID, "then", flow.Done) {
		m := v.(map[string]any)
		k := m["start"].(map[string]any)["k"].(int)
		equal(t, "joined", m["v"], any(obj("key", k, "price", obj("k", k, "price", k*10), "stock", obj("k", k, "stock", k+100))))
		equal(t, "looked back", m["price"], any(k*10))
	}
}

func TestKeyedJoinGivesWhatHasNoPartner(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Partners
steps:
  - {id: start, uses: test.start}
  - {id: a, uses: test.pages, with: {pages: 8, size: 3, of: a}}
  - {id: b, uses: test.pages, with: {pages: 5, size: 2, of: b}}
  - {id: meet, uses: test.join, with: {as: keyed, key: "if .of == \"b\" then .n * 2 elif .n == 1 then null else .n end"}}
  - {id: lonely, uses: test.map, map: "{n, of, from: $steps.a.n}"}
edges: [start -> a, start -> b, a -> meet, b -> meet, meet.unmatched -> lonely]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunDone)
	equal(t, "pairs", len(h.Data(r.ID, "meet", flow.Done)), 10)
	for _, v := range h.Data(r.ID, "lonely", flow.Done) {
		m := v.(map[string]any)
		equal(t, "of", m["of"], any("a"))
		equal(t, "looked back", m["from"], m["n"])
	}
	equal(t, "without a partner", len(h.Data(r.ID, "lonely", flow.Done)), 14)
}

func TestJoinTakesUpARecordThatItHadFailed(t *testing.T) {
	for _, as := range []string{"lists", "stream", "pairs", "any", "keyed"} {
		t.Run(as, func(t *testing.T) {
			h := open(t)
			broken := branches("{as: " + as + ", key: 'if .stock == 102 then error(\"no\") else .k end'}")
			h.Add("f", broken)
			r := h.Run(engine.Start{Flow: "f"})
			equal(t, "state", r.State, flow.RunPartial)
			equal(t, "failed", len(h.Data(r.ID, "meet", flow.Failed)), 1)
			h.Add("f", branches("{as: "+as+", key: .k}"))
			r = h.Resume(r.ID)
			equal(t, "state", r.State, flow.RunDone)
			want := map[string]string{
				"lists": "[meet.done=2", "stream": "[meet.done=6", "any": "[meet.done=3 meet.late=3", "keyed": "[meet.done=2 meet.unmatched=2", "pairs": "[meet.done=2 meet.unmatched=2",
			}
			if got := h.Counts(r.ID); !strings.HasPrefix(got, want[as]+" ") {
				t.Errorf("counts %s, want %s", got, want[as])
			}
		})
	}
}

func TestJoinsAreChecked(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"one way", strings.ReplaceAll(branches("{as: lists}"), "stock -> meet, ", ""), `step "meet": only records from "price" come to this join; draw an edge to it from another step, or remove it`},
		{"no way", strings.ReplaceAll(branches("{as: any}"), "price -> meet, stock -> meet, ", ""), `step "meet": no edge leads to this join; draw edges to it from two steps or more`},
		{"no key", branches("{as: keyed}"), `step "meet", field "key": nothing says which records belong together; set the key to what they have in common, for example .order`},
		{"a step called key", strings.ReplaceAll(branches("{as: keyed, key: .k}"), "price", "key"), `step "meet": what comes from the step "key" would stand under the same name as the key; give that step another id`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := engine.NewPlan(enginetest.Parse(t, tt.text), enginetest.NewWorld().Ops(), engine.PlanOptions{})
			for _, p := range problems {
				if p.Error() == tt.want {
					return
				}
			}
			t.Errorf("problems %v\nwant %s", problems, tt.want)
		})
	}
}

func obj(pairs ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}

func TestJoinOfAWayTwice(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Twice
steps:
  - {id: start, uses: test.start, with: {items: [1, 2, 3, 4]}}
  - {id: even, uses: test.test, with: {when: ". % 2 == 0"}}
  - {id: meet, uses: test.join}
edges: [start -> even, even.true -> meet, even.false -> meet]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "given", h.Data(r.ID, "meet", flow.Done), []any{map[string]any{"even.true": []any{2, 4}, "even.false": []any{1, 3}}})
}
