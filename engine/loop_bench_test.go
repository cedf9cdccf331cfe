package engine_test

import (
	"fmt"
	"testing"

	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/store"
)

// BenchmarkLoop runs a loop of items through two light steps, durable, in batches and
// one by one.
func BenchmarkLoop(b *testing.B) {
	for _, c := range []struct{ items, atOnce int }{{100, 0}, {100, 1}, {100_000, 0}} {
		b.Run(fmt.Sprintf("%d items, at once %d", c.items, c.atOnce), func(b *testing.B) {
			st, err := store.Open(b.TempDir(), store.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer st.Close()
			h := enginetest.Open(b, enginetest.NewWorld(), st)
			h.Add("f", fmt.Sprintf(`
jackfield: 1
name: Loop
steps:
  - {id: start, uses: test.start}
  - {id: loop, uses: test.each, with: {items: "[range(%d)]", at_once: %d}}
  - {id: a, uses: test.map, in: loop, map: ". + 1"}
  - {id: b, uses: test.map, in: loop, map: ". * 2"}
edges: [start -> loop, a -> b]
`, c.items, c.atOnce))
			for b.Loop() {
				h.Run(engine.Start{Flow: "f"})
			}
			h.Close()
		})
	}
}
