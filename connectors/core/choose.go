package core

import (
	"context"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// The outlets of filter, and of switch beside its cases.
const (
	yes       flow.Outlet = "true"
	no        flow.Outlet = "false"
	unmatched flow.Outlet = "unmatched"
)

func filterOp() kit.Op {
	return kit.Op{
		ID: "filter", Title: "Filter", Icon: "filter", Effect: kit.Pure,
		Summary: "Parts the records for which a condition holds from the others.",
		Words:   []string{"if", "condition", "where", "keep", "drop", "branch"},
		New:     func() kit.Operation { return &filter{} },
		Outlets: []flow.Outlet{yes, no},
		Examples: []kit.Example{{
			Title: "Only large orders",
			With:  flow.Values{"when": ".total > 100"},
			In:    map[string]any{"total": 250},
			Out:   []any{map[string]any{"total": 250}},
		}},
	}
}

// filter lets the record go on by one of two outlets.
type filter struct {
	When bool
}

func (f *filter) Fields() kit.Fields {
	return kit.Fields{
		kit.Test(&f.When, "when", "When").Needed().Eg(".total > 100").
			Help("A record leaves by true if this holds, else by false."),
	}
}

func (f *filter) Run(context.Context, kit.Env, flow.Record) (kit.Result, error) {
	if f.When {
		return kit.Pass(yes), nil
	}
	return kit.Pass(no), nil
}

func switchOp() kit.Op {
	return kit.Op{
		ID: "switch", Title: "Switch", Icon: "switch", Effect: kit.Pure,
		Summary: "Sends each record by the first of several conditions that holds.",
		Words:   []string{"case", "route", "branch", "condition", "if", "split"},
		New:     func() kit.Operation { return &choice{} },
		Outlets: []flow.Outlet{unmatched},
		Examples: []kit.Example{{
			Title: "By country",
			With: flow.Values{"cases": []any{
				map[string]any{"name": "domestic", "when": `.country == "AT"`},
				map[string]any{"name": "europe", "when": `.country | IN("DE", "FR", "IT")`},
			}},
			In:  map[string]any{"country": "FR"},
			Out: []any{map[string]any{"country": "FR"}},
		}},
	}
}

// choice lets the record go on by an outlet that its settings name.
type choice struct {
	Cases  []kit.Case
	Chosen string
}

func (c *choice) Fields() kit.Fields {
	return kit.Fields{
		kit.Cases(&c.Cases, &c.Chosen, "cases", "Cases").Needed().
			Help("Each has an outlet of its own; a record leaves by the first that holds, else by unmatched."),
	}
}

// Outlets are the names of the cases, and unmatched for the rest.
func (c *choice) Outlets() []flow.Outlet {
	outlets := make([]flow.Outlet, 0, len(c.Cases)+1)
	for _, one := range c.Cases {
		outlets = append(outlets, flow.Outlet(one.Name))
	}
	return append(outlets, unmatched)
}

func (c *choice) Run(context.Context, kit.Env, flow.Record) (kit.Result, error) {
	if c.Chosen == "" {
		return kit.Pass(unmatched), nil
	}
	return kit.Pass(flow.Outlet(c.Chosen)), nil
}
