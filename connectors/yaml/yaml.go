// Package yaml reads and writes YAML: the entries of a list, the documents of a file, or
// a list somewhere inside a document.
//
// A piece is what is parsed at once: a document, or, where a document is a large list,
// one entry of it. Both can be told apart by how lines begin (YAML 1.2.2, sections 9.1
// and 8.2.1), so a file of any size is read in little memory, each page goes on at the
// byte where the one before ended, and a bad piece costs no other.
package yaml

import (
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// New declares the connector.
func New() kit.Connector {
	return kit.Connector{
		ID: "yaml", Title: "YAML", Icon: "list", Tint: "teal",
		Summary: "Read and write YAML files and texts.",
		Ops:     []kit.Op{readOp(), writeOp(), parseOp(), formatOp()},
	}
}

func readOp() kit.Op {
	return kit.Op{
		ID: "read", Title: "Read a YAML file", Effect: kit.Reads,
		Summary: "Gives a record for each entry of a list and for each other document; with a cursor field, only those that are new since the last run.",
		Words:   []string{"import", "load", "yml", "documents", "list", "configuration", "source"},
		New:     func() kit.Operation { return &read{Sync: kit.NewSync()} },
		Examples: []kit.Example{{
			Title: "Each entry of a list",
			With:  flow.Values{"path": "orders.yaml"},
			Out:   []any{map[string]any{"id": 1}, map[string]any{"id": 2}},
		}, {
			Title: "A list inside each document",
			With:  flow.Values{"path": "teams.yaml", "at": "team.members"},
			Out:   []any{"Ada", "Grace"},
		}},
	}
}

func writeOp() kit.Op {
	return kit.Op{
		ID: "write", Title: "Write a YAML file", Effect: kit.Repeatable,
		Summary: "Writes each record as an entry of a list or as a document; the file appears, whole, when the run ends.",
		Words:   []string{"export", "save", "yml", "documents", "list", "append"},
		New:     func() kit.Operation { return newWrite() },
		Examples: []kit.Example{{
			Title: "One list",
			With:  flow.Values{"path": "orders.yaml"},
			In:    map[string]any{"id": 1},
			Out:   []any{map[string]any{"id": 1}},
		}, {
			Title: "A document for each record",
			With:  flow.Values{"path": "orders.yaml", "documents": true},
			In:    map[string]any{"id": 1},
			Out:   []any{map[string]any{"id": 1}},
		}},
	}
}

func parseOp() kit.Op {
	return kit.Op{
		ID: "parse", Title: "Read a YAML text", Effect: kit.Pure,
		Summary: "Gives the records that stand in a text, as the reply of a service or a file from elsewhere.",
		Words:   []string{"decode", "from", "yml", "text", "base64"},
		New:     func() kit.Operation { return &parse{} },
		Examples: []kit.Example{{
			Title: "Each entry of a list",
			Map:   "{text: .body}",
			In:    map[string]any{"body": "- a: 1\n- a: 2\n"},
			Out:   []any{map[string]any{"a": 1}, map[string]any{"a": 2}},
		}},
	}
}

func formatOp() kit.Op {
	return kit.Op{
		ID: "format", Title: "Write a YAML text", Effect: kit.Pure,
		Summary: "Gives the record as a YAML text, to be sent or stored somewhere.",
		Words:   []string{"encode", "to", "yml", "text", "dump"},
		New:     func() kit.Operation { return &format{} },
		Out:     flow.ObjectOf(flow.Property{Name: "text", Required: true, Schema: flow.Of(flow.String)}),
		Examples: []kit.Example{{
			Title: "The record",
			In:    map[string]any{"name": "Ada", "tags": []any{"a", "no"}},
			Out:   []any{map[string]any{"text": "name: Ada\ntags:\n  - a\n  - \"no\"\n"}},
		}},
	}
}
