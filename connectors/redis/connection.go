package redis

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/server"
	"jackfield/flow"
)

// connection is the settings as a connection of their own.
type connection struct{ settings }

func (c *connection) Fields() kit.Fields { return c.common() }

// Test goes the way of an operation, step by step, and changes nothing.
func (c *connection) Test(ctx context.Context, env kit.Env) []kit.Check {
	t := kit.NewTrial(env)
	c.Reach(ctx, env, t)
	if !t.Holds() {
		return t.Checks()
	}
	var l *line
	t.Try("Sign in", func() (_ string, err error) {
		if l, err = c.open(ctx, env); err != nil {
			return "", err
		}
		if c.Who() == "" {
			return "without signing in", nil
		}
		return "as " + c.Who(), nil
	})
	if l == nil {
		return t.Checks()
	}
	defer l.Close()
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	t.Try("Permission", func() (string, error) {
		n, err := l.DBSize(ctx).Result()
		return fmt.Sprintf("%d keys in database %d", n, c.Database), c.explain(ctx, err, false)
	})
	t.Try("Sample", func() (string, error) {
		keys, _, err := l.Scan(ctx, 0, "", 10).Result()
		if err != nil {
			return "", c.explain(ctx, err, false)
		}
		if len(keys) == 0 {
			return "no key was met", nil
		}
		kind, err := l.Type(ctx, keys[0]).Result()
		return fmt.Sprintf("%q is a %s", keys[0], kind), c.explain(ctx, err, false)
	})
	return t.Checks()
}

// Paste reads an address like rediss://user:password@host:port/2, alone or behind a name
// as in REDIS_URL=… (IANA, "redis" and "rediss" URI schemes).
func (c *connection) Paste(text string) (flow.Values, bool) {
	text = strings.TrimSpace(text)
	if name, after, ok := strings.Cut(text, "="); ok && !strings.Contains(name, ":") {
		text = after
	}
	u, err := url.Parse(strings.Trim(text, `"' `))
	if err != nil || u.Hostname() == "" {
		return nil, false
	}
	v := flow.Values{"host": u.Hostname()}
	switch u.Scheme {
	case "redis", "valkey":
		v["secure"] = server.None
	case "rediss", "valkeys":
		v["secure"] = server.Implicit
	default:
		return nil, false
	}
	if n, err := strconv.Atoi(u.Port()); err == nil {
		v["port"] = n
	}
	if n, err := strconv.Atoi(strings.TrimPrefix(u.Path, "/")); err == nil {
		v["database"] = n
	}
	if password, given := u.User.Password(); given {
		v["auth"], v["user"], v["password"] = auth.Basic, "default", kit.NewSecret(password)
		if name := u.User.Username(); name != "" {
			v["user"] = name
		}
	}
	return v, true
}

// Entities lists the keys of the database, as SCAN meets them.
func (c *connection) Entities(ctx context.Context, env kit.Env, path, page string) (list kit.EntityPage, err error) {
	if path != "" {
		return list, nil
	}
	at := uint64(0)
	if page != "" {
		if at, err = strconv.ParseUint(page, 10, 64); err != nil {
			return list, kit.Fail(kit.Invalid, "%q is no page of a list of keys", page).Hint("begin the list anew")
		}
	}
	err = c.use(ctx, env, false, func(ctx context.Context, l *line) error {
		keys, next, err := l.Scan(ctx, at, "", scanned).Result()
		if err != nil {
			return err
		}
		types, err := typesOf(ctx, l, keys)
		for i, kind := range types {
			list.Entities = append(list.Entities, entity(keys[i], kind))
		}
		if next != 0 {
			list.Next = strconv.FormatUint(next, 10)
		}
		return err
	})
	return list, err
}

// Entity describes one key.
func (c *connection) Entity(ctx context.Context, env kit.Env, path string) (one kit.Entity, err error) {
	err = c.use(ctx, env, false, func(ctx context.Context, l *line) error {
		kind, err := l.Type(ctx, path).Result()
		if err == nil && kind == "none" {
			return kit.Fail(kit.Missing, "there is no key %q in database %d", path, c.Database).Hint("check its name; keys may have expired")
		}
		one = entity(path, kind)
		return err
	})
	return one, err
}

func entity(key, kind string) kit.Entity {
	return kit.Entity{Path: key, Title: key, Kind: kind, Holds: kind == "stream"}
}
