package core

import (
	"errors"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func eachOp() kit.Op {
	return kit.Op{
		ID: "each", Title: "For each item", Icon: "each", Effect: kit.Pure,
		Summary: "Performs the steps inside it for each item of a record, and collects what they give.",
		Words:   []string{"loop", "for", "foreach", "iterate", "repeat", "items", "list", "batch", "while", "until", "break"},
		New:     func() kit.Operation { return &each{Items: kit.Itself{}, Give: string(kit.GiveList), Into: "results"} },
		Outlets: []flow.Outlet{flow.Done, flow.Finally},
		Examples: []kit.Example{{
			Title: "Every line of an order",
			With:  flow.Values{"items": ".lines", "into": "shipped"},
			In:    map[string]any{"id": 7, "lines": []any{"lamp", "desk"}},
		}, {
			Title: "Try one address after the other until one answers",
			With:  flow.Values{"items": ".addresses", "stop_when": ".ok", "give": "results"},
		}},
	}
}

// each says how the steps inside are performed for the items of a record.
type each struct {
	Items  any
	AtOnce int
	Stop   bool
	Give   string
	Into   string
}

func (e *each) Fields() kit.Fields {
	return kit.Fields{
		kit.Expr(&e.Items, "items", "Items").Eg(".lines").
			Help("A list. Left empty it is the record itself, where that is a list; what is no list is one item."),
		kit.Pick(&e.Give, "give", "Give",
			kit.Choice{Value: string(kit.GiveList), Label: "The record with a list of the results"},
			kit.Choice{Value: string(kit.GiveResults), Label: "One record for each result"},
			kit.Choice{Value: string(kit.GiveRecord), Label: "The record as it came"}),
		kit.Text(&e.Into, "into", "Results under").OnlyIf(func() bool { return e.Give == string(kit.GiveList) }),
		kit.Test(&e.Stop, "stop_when", "Stop when").Eg(".ok").
			Help("Asked of each result. When it holds, the items behind it are not begun."),
		kit.Int(&e.AtOnce, "at_once", "Items at a time").More().Checked(e.check).
			Help("1 takes one item through all steps before the next begins; 0 is as many as is quick, or one where the loop can stop."),
	}
}

func (e *each) check() error {
	if e.AtOnce < 0 {
		return errors.New("there cannot be less than no items at a time")
	}
	return nil
}

// Scope is what the settings come to.
func (e *each) Scope() kit.Scope {
	return kit.Scope{Items: e.Items, AtOnce: e.AtOnce, Stop: "stop_when", Give: kit.ScopeGive(e.Give), Into: e.Into}
}
