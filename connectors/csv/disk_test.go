//go:build unix

package csv_test

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
	put(t, env, "out.csv", "old")
	with := flow.Values{"path": "out.csv"}
	w := made(t, "write", with)
	_, err := w.(kit.Bulk).RunAll(t.Context(), env, batch("1", object{"a": strings.Repeat("x", 2<<20)}))
	if err == nil {
		err = w.(kit.Finisher).Finish(t.Context(), env)
	}
	if f := kit.AsFailure(err); err == nil || f.Kind != kit.Full || f.Fix == "" {
		t.Errorf("%+v", f)
	}
	if got := content(t, env, "out.csv"); got != "old" {
		t.Errorf("the old file became %d bytes", len(got))
	}
}
