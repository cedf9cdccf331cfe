//go:build unix

package sqlite

import (
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func TestAFullDiskSaysSoAndKeepsWhatWasThere(t *testing.T) {
	d := newDesk(t)
	d.env.Dir = kittest.SmallDisk(t)
	with := flow.Values{"table": "t", "key": []any{"id"}}
	d.write(with, map[string]any{"id": 1, "text": "kept"})
	u := d.upsert(with)
	_, err := u.RunAll(t.Context(), d.env, flow.Batch{{Data: map[string]any{"id": 2, "text": strings.Repeat("x", 2<<20)}}})
	wantFailure(t, err, kit.Full, "path", "no room", "shop.db")
	if err := d.set.Close(); err != nil {
		t.Fatal(err)
	}
	if got := d.judge("select id, text from t"); got != "1|kept" {
		t.Errorf("in the table: %q", got)
	}
}
