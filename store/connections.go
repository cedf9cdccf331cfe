package store

import (
	"context"
	"fmt"
	"time"

	"jackfield/flow"
	"jackfield/flow/value"
)

// PutConnection stores c under its name, over what was there. Secrets are in the
// vault: c holds references to them only.
func (s *Store) PutConnection(ctx context.Context, c flow.Connection) error {
	c.Saved = time.Now().Round(0)
	row, err := rowOfJSON(c)
	if err != nil {
		return fmt.Errorf("store connection %q: %w", c.Name, err)
	}
	err = s.update(ctx, func(tx *txn) error {
		return shelfOf(tx, connectionsBucket).put([]byte(c.Name), row)
	})
	if err != nil {
		return fmt.Errorf("store connection %q: %w", c.Name, err)
	}
	return nil
}

// Connection gives the connection of this name.
func (s *Store) Connection(ctx context.Context, name string) (flow.Connection, error) {
	var c flow.Connection
	err := s.view(ctx, func(tx *txn) error {
		value, err := shelfOf(tx, connectionsBucket).get([]byte(name))
		if value == nil && err == nil {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		c, err = connectionOf(value)
		return err
	})
	if err != nil {
		return c, fmt.Errorf("read connection %q: %w", name, err)
	}
	return c, nil
}

// Connections lists the connections by name.
func (s *Store) Connections(ctx context.Context) ([]flow.Connection, error) {
	var all []flow.Connection
	err := s.view(ctx, func(tx *txn) error {
		return shelfOf(tx, connectionsBucket).each(func(_, value []byte) error {
			c, err := connectionOf(value)
			all = append(all, c)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list the connections: %w", err)
	}
	return all, nil
}

// RemoveConnection forgets a connection. Its secrets are the vault's to forget.
func (s *Store) RemoveConnection(ctx context.Context, name string) error {
	err := s.update(ctx, func(tx *txn) error {
		all := shelfOf(tx, connectionsBucket)
		if !all.has([]byte(name)) {
			return ErrNotFound
		}
		return all.remove([]byte(name))
	})
	if err != nil {
		return fmt.Errorf("remove connection %q: %w", name, err)
	}
	return nil
}

func connectionOf(data []byte) (flow.Connection, error) {
	var c flow.Connection
	if err := parseJSON(data, &c); err != nil {
		return c, err
	}
	for k, v := range c.Values {
		n, err := value.Normal(v)
		if err != nil {
			return c, fmt.Errorf("value %q: %w", k, err)
		}
		c.Values[k] = n
	}
	return c, nil
}
