package flow

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"jackfield/flow/value"
)

// Diff lists what leads from a to b: the flow's own fields, then steps in the order
// of b, then edges. A step that only got another id is renamed.
func Diff(a, b Flow) []Change {
	d := &differ{}
	d.text("name", a.Name, b.Name)
	d.text("note", a.Note, b.Note)
	d.text("settings.timeout", span(a.Settings.Timeout), span(b.Settings.Timeout))
	d.text("settings.keep", amount(a.Settings.Keep), amount(b.Settings.Keep))
	d.text("settings.quota", room(a.Settings.Quota), room(b.Settings.Quota))
	d.text("settings.retries", amount(a.Settings.Retries), amount(b.Settings.Retries))
	d.text("settings.concurrency", amount(a.Settings.Concurrency), amount(b.Settings.Concurrency))
	d.text("settings.on_failure", string(a.Settings.OnFailure), string(b.Settings.OnFailure))
	d.text("settings.unresolved", string(a.Settings.Unresolved), string(b.Settings.Unresolved))
	d.steps(a, b)
	d.edges(a, b)
	return d.changes
}

type differ struct {
	changes []Change
	step    StepID
	edge    string
	renamed map[StepID]StepID // old ids to new ones
}

func (d *differ) add(kind ChangeKind, field, before, after string) {
	d.changes = append(d.changes, Change{kind, d.step, d.edge, field, before, after})
}

func (d *differ) text(field, before, after string) {
	switch {
	case before == after:
	case before == "":
		d.add(Added, field, before, after)
	case after == "":
		d.add(Removed, field, before, after)
	default:
		d.add(Changed, field, before, after)
	}
}

func (d *differ) steps(a, b Flow) {
	d.findRenamed(a, b)
	old := map[StepID]Step{}
	for _, s := range a.Steps {
		if id, ok := d.renamed[s.ID]; ok {
			d.changes = append(d.changes, Change{Kind: Renamed, Step: id, Before: string(s.ID), After: string(id)})
			s.ID = id
		}
		old[s.ID] = s
	}
	var both []StepID
	for _, s := range b.Steps {
		d.step = s.ID
		was, ok := old[s.ID]
		if !ok {
			d.add(Added, "", "", string(s.Uses))
			continue
		}
		d.stepFields(was, s)
		both = append(both, s.ID)
		delete(old, s.ID)
	}
	for _, s := range a.Steps {
		if _, gone := old[s.ID]; gone && d.renamed[s.ID] == "" {
			d.step = s.ID
			d.add(Removed, "", string(s.Uses), "")
		}
	}
	d.step = ""
	d.stepOrder(a, both)
}

// findRenamed pairs steps that went with steps that came and are alike but for the
// id.
func (d *differ) findRenamed(a, b Flow) {
	d.renamed = map[StepID]StepID{}
	taken := map[StepID]bool{}
	for _, was := range a.Steps {
		if _, still := b.Step(was.ID); still {
			continue
		}
		for _, is := range b.Steps {
			if _, before := a.Step(is.ID); before || taken[is.ID] {
				continue
			}
			alike := was
			alike.ID, alike.At = is.ID, is.At
			if reflect.DeepEqual(alike, is) {
				d.renamed[was.ID], taken[is.ID] = is.ID, true
				break
			}
		}
	}
}

func (d *differ) stepOrder(a Flow, both []StepID) {
	var before []StepID
	for _, s := range a.Steps {
		id := s.ID
		if now, ok := d.renamed[id]; ok {
			id = now
		}
		if slices.Contains(both, id) {
			before = append(before, id)
		}
	}
	if !slices.Equal(before, both) {
		d.add(Sorted, "steps", "", "")
	}
}

func (d *differ) stepFields(a, b Step) {
	d.text("title", a.Title, b.Title)
	d.text("uses", string(a.Uses), string(b.Uses))
	d.text("in", string(a.In), string(b.In))
	d.text("connection", a.Connection, b.Connection)
	d.value("with", map[string]any(a.With), map[string]any(b.With))
	d.text("map", a.Map, b.Map)
	d.text("retry.tries", amount(a.Retry.Tries), amount(b.Retry.Tries))
	d.text("retry.first", span(a.Retry.First), span(b.Retry.First))
	d.text("retry.most", span(a.Retry.Most), span(b.Retry.Most))
	d.text("retry.only", kinds(a.Retry.Only), kinds(b.Retry.Only))
	d.text("on_error", string(a.OnError), string(b.OnError))
	d.text("uncertain", string(a.Uncertain), string(b.Uncertain))
	d.text("timeout", span(a.Timeout), span(b.Timeout))
	d.text("rate", a.Rate.String(), b.Rate.String())
	d.text("parallel", amount(a.Parallel), amount(b.Parallel))
	d.text("order", a.Order, b.Order)
	d.text("off", toggle(a.Off), toggle(b.Off))
	if unit(a.At.X) != unit(b.At.X) || unit(a.At.Y) != unit(b.At.Y) {
		d.add(Moved, "", "", "")
	}
}

// value compares two values, member by member where both are objects.
func (d *differ) value(path string, a, b any) {
	x, okX := a.(map[string]any)
	y, okY := b.(map[string]any)
	if !okX || !okY {
		if reflect.DeepEqual(a, b) {
			return
		}
		d.add(Changed, path, shown(a), shown(b))
		return
	}
	names := slices.Collect(maps.Keys(x))
	for name := range y {
		if _, ok := x[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		before, was := x[name]
		after, is := y[name]
		switch inner := path + "." + name; {
		case !was:
			d.add(Added, inner, "", shown(after))
		case !is:
			d.add(Removed, inner, shown(before), "")
		default:
			d.value(inner, before, after)
		}
	}
}

// span, room, amount and toggle show a value as the flow file does: nothing where it is
// left out.
func span(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return FormatDuration(d)
}

func kinds(codes []Code) string {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = string(c)
	}
	return strings.Join(names, ", ")
}

func room(n int64) string {
	if n == 0 {
		return ""
	}
	return FormatSize(n)
}

func amount(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func toggle(on bool) string {
	if !on {
		return ""
	}
	return "true"
}

func shown(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return string(value.Append(nil, v))
}

func (d *differ) edges(a, b Flow) {
	old := map[string]string{}
	var before, both []string
	for _, e := range a.Edges {
		for _, end := range []*StepID{&e.From, &e.To} {
			if id, ok := d.renamed[*end]; ok {
				*end = id
			}
		}
		old[e.String()] = e.When
		before = append(before, e.String())
	}
	for _, e := range b.Edges {
		d.edge = e.String()
		when, ok := old[d.edge]
		if !ok {
			d.add(Added, "", "", e.When)
			continue
		}
		d.text("when", when, e.When)
		both = append(both, d.edge)
		delete(old, d.edge)
	}
	for _, name := range before {
		if when, gone := old[name]; gone {
			d.edge = name
			d.add(Removed, "", when, "")
		}
	}
	d.edge = ""
	before = slices.DeleteFunc(before, func(name string) bool { return !slices.Contains(both, name) })
	if !slices.Equal(before, both) {
		d.add(Sorted, "edges", "", "")
	}
}
