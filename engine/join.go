package engine

import (
	"fmt"
	"strconv"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// junction is what the plan knows of a join.
type junction struct {
	policy kit.JoinPolicy
	ways   []way // in the order of the flow's edges
}

// way is one way into a join: an outlet of the step that an edge leads from.
type way struct {
	name   string // the step's id, with its outlet where several of its outlets lead here
	from   int
	outlet flow.Outlet
}

// joined is how a join stands: what its table is computed from.
type joined struct {
	taken queue // the batches that it took, and with a negative count what has left unmatched
	seq   int   // of the last step run that moved it
	rests int   // how many records wait for a partner
	tidy  bool  // where it streams branch after branch: what waits is in that order
}

// streams says whether records go on while others can still come.
func (j *junction) streams() bool {
	return j != nil && (j.policy == kit.JoinAny || j.policy == kit.JoinKeyed)
}

// byKey says whether records are joined that have a key in common.
func (j *junction) byKey() bool { return j.policy == kit.JoinKeyed || j.policy == kit.JoinPairs }

// junction finds the ways into a join.
func (b *planner) junction(i int, s *step, op kit.Operation) {
	joins, ok := op.(kit.Joiner)
	if !ok || s.Off {
		return
	}
	j := &junction{policy: joins.Policy()}
	s.join, s.kind = j, joining
	if j.policy == kit.JoinLists || j.policy == kit.JoinPairs {
		s.kind = gathering
	}
	outlets := map[int]int{}
	for _, e := range b.plan.edges {
		if e.from < 0 || e.to != i {
			continue
		}
		outlets[e.from]++
		j.ways = append(j.ways, way{from: e.from, outlet: e.Leaves()})
	}
	for n := range j.ways {
		w := &j.ways[n]
		w.name = string(b.plan.steps[w.from].ID)
		if outlets[w.from] > 1 {
			w.name += "." + string(w.outlet)
		}
		if w.name == keyName && j.byKey() {
			b.report(flow.Problem{
				Step: s.ID, Code: "bad-join", What: fmt.Sprintf("what comes from the step %q would stand under the same name as the key", w.name),
				Fix: "give that step another id",
			})
		}
	}
	b.lonelyJoin(s, j)
	if j.byKey() && s.mapping == nil && isEmpty(s.values["key"]) {
		b.report(flow.Problem{
			Step: s.ID, Field: "key", Code: "bad-join",
			What: "nothing says which records belong together", Fix: "set the key to what they have in common, for example .order",
		})
	}
}

func (b *planner) lonelyJoin(s *step, j *junction) {
	if len(j.ways) >= 2 {
		return
	}
	p := flow.Problem{Step: s.ID, Code: "bad-join", What: "no edge leads to this join", Fix: "draw edges to it from two steps or more"}
	if len(j.ways) == 1 {
		p.What = fmt.Sprintf("only records from %q come to this join", j.ways[0].name)
		p.Fix = "draw an edge to it from another step, or remove it"
	}
	b.report(p)
}

// wayOf finds the way by which a batch of this origin came; -1 for none.
func (j *junction) wayOf(o *origin) int {
	for i, w := range j.ways {
		if w.from == o.step && w.outlet == o.ref.Outlet {
			return i
		}
	}
	return -1
}

// collects says whether a step takes nothing before all has come that can.
func (s *step) collects() bool {
	return s.kind == gathering || s.join != nil && s.join.policy == kit.JoinStream
}

// nextOf is what a join that streams branch after branch takes first: of the batches
// that wait, those of the first way.
func (j *junction) nextOf(q queue) arrival {
	first, least := arrival{}, len(j.ways)+1
	for a := range q.all() {
		if n := j.order(a); n < least {
			first, least = a, n
		}
	}
	return first
}

func (j *junction) order(a arrival) int {
	if n := j.wayOf(a.origin); n >= 0 {
		return n
	}
	return len(j.ways)
}

// inOrder sorts what waits at a join that streams branch after branch. The batches of
// one way keep their order.
func (j *junction) inOrder(q queue) queue {
	var sorted queue
	for n := range len(j.ways) + 1 {
		for a := range q.all() {
			if j.order(a) == n {
				sorted = sorted.push(a)
			}
		}
	}
	return sorted
}

const unmatchedPrefix = "unmatched:"

// restsTask gives on what found no partner, once nothing more can come.
func (p *Plan) restsTask(s State, i int) (Task, bool) {
	one, me := s.steps[i], &p.steps[i]
	if one.joined.rests == 0 || !s.idle(me.before) {
		return Task{}, false
	}
	key := unmatchedPrefix + string(me.ID) + "#" + strconv.Itoa(one.joined.seq)
	return Task{Key: key, Step: me.ID, run: s.run, joined: one.joined, rests: true}, true
}

// moved is how a join stands after r, which took head and, where the join is keyed,
// partners from batches before.
func (p *Plan) moved(me *progress, s *step, r flow.StepRun, head arrival) {
	me.joined.seq = r.Seq + 1
	head.nth, head.count = r.Nth, r.Nth+r.In+r.Passed
	me.joined.taken = me.joined.taken.push(head)
	if s.join.policy != kit.JoinKeyed {
		return
	}
	me.joined.rests += r.In - r.Out[flow.Failed] - len(s.join.ways)*r.Out[flow.Done]
	if me.joined.rests == 0 {
		me.joined = joined{seq: me.joined.seq} // its table is empty: what was taken means nothing any more
	}
}

// gaveRests takes what found no partner out of a join.
func (p *Plan) gaveRests(s *State, me *progress, i int, r flow.StepRun) {
	before := p.beside(me, r)
	n := total(r.Out)
	me.joined.seq = r.Seq + 1
	me.joined.rests -= n
	me.joined.taken = me.joined.taken.push(arrival{count: -n})
	if me.joined.rests <= 0 {
		me.joined = joined{seq: me.joined.seq}
	}
	p.give(s, me, i, r, nil, before)
}

// beside are the origins of the batches that the records in r.With were taken from.
func (p *Plan) beside(me *progress, r flow.StepRun) []*origin {
	if len(r.With) == 0 {
		return nil
	}
	wanted := make(map[flow.Ref]bool, len(r.With))
	for _, ref := range r.With {
		wanted[ref] = true
	}
	var found []*origin
	for a := range me.joined.taken.all() {
		if a.origin != nil && wanted[a.origin.ref] {
			found = append(found, a.origin)
			wanted[a.origin.ref] = false
		}
	}
	return found
}

func isRests(r flow.StepRun) bool { return strings.HasPrefix(r.Key, unmatchedPrefix) }
