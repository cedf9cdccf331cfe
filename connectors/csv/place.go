package csv

import (
	"cmp"
	"encoding/json"
	"math"
	"math/big"
	"strconv"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// place is where a page begins, and what the pages before it have seen. As a
// checkpoint it has only Column and Above.
type place struct {
	Offset int64  `json:"offset,omitempty"` // 0 is before the header
	Line   int    `json:"line,omitempty"`
	Seal   string `json:"seal,omitempty"` // of the bytes before it

	Column string `json:"column,omitempty"` // the cursor column
	Above  *mark  `json:"above,omitempty"`  // only rows with a greater value are taken
	Text   *mark  `json:"text,omitempty"`   // the greatest value as a text
	Number *mark  `json:"number,omitempty"` // the greatest as a number, while all are
}

// mark is a value of the cursor column.
type mark struct {
	Value  string `json:"value"`
	Number bool   `json:"number,omitempty"` // it is compared as one
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

// takes says whether a row with this value in the cursor column is new, and notes it.
func (p *place) takes(v string) bool {
	numeric := isNumber(v)
	if p.Above != nil && !p.Above.before(v, numeric) {
		return false
	}
	first := p.Text == nil
	if first || p.Text.before(v, false) {
		p.Text = &mark{Value: v}
	}
	switch {
	case !numeric:
		p.Number = nil
	case first, p.Number != nil && p.Number.before(v, true):
		p.Number = &mark{Value: v, Number: true}
	}
	return true
}

// before says whether v is greater: as a number if both are, else as a text.
func (m *mark) before(v string, numeric bool) bool {
	if m.Number && numeric {
		return lessNumber(m.Value, v)
	}
	return m.Value < v
}

func isNumber(s string) bool {
	n, err := strconv.ParseFloat(s, 64)
	return err == nil && !math.IsInf(n, 0) && !math.IsNaN(n)
}

// lessNumber compares exactly: ids of twenty digits differ in the last one.
func lessNumber(a, b string) bool {
	x, _ := strconv.ParseFloat(a, 64)
	y, _ := strconv.ParseFloat(b, 64)
	if x != y || a == b {
		return x < y
	}
	exactX, okX := new(big.Rat).SetString(a)
	exactY, okY := new(big.Rat).SetString(b)
	return okX && okY && exactX.Cmp(exactY) < 0
}

// checkpoint is where the next run goes on; ok is false where nothing new was seen.
func (p place) checkpoint() (c flow.Cursor, ok bool, err error) {
	greatest := cmp.Or(p.Number, p.Text)
	if greatest == nil {
		return nil, false, nil
	}
	c, err = place{Column: p.Column, Above: greatest}.cursor()
	return c, true, err
}
