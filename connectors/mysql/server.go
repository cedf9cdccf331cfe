package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/tables"
)

// server is the settings of a connection.
type server struct {
	tables.Server
	books *tables.Shelf[*book]
}

func newServer(books *tables.Shelf[*book]) *server {
	return &server{Server: tables.NewServer(3306), books: books}
}

func (s *server) fields() kit.Fields { return append(s.Where(), s.How()...) }

// Settings are those of a connection, folded away, since it mostly brings them.
func (s *server) Settings() (first, last kit.Fields) { return nil, tables.Folded(s.fields()) }

// Dialect is that of both.
func (s *server) Dialect() *tables.Dialect { return dialect }

// Look lends a session that only reads by what is asked of it.
func (s *server) Look(ctx context.Context, env kit.Env, use func(tables.Session) error) error {
	return s.lend(ctx, env, use)
}

// Change lends one that may write, unless the connection only reads.
func (s *server) Change(ctx context.Context, env kit.Env, use func(tables.Session) error) error {
	return s.lend(ctx, env, use)
}

func (s *server) lend(ctx context.Context, env kit.Env, use func(tables.Session) error) error {
	b, back, err := s.books.Borrow(s.Name(), func() (*book, error) { return s.open(env) })
	if err != nil {
		return err
	}
	defer back()
	return s.on(ctx, b, use)
}

// on lends a line of the book.
func (s *server) on(ctx context.Context, b *book, use func(tables.Session) error) error {
	conn, err := b.db.Conn(ctx)
	if err != nil {
		return s.explain(err)
	}
	defer conn.Close()
	settle := b.endWith(ctx, conn)
	defer settle()
	session := newSession(conn)
	defer session.Close()
	err = use(session)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return s.explain(err)
}

// book is the open lines of a connection.
type book struct {
	db   *sql.DB
	line *line
}

func (b *book) Rest()        {}
func (b *book) Fresh() bool  { return true }
func (b *book) Close() error { return b.db.Close() }

func (s *server) open(env kit.Env) (*book, error) {
	config, err := s.config(env)
	if err != nil {
		return nil, err
	}
	inner, err := mysql.NewConnector(config)
	if err != nil {
		return nil, kit.Fail(kit.Invalid, "the settings of %s do not fit: %w", s.Place(), err).On("host").Hint("check them")
	}
	l := &line{inner: inner, speech: s.speech()}
	b := &book{db: sql.OpenDB(l), line: l}
	b.db.SetMaxOpenConns(s.Most)
	b.db.SetMaxIdleConns(s.Most)
	b.db.SetConnMaxIdleTime(time.Minute)
	return b, nil
}

// config is how a line is opened.
func (s *server) config(env kit.Env) (*mysql.Config, error) {
	if s.User == "" {
		return nil, kit.Fail(kit.Invalid, "there is no user").On("user").Hint("set user, or choose a connection")
	}
	secure, err := s.Secure(env)
	if err != nil {
		return nil, err
	}
	c := mysql.NewConfig()
	c.User, c.Passwd, c.DBName = s.User, s.Password.Reveal(), s.Database
	c.Net, c.Addr = "tcp", s.Address()
	if s.Socket() {
		c.Net, c.Addr = "unix", s.Host
	}
	c.TLS, c.Timeout = secure, s.Connect
	c.ClientFoundRows, c.InterpolateParams = true, true
	c.MaxAllowedPacket = 0 // the server is asked for it
	c.Logger = silent{}
	return c, nil
}

// silent takes what the driver would write to standard error; all of it comes as an error
// too.
type silent struct{}

func (silent) Print(...any) {}

// speech is how a line is to write its values, and what the connection allows. The
// comments are read by the one kind of server that knows the setting
// (mariadb.com/kb/en/comment-syntax).
func (s *server) speech() []string {
	set := []string{
		"time_zone = '+00:00'", "sql_mode = concat(@@sql_mode, ',STRICT_ALL_TABLES')",
		fmt.Sprintf("innodb_lock_wait_timeout = %d", seconds(s.Lock)), fmt.Sprintf("lock_wait_timeout = %d", seconds(s.Lock)),
	}
	said := []string{"set " + strings.Join(set, ", ")}
	if s.Statement > 0 {
		said = append(said,
			fmt.Sprintf("set time_zone = '+00:00' /*M!100101 , max_statement_time = %g */ /*!50708 , max_execution_time = %d */", s.Statement.Seconds(), s.Statement.Milliseconds()))
	}
	if s.ReadOnly {
		said = append(said, "set session transaction read only")
	}
	return said
}

// seconds are whole ones, and at least one.
func seconds(d time.Duration) int { return max(1, int((d+time.Second-1)/time.Second)) }

// line opens connections that know how to speak.
type line struct {
	inner  driver.Connector
	speech []string
}

// numbered is a connection of the driver, with the number that the server gave to it.
type numbered struct {
	driver.Conn
	driver.ExecerContext
	driver.QueryerContext
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.NamedValueChecker
	number int64
}

// Driver is the one of the library.
func (l *line) Driver() driver.Driver { return l.inner.Driver() }

// Connect opens a connection.
func (l *line) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := l.inner.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, set := range l.speech {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, set, nil); err != nil {
			conn.Close()
			return nil, err
		}
	}
	number, err := numberOf(ctx, conn)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &numbered{
		conn, conn.(driver.ExecerContext), conn.(driver.QueryerContext), conn.(driver.ConnPrepareContext), conn.(driver.ConnBeginTx),
		conn.(driver.Pinger), conn.(driver.SessionResetter), conn.(driver.Validator), conn.(driver.NamedValueChecker), number,
	}, nil
}

func numberOf(ctx context.Context, conn driver.Conn) (int64, error) {
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, "select connection_id()", nil)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	cell := make([]driver.Value, 1)
	if err := rows.Next(cell); err != nil {
		return 0, err
	}
	switch n := cell[0].(type) {
	case int64:
		return n, nil
	case uint64:
		return int64(n), nil
	}
	return 0, fmt.Errorf("the number of a connection is %v", cell[0])
}

// goodbye is how long ending a statement on the server may take.
const goodbye = 5 * time.Second

// endWith ends what the connection does on the server when ctx ends; the driver only hangs
// up. settle is called when the connection is not used any more.
func (b *book) endWith(ctx context.Context, conn *sql.Conn) (settle func()) {
	var number int64
	// An error means that the connection is gone, and then nothing runs on it.
	_ = conn.Raw(func(c any) error {
		number = c.(*numbered).number
		return nil
	})
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
		defer cancel()
		other, err := b.line.inner.Connect(within)
		if err != nil {
			return // the server ends it when it wants to answer
		}
		defer other.Close()
		_, _ = other.(driver.ExecerContext).ExecContext(within, fmt.Sprintf("kill query %d", number), nil) // it may have ended by itself
	})
	return func() {
		if !stop() {
			<-done
		}
	}
}
