package store

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"jackfield/flow"
)

// resident is how much of the store's file is in this process's memory, in bytes.
func resident(t *testing.T, s *Store) int {
	t.Helper()
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	total, ours := 0, false
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if fields := strings.Fields(line); len(fields) >= 6 && strings.Contains(fields[0], "-") {
			ours = fields[5] == s.db.Path()
		}
		if kilobytes, ok := strings.CutPrefix(line, "Rss:"); ok && ours {
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(kilobytes), " kB"))
			if err != nil {
				t.Fatal(err)
			}
			total += n << 10
		}
	}
	return total
}

func TestLongRunLeavesNoPagesOfTheFileInMemory(t *testing.T) {
	s := openStore(t, t.TempDir())
	run := flow.Run{ID: "r1", Flow: "f", State: flow.Running}
	if err := s.Begin(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	text := string(bytes.Repeat([]byte("x"), 60<<10))
	const n = 2*letGoEvery - 10
	for i := range n {
		e := flow.Entry{StepRun: flow.StepRun{Run: "r1", Key: fmt.Sprint(i), Step: "a", Out: map[flow.Outlet]int{"done": 1}}}
		e.Batches = map[flow.Outlet]flow.Batch{"done": {{ID: flow.Child("a", nil, i), Data: text}}}
		if _, err := s.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n { // all of it is looked at
		batch, err := s.readBatch(t.Context(), flow.Ref{Run: "r1", Seq: i, Outlet: "done"})
		if err != nil || len(batch) != 1 {
			t.Fatal(err)
		}
	}
	before := resident(t, s)
	s.letGoOfPages()
	after := resident(t, s)
	if before < 20<<20 || after > before/4 {
		t.Errorf("%d MB of the file were in memory, and %d MB are after they were let go", before>>20, after>>20)
	}
	if batch, err := s.Batch(t.Context(), flow.Ref{Run: "r1", Seq: 7, Outlet: "done"}); err != nil || batch[0].Data != text {
		t.Errorf("what was let go is not there: %v", err)
	}
}
