//go:build !linux

package kittest

import "errors"

// Database is a database server for tests, which start one only on Linux.
type Database struct {
	Dir            string
	Port           int
	User, Password string
	CA             []byte
	Authority      *Authority
	Program        func(name string) string
}

var errLinux = errors.New("database servers are started for tests on Linux only")

// StartPostgres starts a PostgreSQL server.
func StartPostgres() (*Database, error) { return nil, errLinux }

// StartMariaDB starts a MariaDB server.
func StartMariaDB() (*Database, error) { return nil, errLinux }

// Close ends the server.
func (d *Database) Close() error { return nil }

// Restart ends the server and starts it again.
func (d *Database) Restart() error { return errLinux }

// Psql performs SQL with PostgreSQL's own program.
func (d *Database) Psql(string) (string, error) { return "", errLinux }

// Mariadb performs SQL with MariaDB's own program.
func (d *Database) Mariadb(_, _ string) (string, error) { return "", errLinux }
