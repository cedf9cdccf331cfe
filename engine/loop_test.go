package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

const orders = `
jackfield: 1
name: Orders
steps:
  - {id: start, uses: test.start, with: {items: [{id: 1, lines: [a, b, c]}, {id: 2, lines: []}, {id: 3, lines: [d]}, {id: 4, lines: {x: 1}}, {id: 5}]}}
  - {id: loop, uses: test.each, with: {items: .lines}}
  - {id: send, uses: test.send, in: loop, map: '{body: "\($loop.record.id)\(.)\($index)"}'}
  - {id: shout, uses: test.map, in: loop, map: '{up: ascii_upcase, item: $item, step: $loop.step, of: $loops.loop.index, start: $steps.start.id}'}
  - {id: after, uses: test.map, map: '{id, n: (.results | length), start: $steps.start.id}'}
edges: [start -> loop, send -> shout, loop -> after]
`

func TestLoopPerformsItsStepsForEachItem(t *testing.T) {
	for _, atOnce := range []int{0, 1, 2, 3} {
		h := open(t)
		h.Add("f", strings.ReplaceAll(orders, "{items: .lines}", fmt.Sprintf("{items: .lines, at_once: %d}", atOnce)))
		r := h.Run(engine.Start{Flow: "f"})
		equal(t, "state", r.State, flow.RunDone)
		equal(t, "counts", h.Counts(r.ID), "[after.done=5 loop.done=5 loop.item=5 send.done=5 shout.done=5 start.done=5]")
		result := func(up string, item any, index, start int) any {
			return obj("up", up, "item", item, "step", "loop", "of", index, "start", start)
		}
		equal(t, "given", h.Data(r.ID, "loop", flow.Done), []any{
			obj("id", 1, "lines", []any{"a", "b", "c"}, "results", []any{result("1A0", "a", 0, 1), result("1B1", "b", 1, 1), result("1C2", "c", 2, 1)}),
			obj("id", 2, "lines", []any{}, "results", []any{}),
			obj("id", 3, "lines", []any{"d"}, "results", []any{result("3D0", "d", 0, 3)}),
			obj("id", 4, "lines", obj("x", 1), "results", []any{result(`4{"X":1}0`, obj("x", 1), 0, 4)}),
			obj("id", 5, "results", []any{}),
		})
		equal(t, "behind", h.Data(r.ID, "after", flow.Done), []any{
			obj("id", 1, "n", 3, "start", 1), obj("id", 2, "n", 0, "start", 2), obj("id", 3, "n", 1, "start", 3), obj("id", 4, "n", 1, "start", 4), obj("id", 5, "n", 0, "start", 5),
		})
	}
}

func TestLoopGivesWhatItIsToGive(t *testing.T) {
	for give, want := range map[string]string{
		"results": "[after.done=5 loop.done=5 loop.empty=2 loop.item=5 send.done=5 shout.done=5 start.done=5]",
		"record":  "[after.done=5 loop.done=5 loop.item=5 send.done=5 shout.done=5 start.done=5]",
	} {
		h := open(t)
		h.Add("f", strings.ReplaceAll(orders, "{items: .lines}", "{items: .lines, give: "+give+"}"))
		r := h.Run(engine.Start{Flow: "f"})
		equal(t, give, h.Counts(r.ID), want)
		var starts []any
		for _, v := range h.Data(r.ID, "after", flow.Done) {
			starts = append(starts, v.(map[string]any)["start"])
		}
		if give == "results" {
			equal(t, "results look back", starts, []any{1, 1, 1, 3, 4})
		} else {
			equal(t, "records look back", starts, []any{1, 2, 3, 4, 5})
		}
	}
}

