// Package json reads and writes JSON files: one value on each line, a list, or a list
// somewhere inside a document.
//
// A file of any size is read in little memory, page by page, each going on at the byte
// where the one before ended. Where each line is a value of its own, a bad line costs
// no other; in a document nothing can be trusted behind a fault, so reading ends there.
package json

import (
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// New declares the connector.
func New() kit.Connector {
	return kit.Connector{
		ID: "json", Title: "JSON", Icon: "json", Tint: "amber",
		Summary: "Read and write JSON and JSON Lines files.",
		Ops:     []kit.Op{readOp(), writeOp()},
	}
}

func readOp() kit.Op {
	return kit.Op{
		ID: "read", Title: "Read a JSON file", Effect: kit.Reads,
		Summary: "Gives a record for each line, for each member of a list, or for the whole document; with a cursor field, only those that are new since the last run.",
		Words:   []string{"import", "load", "jsonl", "ndjson", "lines", "array", "document", "source"},
		New:     func() kit.Operation { return &read{Sync: kit.NewSync()} },
		Examples: []kit.Example{{
			Title: "Each member of a list",
			With:  flow.Values{"path": "orders.json"},
			Out:   []any{map[string]any{"id": 1}, map[string]any{"id": 2}},
		}, {
			Title: "One value on each line",
			With:  flow.Values{"path": "orders.jsonl", "lines": true},
			Out:   []any{map[string]any{"id": 1}, "two"},
		}, {
			Title: "A list inside a document",
			With:  flow.Values{"path": "countries.json", "at": "3166-1"},
			Out:   []any{map[string]any{"alpha_2": "AT", "name": "Austria"}},
		}},
	}
}

func writeOp() kit.Op {
	return kit.Op{
		ID: "write", Title: "Write a JSON file", Effect: kit.Repeatable,
		Summary: "Writes each record as a line or as a member of a list; the file appears, whole, when the run ends.",
		Words:   []string{"export", "save", "jsonl", "ndjson", "lines", "array", "append"},
		New:     func() kit.Operation { return newWrite() },
		Examples: []kit.Example{{
			Title: "One line for each record",
			With:  flow.Values{"path": "orders.jsonl"},
			In:    map[string]any{"id": 1},
			Out:   []any{map[string]any{"id": 1}},
		}, {
			Title: "Only the name, in a list for people to read",
			With:  flow.Values{"path": "names.json", "lines": false, "indent": true},
			Map:   "{value: .name}",
			In:    map[string]any{"id": 1, "name": "Ada"},
			Out:   []any{map[string]any{"id": 1, "name": "Ada"}},
		}},
	}
}
