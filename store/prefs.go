package store

import (
	"context"
	"fmt"
)

// Pref gives a small preference of the window, such as its size. One that cannot be
// read counts as never set: the default serves.
func (s *Store) Pref(key string) (text string, set bool) {
	err := s.view(context.Background(), func(tx *txn) error {
		value, err := shelfOf(tx, prefsBucket).get([]byte(key))
		text, set = string(value), value != nil
		return err
	})
	if err != nil {
		return "", false
	}
	return text, set
}

// SetPref keeps a small preference of the window.
func (s *Store) SetPref(key, text string) error {
	row := rowOf([]byte(text))
	err := s.update(context.Background(), func(tx *txn) error {
		return shelfOf(tx, prefsBucket).put([]byte(key), row)
	})
	if err != nil {
		return fmt.Errorf("keep the preference %q: %w", key, err)
	}
	return nil
}
