//go:build unix

package json_test

import (
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func TestFullDiskLeavesTheOldFile(t *testing.T) {
	env := kittest.Env(t)
	env.Dir = kittest.SmallDisk(t)
	for _, mode := range []string{"overwrite", "append"} {
		put(t, env, "out.json", "[]")
		env = nextRun(t, env)
		w := made(t, "write", flow.Values{"path": "out.json", "mode": mode, "lines": false})
		_, err := w.(kit.Bulk).RunAll(t.Context(), env, batch("1", strings.Repeat("x", 2<<20)))
		if err == nil {
			err = w.(kit.Finisher).Finish(t.Context(), env)
		}
		if f := kit.AsFailure(err); err == nil || f.Kind != kit.Full || f.Fix == "" {
			t.Errorf("%s: %+v", mode, f)
		}
		if got := content(t, env, "out.json"); got != "[]" {
			t.Errorf("%s: the old file became %d bytes", mode, len(got))
		}
	}
}
