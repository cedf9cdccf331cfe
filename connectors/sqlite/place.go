package sqlite

import (
	"encoding/json"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// place is where a reader without a cursor column stands in a table: behind the row with
// this number. In a view, whose rows have no number, it counts how many were read.
type place struct {
	Of    string `json:"of"` // the table
	Begun bool   `json:"begun,omitempty"`
	Row   int64  `json:"row,omitempty"`
	Skip  int    `json:"skip,omitempty"`
}

// after is the place behind the next row, given its number, nil where rows have none.
func (p place) after(row any) place {
	if n, ok := row.(int64); ok {
		return place{Of: p.Of, Begun: true, Row: n}
	}
	return place{Of: p.Of, Begun: true, Skip: p.Skip + 1}
}

// condition holds for the rows behind the place. row is their number, "" where there is
// none; then Skip of them are to be left out.
func (p place) condition(row string) (string, []any) {
	if row == "" || !p.Begun {
		return "true", nil
	}
	return row + " > ?", []any{p.Row}
}

func (p place) cursor() (flow.Cursor, error) { return json.Marshal(p) }

// readPlace reads a cursor that an earlier page left.
func readPlace(after flow.Cursor) (p place, err error) {
	if err := json.Unmarshal(after, &p); err != nil {
		return p, kit.Fail(kit.Malformed, "the stored cursor %s does not read: %w", after, err).On("cursor").
			Hint("start a new run")
	}
	return p, nil
}
