package engine_test

import (
	"testing"

	"jackfield/engine"
	"jackfield/engine/enginetest"
)

func memory(testing.TB) engine.History { return engine.NewMemory() }

func TestMemoryKeepsWhatAHistoryPromises(t *testing.T) { enginetest.History(t, memory) }

func TestRunsOverMemory(t *testing.T) { enginetest.Runner(t, memory) }

func TestCrashesOverMemory(t *testing.T) { enginetest.Crash(t, memory, 300) }
