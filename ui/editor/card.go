package editor

import (
	"slices"
	"strconv"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Card is a step as it lies on the canvas. It holds until the document changes and
// is not to be changed.
type Card struct {
	Step    *flow.Step
	Rect    Rect          // where it lies now, also while it is being moved
	Outlets []flow.Outlet // down its right side; Failed hangs below and is not among them
	Icon    string        // the name of an icon in assets
	Tint    string        // a colour by its name
	Trigger bool
	Known   bool // its operation is among those of this program

	op       *operation
	order    int
	cell     cell
	in, out  []*Arrow
	subtitle *string
}

// Arrow is an edge as it lies on the canvas. It holds until the document changes and
// is not to be changed.
type Arrow struct {
	Edge  *flow.Edge
	Curve Curve
	Box   Rect

	from, to *Card // nil where the flow names a step that is not there
	order    int
	cells    cellSpan
	filed    bool
	seen     int
}

// EdgeID tells an edge from all others of its flow.
type EdgeID struct {
	From   flow.StepID
	Outlet flow.Outlet
	To     flow.StepID
}

func idOf(e *flow.Edge) EdgeID { return EdgeID{e.From, e.Leaves(), e.To} }

// ID tells the edge from all others.
func (a *Arrow) ID() EdgeID { return idOf(a.Edge) }

// Failed says whether the edge takes the records that failed.
func (a *Arrow) Failed() bool { return a.Edge.Leaves() == flow.Failed }

// ID is the step's.
func (c *Card) ID() flow.StepID { return c.Step.ID }

// Title is what a person reads on the card: the step's own title; or else what it does,
// as long as nobody has given it an id that says more.
func (c *Card) Title() string {
	number, given := givenID(c.Step)
	switch {
	case c.Step.Title != "" || !given || c.op.op.Title == "":
		return c.Step.Label()
	case number > 0:
		return c.op.op.Title + " " + strconv.Itoa(number)
	}
	return c.op.op.Title
}

// Subtitle tells in a few words what the step is set to do.
func (c *Card) Subtitle() string {
	if c.subtitle == nil {
		text := c.op.summary(c.Step)
		c.subtitle = &text
	}
	return *c.subtitle
}

// Inlet is where edges come in. A trigger has none.
func (c *Card) Inlet() flow.Point { return flow.Point{X: c.Rect.X, Y: c.Rect.Y + InletY} }

// Outlet is where edges of an outlet leave.
func (c *Card) Outlet(o flow.Outlet) flow.Point {
	if o == flow.Failed {
		return flow.Point{X: c.Rect.X + FailedX, Y: c.Rect.Bottom()}
	}
	i := max(slices.Index(c.Outlets, o), 0)
	return flow.Point{X: c.Rect.Right(), Y: c.Rect.Y + firstOutlet(c.Outlets) + OutletRow*float32(i)}
}

// firstOutlet is where the first outlet is: at the height of the inlet where it is the
// usual one, so that a row of steps is straight, or else further up, beside the title.
func firstOutlet(list []flow.Outlet) float32 {
	if len(list) < 2 || list[0] == flow.Done {
		return InletY
	}
	return 20
}

// heightFor is the height of a card with these outlets.
func heightFor(list []flow.Outlet) float32 {
	last := firstOutlet(list) + OutletRow*float32(len(list)-1)
	return max(CardHeight, last+OutletRow-4)
}

// Wired says whether an edge leaves by the outlet.
func (c *Card) Wired(o flow.Outlet) bool {
	return slices.ContainsFunc(c.out, func(a *Arrow) bool { return a.Edge.Leaves() == o })
}

// Open is the first outlet without an edge, or else the first.
func (c *Card) Open() flow.Outlet {
	for _, o := range c.Outlets {
		if !c.Wired(o) {
			return o
		}
	}
	return c.Outlets[0]
}

// Alone says whether no edge touches the step.
func (c *Card) Alone() bool { return len(c.in)+len(c.out) == 0 }

// operation is what the document needs to know of what a step does.
type operation struct {
	id        flow.OpID
	connector kit.Connector
	op        kit.Op
	known     bool
	branches  bool // its settings name its outlets
	contains  bool // it has other steps in its scope
}

// The looks of a step whose operation this program does not have.
const (
	unknownIcon = "help"
	unknownTint = "slate"
)

func (d *Document) operation(id flow.OpID) *operation {
	if o := d.ops[id]; o != nil {
		return o
	}
	o := &operation{id: id}
	o.connector, o.op, o.known = d.known.Op(id)
	if o.known && o.op.New != nil {
		_, o.branches = o.op.New().(kit.Brancher)
		_, o.contains = o.op.New().(kit.Container)
	}
	d.ops[id] = o
	return o
}

func (o *operation) icon() string { return firstOf(o.op.Icon, o.connector.Icon, unknownIcon) }
func (o *operation) tint() string { return firstOf(o.op.Tint, o.connector.Tint, unknownTint) }

// TitleOf is how a step is called; one that is not there by its id.
func (d *Document) TitleOf(id flow.StepID) string {
	if c := d.drawn.cards[id]; c != nil {
		return c.Title()
	}
	return string(id)
}

// LooksOf tells how a step of an operation would look: its title, and the names of its
// icon and its tint.
func (d *Document) LooksOf(op flow.OpID) (title, icon, tint string) {
	o := d.operation(op)
	return d.opTitle(op), o.icon(), o.tint()
}

func firstOf(names ...string) string {
	for _, n := range names {
		if n != "" {
			return n
		}
	}
	return ""
}

// bound gives the operation with the step's settings, and its fields; nil where the
// operation is unknown. What does not fit stays at its default; the check tells of it.
func (o *operation) bound(s *flow.Step) (kit.Operation, kit.Fields) {
	if !o.known || o.op.New == nil {
		return nil, nil
	}
	made := o.op.New()
	fields := made.Fields()
	fields.Bind(s.ID, s.With)
	return made, fields
}

// outlets lists what the step declares, without Failed.
func (o *operation) outlets(s *flow.Step) []flow.Outlet {
	list := o.op.Outlets
	if o.branches {
		made, _ := o.bound(s)
		list = made.(kit.Brancher).Outlets()
	}
	var shown []flow.Outlet
	for _, l := range list {
		if l != flow.Failed && !slices.Contains(shown, l) {
			shown = append(shown, l)
		}
	}
	if len(shown) == 0 {
		return []flow.Outlet{flow.Done}
	}
	return shown
}

// Outlets lists where records leave a step: what its operation declares with the
// settings it has, those that an edge uses though nothing declares them any more, and
// Failed last. A trigger takes no records, so none can fail there.
func (d *Document) Outlets(id flow.StepID) []flow.Outlet {
	c := d.drawn.cards[id]
	if c == nil {
		return nil
	}
	list := slices.Clone(c.Outlets)
	if !c.Trigger || c.Wired(flow.Failed) {
		list = append(list, flow.Failed)
	}
	return list
}
