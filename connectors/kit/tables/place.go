package tables

import (
	"encoding/json"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// place is where a reader without a cursor column stands in a table: behind the row with
// this number or key. Where rows have neither, it counts how many were read.
type place struct {
	Of   string `json:"of"` // the table
	Key  []any  `json:"key,omitempty"`
	Skip int    `json:"skip,omitempty"`
}

func (p place) cursor() (flow.Cursor, error) { return json.Marshal(p) }

// readPlace reads a cursor that an earlier page left.
func readPlace(after flow.Cursor) (p place, err error) {
	v, err := value.Decode(after)
	if err == nil {
		err = json.Unmarshal(after, &p)
	}
	if err != nil {
		return p, kit.Fail(kit.Malformed, "the stored cursor %s does not read: %w", after, err).On("cursor").
			Hint("start a new run")
	}
	if m, ok := v.(map[string]any); ok { // with its numbers as they are
		p.Key, _ = m["key"].([]any)
	}
	return p, nil
}
