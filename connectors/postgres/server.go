package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/tables"
)

// server is the settings of a connection.
type server struct {
	tables.Server
	SearchPath string

	lines *tables.Shelf[*pool]
}

func newServer(lines *tables.Shelf[*pool]) *server {
	return &server{Server: tables.NewServer(5432), lines: lines}
}

func (s *server) fields() kit.Fields {
	fields := append(s.Where(), s.How()...)
	return append(fields, kit.Text(&s.SearchPath, "schema", "Schemas").More().Eg("sales, public").
		Help("Where tables without a schema are looked for, in this order; empty leaves it to the database."))
}

// Settings are those of a connection, folded away, since it mostly brings them.
func (s *server) Settings() (first, last kit.Fields) { return nil, tables.Folded(s.fields()) }

// Dialect is PostgreSQL's.
func (s *server) Dialect() *tables.Dialect { return dialect }

// Look lends a line that only reads by what is asked of it.
func (s *server) Look(ctx context.Context, env kit.Env, use func(tables.Session) error) error {
	return s.lend(ctx, env, use)
}

// Change lends one that may write, unless the connection only reads.
func (s *server) Change(ctx context.Context, env kit.Env, use func(tables.Session) error) error {
	return s.lend(ctx, env, use)
}

func (s *server) lend(ctx context.Context, env kit.Env, use func(tables.Session) error) error {
	config, err := s.config(env)
	if err != nil {
		return err
	}
	p, back, err := s.lines.Borrow(s.Name(s.SearchPath), func() (*pool, error) { return newPool(s.Most), nil })
	if err != nil {
		return err
	}
	defer back()
	l, err := p.take(ctx, config)
	if err != nil {
		return s.explain(err)
	}
	defer p.put(l)
	l.begin()
	err = use(l)
	if err != nil && l.outdated(err) {
		l.forget()
		l.begin()
		err = use(l)
	}
	if err == nil {
		return nil
	}
	l.forget()
	if ctx.Err() != nil && code(err) == "57014" { // ended because nobody waits for it
		return ctx.Err()
	}
	return s.explain(err)
}

// config is how a line is opened: one on which a statement whose caller has gone is ended
// on the server too.
func (s *server) config(env kit.Env) (*pgconn.Config, error) {
	if s.User == "" {
		return nil, kit.Fail(kit.Invalid, "there is no user").On("user").Hint("set user, or choose a connection")
	}
	secure, err := s.Secure(env)
	if err != nil {
		return nil, err
	}
	// Settings that the environment of this process has for other programs are no part of
	// a connection.
	c, err := pgconn.ParseConfig("host=localhost user=x password=x passfile=/dev/null sslmode=disable")
	if err != nil {
		return nil, fmt.Errorf("make the settings of %s: %w", s.Place(), err)
	}
	c.Host, c.Port, c.Database, c.User, c.Password = s.Host, uint16(s.PortOr()), s.Database, s.User, s.Password.Reveal()
	if c.Host == "" {
		c.Host = "localhost"
	}
	c.TLSConfig, c.Fallbacks, c.ConnectTimeout = secure, nil, s.Connect
	c.RuntimeParams = map[string]string{"application_name": "jackfield"}
	c.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: 5 * time.Second}
	}
	c.AfterConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		return conn.Exec(ctx, s.speech()).Close()
	}
	return c, nil
}

// speech is how a line is to write its values, and what the connection allows. It comes
// after the start, since poolers refuse such settings there.
func (s *server) speech() string {
	set := []string{
		"client_encoding = 'UTF8'", "datestyle = 'ISO, YMD'", "intervalstyle = 'iso_8601'", "timezone = 'UTC'",
		"bytea_output = 'hex'", "extra_float_digits = 1", "standard_conforming_strings = on",
		fmt.Sprintf("statement_timeout = %d", s.Statement.Milliseconds()),
		fmt.Sprintf("lock_timeout = %d", s.Lock.Milliseconds()),
	}
	if s.ReadOnly {
		set = append(set, "default_transaction_read_only = on")
	}
	if path := strings.TrimSpace(s.SearchPath); path != "" {
		var quoted []string
		for _, name := range strings.Split(path, ",") {
			quoted = append(quoted, quote(strings.Trim(strings.TrimSpace(name), `"`)))
		}
		set = append(set, "search_path = "+strings.Join(quoted, ", "))
	}
	return "set " + strings.Join(set, "; set ")
}
