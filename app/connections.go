package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/flow"
)

// builtIn are the connections that every machine has. demo makes the http connector
// start its small local service when a flow uses it.
func builtIn() []flow.Connection {
	return []flow.Connection{{Name: "demo", Connector: "http", Values: flow.Values{"url": "demo:"}, BuiltIn: true}}
}

var connectionName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)

// Connections lists the connections, the built-in ones first.
func (l *Local) Connections(ctx context.Context) ([]flow.Connection, error) {
	stored, err := l.store.Connections(ctx)
	return append(builtIn(), stored...), err
}

func (l *Local) connection(ctx context.Context, name string) (flow.Connection, error) {
	for _, c := range builtIn() {
		if c.Name == name {
			return c, nil
		}
	}
	return l.store.Connection(ctx, name)
}

// SaveConnection stores c; secrets in its values go to the vault.
func (l *Local) SaveConnection(ctx context.Context, c flow.Connection) error {
	if !connectionName.MatchString(c.Name) {
		return Problems{{
			Field: "name", Code: kit.Invalid, What: fmt.Sprintf("%q does not serve as a name", c.Name),
			Fix: "use a-z, 0-9, _ and -, beginning with a letter",
		}}
	}
	if slices.ContainsFunc(builtIn(), func(b flow.Connection) bool { return b.Name == c.Name }) {
		return Problems{{Field: "name", Code: kit.Invalid, What: fmt.Sprintf("%q is built in", c.Name), Fix: "choose another name"}}
	}
	fields, err := l.connectionFields(c.Connector)
	if err != nil {
		return err
	}
	c.Values, c.Secrets = maps.Clone(c.Values), maps.Clone(c.Secrets)
	if c.Secrets == nil {
		c.Secrets = map[string]string{}
	}
	for _, f := range fields {
		v, given := c.Values[f.Name]
		if f.Kind != kit.SecretField || !given {
			continue
		}
		delete(c.Values, f.Name)
		if err := l.seal(ctx, &c, f.Name, v); err != nil {
			return err
		}
	}
	if err := l.store.PutConnection(ctx, c); err != nil {
		return err
	}
	l.watchers.tell(flow.Event{Kind: flow.ConnectionChanged, What: c.Name})
	return nil
}

// seal puts one secret into the vault. An empty one is removed.
func (l *Local) seal(ctx context.Context, c *flow.Connection, field string, v any) error {
	ref := "connection/" + c.Name + "/" + field
	plain, _ := v.(string)
	if s, ok := v.(kit.Secret); ok {
		plain = s.Reveal()
	}
	if plain == "" {
		delete(c.Secrets, field)
		return l.vault.Remove(ctx, ref)
	}
	l.mask.Add(plain)
	c.Secrets[field] = ref
	return l.vault.Put(ctx, ref, plain)
}

func (l *Local) connectionFields(connector string) (kit.Fields, error) {
	declared, ok := l.ops.Now().Connector(connector)
	if !ok || declared.Connection == nil {
		return nil, Problems{{Field: "connector", Code: kit.Missing, What: fmt.Sprintf("connector %q has no connections", connector)}}
	}
	return declared.Connection().Fields(), nil
}

// RemoveConnection forgets a connection and its secrets.
func (l *Local) RemoveConnection(ctx context.Context, name string) error {
	c, err := l.store.Connection(ctx, name)
	if err != nil {
		return err
	}
	if err := l.forgetTokens(ctx, name); err != nil {
		return err
	}
	for _, ref := range c.Secrets {
		if err := l.vault.Remove(ctx, ref); err != nil {
			return err
		}
	}
	if err := l.store.RemoveConnection(ctx, name); err != nil {
		return err
	}
	if err := l.forgetHealth(name); err != nil {
		return err
	}
	l.watchers.tell(flow.Event{Kind: flow.ConnectionChanged, What: name})
	return nil
}

// reveal gives the engine a connection's values with its secrets among them.
func (l *Local) reveal(ctx context.Context, name string) (connector string, values flow.Values, err error) {
	c, err := l.connection(ctx, l.bound(name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, kit.Fail(kit.Missing, "there is no connection %q on this machine", name).
			Hint("add it under Connections or with jackfield connections add, or let another serve for it with jackfield connections bind")
	}
	if err != nil {
		return "", nil, err
	}
	values, err = l.withSecrets(ctx, c)
	return c.Connector, values, err
}

// rateOf is how often a connection may be used; one that is not there says so itself.
func (l *Local) rateOf(ctx context.Context, name string) flow.Rate {
	c, err := l.connection(ctx, l.bound(name))
	if err != nil {
		return flow.Rate{}
	}
	return c.Rate
}

func (l *Local) withSecrets(ctx context.Context, c flow.Connection) (flow.Values, error) {
	values := maps.Clone(c.Values)
	if values == nil {
		values = flow.Values{}
	}
	for field, ref := range c.Secrets {
		if _, given := values[field]; given {
			continue
		}
		plain, err := l.vault.Get(ctx, ref)
		if err != nil {
			return nil, fmt.Errorf("secret %q of connection %s: %w", field, c.Name, err)
		}
		l.mask.Add(plain)
		values[field] = kit.NewSecret(plain)
	}
	return values, nil
}

// planOptions tells a plan which connections there are.
func (l *Local) planOptions(ctx context.Context) engine.PlanOptions {
	return engine.PlanOptions{Programs: l.runner.Programs(), Mask: &l.mask, Flow: func(name string) (flow.Flow, error) {
		return l.flowForRun(ctx, flow.ID(name), 0)
	}, Connection: func(name string) (string, flow.Values, error) {
		return l.reveal(ctx, name)
	}}
}
