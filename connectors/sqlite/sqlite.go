// Package sqlite reads and writes SQLite databases: files that hold tables.
//
// Its nouns: a store is a file with its settings, and a session a connection to it that
// an operation uses; what all databases have in common is in package tables. Its rules:
// whoever waits for a lock waits as long as the field "busy" says and then says which
// file is locked; nothing that only reads makes a file or changes one.
package sqlite

import (
	"jackfield/connectors/kit"
	"jackfield/connectors/kit/tables"
	"jackfield/flow"
)

// New declares the connector. The databases that its operations open are shared among
// them, and closed when nobody used them for a moment or on Close.
func New() kit.Connector {
	lib := newLibrary()
	ops := tables.Ops(func() tables.Base { return newStore(lib) }, flow.Values{"path": "shop.db"})
	for i := range ops {
		switch ops[i].ID {
		case "query":
			ops[i].Examples = append(ops[i].Examples, kit.Example{
				Title: "Make a table",
				With:  flow.Values{"path": "shop.db", "sql": "create table if not exists visits (day text primary key, n integer)"},
				In:    map[string]any{},
				Out:   []any{map[string]any{"changed": 0, "last_id": nil}},
			})
		case "insert", "upsert":
			e := &ops[i].Examples[0]
			e.Out = []any{e.In}
		}
	}
	return kit.Connector{
		ID: "sqlite", Title: "SQLite", Icon: "sqlite", Tint: "blue",
		Summary: "Query, read and fill tables in a SQLite database file.",
		Close:   lib.Close,
		Ops:     ops,
	}
}
