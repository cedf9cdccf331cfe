package core

import (
	"context"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/filter"
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
		New:     func() kit.Operation { return &choosing{} },
		Outlets: []flow.Outlet{yes, no},
		Examples: []kit.Example{{
			Title: "Only large orders",
			With:  flow.Values{"when": ".total > 100"},
			In:    map[string]any{"total": 250},
			Out:   []any{map[string]any{"total": 250}},
		}, {
			Title: "Open orders since May",
			With:  flow.Values{"where": "status = 'open' and created >= 2024-05-01"},
			In:    map[string]any{"status": "open", "created": "2024-05-02T08:30:00+02:00"},
			Out:   []any{map[string]any{"status": "open", "created": "2024-05-02T08:30:00+02:00"}},
		}},
	}
}

// choosing lets the record go on by one of two outlets: as jq says or, without that, as a
// filter does.
type choosing struct {
	When    bool
	Where   filter.Filter
	matcher *filter.Matcher
}

func (f *choosing) Fields() kit.Fields {
	when := kit.Test(&f.When, "when", "When").Needed().Eg(".total > 100").
		Help("A record leaves by true if this holds, else by false.")
	where := kit.Filter(&f.Where, "where", "Where").Eg("status = 'open' and total > 100").
		Help("In place of jq: a record leaves by true if this holds.")
	isSet := func(field kit.Field) bool { return field.Get() != "" }
	return kit.Fields{
		when.OnlyIf(func() bool { return !isSet(where) }),
		where.OnlyIf(func() bool { return !isSet(when) }).Checked(func() error { return f.checkWhere(isSet(when)) }),
	}
}

// checkWhere refuses what a filter of single records cannot mean.
func (f *choosing) checkWhere(withJQ bool) error {
	switch {
	case withJQ && f.Where.Where != nil:
		return kit.Fail(kit.Invalid, "there are two conditions, and one counts").Hint("empty \"when\" or \"where\"")
	case f.Where.Limit > 0:
		return kit.Fail(kit.Invalid, "a limit counts rows, and here each record is judged alone").Hint("put the limit at the step that reads")
	}
	return nil
}

func (f *choosing) Run(_ context.Context, _ kit.Env, rec flow.Record) (kit.Result, error) {
	holds := f.When
	if f.Where.Where != nil {
		if f.matcher == nil {
			f.matcher = f.Where.Matcher(flow.Any())
		}
		holds = f.matcher.Match(rec.Data)
	}
	if holds {
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
