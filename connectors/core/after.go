package core

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func afterOp() kit.Op {
	text := flow.Of(flow.String)
	return kit.Op{
		ID: "after", Title: "After another flow", Icon: "play-to", Trigger: true, Effect: kit.Pure,
		Summary: "Starts a run each time a run of another flow has ended, while the flow is enabled.",
		Words:   []string{"trigger", "chain", "follow", "then", "next", "ended", "finished", "error flow"},
		New:     func() kit.Operation { return &after{States: []string{string(flow.RunDone), string(flow.RunPartial)}} },
		Out: flow.ObjectOf(
			flow.Property{Name: "run", Required: true, Schema: text},
			flow.Property{Name: "flow", Required: true, Schema: text},
			flow.Property{Name: "state", Required: true, Schema: flow.Schema{Types: []flow.Kind{flow.String}, Enum: endings()}},
			flow.Property{Name: "given", Required: true, Schema: flow.Of(flow.Integer)},
			flow.Property{Name: "failures", Required: true, Schema: flow.Of(flow.Integer)},
			flow.Property{Name: "problem", Required: true, Schema: flow.Schema{Types: []flow.Kind{flow.Object, flow.Null}}},
		),
		Examples: []kit.Example{{
			Title: "Once the orders are in",
			With:  flow.Values{"flow": "Orders"},
			Out:   []any{map[string]any{"run": "", "flow": "Orders", "state": "done", "given": 0, "failures": 0, "problem": nil}},
		}, {
			Title: "Whatever goes wrong with the orders",
			With:  flow.Values{"flow": "Orders", "states": []any{"failed", "partial"}},
			Out:   []any{map[string]any{"run": "", "flow": "Orders", "state": "failed", "given": 0, "failures": 0, "problem": nil}},
		}},
	}
}

// endings are the states in which a run can end.
func endings() []any {
	return []any{string(flow.RunDone), string(flow.RunPartial), string(flow.RunFailed), string(flow.RunStopped)}
}

// after is a trigger that the ends of another flow's runs fire.
type after struct {
	Flow   string
	States []string
}

func (a *after) Fields() kit.Fields {
	return kit.Fields{
		kit.Text(&a.Flow, "flow", "Flow").Needed().Eg("Orders").Help("The name or the id of the flow whose runs to wait for."),
		kit.List(&a.States, "states", "When they end as").Eg("done").Checked(a.check).
			Help("Any of done, partial, failed and stopped. A run that is resumed ends once more."),
	}
}

func (a *after) check() error {
	for _, s := range a.States {
		if !slices.Contains(endings(), any(s)) {
			return fmt.Errorf("no run ends as %q: done, partial, failed and stopped are the ends", s)
		}
	}
	if len(a.States) == 0 {
		return fmt.Errorf("it would never start: name at least one of done, partial, failed and stopped")
	}
	return nil
}

// Follows says whose ends it waits for.
func (a *after) Follows() kit.Following {
	f := kit.Following{Flow: a.Flow}
	for _, s := range a.States {
		f.States = append(f.States, flow.RunState(s))
	}
	return f
}

// Start makes an end up, of a run that never was.
func (a *after) Start(context.Context, kit.Env) ([]any, error) {
	state := string(flow.RunDone)
	if len(a.States) > 0 {
		state = cmp.Or(a.States[0], state)
	}
	return []any{map[string]any{"run": "", "flow": a.Flow, "state": state, "given": 0, "failures": 0, "problem": nil}}, nil
}
