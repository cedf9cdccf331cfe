package engine_test

import (
	"testing"

	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/store"
)

func durable(t testing.TB) engine.History {
	t.Helper()
	s, err := store.Open(t.TempDir(), store.Options{})
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
