package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/tables"
	"jackfield/flow"
)

// connection is the settings as a connection of their own.
type connection struct{ *server }

func (c *connection) Fields() kit.Fields { return c.fields() }

// Entities and Entity say what the server holds.
func (c *connection) Entities(ctx context.Context, env kit.Env, path, page string) (kit.EntityPage, error) {
	return tables.Entities(ctx, env, c, path, page)
}

func (c *connection) Entity(ctx context.Context, env kit.Env, path string) (kit.Entity, error) {
	return tables.Entity(ctx, env, c, path)
}

// Test goes the way of an operation, step by step, on a line of its own.
func (c *connection) Test(ctx context.Context, env kit.Env) []kit.Check {
	t := kit.NewTrial(env)
	c.Reach(ctx, t)
	var b *book
	var conn *sql.Conn
	signIn := func() (err error) {
		if b, err = c.open(env); err != nil {
			return err
		}
		if conn, err = b.db.Conn(ctx); err != nil {
			b.Close()
			return c.explain(err)
		}
		return nil
	}
	if secure, err := c.Secure(env); secure != nil || err != nil {
		t.Try("Certificate", func() (string, error) {
			var refused *mysql.MySQLError
			if err := signIn(); err != nil && !errors.As(err, &refused) {
				return "", err
			}
			return "accepted", nil // what else is wrong comes behind it
		})
	}
	t.Try("Sign-in", func() (string, error) {
		if conn == nil {
			if err := signIn(); err != nil {
				return "", err
			}
		}
		return c.first(ctx, conn, "select concat(current_user(), ' in ', database(), ', ', version())")
	})
	if conn == nil {
		return t.Checks()
	}
	defer b.Close()
	defer conn.Close()
	t.Try("Permission", func() (string, error) {
		return c.first(ctx, conn, `select concat(count(*), ' tables may be seen', if(@@tx_read_only, ', none may be written', '')) from information_schema.tables where table_schema = database()`)
	})
	t.Try("Sample", func() (string, error) {
		s := newSession(conn)
		listed, err := listTables(ctx, s, "")
		if err != nil || len(listed) == 0 {
			return "there are no tables yet", c.explain(err)
		}
		for _, one := range listed {
			rows, err := s.Query(ctx, "select * from "+quote(one.Name)+" limit 1")
			if err != nil {
				continue // one that this user may not read
			}
			n := 0
			if err := tables.Each(rows, func([]any) error { n++; return nil }); err == nil {
				return fmt.Sprintf("%s: %d columns, %d row read", one.Name, len(rows.Columns()), n), nil
			}
		}
		return "none of the tables may be read", nil
	})
	return t.Checks()
}

// first gives the one text that a query comes to.
func (c *connection) first(ctx context.Context, conn *sql.Conn, text string) (said string, err error) {
	err = conn.QueryRowContext(ctx, text).Scan(&said)
	return said, c.explain(err)
}

// Paste reads an address like mysql://user:password@host:port/database, or one of the
// driver's, user:password@tcp(host:port)/database, alone or behind a name as in
// DATABASE_URL=….
func (c *connection) Paste(text string) (flow.Values, bool) {
	text = strings.TrimSpace(text)
	if name, after, found := strings.Cut(text, "="); found && !strings.ContainsAny(name, ":/@(") {
		text = strings.Trim(after, `"' `)
	}
	for _, scheme := range []string{"mysql://", "mariadb://"} {
		if strings.HasPrefix(text, scheme) {
			return pasteURL(text)
		}
	}
	if !strings.Contains(text, "@") || !strings.Contains(text, ")/") {
		return nil, false
	}
	config, err := mysql.ParseDSN(text)
	if err != nil {
		return nil, false
	}
	v := flow.Values{}
	set(v, "user", config.User)
	set(v, "database", config.DBName)
	if config.Passwd != "" {
		v["password"] = kit.NewSecret(config.Passwd)
	}
	if config.Net == "unix" {
		v["host"] = config.Addr
	} else {
		place(v, config.Addr)
	}
	switch config.TLSConfig {
	case "true":
		v["tls"] = tables.TLSChecked
	case "skip-verify", "preferred":
		v["tls"] = tables.TLSBlind
	case "false":
		v["tls"] = tables.TLSOff
	}
	return v, true
}

func pasteURL(text string) (flow.Values, bool) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, false
	}
	v := flow.Values{}
	place(v, u.Host)
	set(v, "database", strings.TrimPrefix(u.Path, "/"))
	set(v, "user", u.User.Username())
	if password, given := u.User.Password(); given {
		v["password"] = kit.NewSecret(password)
	}
	q := u.Query()
	switch strings.ToLower(q.Get("ssl-mode") + q.Get("sslMode") + q.Get("sslmode")) {
	case "disabled", "disable":
		v["tls"] = tables.TLSOff
	case "preferred", "required", "require":
		v["tls"] = tables.TLSBlind
	case "verify_ca", "verify_identity", "verify-ca", "verify-full":
		v["tls"] = tables.TLSChecked
	}
	set(v, "ca", q.Get("ssl-ca"))
	return v, true
}

// place takes host:port apart.
func place(v flow.Values, address string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	set(v, "host", host)
	if n, err := strconv.Atoi(port); err == nil {
		v["port"] = n
	}
}

func set(v flow.Values, name, to string) {
	if to != "" {
		v[name] = to
	}
}
