package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"

	"jackfield/connectors/kit/tables"
)

// linger is how long a database stays open after its last use: short enough that a
// person who wants to move or delete the file is not in its way.
const linger = 300 * time.Millisecond

// library keeps one open database for each file that is in use.
type library = tables.Shelf[*book]

func newLibrary() *library { return &library{Linger: linger} }

// book is one open database.
type book struct {
	path string
	db   *sql.DB
	file os.FileInfo // as it was when nobody used it any more; nil where there was none
}

func openBook(path string) (*book, error) {
	connector, err := sqlite.NewConnector(dataSource(path))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return &book{path: path, db: sql.OpenDB(connector)}, nil
}

// Rest remembers which file it is.
func (b *book) Rest() { b.file, _ = os.Stat(b.path) }

// Fresh says whether the file is still that one, and was not deleted or replaced.
func (b *book) Fresh() bool {
	now, err := os.Stat(b.path)
	return err == nil && b.file != nil && os.SameFile(now, b.file)
}

// Close closes the database.
func (b *book) Close() error { return b.db.Close() }

// dataSource writes the path as SQLite's URI. Double quotes name columns only, as
// the standard has it; SQLite would take an unknown one for a text.
func dataSource(path string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // C:/…
	}
	u := url.URL{Scheme: "file", Path: slashed, RawQuery: "_dqs=0&_error_rc=1"}
	return u.String()
}

// prepare sets how long the connection waits for a lock, and that a new database
// lets others read while one writes.
func prepare(ctx context.Context, conn *sql.Conn, busy time.Duration, fresh bool) error {
	set := fmt.Sprintf("pragma busy_timeout = %d", busy.Milliseconds())
	if fresh {
		set += "; pragma journal_mode = wal"
	}
	_, err := conn.ExecContext(ctx, set)
	return err
}
