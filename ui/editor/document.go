// Package editor holds the flow that is open on the canvas: the drawing itself, what
// is selected, where the view stands, and every change with its way back.
//
// Its nouns: a Document is the open flow; a Card is a step and a Line an edge as they
// lie on the canvas; a Change in the past is one step of undo.
//
// Its rules: plain data and no toolkit, no clock, no goroutine. A step once drawn is
// never changed; an edit puts another in its place, so that the states of the past
// share whatever is alike. One change a person makes is one step of undo.
package editor

import (
	"slices"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Document is the open flow. Make one with New. It is not safe for use by several
// goroutines; the window's own is enough for it.
type Document struct {
	ops   map[flow.OpID]*operation
	known kit.Set
	head  head
	now   *scene
	saved *scene
	past  history
	view  View
	pick  selection
	picks int // counts selections
	drawn drawing
	moved drag
	wrong map[flow.StepID][]flow.Problem
	all   []flow.Problem
	rev   int
}

// head is what the store knows of the flow; it is no part of the drawing.
type head struct {
	id      flow.ID
	version int
	path    string
}

// New opens f. The operations say what outlets, fields and looks its steps have; a
// step whose operation is not among them is drawn all the same.
func New(f flow.Flow, ops kit.Set) *Document {
	d := &Document{
		ops:   map[flow.OpID]*operation{},
		known: ops,
		head:  head{f.ID, f.Version, f.Path},
		now:   sceneOf(f),
		view:  View{Zoom: 1},
		drawn: newDrawing(),
	}
	d.drawn.follow(d, d.now)
	if unlaid(f.Steps) {
		d.now = sceneOf(laidOut(f, d.layout(nil)))
		d.drawn.follow(d, d.now)
	}
	d.saved = d.now
	return d
}

// Know takes the operations as they are now. Steps that are drawn keep their looks until
// the flow is opened again; those that come are drawn as they are now.
func (d *Document) Know(ops kit.Set) {
	d.known = ops
	clear(d.ops)
}

// unlaid says whether steps were never given places, as in a file written by hand.
func unlaid(steps []flow.Step) bool {
	return len(steps) > 1 && !slices.ContainsFunc(steps, func(s flow.Step) bool { return s.At != flow.Point{} })
}

func laidOut(f flow.Flow, at map[flow.StepID]flow.Point) flow.Flow {
	f.Steps = slices.Clone(f.Steps)
	for i, s := range f.Steps {
		f.Steps[i].At = at[s.ID]
	}
	return f
}

// Flow is the flow as it is drawn now. The values in it are shared with the
// document and must not be changed.
func (d *Document) Flow() flow.Flow {
	f := d.now.flow()
	f.ID, f.Version, f.Path = d.head.id, d.head.version, d.head.path
	return f
}

// Name is the flow's name.
func (d *Document) Name() string { return d.now.name }

// Path is the absolute path of the flow's file, "" where it has none.
func (d *Document) Path() string { return d.head.path }

// ID is the flow's id in the store, "" before it was first saved.
func (d *Document) ID() flow.ID { return d.head.id }

// Len is the number of steps.
func (d *Document) Len() int { return len(d.now.steps) }

// Step finds a step by its id.
func (d *Document) Step(id flow.StepID) (flow.Step, bool) {
	if c := d.drawn.cards[id]; c != nil {
		return *c.Step, true
	}
	return flow.Step{}, false
}

// Operation finds the declaration of what a step does.
func (d *Document) Operation(id flow.StepID) (kit.Connector, kit.Op, bool) {
	c := d.drawn.cards[id]
	if c == nil {
		return kit.Connector{}, kit.Op{}, false
	}
	o := d.operation(c.Step.Uses)
	return o.connector, o.op, o.known
}

// Revision grows with everything that changes what is drawn: the flow, the
// selection, the problems, a step on the move. The view is not counted.
func (d *Document) Revision() int { return d.rev }

// Mark remembers one state of the document, so that what was sent to be saved can
// be told from what was changed while it was on its way.
type Mark struct{ of *scene }

// Mark remembers the state as it is now.
func (d *Document) Mark() Mark { return Mark{d.now} }

// Saved notes that the marked state is stored, as f tells.
func (d *Document) Saved(m Mark, f flow.Flow) {
	d.saved = m.of
	d.head = head{f.ID, f.Version, f.Path}
	d.rev++
}

// Dirty says whether anything differs from what was last saved.
func (d *Document) Dirty() bool { return d.now != d.saved }

// SetProblems replaces what is known to be wrong.
func (d *Document) SetProblems(list []flow.Problem) {
	d.all = list
	d.wrong = map[flow.StepID][]flow.Problem{}
	for _, p := range list {
		d.wrong[p.Step] = append(d.wrong[p.Step], p)
	}
	d.rev++
}

// Problems lists what is wrong with a step; with "" what is wrong with the flow as
// a whole.
func (d *Document) Problems(id flow.StepID) []flow.Problem { return d.wrong[id] }

// AllProblems lists everything that is wrong.
func (d *Document) AllProblems() []flow.Problem { return d.all }
