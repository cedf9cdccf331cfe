package app

import (
	"bytes"
	"context"
	"fmt"
	"iter"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// TestConnection tries a connection out, stored or not, and yields each check as it is
// made. Who looks no further ends the test.
func (l *Local) TestConnection(ctx context.Context, c flow.Connection) iter.Seq2[kit.Check, error] {
	return func(yield func(kit.Check, error) bool) {
		account, env, err := l.onTrial(ctx, c)
		if err != nil {
			yield(kit.Check{}, l.masked(err))
			return
		}
		within, end := context.WithCancel(ctx)
		defer end()
		enough := false
		var found []kit.Check // those that were told
		env.Checked = func(one kit.Check) {
			if within.Err() != nil {
				return // it says only that it was interrupted
			}
			one.What, one.Fix = l.mask.Text(one.What), l.mask.Text(one.Fix)
			found = append(found, one)
			if !yield(one, nil) {
				enough = true
				end()
			}
		}
		made := account.Test(within, env)
		for _, one := range made[min(len(found), len(made)):] { // those that nobody was told of
			env.Checked(one)
		}
		switch {
		case enough:
		case ctx.Err() != nil:
			yield(kit.Check{}, context.Cause(ctx))
		case l.isStored(ctx, c):
			l.wellness.tested(c.Name, found)
		}
	}
}

// onTrial is a connection with its settings, and what its test goes by.
func (l *Local) onTrial(ctx context.Context, c flow.Connection) (kit.Connection, kit.Env, error) {
	declared, ok := l.ops.Now().Connector(c.Connector)
	if !ok || declared.Connection == nil {
		return nil, kit.Env{}, fmt.Errorf("connector %q has no connections", c.Connector)
	}
	values, err := l.withSecrets(ctx, c)
	if err != nil {
		return nil, kit.Env{}, err
	}
	account := declared.Connection()
	fields := account.Fields()
	problems := fields.Bind("", values)
	for _, f := range fields { // also what was typed in and is not stored
		if s, ok := f.Get().(kit.Secret); ok {
			l.mask.Add(s.Reveal())
		}
	}
	if len(problems) > 0 {
		return nil, kit.Env{}, Problems(problems)
	}
	env := kit.Env{Dir: l.home, Tokens: kit.NewTokens(nil)} // of one that is not stored, for this test alone
	if _, err := l.connection(ctx, c.Name); err == nil {
		env.Tokens = l.tokensOf(c.Name)
	}
	return account, env, nil
}

// isStored says whether a connection is the one that flows use, just as it is.
func (l *Local) isStored(ctx context.Context, c flow.Connection) bool {
	stored, err := l.connection(ctx, c.Name)
	return err == nil && stored.Connector == c.Connector && bytes.Equal(value.Append(nil, map[string]any(stored.Values)), value.Append(nil, map[string]any(c.Values)))
}
