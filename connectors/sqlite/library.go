package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"
)

// linger is how long a database stays open after its last use: long enough to serve
// a step that comes back for each record, short enough that a person who wants to
// move or delete the file is not in its way.
const linger = 300 * time.Millisecond

// library keeps one open database for each file that is in use.
type library struct {
	mu   sync.Mutex
	open map[string]*book
}

// book is one open database.
type book struct {
	db    *sql.DB
	file  os.FileInfo // nil until there is a file
	users int
	idle  *time.Timer
}

// borrow takes the database of a file off the shelf, or opens it. Whoever borrows
// gives it back once.
func (l *library) borrow(path string) (*book, error) {
	path = filepath.Clean(path)
	l.mu.Lock()
	defer l.mu.Unlock()
	if b := l.open[path]; b != nil {
		if now, err := os.Stat(path); b.users > 0 || err == nil && b.file != nil && os.SameFile(now, b.file) {
			b.users++
			b.idle.Stop()
			return b, nil
		}
		l.shut(path, b) // the file was deleted or another took its place
	}
	connector, err := sqlite.NewConnector(dataSource(path))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	b := &book{db: sql.OpenDB(connector), users: 1}
	b.idle = time.AfterFunc(linger, func() { l.shutIdle(path, b) })
	b.idle.Stop()
	if l.open == nil {
		l.open = map[string]*book{}
	}
	l.open[path] = b
	return b, nil
}

func (l *library) giveBack(path string, b *book) {
	path = filepath.Clean(path)
	l.mu.Lock()
	defer l.mu.Unlock()
	b.users--
	if b.users > 0 {
		return
	}
	if l.open[path] != b { // Close came in between
		b.db.Close()
		return
	}
	b.file, _ = os.Stat(path)
	b.idle.Reset(linger)
}

func (l *library) shutIdle(path string, b *book) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b.users == 0 && l.open[path] == b {
		l.shut(path, b)
	}
}

// shut is called with the lock held.
func (l *library) shut(path string, b *book) error {
	delete(l.open, path)
	b.idle.Stop()
	return b.db.Close()
}

// close shuts every database that nobody uses now; the others are shut when they are
// given back.
func (l *library) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for path, b := range l.open {
		if b.users == 0 {
			errs = append(errs, l.shut(path, b))
			continue
		}
		delete(l.open, path)
	}
	return errors.Join(errs...)
}

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
