package editor

import (
	"maps"
	"slices"

	"jackfield/flow"
)

// scene is one state of the flow. It never changes once it is drawn, and neither
// does anything it points to, so that two states share the steps that are alike.
type scene struct {
	name     string
	note     string
	settings flow.Settings
	steps    []*flow.Step
	edges    []*flow.Edge
}

func sceneOf(f flow.Flow) *scene {
	s := &scene{name: f.Name, note: f.Note, settings: f.Settings}
	steps := slices.Clone(f.Steps)
	for i := range steps {
		s.steps = append(s.steps, &steps[i])
	}
	edges := slices.Clone(f.Edges)
	for i := range edges {
		s.edges = append(s.edges, &edges[i])
	}
	return s
}

func (s *scene) flow() flow.Flow {
	f := flow.Flow{Name: s.name, Note: s.note, Settings: s.settings}
	if s.steps != nil {
		f.Steps = make([]flow.Step, len(s.steps))
	}
	for i, p := range s.steps {
		f.Steps[i] = *p
	}
	if s.edges != nil {
		f.Edges = make([]flow.Edge, len(s.edges))
	}
	for i, p := range s.edges {
		f.Edges[i] = *p
	}
	return f
}

// draft is a scene that is being changed. It copies a list the first time it
// changes it.
type draft struct {
	scene
	base     *scene
	ownSteps bool
	ownEdges bool
}

func (s *scene) draft() *draft { return &draft{scene: *s, base: s} }

// changed says whether anything differs from where the draft began.
func (t *draft) changed() bool {
	return t.ownSteps || t.ownEdges ||
		t.name != t.base.name || t.note != t.base.note || t.settings != t.base.settings
}

func (t *draft) writeSteps() {
	if !t.ownSteps {
		t.steps, t.ownSteps = slices.Clone(t.steps), true
	}
}

func (t *draft) writeEdges() {
	if !t.ownEdges {
		t.edges, t.ownEdges = slices.Clone(t.edges), true
	}
}

func (t *draft) step(id flow.StepID) *flow.Step {
	if i := t.index(id); i >= 0 {
		return t.steps[i]
	}
	return nil
}

func (t *draft) index(id flow.StepID) int {
	return slices.IndexFunc(t.steps, func(s *flow.Step) bool { return s.ID == id })
}

func (t *draft) addStep(s flow.Step) {
	t.writeSteps()
	t.steps = append(t.steps, &s)
}

// edit puts a changed copy of the step in its place.
func (t *draft) edit(id flow.StepID, change func(*flow.Step)) {
	if i := t.index(id); i >= 0 {
		t.editAt(i, change)
	}
}

// editEach does so for every step of which change gives true. The copy it gets may be
// thrown away.
func (t *draft) editEach(change func(*flow.Step) bool) {
	for i, s := range t.steps {
		next := *s
		if change(&next) {
			t.writeSteps()
			t.steps[i] = &next
		}
	}
}

func (t *draft) editAt(i int, change func(*flow.Step)) {
	next := *t.steps[i]
	change(&next)
	t.writeSteps()
	t.steps[i] = &next
}

// setValue puts one value under the step's "with"; nil takes the key away.
func setValue(s *flow.Step, key string, value any) {
	with := maps.Clone(s.With)
	if value == nil {
		delete(with, key)
		if len(with) == 0 {
			with = nil
		}
	} else {
		if with == nil {
			with = flow.Values{}
		}
		with[key] = value
	}
	s.With = with
}

func (t *draft) addEdge(e flow.Edge) {
	t.writeEdges()
	t.edges = append(t.edges, &e)
}

func (t *draft) editEdges(change func(*flow.Edge) bool) {
	for i, e := range t.edges {
		next := *e
		if change(&next) {
			t.writeEdges()
			t.edges[i] = &next
		}
	}
}

func (t *draft) dropEdges(gone func(*flow.Edge) bool) {
	if slices.ContainsFunc(t.edges, gone) {
		t.writeEdges()
		t.edges = slices.DeleteFunc(t.edges, gone)
	}
}

func (t *draft) dropSteps(gone func(flow.StepID) bool) {
	if slices.ContainsFunc(t.steps, func(s *flow.Step) bool { return gone(s.ID) }) {
		t.writeSteps()
		t.liftOut(gone)
		t.steps = slices.DeleteFunc(t.steps, func(s *flow.Step) bool { return gone(s.ID) })
	}
	t.dropEdges(func(e *flow.Edge) bool { return gone(e.From) || gone(e.To) })
}

// liftOut puts the steps in containers that go into the next container around that
// stays.
func (t *draft) liftOut(gone func(flow.StepID) bool) {
	around := map[flow.StepID]flow.StepID{}
	for _, s := range t.steps {
		around[s.ID] = s.In
	}
	t.editEach(func(s *flow.Step) bool {
		in := s.In
		for n := 0; in != "" && gone(in) && n < len(around); n++ {
			in = around[in]
		}
		changed := in != s.In
		s.In = in
		return changed
	})
}

func (t *draft) hasEdge(k EdgeID) bool {
	return slices.ContainsFunc(t.edges, func(e *flow.Edge) bool { return idOf(e) == k })
}
