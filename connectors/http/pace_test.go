package http

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestPaceKeepsRequestsToAHostApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p paces
		began := time.Now()
		for i := range 5 {
			if err := p.wait(t.Context(), "a", 4); err != nil {
				t.Fatal(err)
			}
			if got, want := time.Since(began), time.Duration(i)*250*time.Millisecond; got != want {
				t.Errorf("request %d went after %s, want %s", i, got, want)
			}
		}
		before := time.Now()
		for _, rate := range []float64{4, 0, -1} {
			if err := p.wait(t.Context(), "b", rate); err != nil || time.Since(before) != 0 {
				t.Errorf("another host, rate %v: waited %s, %v", rate, time.Since(before), err)
			}
		}
	})
}

func TestPaceEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p paces
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		_ = p.wait(ctx, "a", 0.01)
		if err := p.wait(ctx, "a", 0.01); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}
