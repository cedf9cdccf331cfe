package core

import (
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// late is the outlet of records that came after the first to a join of any.
const late flow.Outlet = "late"

func joinOp() kit.Op {
	return kit.Op{
		ID: "join", Title: "Join branches", Icon: "join", Effect: kit.Pure,
		Summary: "Waits where branches meet: for all that can still come, for the first, or for the partners by a key.",
		Words:   []string{"merge", "wait", "all", "any", "combine", "synchronize", "barrier", "race", "together", "branch"},
		New:     func() kit.Operation { return &join{Wait: "all", Give: string(kit.JoinLists)} },
		Outlets: []flow.Outlet{flow.Done, late, unmatched},
		Examples: []kit.Example{{
			Title: "All answers in one record: {prices: […], stock: […]}",
			With:  flow.Values{"wait": "all"},
		}, {
			Title: "Each order with its customer, as tables are joined",
			With:  flow.Values{"wait": "all", "give": "pairs", "key": ".customer"},
		}, {
			Title: "The faster of two services",
			With:  flow.Values{"wait": "any", "key": ".order"},
		}, {
			Title: "An order with its invoice",
			With:  flow.Values{"wait": "keyed", "key": ".order"},
		}},
	}
}

// join says how branches meet. The engine knows by which each record came.
type join struct {
	Wait    string
	Give    string
	KeyExpr any
}

func (j *join) Fields() kit.Fields {
	return kit.Fields{
		kit.Pick(&j.Wait, "wait", "Wait for",
			kit.Choice{Value: "all", Label: "All that can still come"},
			kit.Choice{Value: "any", Label: "The first"},
			kit.Choice{Value: "keyed", Label: "The partners by a key"}),
		kit.Pick(&j.Give, "give", "Give",
			kit.Choice{Value: string(kit.JoinLists), Label: "One record with a list for each branch"},
			kit.Choice{Value: string(kit.JoinStream), Label: "The records themselves, branch after branch"},
			kit.Choice{Value: string(kit.JoinPairs), Label: "One record for each set with the same key"}).
			OnlyIf(func() bool { return j.Wait == "all" }),
		kit.Expr(&j.KeyExpr, "key", "Key").Eg(".order").
			Help("What partners have in common. For the first it may be empty: then only one record goes on.").
			OnlyIf(func() bool { return j.Wait != "all" || j.pairs() }),
	}
}

func (j *join) pairs() bool { return j.Wait == "all" && j.Give == string(kit.JoinPairs) }

// Policy is what the settings come to.
func (j *join) Policy() kit.JoinPolicy {
	switch j.Wait {
	case "any":
		return kit.JoinAny
	case "keyed":
		return kit.JoinKeyed
	}
	return kit.JoinPolicy(j.Give)
}

// Key is what the record has in common with its partners.
func (j *join) Key() any { return j.KeyExpr }

// Outlets are those that the policy has a use for.
func (j *join) Outlets() []flow.Outlet {
	switch j.Wait {
	case "any":
		return []flow.Outlet{flow.Done, late}
	case "keyed":
		return []flow.Outlet{flow.Done, unmatched}
	}
	if j.pairs() {
		return []flow.Outlet{flow.Done, unmatched}
	}
	return []flow.Outlet{flow.Done}
}
