package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Slot is a name that flows give to a connection they need, and what serves for it on this
// machine.
type Slot struct {
	Name       string    `json:"slot"`
	Connector  string    `json:"connector"`
	Flows      []flow.ID `json:"flows,omitempty"`
	Connection string    `json:"connection,omitempty"` // "" where there is none
	Bound      bool      `json:"bound,omitempty"`      // by a person; else it has the slot's own name
}

// slotsKey is the preference with the bindings of this machine.
const slotsKey = "slots"

func (l *Local) bindings() map[string]string {
	all := map[string]string{}
	text, _ := l.store.Pref(slotsKey)
	_ = json.Unmarshal([]byte(text), &all) // nothing written is no binding
	return all
}

// bound is the connection that serves on this machine for what a flow names: the one that
// a person bound to it, or else the one of that name.
func (l *Local) bound(slot string) string { return cmp.Or(l.bindings()[slot], slot) }

// withBound puts the connections of this machine into the steps of a flow that is to run,
// so that all that use one share its limits and its sign-in.
func (l *Local) withBound(f flow.Flow) flow.Flow {
	all := l.bindings()
	if len(all) == 0 {
		return f
	}
	f.Steps = slices.Clone(f.Steps)
	for i, s := range f.Steps {
		f.Steps[i].Connection = cmp.Or(all[s.Connection], s.Connection)
	}
	return f
}

// ConnectionSlots lists what the flows of this machine name as connections.
func (l *Local) ConnectionSlots(ctx context.Context) ([]Slot, error) {
	flows, err := l.store.Flows(ctx)
	if err != nil {
		return nil, err
	}
	found := map[string]Slot{}
	all := l.bindings()
	for _, o := range flows {
		f, err := l.store.Flow(ctx, o.ID, 0)
		if err != nil {
			return nil, err
		}
		for _, s := range f.Steps {
			if s.Connection == "" {
				continue
			}
			connector, _, _ := strings.Cut(string(s.Uses), ".")
			slot := found[s.Connection]
			slot.Name, slot.Connector = s.Connection, cmp.Or(slot.Connector, connector)
			if !slices.Contains(slot.Flows, o.ID) {
				slot.Flows = append(slot.Flows, o.ID)
			}
			found[s.Connection] = slot
		}
	}
	for name := range all {
		slot := found[name]
		slot.Name = name
		found[name] = slot
	}
	var slots []Slot
	for _, name := range slices.Sorted(maps.Keys(found)) {
		slot := found[name]
		slot.Bound = all[name] != ""
		if c, err := l.connection(ctx, cmp.Or(all[name], name)); err == nil {
			slot.Connection, slot.Connector = c.Name, cmp.Or(slot.Connector, c.Connector)
		}
		slots = append(slots, slot)
	}
	return slots, nil
}

// Bind lets a connection serve on this machine for what flows name slot; "" takes that
// back.
func (l *Local) Bind(ctx context.Context, slot, connection string) error {
	refuse := func(what, fix string) error {
		return Problems{{Field: "connection", Code: kit.Invalid, What: what, Fix: fix}}
	}
	if !connectionName.MatchString(slot) {
		return refuse(fmt.Sprintf("%q does not serve as a name", slot), "use a-z, 0-9, _ and -, beginning with a letter")
	}
	all := l.bindings()
	if connection == "" || connection == slot {
		delete(all, slot)
	} else {
		c, err := l.connection(ctx, connection)
		if err != nil {
			return refuse(fmt.Sprintf("there is no connection %q on this machine", connection), "add it first")
		}
		slots, err := l.ConnectionSlots(ctx)
		if err != nil {
			return err
		}
		for _, s := range slots {
			if s.Name == slot && len(s.Flows) > 0 && s.Connector != c.Connector {
				return refuse(fmt.Sprintf("%s is needed as a connection of %s, and %s is one of %s", slot, s.Connector, connection, c.Connector), "choose another connection")
			}
		}
		if all[connection] != "" {
			return refuse(fmt.Sprintf("%s stands for %s itself", connection, all[connection]), "bind to that one")
		}
		for other, to := range all {
			if to == slot {
				return refuse(fmt.Sprintf("%s is what %s is bound to", slot, other), "bind that one anew first")
			}
		}
		all[slot] = connection
	}
	text, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("bind %s: %w", slot, err)
	}
	if err := l.store.SetPref(slotsKey, string(text)); err != nil {
		return fmt.Errorf("bind %s: %w", slot, err)
	}
	l.watchers.tell(flow.Event{Kind: flow.ConnectionChanged, What: cmp.Or(connection, slot)})
	return nil
}
