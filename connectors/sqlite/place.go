package sqlite

import (
	"bytes"
	"encoding/json"
	"fmt"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// place is where a reader stands in a table: behind the row whose cursor column and
// own number these are. In a view, whose rows have no number, it counts how many
// rows with this value were read.
type place struct {
	Of    string // the table and cursor column that it is a place in
	Begun bool   // false is before the first row
	Value any    // of the cursor column, as the driver gives it
	Row   int64
	Skip  int
}

// after is the place behind the next row, given its value in the cursor column and its
// number, nil where rows have none.
func (p place) after(v, row any, withCursor bool) place {
	next := place{Of: p.Of, Begun: true, Skip: p.Skip + 1}
	if withCursor {
		next.Value = v
		if !p.Begun || !same(p.Value, v) {
			next.Skip = 1
		}
	}
	if n, ok := row.(int64); ok {
		next.Row, next.Skip = n, 0
	}
	return next
}

// same says whether SQLite holds two values for equal; a number may be whole in one
// and not in the other.
func same(a, b any) bool {
	switch a := a.(type) {
	case []byte:
		b, ok := b.([]byte)
		return ok && bytes.Equal(a, b)
	case int64:
		if b, ok := b.(float64); ok {
			return float64(a) == b
		}
	case float64:
		if b, ok := b.(int64); ok {
			return a == float64(b)
		}
	}
	if _, ok := b.([]byte); ok {
		return false
	}
	return a == b
}

// condition holds for the rows behind the place. column is the cursor column and row
// the row's number, each "" where there is none. SQLite sorts null before all else.
// Without numbers the rows with the value itself are in, and Skip of them are to be
// left out.
func (p place) condition(column, row string) (string, []any) {
	switch {
	case !p.Begun, column == "" && row == "", row == "" && p.Value == nil:
		return "true", nil
	case row == "":
		return column + " >= ?", []any{p.Value}
	case column == "":
		return row + " > ?", []any{p.Row}
	case p.Value == nil:
		return fmt.Sprintf("(%s is not null or %s > ?)", column, row), []any{p.Row}
	}
	return fmt.Sprintf("(%s, %s) > (?, ?)", column, row), []any{p.Value, p.Row}
}

// written is a place as it is stored.
type written struct {
	Of    string `json:"of"`
	Value any    `json:"value,omitempty"`
	Blob  []byte `json:"blob,omitzero"` // in place of Value
	Row   int64  `json:"row,omitempty"`
	Skip  int    `json:"skip,omitempty"`
}

func (p place) cursor() (flow.Cursor, error) {
	if !p.Begun {
		return nil, nil
	}
	w := written{Of: p.Of, Value: p.Value, Row: p.Row, Skip: p.Skip}
	if blob, ok := p.Value.([]byte); ok {
		w.Value, w.Blob = nil, append([]byte{}, blob...) // not nil where it is empty
	}
	return json.Marshal(w)
}

// readPlace reads a cursor that an earlier page left.
func readPlace(after flow.Cursor) (place, error) {
	var w written
	d := json.NewDecoder(bytes.NewReader(after))
	d.UseNumber()
	if err := d.Decode(&w); err != nil {
		return place{}, kit.Fail(kit.Malformed, "the stored cursor %s does not read: %w", after, err).On("cursor").
			Hint("remove the cursor of this step and read again from the beginning")
	}
	p := place{Of: w.Of, Begun: true, Value: w.Value, Row: w.Row, Skip: w.Skip}
	if w.Blob != nil {
		p.Value = w.Blob
	}
	if n, ok := w.Value.(json.Number); ok {
		p.Value = number(n)
	}
	return p, nil
}

func number(n json.Number) any {
	if whole, err := n.Int64(); err == nil {
		return whole
	}
	real, _ := n.Float64() // what json wrote it also reads
	return real
}
