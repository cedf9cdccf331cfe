package engine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

// nest is a scope drawn at random: its steps stand one behind the other.
type nest struct {
	each  bool // core.each, else core.scope; the outermost is neither
	stop  int  // a result that is equal ends the loop; 0 is none
	catch bool
	steps []nestStep
}

type nestStep struct {
	add    int   // a mapping that adds so much
	fails  int   // records that leave this rest when they are divided by seven fail; 0 is none
	gather bool  // a barrier: one list of all
	inner  *nest // a container
}

func randomNest(rnd *rand.Rand, depth int) *nest {
	n := &nest{each: rnd.IntN(3) > 0, catch: rnd.IntN(2) == 0}
	if n.each && rnd.IntN(3) == 0 {
		n.stop = 1 + rnd.IntN(30)
	}
	for range 1 + rnd.IntN(3) {
		s := nestStep{add: rnd.IntN(5)}
		switch k := rnd.IntN(6); {
		case k < 2 && depth > 0:
			s.inner = randomNest(rnd, depth-1)
		case k == 2:
			s.gather = true
		case k == 3 && n.catch:
			s.fails = 1 + rnd.IntN(6)
		}
		n.steps = append(n.steps, s)
	}
	return n
}

// total adds up all numbers in a value.
const total = `([.. | numbers] | add // 0)`

func sumOf(v any) int {
	switch v := v.(type) {
	case int:
		return v
	case []any:
		n := 0
		for _, one := range v {
			n += sumOf(one)
		}
		return n
	case map[string]any:
		n := 0
		for _, one := range v {
			n += sumOf(one)
		}
		return n
	}
	return 0
}

// draw writes the steps of a scope into a flow, and gives the first and the last.
func (n *nest) draw(f *flow.Flow, in flow.StepID, name string) (first, last flow.StepID) {
	for i, s := range n.steps {
		id := flow.StepID(fmt.Sprintf("%s_%d", name, i))
		step := flow.Step{ID: id, In: in, Uses: "core.map", Map: fmt.Sprintf("%s + %d", total, s.add)}
		next := id
		switch {
		case s.gather:
			step.Uses, step.Map = "test.collect", ""
		case s.fails > 0:
			step.Map = fmt.Sprintf("%s as $n | if $n %% 7 == %d then error(\"no\") else $n end", total, s.fails)
		case s.inner != nil:
			step.Uses, step.Map = "core.scope", ""
			if s.inner.each {
				step.Uses = "core.each"
				step.With = flow.Values{"items": "if type == \"array\" then . else [., 1, 2] end", "give": "list"}
				if s.inner.stop > 0 {
					step.With["stop_when"] = fmt.Sprintf("%s == %d", total, s.inner.stop)
				}
			}
			s.inner.draw(f, id, string(id))
			if s.inner.catch {
				next += "_caught"
				f.Steps = append(f.Steps, flow.Step{ID: next, In: in, Uses: "core.map", Map: "-1"})
				f.Edges = append(f.Edges, flow.Edge{From: id, Outlet: flow.Failed, To: next})
				join := id + "_go"
				f.Steps = append(f.Steps, flow.Step{ID: join, In: in, Uses: "core.map"})
				f.Edges = append(f.Edges, flow.Edge{From: next, To: join}, flow.Edge{From: id, To: join})
				next = join
			}
		}
		f.Steps = append(f.Steps, step)
		if i > 0 {
			f.Edges = append(f.Edges, flow.Edge{From: last, To: id})
		} else {
			first = id
		}
		last = next
	}
	return first, last
}

// perform is what a scope makes of records, computed straight on. ok is false where one
// failed and nothing inside caught it.
func (n *nest) perform(records []any) (out []any, ok bool) {
	ok = true
	for _, s := range n.steps {
		var next []any
		if s.gather && len(records) > 0 {
			next = []any{append([]any{}, records...)}
		}
		for _, r := range records {
			switch {
			case s.gather:
			case s.fails > 0 && sumOf(r)%7 == s.fails:
				ok = false
			case s.fails > 0:
				next = append(next, sumOf(r))
			case s.inner != nil:
				some, fine := s.inner.container(r)
				ok = ok && fine
				next = append(next, some...)
			default:
				next = append(next, sumOf(r)+s.add)
			}
		}
		records = next
	}
	return records, ok
}

// container is what a container makes of a record.
func (n *nest) container(r any) (out []any, ok bool) {
	if !n.each {
		out, ok = n.perform([]any{r})
	} else {
		items, is := r.([]any)
		if !is {
			items = []any{r, 1, 2}
		}
		results := []any{}
		ok = true
		for _, item := range items {
			some, fine := n.perform([]any{item})
			results = append(results, some...)
			if ok = ok && fine; !ok {
				break
			}
			if n.stop > 0 && anyEqual(some, n.stop) {
				break
			}
		}
		m, is := r.(map[string]any)
		whole := map[string]any{}
		if is {
			for k, v := range m {
				whole[k] = v
			}
		} else {
			whole["value"] = r
		}
		whole["results"] = results
		out = []any{whole}
	}
	if !ok && n.catch {
		return []any{-1}, true
	}
	if !ok {
		return nil, false
	}
	return out, ok
}

func anyEqual(values []any, n int) bool {
	for _, v := range values {
		if sumOf(v) == n {
			return true
		}
	}
	return false
}

// TestNestingsGiveWhatARecursionGives draws containers in containers at random and
// compares what comes of a run with a straightforward evaluation.
func TestNestingsGiveWhatARecursionGives(t *testing.T) {
	for seed := range uint64(150) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		outer := &nest{each: true, catch: true, steps: randomNest(rnd, 3).steps}
		f := flow.Flow{Name: "Nest", Steps: []flow.Step{
			{ID: "start", Uses: "test.start", With: flow.Values{"items": []any{[]any{1, 2, 3}, []any{}, []any{10, []any{4, 5}}, 8}}},
		}}
		wrap := &nest{steps: []nestStep{{inner: outer}}}
		first, last := wrap.draw(&f, "", "x")
		f.Edges = append(f.Edges, flow.Edge{From: "start", To: first})
		h := openCore(t, enginetest.NewWorld(), engine.NewMemory())
		h.Keep("f", f)
		r := h.Run(engine.Start{Flow: "f"})
		var want []any
		for _, in := range []any{[]any{1, 2, 3}, []any{}, []any{10, []any{4, 5}}, 8} {
			some, _ := outer.container(in)
			want = append(want, some...)
		}
		got := h.Data(r.ID, last, flow.Done)
		if a, b := inOrder(got), inOrder(want); a != b {
			t.Errorf("seed %d: %s\nwant %s\n%s\n%s", seed, a, b, flow.WriteFile(f), h.Counts(r.ID))
			return
		}
		h.Close()
	}
}
