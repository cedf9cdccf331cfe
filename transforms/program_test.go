package transforms

import (
	"context"
	"testing"
)

func TestProgramMapsOneRecord(t *testing.T) {
	p, err := Compile(`{name: .customer, at: (now | todate), n: (.items | length)}`)
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.One(context.Background(), map[string]any{"customer": "Ada", "items": []any{1, 2}}, Vars{})
	if err != nil {
		t.Fatal(err)
	}
	m := v.(map[string]any)
	if m["name"] != "Ada" || m["at"] != "1970-01-01T00:00:00Z" || m["n"] != 2 {
		t.Errorf("got %v", m)
	}
}
