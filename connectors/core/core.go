// Package core holds the operations that every flow is built from: what starts it,
// what chooses, changes and gathers records, and what calls other flows. None of them
// reaches outside the program.
package core

import "jackfield/connectors/kit"

// New declares the connector.
func New() kit.Connector {
	return kit.Connector{
		ID: "core", Title: "Core", Icon: "flow", Tint: "violet",
		Summary: "Start a flow, and choose, change, gather and log its records.",
		Ops: []kit.Op{
			manualOp(), scheduleOp(), afterOp(), calledOp(),
			mapOp(), filterOp(), switchOp(), joinOp(), eachOp(), scopeOp(), collectOp(), sortOp(), groupOp(), dedupeOp(), deltaOp(), waitOp(), approvalOp(), formOp(),
			callOp(), startFlowOp(), joinFlowOp(), logOp(), failOp(),
		},
	}
}
