package kit_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

	"jackfield/connectors/kit"
)

func TestTokensAreChangedOneAfterTheOther(t *testing.T) {
	tokens := kit.NewTokens(nil)
	var work sync.WaitGroup
	for range 50 {
		work.Go(func() {
			_, err := tokens.Change(t.Context(), "n", func(_ context.Context, was kit.Secret) (kit.Secret, error) {
				n, _ := strconv.Atoi(was.Reveal())
				return kit.NewSecret(strconv.Itoa(n + 1)), nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	tokens.Wait()
	if n, err := tokens.Load(t.Context(), "n"); err != nil || n.Reveal() != "50" {
		t.Errorf("%s, %v", n.Reveal(), err)
	}
}

func TestChangeThatNobodyWaitsForIsMadeAllTheSame(t *testing.T) {
	tokens := kit.NewTokens(nil)
	ctx, leave := context.WithCancel(t.Context())
	goOn := make(chan struct{})
	_, err := tokens.Change(ctx, "n", func(within context.Context, _ kit.Secret) (kit.Secret, error) {
		leave()
		<-goOn
		return kit.NewSecret("new"), within.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("who leaves hears %v", err)
	}
	if _, err := tokens.Change(ctx, "n", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("who waits for another one and leaves hears %v", err)
	}
	close(goOn)
	tokens.Wait()
	if n, err := tokens.Load(t.Context(), "n"); err != nil || n.Reveal() != "new" {
		t.Errorf("%s, %v", n.Reveal(), err)
	}
}

func TestErrorOfAChangeDoesNotLoseWhatItGave(t *testing.T) {
	tokens := kit.NewTokens(nil)
	no := errors.New("no")
	_, err := tokens.Change(t.Context(), "n", func(context.Context, kit.Secret) (kit.Secret, error) { return kit.NewSecret("refused"), no })
	if n, _ := tokens.Load(t.Context(), "n"); !errors.Is(err, no) || n.Reveal() != "refused" {
		t.Errorf("%s, %v", n.Reveal(), err)
	}
}

func TestWithoutAConnectionNothingIsKept(t *testing.T) {
	var none *kit.Tokens
	if n, err := none.Load(t.Context(), "n"); err != nil || !n.Empty() {
		t.Errorf("%v, %v", n, err)
	}
	if f := kit.AsFailure(none.Save(t.Context(), "n", kit.NewSecret("x"))); f.Kind != kit.Invalid || f.Fix == "" {
		t.Errorf("%+v", f)
	}
}
