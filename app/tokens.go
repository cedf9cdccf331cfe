package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"jackfield/connectors/kit"
)

// tokens are what the connections keep of their sign-ins. All that use a connection share
// one kit.Tokens, so that of many who find a token stale one renews it.
type tokens struct {
	mu sync.Mutex
	of map[string]*keeper
}

// keeper keeps the tokens of one connection in the vault, all of them as one secret: it
// changes whole, and goes with the connection.
type keeper struct {
	*kit.Tokens
	vault Vault
	mask  *kit.Mask
	ref   string

	mu   sync.Mutex
	gone bool // the connection was removed
}

// tokensOf is where a connection keeps its tokens; nil for none.
func (l *Local) tokensOf(connection string) *kit.Tokens {
	if connection == "" {
		return nil
	}
	connection = l.bound(connection)
	l.tokens.mu.Lock()
	defer l.tokens.mu.Unlock()
	k := l.tokens.of[connection]
	if k == nil {
		k = &keeper{vault: l.vault, mask: &l.mask, ref: tokensRef(connection)}
		k.Tokens = kit.NewTokens(k)
		if l.tokens.of == nil {
			l.tokens.of = map[string]*keeper{}
		}
		l.tokens.of[connection] = k
	}
	return k.Tokens
}

// tokensRef cannot be that of a field, whose names have no ~.
func tokensRef(connection string) string { return "connection/" + connection + "/~tokens" }

// forgetTokens removes what a connection kept, for good: also what is on its way.
func (l *Local) forgetTokens(ctx context.Context, connection string) error {
	l.tokensOf(connection)
	l.tokens.mu.Lock()
	k := l.tokens.of[connection]
	delete(l.tokens.of, connection)
	l.tokens.mu.Unlock()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.gone = true
	return l.vault.Remove(ctx, k.ref)
}

// wait returns when nothing is being renewed any more.
func (t *tokens) wait() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range t.of {
		k.Wait()
	}
}

// LoadToken gives a token from the vault.
func (k *keeper) LoadToken(ctx context.Context, name string) (kit.Secret, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	all, err := k.all(ctx)
	hide(k.mask, all[name])
	return kit.NewSecret(all[name]), err
}

// SaveToken puts a token into the vault.
func (k *keeper) SaveToken(ctx context.Context, name string, token kit.Secret) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.gone {
		return kit.Fail(kit.Missing, "the connection was removed meanwhile")
	}
	all, err := k.all(ctx)
	if err != nil {
		return err
	}
	if token.Empty() {
		delete(all, name)
	} else {
		all[name] = token.Reveal()
		hide(k.mask, all[name])
	}
	text, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("keep the token %q: %w", name, err)
	}
	return k.vault.Put(ctx, k.ref, string(text))
}

func (k *keeper) all(ctx context.Context) (map[string]string, error) {
	all := map[string]string{}
	text, err := k.vault.Get(ctx, k.ref)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &all)
	}
	if err != nil {
		return nil, fmt.Errorf("read the tokens of a connection: %w", err)
	}
	return all, nil
}

// hide takes a token among what is masked: it is one text, or an object that has it among
// other things.
func hide(m *kit.Mask, token string) {
	var parts map[string]any
	if json.Unmarshal([]byte(token), &parts) != nil {
		m.Add(token)
		return
	}
	for _, name := range []string{"access", "refresh", "token", "secret"} {
		if text, ok := parts[name].(string); ok {
			m.Add(text)
		}
	}
}
