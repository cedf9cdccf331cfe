package csv

import (
	"encoding/json"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// place is where a page begins.
type place struct {
	Offset int64  `json:"offset,omitempty"` // 0 is before the header
	Line   int    `json:"line,omitempty"`
	Seal   string `json:"seal,omitempty"` // of the bytes before it
}

func readPlace(c flow.Cursor) (p place, err error) {
	if len(c) == 0 {
		return p, nil
	}
	if err := json.Unmarshal(c, &p); err != nil {
		return p, kit.Fail(kit.Invalid, "the stored cursor cannot be read: %w", err).
			Hint("remove the flow's cursor to read the file from its beginning")
	}
	return p, nil
}

func (p place) cursor() (flow.Cursor, error) { return json.Marshal(p) }

// fromOldMark reads cursors as they were written before rows with an equal value were
// told apart: only greater ones were new.
func fromOldMark(after flow.Cursor) (flow.Cursor, error) {
	var old struct {
		Column string
		Above  *struct{ Value string }
	}
	if len(after) == 0 || json.Unmarshal(after, &old) != nil || old.Above == nil {
		return after, nil
	}
	return json.Marshal(map[string]any{"of": old.Column, "mark": old.Above.Value, "crowded": true})
}
