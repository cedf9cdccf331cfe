package engine

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// step checks one step and fills in what is needed to perform it.
func (b *planner) step(i int) {
	s := &b.plan.steps[i]
	if !b.operation(s) {
		return
	}
	s.kind = kindOf(s)
	root := len(b.plan.back[i]) == 0 && s.kind != starting
	if root {
		b.plan.roots = append(b.plan.roots, i)
	}
	in := newInstance(s)
	if root || s.kind == starting || s.kind == reading || s.kind == gathering {
		s.behind = reach(i, b.plan.next)
	}
	b.mapping(i, s)
	b.values(s, in)
	b.junction(i, s, in.op)
	b.container(i, s, in.op)
	b.findOutlets(s, in.op)
	if s.Off {
		return
	}
	_, s.bulk = in.op.(kit.Bulk)
	_, s.finisher = in.op.(kit.Finisher)
	_, s.committer = in.op.(kit.Committer)
	if s.finisher {
		s.upstream = reach(i, b.plan.back)
	}
	if s.kind == gathering || s.kind == joining {
		s.before = b.beside(i)
		b.whole(s)
	}
	b.evaluated(i, s, in)
	s.again = s.computedAgain(in.op)
	b.failures(s)
	b.order(i, s)
	b.missing(s, in, root)
	b.schedule(s, in.op)
}

// operation finds what the step uses.
func (b *planner) operation(s *step) bool {
	c, op, ok := b.ops.Op(s.Uses)
	if ok {
		s.connector, s.op = c, op
		return true
	}
	if s.Uses == "" {
		return false // Structure has told of it
	}
	p := flow.Problem{
		Step: s.ID, Field: "uses", Code: "unknown-operation",
		What: fmt.Sprintf("there is no operation %q", string(s.Uses)), Fix: "choose one from the palette, which jackfield connectors ls lists too",
	}
	var meant []string
	for _, id := range b.ops.OpIDs() {
		meant = append(meant, string(id))
	}
	if c, known := b.ops.Connector(s.Uses.Connector()); known {
		meant = idsOf(c)
		p.Fix = fmt.Sprintf("%s has %s", c.Title, listed(meant))
	}
	if near, ok := nearest(s.Uses, meant); ok {
		p.Fix = fmt.Sprintf("did you mean %q?", near)
	}
	b.report(p)
	return false
}

func idsOf(c kit.Connector) (ids []string) {
	for _, o := range c.Ops {
		ids = append(ids, c.ID+"."+o.ID)
	}
	return ids
}

// nearest finds the operation that was most likely meant. Where all are of the
// connector that was named, only what stands behind the dot counts.
func nearest(id flow.OpID, among []string) (string, bool) {
	prefix := id.Connector() + "."
	whole := map[string]string{}
	var names []string
	for _, one := range among {
		name := strings.TrimPrefix(one, prefix)
		whole[name] = one
		names = append(names, name)
	}
	near, ok := flow.Nearest(strings.TrimPrefix(string(id), prefix), names)
	return whole[near], ok
}

func kindOf(s *step) kind {
	op := s.op.New()
	_, reads := op.(kit.Source)
	switch {
	case s.op.Trigger:
		return starting
	case s.Off:
		return passing
	case reads:
		return reading
	}
	if _, contains := op.(kit.Container); contains {
		return looping
	}
	if _, gathers := op.(kit.Barrier); gathers {
		return gathering
	}
	return acting
}

// values merges the layers of settings, binds them and keeps them.
func (b *planner) values(s *step, in *instance) {
	s.values = flow.Values{}
	for name, v := range b.connection(s) {
		if _, ok := in.fields.Field(name); ok {
			s.values[name] = v
		}
	}
	maps.Copy(s.values, s.With)
	for _, set := range b.options.Set {
		if set.Step == s.ID {
			s.values[set.Key] = set.Value
		}
	}
	defer learnSecrets(b.options.Mask, in.fields)
	problems := in.fields.Bind(s.ID, s.values) // also where it is off: outlets may hang on it
	if !s.Off {
		b.report(problems...)
	}
}

