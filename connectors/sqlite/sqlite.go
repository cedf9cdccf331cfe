// Package sqlite reads and writes SQLite databases: files that hold tables.
//
// Its nouns: a library keeps the databases that are open, one for each file; an
// operation borrows a connection from it and gives it back. Its rules: names of
// tables and columns are quoted and values are bound, never pasted into SQL; whoever
// waits for a lock waits as long as the field "busy" says and then says which file
// is locked; nothing that only reads makes a file or changes one.
package sqlite

import (
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// New declares the connector. The databases that its operations open are shared
// among them, and closed when nobody used them for a moment or on Close.
func New() kit.Connector {
	lib := &library{}
	return kit.Connector{
		ID: "sqlite", Title: "SQLite", Icon: "sqlite", Tint: "blue",
		Summary: "Query, read and fill tables in a SQLite database file.",
		Close:   lib.close,
		Ops:     []kit.Op{queryOp(lib), readOp(lib), upsertOp(lib)},
	}
}

func queryOp(lib *library) kit.Op {
	return kit.Op{
		ID: "query", Title: "Run SQL", Icon: "code", Effect: kit.Once,
		Summary: "Runs SQL for each record and gives a record for each row; a statement that changes something gives how many rows it changed.",
		Words:   []string{"select", "sql", "statement", "insert", "delete", "update"},
		New:     func() kit.Operation { return &query{store: newStore(lib)} },
		Out:     flow.Schema{Types: []flow.Kind{flow.Object}},
		Examples: []kit.Example{{
			Title: "Count the orders of each customer",
			With:  flow.Values{"path": "shop.db", "sql": "select customer, count(*) as orders from orders group by customer"},
		}, {
			Title: "Make a table",
			With:  flow.Values{"path": "shop.db", "sql": "create table if not exists visits (day text primary key, n integer)"},
			In:    map[string]any{},
			Out:   []any{map[string]any{"changed": 0, "last_id": nil}},
		}, {
			Title: "Look something up for each record",
			With:  flow.Values{"path": "shop.db", "sql": "select * from products where sku = :sku"},
			Map:   "{params: {sku: .sku}}",
		}},
	}
}

func readOp(lib *library) kit.Op {
	return kit.Op{
		ID: "read", Title: "Read a table", Icon: "table", Effect: kit.Reads,
		Summary: "Reads the rows of a table or view page by page; with a cursor column, only those that are new since the last run.",
		Words:   []string{"select", "table", "rows", "source", "incremental"},
		New:     func() kit.Operation { return &read{store: newStore(lib), Sync: kit.NewSync(), PageSize: 1000} },
		Out:     flow.Schema{Types: []flow.Kind{flow.Object}},
		Examples: []kit.Example{{
			Title: "New and changed orders only",
			With:  flow.Values{"path": "shop.db", "table": "orders", "cursor": "updated_at"},
		}, {
			Title: "What came late too, and only 30 days back at first",
			With:  flow.Values{"path": "shop.db", "table": "orders", "cursor": "updated_at", "overlap": "10m", "first": "30d"},
		}},
	}
}

func upsertOp(lib *library) kit.Op {
	return kit.Op{
		ID: "upsert", Title: "Write rows", Effect: kit.Repeatable,
		Summary: "Writes each record as a row: a new one, or in place of the row with the same key; makes the table where it is missing.",
		Words:   []string{"insert", "update", "save", "load", "merge", "write"},
		New:     func() kit.Operation { return &upsert{store: newStore(lib), AddColumns: true} },
		In:      flow.Schema{Types: []flow.Kind{flow.Object}},
		Examples: []kit.Example{{
			Title: "Keep orders by their id",
			With:  flow.Values{"path": "shop.db", "table": "orders", "key": []any{"id"}},
			In:    map[string]any{"id": 7, "customer": "Ada", "total": 12.5},
			Out:   []any{map[string]any{"id": 7, "customer": "Ada", "total": 12.5}},
		}},
	}
}
