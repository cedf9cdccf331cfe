package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"jackfield/engine"
	"jackfield/flow"
)

func TestJoinOfPairsJoinsAsTablesAreJoined(t *testing.T) {
	for _, tt := range []struct {
		name, left, right string // lists of [key, name]
		done, unmatched   string
	}{
		{"one to one", `[1,"a"],[2,"b"]`, `[2,"y"],[1,"x"]`, "1ax 2by", ""},
		{"one to many", `[1,"a"]`, `[1,"x"],[1,"y"]`, "1ax 1ay", ""},
		{"many to one", `[1,"a"],[1,"b"]`, `[1,"x"]`, "1ax 1bx", ""},
		{"many to many", `[1,"a"],[1,"b"]`, `[1,"x"],[1,"y"]`, "1ax 1bx 1ay 1by", ""},
		{"some without partners", `[1,"a"],[2,"b"]`, `[2,"x"],[3,"y"]`, "2bx", "a y"},
		{"numbers that are the same", `[1,"a"]`, `[1.0,"x"]`, "1ax", ""},
		{"no key is no partner", `[null,"a"],[null,"b"]`, `[null,"x"],[1,"y"]`, "", "a b x y"},
		{"keys of every kind", `["k","a"],[[1],"b"],[{"c":1},"c"]`, `[{"c":1},"x"],["k","y"],[[2],"z"]`, `"k"ay {"c":1}cx`, "b z"},
		{"nothing on one side", `[1,"a"]`, ``, "", "a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t)
			h.Add("f", fmt.Sprintf(`
jackfield: 1
name: Pairs
steps:
  - {id: start, uses: test.start}
  - {id: left, uses: test.map, map: '[%s][] | {k: .[0], name: .[1]}'}
  - {id: right, uses: test.map, map: '[%s][] | {k: .[0], name: .[1]}'}
  - {id: both, uses: test.join, with: {as: pairs, key: .k}}
  - {id: tell, uses: test.map, map: '"\(.key | tojson)\(.left.name)\(.right.name)"'}
edges: [start -> left -> both, start -> right -> both, both -> tell]
`, tt.left, tt.right))
			r := h.Run(engine.Start{Flow: "f"})
			equal(t, "state", r.State, flow.RunDone)
			var done, unmatched []string
			for _, v := range h.Data(r.ID, "tell", flow.Done) {
				done = append(done, v.(string))
			}
			for _, v := range h.Data(r.ID, "both", "unmatched") {
				unmatched = append(unmatched, v.(map[string]any)["name"].(string))
			}
			slices.Sort(unmatched)
			equal(t, "joined", strings.Join(done, " "), tt.done)
			equal(t, "without partners", strings.Join(unmatched, " "), tt.unmatched)
			for _, rec := range h.Records(r.ID, "both", flow.Done) {
				equal(t, "parents", len(rec.Parents), 2)
			}
		})
	}
}

func TestJoinOfPairsOfThreeWaysAndManyRecords(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Three
steps:
  - {id: start, uses: test.start}
  - {id: a, uses: test.map, map: "range(3000) | {k: ., a: .}"}
  - {id: b, uses: test.map, map: "range(3000) | {k: (2999 - .), b: .}"}
  - {id: c, uses: test.map, map: "range(1000) | {k: (. * 2), c: .}"}
  - {id: all, uses: test.join, with: {as: pairs, key: .k}}
edges: [start -> a -> all, start -> b -> all, start -> c -> all]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "counts", h.Counts(r.ID), "[a.done=3000 all.done=1000 all.unmatched=4000 b.done=3000 c.done=1000 start.done=1]")
	data := h.Data(r.ID, "all", flow.Done)
	equal(t, "one of them", data[77], any(map[string]any{
		"key": 154, "a": obj("k", 154, "a", 154), "b": obj("k", 154, "b", 2845), "c": obj("k", 154, "c", 77),
	}))
	ids := map[flow.RecordID]bool{}
	for _, rec := range h.Records(r.ID, "all", flow.Done) {
		ids[rec.ID] = true
	}
	equal(t, "ids", len(ids), 1000)
}
