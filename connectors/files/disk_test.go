//go:build unix

package files_test

import (
	"slices"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func TestFullDiskLeavesTheOldFile(t *testing.T) {
	env := kittest.Env(t)
	env.Dir = kittest.SmallDisk(t)
	put(t, env, map[string]string{"out": "old"})
	for _, mode := range []string{"overwrite", "append", "new"} {
		path := "out"
		if mode == "new" {
			path = "another"
		}
		_, err := run(t, env, "write", flow.Values{"path": path, "mode": mode, "text": strings.Repeat("x", 2<<20)})
		if err == nil {
			err = made(t, "write", nil).(kit.Finisher).Finish(t.Context(), env)
		}
		if f := kit.AsFailure(err); err == nil || f.Kind != kit.Full || f.Fix == "" {
			t.Errorf("%s: %+v", mode, f)
		}
		if got := content(t, env, "out"); got != "old" {
			t.Errorf("%s: the old file became %d bytes", mode, len(got))
		}
		if got := names(t, env.Dir); !slices.Equal(got, []string{"out"}) {
			t.Errorf("%s: left behind: %v", mode, got)
		}
	}
}
