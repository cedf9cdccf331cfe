package postgres

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/tables"
	"jackfield/flow"
)

// connection is the settings as a connection of their own.
type connection struct{ *server }

func (c *connection) Fields() kit.Fields { return c.fields() }

// Entities and Entity say what the database holds.
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
	p := newPool(1)
	defer p.Close()
	var l *line
	signIn := func() error {
		config, err := c.config(env)
		if err != nil {
			return err
		}
		if l, err = p.take(ctx, config); err != nil {
			return c.explain(err)
		}
		return nil
	}
	if secure, err := c.Secure(env); secure != nil || err != nil {
		t.Try("Certificate", func() (string, error) {
			if err := signIn(); err != nil {
				if f := kit.AsFailure(err); f.Field != "password" && f.Field != "database" {
					return "", err
				}
				return "accepted", nil // what is wrong comes behind it
			}
			if line, ok := l.conn.Conn().(*tls.Conn); ok {
				return tables.Shown(line.ConnectionState()), nil
			}
			return "not encrypted", nil
		})
	}
	t.Try("Sign-in", func() (string, error) {
		if l == nil {
			if err := signIn(); err != nil {
				return "", err
			}
		}
		return c.first(ctx, l, "select format('%s in %s, PostgreSQL %s', current_user, current_database(), current_setting('server_version'))")
	})
	if l == nil {
		return t.Checks()
	}
	defer p.put(l)
	t.Try("Permission", func() (string, error) {
		return c.first(ctx, l, `select format('%s tables may be read, %s written', count(*) filter (where has_table_privilege(c.oid, 'select')),
				count(*) filter (where has_table_privilege(c.oid, 'insert') and has_table_privilege(c.oid, 'update')
					and not current_setting('default_transaction_read_only')::bool))
			from pg_class c join pg_namespace n on n.oid = c.relnamespace
			where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_' and has_schema_privilege(n.oid, 'usage')`)
	})
	t.Try("Sample", func() (string, error) {
		listed, err := listTables(ctx, l, "")
		if err != nil || len(listed) == 0 {
			return "there are no tables yet", c.explain(err)
		}
		for _, one := range listed {
			rows, err := l.Query(ctx, "select * from "+quote(one.Name)+" limit 1")
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
func (c *connection) first(ctx context.Context, l *line, text string) (string, error) {
	rows, err := l.Query(ctx, text)
	if err != nil {
		return "", c.explain(err)
	}
	said := ""
	err = tables.Each(rows, func(cells []any) error { said = fmt.Sprint(cells[0]); return nil })
	return said, c.explain(err)
}

// Paste reads an address like postgresql://user:password@host:port/database?sslmode=…, or
// a line of words like host=… user=… (PostgreSQL's manual, "Connection Strings"), alone or
// behind a name as in DATABASE_URL=….
func (c *connection) Paste(text string) (flow.Values, bool) {
	text = strings.TrimSpace(text)
	if i := strings.Index(text, "postgres"); i > 0 && strings.HasSuffix(strings.Trim(text[:i], `"' `), "=") {
		text = strings.Trim(text[i:], `"' `)
	}
	if strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://") {
		return pasteURL(text)
	}
	words := pairs(text)
	if words["host"] == "" && words["hostaddr"] == "" && words["dbname"] == "" {
		return nil, false
	}
	v := flow.Values{}
	set(v, "host", words["host"])
	set(v, "host", words["hostaddr"])
	set(v, "database", words["dbname"])
	set(v, "user", words["user"])
	if port, err := strconv.Atoi(words["port"]); err == nil {
		v["port"] = port
	}
	if words["password"] != "" {
		v["password"] = kit.NewSecret(words["password"])
	}
	rest(v, func(name string) string { return words[name] })
	return v, true
}

func pasteURL(text string) (flow.Values, bool) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, false
	}
	v := flow.Values{}
	host, port, err := net.SplitHostPort(u.Host)
	if err != nil {
		host = u.Hostname()
	}
	set(v, "host", host)
	if n, err := strconv.Atoi(port); err == nil {
		v["port"] = n
	}
	set(v, "database", strings.TrimPrefix(u.Path, "/"))
	set(v, "user", u.User.Username())
	if password, given := u.User.Password(); given {
		v["password"] = kit.NewSecret(password)
	}
	q := u.Query()
	set(v, "host", q.Get("host"))
	rest(v, q.Get)
	return v, true
}

// rest reads what both ways have beside the account.
func rest(v flow.Values, get func(string) string) {
	switch get("sslmode") {
	case "disable":
		v["tls"] = tables.TLSOff
	case "allow", "prefer", "require":
		v["tls"] = tables.TLSBlind
	case "verify-ca", "verify-full":
		v["tls"] = tables.TLSChecked
	}
	set(v, "ca", get("sslrootcert"))
	set(v, "certificate", get("sslcert"))
	if key := get("sslkey"); key != "" {
		v["certificate_key"] = kit.NewSecret(key)
	}
	set(v, "schema", get("search_path"))
	if seconds, err := strconv.Atoi(get("connect_timeout")); err == nil {
		v["connect_timeout"] = fmt.Sprintf("%ds", seconds)
	}
}

func set(v flow.Values, name, to string) {
	if to != "" {
		v[name] = to
	}
}

// pairs reads words like name=value and name='a value'; a backslash takes what follows.
func pairs(text string) map[string]string {
	found := map[string]string{}
	for {
		text = strings.TrimLeft(text, " \t\r\n")
		name, after, ok := strings.Cut(text, "=")
		if !ok {
			return found
		}
		value, quoted, i := strings.Builder{}, false, 0
		after = strings.TrimLeft(after, " ")
		if strings.HasPrefix(after, "'") {
			quoted, i = true, 1
		}
		for ; i < len(after); i++ {
			switch c := after[i]; {
			case c == '\\' && i+1 < len(after):
				i++
				value.WriteByte(after[i])
				continue
			case quoted && c == '\'', !quoted && (c == ' ' || c == '\n' || c == '\t' || c == '\r'):
				goto ended
			}
			value.WriteByte(after[i])
		}
	ended:
		found[strings.TrimSpace(name)] = value.String()
		text = after[min(i+1, len(after)):]
	}
}