func TestLoopEndsEarly(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Try
steps:
  - {id: start, uses: test.start, with: {items: [[1, 2, 3, 4, 5], [7, 8], [3], []]}}
  - {id: loop, uses: test.each, with: {stop_when: ". >= 3 and $index < 9"}}
  - {id: try, uses: test.send, in: loop}
edges: [start -> loop]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunDone)
	equal(t, "given", h.Data(r.ID, "loop", flow.Done), []any{
		obj("value", []any{1, 2, 3, 4, 5}, "results", []any{1, 2, 3}), obj("value", []any{7, 8}, "results", []any{7}),
		obj("value", []any{3}, "results", []any{3}), obj("value", []any{}, "results", []any{}),
	})
	equal(t, "sent", len(h.World.Sent()), 5)
	skipped := 0
	for _, s := range h.StepRuns(r.ID) {
		if s.Loop != nil {
			skipped += s.Loop.Skipped
		}
	}
	equal(t, "not begun", skipped, 3)
}

func TestLoopsNest(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Nested
steps:
  - {id: start, uses: test.start, with: {items: [[[1, 2], [3]], [[], [4, 5, 6]]]}}
  - {id: outer, uses: test.each}
  - {id: tag, uses: test.map, in: outer, map: "[.[] | . * 10]"}
  - {id: inner, uses: test.each, in: outer}
  - {id: show, uses: test.map, in: inner, map: '"\($loops.outer.index).\($index) \($item) of \($loops.outer.item) in \($loops.outer.record | length)"'}
  - {id: all, uses: test.collect, in: outer}
edges: [start -> outer, tag -> inner, inner -> all]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunDone)
	inner := func(list []any, texts ...any) any {
		return []any{obj("value", list, "results", append([]any{}, texts...))}
	}
	equal(t, "given", h.Data(r.ID, "outer", flow.Done), []any{
		obj("value", []any{[]any{1, 2}, []any{3}}, "results", []any{
			inner([]any{10, 20}, "0.0 10 of [1,2] in 2", "0.1 20 of [1,2] in 2"), inner([]any{30}, "1.0 30 of [3] in 2"),
		}),
		obj("value", []any{[]any{}, []any{4, 5, 6}}, "results", []any{
			inner([]any{}), inner([]any{40, 50, 60}, "1.0 40 of [4,5,6] in 2", "1.1 50 of [4,5,6] in 2", "1.2 60 of [4,5,6] in 2"),
		}),
	})
}

func TestBarriersAndJoinsInsideALoopAreForEachItem(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Inside
steps:
  - {id: start, uses: test.start, with: {items: [[1, 2, 3]]}}
  - {id: loop, uses: test.each}
  - {id: a, uses: test.map, in: loop, map: "range(.)"}
  - {id: b, uses: test.map, in: loop, map: ". * 100"}
  - {id: all, uses: test.collect, in: loop}
  - {id: meet, uses: test.join, in: loop}
  - {id: one, uses: test.join, in: loop, with: {as: any}}
  - {id: end, uses: test.map, in: loop, map: "{v: ., i: $index}"}
edges: [start -> loop, a -> all, all -> meet, b -> meet, a -> one, b -> one, meet -> end]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunDone)
	var met []any
	for _, v := range h.Data(r.ID, "loop", flow.Done)[0].(map[string]any)["results"].([]any) {
		if m, is := v.(map[string]any); is {
			met = append(met, m)
		}
	}
	equal(t, "met", met, []any{
		obj("i", 0, "v", obj("all", []any{[]any{0}}, "b", []any{100})), obj("i", 1, "v", obj("all", []any{[]any{0, 1}}, "b", []any{200})),
		obj("i", 2, "v", obj("all", []any{[]any{0, 1, 2}}, "b", []any{300})),
	})
	equal(t, "first of each item", len(h.Data(r.ID, "one", flow.Done)), 3)
}

