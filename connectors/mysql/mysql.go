// Package mysql reads and writes databases of MySQL and MariaDB.
//
// Its nouns: a server is the settings of a connection, a book the open lines of one; what
// all databases have in common is in package tables. Its rules: every line speaks UTC,
// utf8mb4 and the strict mode, in which nothing is cut off unsaid; a statement whose
// caller has gone is ended on the server too.
package mysql

import (
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/tables"
	"jackfield/flow"
)

// New declares the connector. Its lines are shared by all operations of a connection, and
// closed when nobody used them for a while or on Close.
func New() kit.Connector {
	books := &tables.Shelf[*book]{Linger: 30 * time.Second}
	return kit.Connector{
		ID: "mysql", Title: "MySQL and MariaDB", Icon: "mysql", Tint: "cyan",
		Summary:    "Query, read and fill tables of a MySQL or MariaDB database.",
		Connection: func() kit.Connection { return &connection{newServer(books)} },
		Close:      books.Close,
		Ops:        tables.Ops(func() tables.Base { return newServer(books) }, flow.Values{"database": "shop"}),
	}
}
