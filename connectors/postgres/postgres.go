// Package postgres reads and writes PostgreSQL databases and listens to them.
//
// Its nouns: a server is the settings of a connection, a line one connection to it, a
// pool the lines that are open; what all databases have in common is in package tables.
// Its rules: values go both ways as the text that PostgreSQL itself writes and reads, so
// that nothing is rounded on the way; every line speaks UTC and ISO; a statement whose
// caller has gone is ended on the server too.
package postgres

import (
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/tables"
	"jackfield/flow"
)

// New declares the connector. Its lines are shared by all operations of a connection, and
// closed when nobody used them for a while or on Close.
func New() kit.Connector {
	lines := &tables.Shelf[*pool]{Linger: 30 * time.Second}
	ops := tables.Ops(func() tables.Base { return newServer(lines) }, flow.Values{"database": "shop"})
	return kit.Connector{
		ID: "postgres", Title: "PostgreSQL", Icon: "postgres", Tint: "blue",
		Summary:    "Query, read and fill tables of a PostgreSQL database, and hear of what happens in it.",
		Connection: func() kit.Connection { return &connection{newServer(lines)} },
		Close:      lines.Close,
		Ops:        append(ops, listenOp(lines)),
	}
}
