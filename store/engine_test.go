package store_test

import (
	"testing"

	"jackfield/engine"
	"jackfield/engine/enginetest"
)

func TestStoreIsAHistory(t *testing.T) {
	enginetest.History(t, func(t testing.TB) engine.History { return openHome(t, t.TempDir()) })
}

func TestCrashesOverTheStore(t *testing.T) {
	enginetest.Crash(t, func(t testing.TB) engine.History { return openHome(t, t.TempDir()) }, 120)
}
