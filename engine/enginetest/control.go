package enginetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"jackfield/engine"
	"jackfield/flow"
	"jackfield/flow/value"
)

// construct is a flow that steers its records, and what comes of it.
type construct struct {
	name, text string
	state      flow.RunState
	given      map[flow.StepID][]any // what leaves these steps by done, in any order
	counts     string
}

var constructs = []construct{{
	name: "join of all", text: meeting("{as: lists}"), state: flow.RunDone,
	counts: "[a.done=6 b.done=4 join.done=1 start.done=1]",
}, {
	name: "join as a stream", text: meeting("{as: stream}"), state: flow.RunDone,
	counts: "[a.done=6 b.done=4 join.done=10 start.done=1]",
}, {
	name: "join of any", text: meeting("{as: any, key: .n}"), state: flow.RunDone,
	counts: "[a.done=6 b.done=4 join.done=6 join.late=4 start.done=1]",
}, {
	name: "join by a key", text: meeting("{as: keyed, key: .n}"), state: flow.RunDone,
	counts: "[a.done=6 b.done=4 join.done=4 join.unmatched=2 start.done=1]",
	given: map[flow.StepID][]any{"join": {
		map[string]any{"key": 0, "a": pageOf("a", 0, 0), "b": pageOf("b", 0, 0)},
		map[string]any{"key": 1, "a": pageOf("a", 0, 1), "b": pageOf("b", 0, 1)},
		map[string]any{"key": 2, "a": pageOf("a", 1, 2), "b": pageOf("b", 1, 2)},
		map[string]any{"key": 3, "a": pageOf("a", 1, 3), "b": pageOf("b", 1, 3)},
	}},
}, {
	name: "a wait", state: flow.RunPartial, counts: "[hold.done=6 read.done=6 send.done=5 send.failed=1 start.done=1]",
	text: `
jackfield: 1
name: Wait
steps:
  - {id: start, uses: test.start}
  - {id: read, uses: test.pages, with: {pages: 2, size: 3, of: a}}
  - {id: hold, uses: test.later, with: {in: 'if .n % 2 == 0 then "0s" else "1ms" end'}}
  - {id: send, uses: test.send, map: "{body: (.of + \"\\(.n)\")}"}
edges: [start -> read, read -> hold, hold -> send]
`,
}, {
	name: "a loop of batches", text: looping(""), state: flow.RunPartial,
	counts: "[after.done=3 loop.done=3 loop.item=7 note.done=6 send.done=6 send.failed=1 start.done=4]",
}, {
	name: "a loop one by one", text: looping(", at_once: 1"), state: flow.RunPartial,
	counts: "[after.done=3 loop.done=3 loop.item=7 note.done=6 send.done=6 send.failed=1 start.done=4]",
}, {
	name: "a loop that ends early", text: looping(", stop_when: '. == \"b1\"'"), state: flow.RunPartial,
	counts: "[after.done=3 loop.done=3 loop.item=6 note.done=5 send.done=5 send.failed=1 start.done=4]",
}, {
	name: "loops in scopes", state: flow.RunPartial,
	counts: "[all.done=2 always.empty=3 catch.done=1 inner.done=2 inner.item=3 last.done=2 outer.done=2 outer.item=3 send.done=2 send.failed=1 start.done=2 try.done=2 try.failed=1 try.finally=3 try.item=3]",
	given: map[flow.StepID][]any{"outer": {
		map[string]any{"value": []any{[]any{"a1"}, []any{"b3", "a2"}}, "results": []any{[]any{[]any{"a1"}}, []any{"a2", "not that one"}}},
		map[string]any{"value": []any{[]any{}}, "results": []any{[]any{[]any{}}}},
	}},
	text: `
jackfield: 1
name: Nested
steps:
  - {id: start, uses: test.start, with: {items: [[[a1], [b3, a2]], [[]]]}}
  - {id: outer, uses: test.each}
  - {id: try, uses: test.scope, in: outer}
  - {id: inner, uses: test.each, in: try}
  - {id: send, uses: test.send, in: inner, map: "{body: .}"}
  - {id: last, uses: test.map, in: try, map: .results}
  - {id: all, uses: test.collect, in: try}
  - {id: catch, uses: test.map, in: outer, map: "[.[-1], $problem.what]"}
  - {id: always, uses: test.map, in: outer, map: empty}
edges: [start -> outer, inner -> last, last -> all, try.failed -> catch, try.finally -> always]
`,
}}

// looping is a flow with a loop in which an item fails.
func looping(how string) string {
	return `
jackfield: 1
name: Loop
steps:
  - {id: start, uses: test.start, with: {items: [[a1, b1, c1], [a2, b2], [], [a3, c3]]}}
  - {id: loop, uses: test.each, with: {give: list` + how + `}}
  - {id: send, uses: test.send, in: loop, map: "{body: .}"}
  - {id: note, uses: test.map, in: loop, map: .}
  - {id: after, uses: test.map, map: ".results"}
edges: [start -> loop, send -> note, loop -> after]
`
}

func pageOf(of string, page, n int) any { return map[string]any{"of": of, "page": page, "n": n} }

// meeting is a flow with two sources whose records meet.
func meeting(join string) string {
	return `
jackfield: 1
name: Meeting
steps:
  - {id: start, uses: test.start}
  - {id: a, uses: test.pages, with: {pages: 3, size: 2, of: a}}
  - {id: b, uses: test.pages, with: {pages: 2, size: 2, of: b}}
  - {id: join, uses: test.join, with: ` + join + `}
edges: [start -> a, start -> b, a -> join, b -> join]
`
}

// deathChangesNoConstruct kills the program before and after every write of runs that
// join, loop and wait. What the next program makes of each must be what it would have
// come to. A history on disk costs time, so there it is each fifth write, another fifth
// for each of them.
func deathChangesNoConstruct(t *testing.T, open func(t testing.TB) engine.History) {
	step := 5
	if _, quick := open(t).(*engine.Memory); quick {
		step = 1
	}
	for k, c := range constructs {
		t.Run(c.name, func(t *testing.T) {
			for n, more := 1+k%step, true; more; n += step {
				more = false
				for _, after := range []bool{false, true} {
					name := fmt.Sprintf("write %d, after %v", n, after)
					if !t.Run(name, func(t *testing.T) { more = c.survives(t, open(t), n, after) || more }) {
						return
					}
				}
			}
		})
	}
}

// survives says whether the run got as far as its n-th write.
func (c construct) survives(t *testing.T, history engine.History, n int, after bool) bool {
	mortal := &Mortal{History: history, DieAt: n, After: after}
	h := Open(t, journeyWorld(), mortal)
	h.Add("f", c.text)
	id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
	if err == nil {
		_, _ = h.Local.Wait(t.Context(), id) // it ends with an error, or parked
	}
	h.Close()
	died := mortal.Dead()
	h.History = history
	h.Reopen()
	if err := h.Local.Recover(t.Context()); err != nil {
		t.Fatalf("recover: %v", err)
	}
	if err != nil {
		if id = onlyRun(t, h); id == "" {
			return died // it died before anything of the run was on disk
		}
	}
	r := h.Wait(id)
	same(t, "state", r.State, c.state)
	same(t, "counts", h.Counts(id), c.counts)
	for step, want := range c.given {
		same(t, string(step), inLine(h.Data(id, step, flow.Done)), inLine(want))
	}
	return died
}

// inLine writes values in the order of their texts.
func inLine(values []any) string {
	var lines []string
	for _, v := range values {
		lines = append(lines, string(value.Append(nil, v)))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
