package core

import (
	"jackfield/connectors/kit"
	"jackfield/flow"
)

func scopeOp() kit.Op {
	return kit.Op{
		ID: "scope", Title: "Try together", Icon: "scope", Effect: kit.Pure,
		Summary: "Performs the steps inside it for each record; if one fails, the record leaves by failed, and always by finally.",
		Words:   []string{"group", "try", "catch", "finally", "error", "scope", "transaction", "block", "cleanup"},
		New:     func() kit.Operation { return &scope{Give: string(kit.GiveResults)} },
		Outlets: []flow.Outlet{flow.Done, flow.Finally},
		Examples: []kit.Example{{
			Title: "Send and note it, or else tell somebody",
			With:  flow.Values{"give": "record"},
		}},
	}
}

// scope takes a record through the steps inside as a whole.
type scope struct {
	Give string
}

func (s *scope) Fields() kit.Fields {
	return kit.Fields{
		kit.Pick(&s.Give, "give", "Give",
			kit.Choice{Value: string(kit.GiveResults), Label: "What left the last steps"},
			kit.Choice{Value: string(kit.GiveRecord), Label: "The record as it came"}),
	}
}

// Scope is what the settings come to.
func (s *scope) Scope() kit.Scope { return kit.Scope{Whole: true, Give: kit.ScopeGive(s.Give)} }
