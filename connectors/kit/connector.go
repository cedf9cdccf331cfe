// Package kit is what a connector's author imports: the declaration of a
// connector, the fields of its operations, the contracts that an operation
// fulfils, and the environment it works in.
//
// A declaration is data. From it come the form, the check, the documentation, the
// place in the palette and the tests; a connector writes none of these itself. An
// operation never sees the engine, the store or the window: it gets bound fields,
// an Env and a record, and gives results or a Failure.
package kit

import (
	"errors"

	"jackfield/flow"
)

// Connector is one service or protocol.
type Connector struct {
	ID         string // [a-z][a-z0-9]*; the first half of its operations' ids
	Title      string
	Summary    string            // one sentence
	Icon       string            // the name of an icon in assets
	Tint       string            // its colour by name: violet, blue, cyan, teal, green, amber, orange, red, pink, slate
	Connection func() Connection // a new one with its defaults; nil where none is needed
	Ops        []Op
	Close      func() error // lets go of what its operations share; nil where they share nothing
}

// Op declares one operation.
type Op struct {
	ID       string // the second half of its id: "read"
	Title    string
	Summary  string   // one sentence: what it does with a record
	Icon     string   // "" is the connector's
	Tint     string   // "" is the connector's
	Words    []string // other words that a person might search for
	Effect   Effect
	Trigger  bool // it starts runs; it takes no records
	Each     bool // a mapping in front of it may give any number of values, each a record
	Barrier  bool // it waits until everything before it has come
	Whole    bool // a barrier that looks for what is missing: it gathers also where nothing came, and only where nothing before it failed for good
	New      func() Operation
	In       flow.Schema   // what the main field takes
	Out      flow.Schema   // what leaves by the first outlet
	Outlets  []flow.Outlet // nil means only Done; Failed is always there
	Examples []Example
}

// Example shows one use of an operation. kittest performs those that say what
// comes out.
type Example struct {
	Title string
	With  flow.Values
	Map   string
	In    any
	Out   []any // nil: not performed in tests
}

// Effect says what performing an operation twice would do.
type Effect string

// The effects, from harmless to lasting.
const (
	Pure       Effect = "pure"       // the same in gives the same out, nothing outside is touched
	Reads      Effect = "reads"      // looks outside, changes nothing
	Repeatable Effect = "repeatable" // changes something; the second time changes nothing more
	Once       Effect = "once"       // every performance counts, like a mail: only an Action or Bulk without Each can
)

// Role is the place that an operation has in a flow.
type Role string

// The roles.
const (
	TriggerRole Role = "trigger"
	SourceRole  Role = "source"
	ActionRole  Role = "action"
)

// Role tells the operation's place from its abilities.
func (o Op) Role() Role {
	if o.Trigger {
		return TriggerRole
	}
	if _, ok := o.New().(Source); ok {
		return SourceRole
	}
	return ActionRole
}

// EffectOf is the effect of an operation made by o.New whose settings are bound.
func (o Op) EffectOf(op Operation) Effect {
	if e, ok := op.(Effector); ok {
		return e.Effect()
	}
	return o.Effect
}

// Op finds an operation by the second half of its id.
func (c Connector) Op(name string) (Op, bool) {
	for _, o := range c.Ops {
		if o.ID == name {
			return o, true
		}
	}
	return Op{}, false
}

// Set is a list of connectors with look-up by operation.
type Set []Connector

// Connector finds a connector by its id.
func (s Set) Connector(id string) (Connector, bool) {
	for _, c := range s {
		if c.ID == id {
			return c, true
		}
	}
	return Connector{}, false
}

// Close lets go of what the connectors' operations share: open files, idle
// connections, local listeners. An operation that works after that opens them anew.
func (s Set) Close() error {
	var errs []error
	for _, c := range s {
		if c.Close != nil {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}

// Op finds an operation by its full id.
func (s Set) Op(id flow.OpID) (Connector, Op, bool) {
	c, ok := s.Connector(id.Connector())
	if !ok {
		return Connector{}, Op{}, false
	}
	o, ok := c.Op(id.Name())
	return c, o, ok
}

// OpIDs lists the full ids of all operations, in order.
func (s Set) OpIDs() []flow.OpID {
	var ids []flow.OpID
	for _, c := range s {
		for _, o := range c.Ops {
			ids = append(ids, flow.OpID(c.ID+"."+o.ID))
		}
	}
	return ids
}
