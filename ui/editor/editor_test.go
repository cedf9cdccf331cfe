package editor

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// The operations that the tests draw with.

type manual struct{}

func (*manual) Fields() kit.Fields { return nil }

type read struct {
	path, delimiter string
	limit           int
}

func (r *read) Fields() kit.Fields {
	return kit.Fields{
		kit.File(&r.path, "path", "File").Needed(),
		kit.Text(&r.delimiter, "delimiter", "Delimiter").More(),
		kit.Int(&r.limit, "limit", "Limit"),
	}
}

type mapping struct{}

func (*mapping) Fields() kit.Fields { return nil }

type request struct {
	method, path string
	url          string
	body         any
	token        kit.Secret
}

func (r *request) Fields() kit.Fields {
	return kit.Fields{
		kit.Pick(&r.method, "method", "Method", kit.Choice{Value: "GET"}, kit.Choice{Value: "POST"}),
		kit.Text(&r.path, "path", "Path"),
		kit.Text(&r.url, "url", "Address"),
		kit.Value(&r.body, "body", "Body"),
		kit.Hidden(&r.token, "token", "Token"),
	}
}

type filter struct{ hold bool }

func (f *filter) Fields() kit.Fields {
	return kit.Fields{kit.Test(&f.hold, "when", "Condition").Needed()}
}

type branch struct {
	cases  []kit.Case
	chosen string
}

func (b *branch) Fields() kit.Fields {
	return kit.Fields{kit.Cases(&b.cases, &b.chosen, "cases", "Cases")}
}

func (b *branch) Outlets() []flow.Outlet {
	var list []flow.Outlet
	for _, c := range b.cases {
		list = append(list, flow.Outlet(c.Name))
	}
	return append(list, "unmatched")
}

var testOps = kit.Set{
	{ID: "core", Title: "Core", Icon: "flow", Tint: "violet", Ops: []kit.Op{
		{ID: "manual", Title: "By hand", Trigger: true, New: func() kit.Operation { return &manual{} }},
		{ID: "map", Title: "Map", New: func() kit.Operation { return &mapping{} }},
		{
			ID: "filter", Title: "Filter", Outlets: []flow.Outlet{"true", "false"},
			New: func() kit.Operation { return &filter{} },
		},
		{ID: "switch", Title: "Switch", Tint: "amber", New: func() kit.Operation { return &branch{} }},
	}},
	{ID: "csv", Title: "CSV", Ops: []kit.Op{
		{ID: "read", Title: "Read", New: func() kit.Operation { return &read{delimiter: ","} }},
	}},
	{ID: "http", Title: "HTTP", Ops: []kit.Op{
		{ID: "request", Title: "Request", New: func() kit.Operation { return &request{method: "GET"} }},
	}},
}

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func empty() *Document { return New(flow.Flow{Name: "test"}, testOps) }

// chain draws steps a, b, c … in a row, each leading to the next.
func chain(ids ...flow.StepID) *Document {
	f := flow.Flow{Name: "test"}
	for i, id := range ids {
		f.Steps = append(f.Steps, flow.Step{ID: id, Uses: "core.map", At: flow.Point{X: float32(i) * 280}})
		if i > 0 {
			f.Edges = append(f.Edges, flow.Edge{From: ids[i-1], To: id})
		}
	}
	return New(f, testOps)
}

// large draws n steps in rows of six that branch and join again.
func large(n int) flow.Flow {
	var f flow.Flow
	id := func(i int) flow.StepID { return flow.StepID(fmt.Sprintf("s%d", i)) }
	for i := range n {
		row, column := i/6, i%6
		f.Steps = append(f.Steps, flow.Step{
			ID: id(i), Uses: []flow.OpID{"csv.read", "core.map", "http.request"}[i%3],
			At: flow.Point{X: float32(column) * 280, Y: float32(row) * 120},
		})
		if column > 0 {
			f.Edges = append(f.Edges, flow.Edge{From: id(i - 1), To: id(i)})
		}
		if column > 1 && row%2 == 1 {
			f.Edges = append(f.Edges, flow.Edge{From: id(i - 7), To: id(i)})
		}
	}
	return f
}

func (d *Document) edgeTexts() []string {
	var list []string
	for _, a := range d.Arrows() {
		text := fmt.Sprintf("%s.%s -> %s", a.Edge.From, a.Edge.Leaves(), a.Edge.To)
		if a.Edge.When != "" {
			text += " when " + a.Edge.When
		}
		list = append(list, text)
	}
	return list
}

func (d *Document) stepIDs() []flow.StepID {
	var list []flow.StepID
	for _, c := range d.Cards() {
		list = append(list, c.ID())
	}
	return list
}

func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if fmt.Sprintf("%v", got) != fmt.Sprintf("%v", want) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestOperationsThatComeLaterAreKnown(t *testing.T) {
	d := empty()
	before := d.AddStep("shop.list", flow.Point{})
	if _, _, known := d.Operation(before); known {
		t.Fatal("it is known already")
	}
	d.Know(append(slices.Clone(testOps), kit.Connector{ID: "shop", Title: "Shop", Icon: "api", Ops: []kit.Op{{ID: "list", Title: "List", New: func() kit.Operation { return &mapping{} }}}}))
	after := d.AddStep("shop.list", flow.Point{X: 400})
	for _, id := range []flow.StepID{before, after} {
		if _, _, known := d.Operation(id); !known {
			t.Errorf("the operation of %s is not known", id)
		}
	}
	if title, icon, _ := d.LooksOf("shop.list"); title == "" || icon != "api" {
		t.Errorf("it looks like %q, %q", title, icon)
	}
}
