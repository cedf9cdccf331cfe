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

// SealedRefs lists the references of what is kept, in their order.
func (s *Store) SealedRefs(ctx context.Context) ([]string, error) {
	var refs []string
	err := s.view(ctx, func(tx *txn) error {
		refs = nil
		return shelfOf(tx, sealedBucket).each(func(key, _ []byte) error {
			refs = append(refs, string(key))
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list the secrets: %w", err)
	}
	return refs, nil
}

// ChangeSealed puts in the place of each sealed value what change gives for it: all of
// them in one transaction, or none where change fails. It may be called again for the
// same value.
func (s *Store) ChangeSealed(ctx context.Context, change func(ref string, sealed []byte) ([]byte, error)) error {
	type pair struct{ ref, sealed []byte }
	err := s.update(ctx, func(tx *txn) error {
		shelf := shelfOf(tx, sealedBucket)
		var all []pair
		if err := shelf.each(func(key, value []byte) error {
			all = append(all, pair{bytes.Clone(key), bytes.Clone(value)})
			return nil
		}); err != nil {
			return err
		}
		for _, one := range all {
			sealed, err := change(string(one.ref), one.sealed)
			if err != nil {
				return err
			}
			if err := shelf.put(one.ref, rowOf(sealed)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("seal the secrets anew: %w", err)
	}
	return nil
}
