package store

import (
	"bytes"
	"context"
	"fmt"
)

// PutSealed keeps what the vault has sealed under a reference, over what was there.
func (s *Store) PutSealed(ctx context.Context, ref string, sealed []byte) error {
	row := rowOf(sealed)
	err := s.update(ctx, func(tx *txn) error {
		return shelfOf(tx, sealedBucket).put([]byte(ref), row)
	})
	if err != nil {
		return fmt.Errorf("keep the secret %q: %w", ref, err)
	}
	return nil
}

// Sealed gives what PutSealed kept.
func (s *Store) Sealed(ctx context.Context, ref string) ([]byte, error) {
	var sealed []byte
	err := s.view(ctx, func(tx *txn) error {
		value, err := shelfOf(tx, sealedBucket).get([]byte(ref))
		if value == nil && err == nil {
			return ErrNotFound
		}
		sealed = bytes.Clone(value)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the secret %q: %w", ref, err)
	}
	return sealed, nil
}

// RemoveSealed forgets a secret. Where there is none it does nothing.
func (s *Store) RemoveSealed(ctx context.Context, ref string) error {
	err := s.update(ctx, func(tx *txn) error {
		return shelfOf(tx, sealedBucket).remove([]byte(ref))
	})
	if err != nil {
		return fmt.Errorf("remove the secret %q: %w", ref, err)
	}
	return nil
}
