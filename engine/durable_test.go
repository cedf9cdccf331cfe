package engine_test

import (
	"testing"

	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/store"
)

func durable(t testing.TB) engine.History { return durableWith(t, store.Options{}) }

func durableWith(t testing.TB, o store.Options) engine.History {
	t.Helper()
	s, err := store.Open(t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return s
}

func TestTheStoreKeepsWhatAHistoryPromises(t *testing.T) { enginetest.History(t, durable) }

func TestRunsOverTheStore(t *testing.T) { enginetest.Runner(t, durable) }

// TestRunsOverAStoreThatKeepsNothingAtHand makes every look at what can be computed
// again compute it.
func TestRunsOverAStoreThatKeepsNothingAtHand(t *testing.T) {
	enginetest.Runner(t, func(t testing.TB) engine.History { return durableWith(t, store.Options{CacheBytes: 1}) })
}
