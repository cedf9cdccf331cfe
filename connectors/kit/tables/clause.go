package tables

import (
	"fmt"
	"slices"
	"strings"
)

// clause is SQL in the making, with the values for its parameters in order.
type clause struct {
	d    *Dialect
	text strings.Builder
	args []any
}

func (c *clause) add(format string, args ...any) { fmt.Fprintf(&c.text, format, args...) }

// bind gives the parameter that stands for v.
func (c *clause) bind(v any) string {
	c.args = append(c.args, v)
	return c.d.Param(len(c.args))
}

// behind is the condition for rows that stand behind the one with these values in the
// order of these names, or with orAt also at it. Null comes before all else, and compares
// with nothing.
func (c *clause) behind(order []string, values []any, orAt bool) {
	if c.d.RowOrder && !orAt && !slices.Contains(values, nil) {
		marks := make([]string, len(values))
		for i, v := range values {
			marks[i] = c.bind(v)
		}
		c.add("(%s) > (%s)", strings.Join(order, ", "), strings.Join(marks, ", "))
		return
	}
	if values[0] != nil { // what lets an index find the beginning
		c.add("%s >= %s and ", order[0], c.bind(values[0]))
	}
	c.add("(")
	for i := range order {
		if i > 0 {
			c.add(" or ")
		}
		c.at(order[:i], values)
		if i > 0 {
			c.add(" and ")
		}
		if values[i] == nil {
			c.add("%s is not null", order[i])
		} else {
			c.add("%s > %s", order[i], c.bind(values[i]))
		}
	}
	if orAt {
		c.add(" or ")
		c.at(order, values)
	}
	c.add(")")
}

// at is the condition for the rows with these values.
func (c *clause) at(names []string, values []any) {
	for i, name := range names {
		if i > 0 {
			c.add(" and ")
		}
		if values[i] == nil {
			c.add("%s is null", name)
		} else {
			c.add("%s = %s", name, c.bind(values[i]))
		}
	}
}

// orderBy sorts with null before all else. anyNull says whether there can be one at all:
// an index that has null at its end serves the order otherwise.
func (c *clause) orderBy(order []string, anyNull func(i int) bool) {
	c.add(" order by ")
	for i, name := range order {
		if i > 0 {
			c.add(", ")
		}
		c.add("%s", name)
		if c.d.NullsLast && anyNull(i) {
			c.add(" nulls first")
		}
	}
}
