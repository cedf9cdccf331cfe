package tables

import (
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Ops declares the operations that all databases have. with are the settings that an
// example needs to say which database it is, and made is a new one.
func Ops(made func() Base, with flow.Values) []kit.Op {
	x := examples{with: with}
	return []kit.Op{
		queryOp(made, x), readOp(made, x),
		insertOp(made, x), updateOp(made, x), upsertOp(made, x), deleteOp(made, x),
	}
}

// examples are settings with those of the database among them.
type examples struct{ with flow.Values }

func (x examples) of(with flow.Values) flow.Values {
	for name, v := range x.with {
		with[name] = v
	}
	return with
}

func queryOp(made func() Base, x examples) kit.Op {
	return kit.Op{
		ID: "query", Title: "Run SQL", Icon: "code", Effect: kit.Once,
		Summary: "Runs SQL for each record and gives a record for each row; a statement that changes something gives how many rows it changed.",
		Words:   []string{"select", "sql", "statement", "insert", "delete", "update"},
		New:     func() kit.Operation { return newQuery(made()) },
		Out:     anyObject(),
		Examples: []kit.Example{{
			Title: "Count the orders of each customer",
			With:  x.of(flow.Values{"sql": "select customer, count(*) as orders from orders group by customer"}),
		}, {
			Title: "Look something up for each record",
			With:  x.of(flow.Values{"sql": "select * from products where sku = :sku"}),
			Map:   "{params: {sku: .sku}}",
		}},
	}
}

func readOp(made func() Base, x examples) kit.Op {
	return kit.Op{
		ID: "read", Title: "Read a table", Icon: "table", Effect: kit.Reads,
		Summary: "Reads the rows of a table or view page by page; with a cursor column, only those that are new since the last run.",
		Words:   []string{"select", "table", "rows", "source", "incremental"},
		New:     func() kit.Operation { return newRead(made()) },
		Out:     anyObject(),
		Examples: []kit.Example{{
			Title: "New and changed orders only",
			With:  x.of(flow.Values{"table": "orders", "cursor": "updated_at"}),
		}, {
			Title: "What came late too, and only 30 days back at first",
			With:  x.of(flow.Values{"table": "orders", "cursor": "updated_at", "overlap": "10m", "first": "30d"}),
		}},
	}
}

func insertOp(made func() Base, x examples) kit.Op {
	return kit.Op{
		ID: "insert", Title: "Add rows", Icon: "add", Effect: kit.Once,
		Summary: "Adds each record as a new row; makes the table where it is missing.",
		Words:   []string{"append", "create", "load", "copy", "write"},
		New:     func() kit.Operation { return newWrite(made(), kit.Insert) },
		In:      anyObject(),
		Examples: []kit.Example{{
			Title: "Keep what happened",
			With:  x.of(flow.Values{"table": "events"}),
			In:    map[string]any{"at": "2026-03-01T12:00:00Z", "what": "opened"},
		}},
	}
}

func updateOp(made func() Base, x examples) kit.Op {
	return kit.Op{
		ID: "update", Title: "Change rows", Icon: "edit", Effect: kit.Repeatable,
		Summary: "Changes the row that has each record's key; columns that are not in the record stay as they are.",
		Words:   []string{"set", "modify", "write"},
		New:     func() kit.Operation { return newWrite(made(), kit.Update) },
		In:      anyObject(),
		Examples: []kit.Example{{
			Title: "Mark orders as sent",
			With:  x.of(flow.Values{"table": "orders", "key": []any{"id"}}),
			Map:   "{row: {id, sent: true}}",
		}},
	}
}

func upsertOp(made func() Base, x examples) kit.Op {
	return kit.Op{
		ID: "upsert", Title: "Write rows", Effect: kit.Repeatable,
		Summary: "Writes each record as a row: a new one, or in place of the row with the same key; makes the table where it is missing.",
		Words:   []string{"insert", "update", "save", "load", "merge", "write"},
		New:     func() kit.Operation { return newWrite(made(), kit.Upsert) },
		In:      anyObject(),
		Examples: []kit.Example{{
			Title: "Keep orders by their id",
			With:  x.of(flow.Values{"table": "orders", "key": []any{"id"}}),
			In:    map[string]any{"id": 7, "customer": "Ada", "total": 12.5},
		}},
	}
}

func deleteOp(made func() Base, x examples) kit.Op {
	return kit.Op{
		ID: "delete", Title: "Remove rows", Icon: "delete", Effect: kit.Repeatable,
		Summary: "Removes the row that has each record's key.",
		Words:   []string{"remove", "erase", "drop"},
		New:     func() kit.Operation { return newWrite(made(), kit.Delete) },
		In:      anyObject(),
		Examples: []kit.Example{{
			Title: "Remove what the other side no longer has",
			With:  x.of(flow.Values{"table": "orders", "key": []any{"id"}}),
			In:    map[string]any{"id": 7},
		}},
	}
}