func (b *planner) connection(s *step) flow.Values {
	if s.Connection == "" || s.Off {
		return nil
	}
	problem := func(code flow.Code, what, fix string) {
		b.report(flow.Problem{Step: s.ID, Field: "connection", Code: code, What: what, Fix: fix})
	}
	if s.connector.Connection == nil {
		problem("no-connection-wanted", fmt.Sprintf("%s takes no connection", s.connector.Title), "remove it from the step")
		return nil
	}
	s.blind = true
	if b.options.Connection == nil {
		return nil
	}
	id, values, err := b.options.Connection(s.Connection)
	if err != nil {
		f := kit.AsFailure(err)
		problem("unknown-connection", f.What, cmp.Or(f.Fix, "add it under Connections"))
		return nil
	}
	if id != s.connector.ID {
		problem("wrong-connection", fmt.Sprintf("the connection %q is one of %s, and this step needs one of %s", s.Connection, id, s.connector.ID),
			"choose another connection")
		return nil
	}
	s.blind = false
	if b.options.Rate != nil {
		s.served = b.options.Rate(s.Connection)
	}
	return values
}

// findOutlets asks the operation, whose settings are bound, where records leave it.
func (b *planner) findOutlets(s *step, op kit.Operation) {
	s.outlets = s.op.Outlets
	if branches, ok := op.(kit.Brancher); ok {
		s.outlets = branches.Outlets()
	}
	if len(s.outlets) == 0 {
		s.outlets = []flow.Outlet{flow.Done}
	}
	s.outlets = slices.Clone(s.outlets)
	if (s.kind == acting || s.kind == looping) && !s.leavesBy(Empty) {
		s.outlets = append(s.outlets, Empty)
	}
	if !s.leavesBy(flow.Failed) {
		s.outlets = append(s.outlets, flow.Failed)
	}
}

// missing tells of needed fields that nothing fills.
func (b *planner) missing(s *step, in *instance, root bool) {
	main, has := in.fields.Main()
	recordFills := has && s.kind != starting && isEmpty(main.Get()) && (s.mapping == nil || s.op.Each)
	if recordFills {
		s.fillsMain = main.Name
	}
	var keys []string
	exact := true
	if s.mapping != nil && !s.op.Each {
		keys, exact = s.mapping.Keys()

		b.unknownKeys(s, in, keys)
	}
	unknown := unknownConnection(s)
	b.report(in.fields.Missing(s.ID, func(name string) bool {
		if _, ok := unknown.Field(name); ok {
			return true
		}
		if v := s.values[name]; v != nil && v != "" {
			return true // it is set, and where it does not fit that was told
		}
		return !exact || slices.Contains(keys, name) || recordFills && name == main.Name && !root
	})...)
}

// unknownConnection is the fields of a connection of which nothing more is known.
func unknownConnection(s *step) kit.Fields {
	if !s.blind {
		return nil
	}
	return s.connector.Connection().Fields()
}

func (b *planner) unknownKeys(s *step, in *instance, keys []string) {
	for _, key := range keys {
		if _, ok := in.fields.Field(key); ok {
			continue
		}
		p := flow.Problem{
			Step: s.ID, Field: "map", Code: "unknown-field",
			What: fmt.Sprintf("the mapping gives %q, which %s does not take", key, s.Uses),
		}
		if near, ok := flow.Nearest(key, in.fields.Names()); ok {
			p.Fix = fmt.Sprintf("did you mean %q?", near)
		} else {
			p.Fix = fmt.Sprintf("it takes %s", listed(in.fields.Names()))
		}
		b.report(p)
	}
}

func (b *planner) schedule(s *step, op kit.Operation) {
	timed, ok := op.(kit.Scheduled)
	if !ok || slices.ContainsFunc(b.problems, func(p flow.Problem) bool { return p.Step == s.ID && !p.Warning }) {
		return // its settings do not make a schedule yet
	}
	if _, err := parseSchedule(timed.Schedule(), time.Local); err != nil {
		var f *kit.Failure
		if errors.As(err, &f) {
			b.report(f.Problem(s.ID, ""))
		}
	}
}

// checkSettings tells of settings for steps that are not there.
func (b *planner) checkSettings() {
	for _, set := range b.options.Set {
		if _, ok := b.plan.index[set.Step]; ok {
			continue
		}
		p := flow.Problem{
			Field: set.Key, Code: "unknown-step",
			What: fmt.Sprintf("a setting is given for step %q, which is not there", string(set.Step)),
		}
		var ids []string
		for _, s := range b.flow.Steps {
			ids = append(ids, string(s.ID))
		}
		if near, ok := flow.Nearest(string(set.Step), ids); ok {
			p.Fix = fmt.Sprintf("did you mean %q?", near)
		} else {
			p.Fix = "the steps are " + listed(ids)
		}
		b.report(p)
	}
}
