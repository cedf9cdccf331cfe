package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/connectors/core"
	"jackfield/connectors/json"
	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
	"jackfield/flow/value"
)

// TestRecordsReadInPartsAreWholeWhereverTheyRest reads a file whose records are looked
// at in part only, and finds them whole in the history, and wherever they leave as they
// came.
func TestRecordsReadInPartsAreWholeWhereverTheyRest(t *testing.T) {
	const given = `{"deep":{"n":0,"rest":["a"]},"more":{"x":1.5},"n":0}
{"deep":{"n":1,"rest":["a"]},"more":{"x":1.5},"n":1}
{"deep":{"n":2,"rest":["a"]},"more":{"x":1.5},"n":2}
{"deep":{"n":3,"rest":["a"]},"more":{"x":1.5},"n":3}`
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "in.jsonl"), []byte(given), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, mapping string
		want          map[string]string // by outlet of the step
	}{
		{"all go on", ".deep.n", map[string]string{"done": "0 1 2 3"}},
		{"one fails", `if .deep.n == 2 then error("no") else .n end`, map[string]string{"done": "0 1 3", "failed": line(given, 2)}},
		{"one is left out", `if .deep.n == 1 then empty else .n end`, map[string]string{"done": "0 2 3", "empty": line(given, 1)}},
		{"another step is named", `[.n, $steps.read.more.x]`, map[string]string{"done": "[0,1.5] [1,1.5] [2,1.5] [3,1.5]"}},
	} {
		for name, open := range map[string]func(testing.TB) engine.History{"memory": memory, "disk": durable} {
			t.Run(c.name+", "+name, func(t *testing.T) {
				h := enginetest.OpenWith(t, kit.Set{core.New(), json.New()}, open(t))
				f := enginetest.Parse(t, fmt.Sprintf(`
jackfield: 1
name: Parts
steps:
  - {id: read, uses: json.read, with: {path: in.jsonl, lines: true}}
  - {id: shape, uses: core.map, map: '%s'}
edges: [{from: read, to: shape, when: .n >= 0}]
`, c.mapping))
				f.Path = filepath.Join(dir, "parts.flow.yaml")
				h.Keep("f", f)
				r := h.Run(engine.Start{Flow: "f"})
				if got := texts(h.Data(r.ID, "read", flow.Done), "\n"); got != given {
					t.Errorf("the source gave %s", got)
				}
				for _, o := range []flow.Outlet{flow.Done, flow.Failed, engine.Empty} {
					if got := texts(h.Data(r.ID, "shape", o), " "); got != c.want[string(o)] {
						t.Errorf("by %s left %s, not %s", o, got, c.want[string(o)])
					}
				}
			})
		}
	}
}

func line(text string, n int) string { return strings.Split(text, "\n")[n] }

func texts(values []any, between string) string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(value.Append(nil, v))
	}
	return strings.Join(all, between)
}
