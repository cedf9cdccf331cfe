// Package csv reads and writes tables in text files: rows of cells that a delimiter
// parts (RFC 4180, and what spreadsheets and old systems make of it).
//
// Its nouns: a table is an open file with its encoding and the names of its columns;
// a scanner parts it into rows and knows the byte at which each begins; a place is
// where the next page goes on. Its rules: a row that cannot be read is told with its
// line and its text and never stands in the way of the next; no cell is changed on
// the way unless a setting says so; a file of any size is read in little memory.
package csv

import (
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// New declares the connector.
func New() kit.Connector {
	return kit.Connector{
		ID: "csv", Title: "CSV", Icon: "csv", Tint: "green",
		Summary: "Read and write tables in text files, as spreadsheets export them.",
		Ops:     []kit.Op{readOp(), writeOp()},
	}
}

func readOp() kit.Op {
	return kit.Op{
		ID: "read", Title: "Read a CSV file", Effect: kit.Reads,
		Summary: "Gives a record for each row; with a cursor column, only for rows that are new since the last run.",
		Words:   []string{"import", "load", "table", "tsv", "rows", "excel", "spreadsheet", "source", "text"},
		New:     func() kit.Operation { return newRead() },
		Out:     flow.Schema{Types: []flow.Kind{flow.Object}},
		Examples: []kit.Example{{
			Title: "New orders only",
			With:  flow.Values{"path": "orders.csv", "cursor": "updated_at"},
			Out: []any{
				map[string]any{"id": "1", "updated_at": "2026-02-27", "note": "two, please"},
				map[string]any{"id": "2", "updated_at": "2026-02-28", "note": ""},
			},
		}, {
			Title: "Without a row of names",
			With: flow.Values{
				"path": "units.txt", "delimiter": ";", "header": false,
				"columns": []any{"code", "name", "factor"}, "numbers": true,
			},
			Out: []any{
				map[string]any{"code": "MTR", "name": "metre", "factor": 1},
				map[string]any{"code": "007", "name": "inch", "factor": 0.0254},
			},
		}},
	}
}

func writeOp() kit.Op {
	return kit.Op{
		ID: "write", Title: "Write a CSV file", Effect: kit.Repeatable,
		Summary: "Writes each record as a row; the file appears, whole, when the run ends.",
		Words:   []string{"export", "save", "table", "tsv", "rows", "excel", "spreadsheet", "append"},
		New:     func() kit.Operation { return newWrite() },
		In:      flow.Schema{Types: []flow.Kind{flow.Object}},
		Examples: []kit.Example{{
			Title: "Two of the columns",
			With:  flow.Values{"path": "totals.csv", "columns": []any{"customer", "total"}},
			In:    map[string]any{"customer": "Ada", "total": 12.5, "secret": "x"},
			Out:   []any{map[string]any{"customer": "Ada", "total": 12.5, "secret": "x"}},
		}},
	}
}