func TestScopeCatches(t *testing.T) {
	h := open(t)
	h.World.OnSend = func(_ kit.Env, _ flow.Record, data any) error {
		if data == 2 {
			return kit.Fail(kit.Refused, "not two")
		}
		return nil
	}
	h.Add("f", `
jackfield: 1
name: Try
steps:
  - {id: start, uses: test.start, with: {items: [1, 2, 3]}}
  - {id: try, uses: test.scope}
  - {id: send, uses: test.send, in: try}
  - {id: note, uses: test.map, in: try, map: ". * 10"}
  - {id: well, uses: test.map}
  - {id: catch, uses: test.map, map: '{v: ., why: $problem.what, step: $problem.step}'}
  - {id: always, uses: test.map}
edges: [start -> try, send -> note, try -> well, try.failed -> catch, try.finally -> always]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "well", h.Data(r.ID, "well", flow.Done), []any{10, 30})
	equal(t, "caught", h.Data(r.ID, "catch", flow.Done), []any{obj("v", 2, "why", "not two", "step", "send")})
	equal(t, "always", h.Data(r.ID, "always", flow.Done), []any{1, 2, 3})
	equal(t, "failures", r.Failures, 1)
	equal(t, "state", r.State, flow.RunPartial)
}

func TestOuterScopeCatchesWhatTheInnerDoesNot(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Try
steps:
  - {id: start, uses: test.start, with: {items: [[1, 2], [3], ["x", 4]]}}
  - {id: try, uses: test.scope}
  - {id: loop, uses: test.each, in: try}
  - {id: double, uses: test.map, in: loop, map: ". * 2 | if . == 8 then error(\"no\") else . end"}
  - {id: catch, uses: test.map, map: '{v: ., step: $problem.step}'}
edges: [start -> try, try.failed -> catch]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "well", h.Data(r.ID, "try", flow.Done), []any{
		obj("value", []any{1, 2}, "results", []any{2, 4}), obj("value", []any{3}, "results", []any{6}),
	})
	equal(t, "caught", h.Data(r.ID, "catch", flow.Done), []any{obj("v", []any{"x", 4}, "step", "double")})
	equal(t, "inner", len(h.Data(r.ID, "loop", flow.Failed)), 0)
}

func TestResumeInsideALoopTakesOnlyWhatFailed(t *testing.T) {
	for _, atOnce := range []int{0, 1} {
		h := open(t)
		broken := true
		h.World.OnSend = func(_ kit.Env, _ flow.Record, data any) error {
			if s, _ := data.(string); broken && strings.HasSuffix(s, "c2") {
				return kit.Fail(kit.Refused, "not now")
			}
			return nil
		}
		h.Add("f", strings.ReplaceAll(orders, "{items: .lines}", fmt.Sprintf("{items: .lines, at_once: %d}", atOnce)))
		r := h.Run(engine.Start{Flow: "f"})
		equal(t, "state", r.State, flow.RunPartial)
		equal(t, "counts", h.Counts(r.ID), "[after.done=4 loop.done=4 loop.item=5 send.done=4 send.failed=1 shout.done=4 start.done=5]")
		r = h.Resume(r.ID)
		equal(t, "still", h.Counts(r.ID), "[after.done=4 loop.done=4 loop.item=5 send.done=4 send.failed=1 shout.done=4 start.done=5]")
		broken = false
		r = h.Resume(r.ID)
		equal(t, "state", r.State, flow.RunDone)
		equal(t, "counts", h.Counts(r.ID), "[after.done=5 loop.done=5 loop.item=5 send.done=5 shout.done=5 start.done=5]")
		last := h.Data(r.ID, "loop", flow.Done)[4].(map[string]any)
		equal(t, "results", len(last["results"].([]any)), 3)
		for key, times := range h.World.Sent() {
			equal(t, "deliveries of "+key, len(times), 1)
		}
	}
}

func TestLoopOfManyItemsTravelsInBatches(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Many
steps:
  - {id: start, uses: test.start}
  - {id: loop, uses: test.each, with: {items: "[range(100000)]", give: results}}
  - {id: a, uses: test.map, in: loop, map: ". + 1"}
  - {id: b, uses: test.map, in: loop, map: ". * 2"}
edges: [start -> loop, a -> b]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "counts", h.Counts(r.ID), "[a.done=100000 b.done=100000 loop.done=100000 loop.item=100000 start.done=1]")
	if n := len(h.StepRuns(r.ID)); n > 1000 {
		t.Errorf("%d step runs", n)
	}
	for i, v := range h.Data(r.ID, "loop", flow.Done) {
		if v != (i+1)*2 {
			t.Fatalf("result %d is %v", i, v)
		}
	}
}

func TestContainersAreChecked(t *testing.T) {
	for _, tt := range []struct{ name, steps, edges, want string }{
		{
			"no container", "  - {id: a, uses: test.map}\n  - {id: b, uses: test.map, in: a}\n", "start -> a",
			`step "b", field "in": "a" is no container: test.map takes no steps into it; use core.each or core.scope for the step around it, or take this one out`,
		},
		{"nothing inside", "  - {id: a, uses: test.each}\n", "start -> a", `step "a": nothing is inside this container; put steps into it with in: a`},
		{
			"trigger inside", "  - {id: a, uses: test.each}\n  - {id: t, uses: test.start, in: a}\n", "start -> a",
			`step "t", field "in": the trigger is inside "a", where it cannot start a run; take it out`,
		},
		{
			"an item outside", "  - {id: a, uses: test.map, map: $item}\n", "start -> a",
			`step "a", field "map": it reads the item of a container, and the step is in none; the record itself is the dot; or put the step into a container`,
		},
		{
			"an edge from item", "  - {id: a, uses: test.each}\n  - {id: c, uses: test.map, in: a}\n  - {id: b, uses: test.map}\n", "start -> a, a.item -> b",
			`edge "a.item -> b": no record leaves "a" by "item"; records leave by done, finally, empty, failed`,
		},
		{
			"a look at what is inside", "  - {id: a, uses: test.each}\n  - {id: c, uses: test.map, in: a}\n  - {id: b, uses: test.map, map: $steps.c}\n", "start -> a, a -> b",
			`step "b", field "map": $steps.c: step "c" does not come before this one; did you mean $steps.a?`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := "jackfield: 1\nname: Checked\nsteps:\n  - {id: start, uses: test.start}\n" + tt.steps + "edges: [" + tt.edges + "]\n"
			_, problems := engine.NewPlan(enginetest.Parse(t, text), enginetest.NewWorld().Ops(), engine.PlanOptions{})
			for _, p := range problems {
				if p.Error() == tt.want {
					return
				}
			}
			t.Errorf("problems %v\nwant %s", problems, tt.want)
		})
	}
}

func TestPeekLooksIntoAndBehindALoop(t *testing.T) {
	// What is sent cannot be shown beforehand, so a mapping stands in its place.
	f := enginetest.Parse(t, strings.NewReplacer("uses: test.send", "uses: test.map", "ascii_upcase", ".body").Replace(orders))
	for step, want := range map[flow.StepID]any{
		"send":  "a",
		"shout": obj("body", "1a0"),
		"after": obj("id", 1, "lines", []any{"a", "b", "c"}, "results", []any{
			obj("up", "1a0", "item", "a", "step", "loop", "of", 0, "start", 1),
			obj("up", "1b1", "item", "b", "step", "loop", "of", 1, "start", 1),
			obj("up", "1c2", "item", "c", "step", "loop", "of", 2, "start", 1),
		}),
	} {
		batch, err := engine.Peek(t.Context(), engine.PeekOptions{Flow: f, Step: step, Ops: enginetest.NewWorld().Ops(), Limit: 1})
		if err != nil || len(batch) != 1 {
			t.Errorf("%s: %v, %v", step, batch, err)
			continue
		}
		equal(t, string(step), batch[0].Data, want)
	}
}
