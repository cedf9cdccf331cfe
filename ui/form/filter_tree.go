package form

import (
	"strings"

	"jackfield/flow/filter"
)

// node is a part of a filter as its rows show it: a group of parts, a test, or text for
// what is neither.
type node struct {
	not   bool
	group bool
	any   bool // of a group: one of its parts is enough
	parts []*node

	field  string
	op     string // an Operator, or one of those below
	values []filter.Value
	other  filter.Expr // neither a group nor a test
}

// What rows have operators of their own for.
const (
	isEmpty  = "is empty"
	hasValue = "has a value"
	isTrue   = "holds" // a field alone
)

// treeOf makes rows of a condition. The first node is a group.
func treeOf(x filter.Expr) *node {
	if x == nil {
		return &node{group: true}
	}
	if n := nodeOf(x); n.group {
		return n
	}
	return &node{group: true, parts: []*node{nodeOf(x)}}
}

func nodeOf(x filter.Expr) *node {
	switch x := x.(type) {
	case filter.And:
		return &node{group: true, parts: nodesOf(x)}
	case filter.Or:
		return &node{group: true, any: true, parts: nodesOf(x)}
	case filter.Not:
		n := nodeOf(x.Expr)
		if n.not {
			return &node{group: true, not: true, parts: []*node{n}}
		}
		n.not = true
		return n
	case filter.Truth:
		if x.Field == "" {
			return &node{other: x}
		}
		return &node{field: x.Field, op: isTrue}
	case filter.Compare:
		if x.Field == "" {
			return &node{other: x}
		}
		n := &node{field: x.Field, op: string(x.Op), values: x.Values}
		if x.Values[0].Kind == filter.Null {
			switch x.Op {
			case filter.Equal:
				n.op, n.values = isEmpty, nil
			case filter.NotEqual:
				n.op, n.values = hasValue, nil
			}
		}
		return n
	}
	return &node{other: x}
}

func nodesOf(list []filter.Expr) []*node {
	nodes := make([]*node, len(list))
	for i, x := range list {
		nodes[i] = nodeOf(x)
	}
	return nodes
}

// expr is the condition; nil where there is none, as in an empty group and in a test that
// names no field yet.
func (n *node) expr() filter.Expr {
	x := n.plain()
	if x != nil && n.not {
		return filter.Not{Expr: x}
	}
	return x
}

// plain is the condition without not.
func (n *node) plain() filter.Expr {
	switch {
	case n.group:
		return n.joined()
	case n.other != nil:
		return n.other
	case n.field == "":
		return nil
	}
	null := []filter.Value{{Kind: filter.Null}}
	switch n.op {
	case isTrue:
		return filter.Truth{Field: n.field}
	case isEmpty:
		return filter.Compare{Field: n.field, Op: filter.Equal, Values: null}
	case hasValue:
		return filter.Compare{Field: n.field, Op: filter.NotEqual, Values: null}
	}
	return filter.Compare{Field: n.field, Op: filter.Operator(n.op), Values: n.values}
}

func (n *node) joined() filter.Expr {
	var parts []filter.Expr
	for _, p := range n.parts {
		if x := p.expr(); x != nil {
			parts = append(parts, x)
		}
	}
	switch {
	case len(parts) == 0:
		return nil
	case len(parts) == 1:
		return parts[0]
	case n.any:
		return filter.Or(parts)
	}
	return filter.And(parts)
}

// setOp takes another operator, "not " before it turning it round, and keeps the values
// that it can.
func (n *node) setOp(op string) {
	op, n.not = strings.CutPrefix(op, "not ")
	n.op = op
	want := 1
	switch op {
	case isEmpty, hasValue, isTrue:
		want = 0
	case string(filter.Between):
		want = 2
	case string(filter.In):
		want = max(1, len(n.values))
	}
	for len(n.values) < want {
		n.values = append(n.values, filter.Text(""))
	}
	n.values = n.values[:want]
	for i, v := range n.values {
		n.values[i] = n.fit(v)
	}
}

// fit makes a value one that the operator takes: true and false go only with = and !=.
func (n *node) fit(v filter.Value) filter.Value {
	if v.Kind == filter.Bool && n.op != string(filter.Equal) && n.op != string(filter.NotEqual) {
		return filter.Text(v.Text)
	}
	return v
}

// opName is what setOp takes.
func (n *node) opName() string {
	if n.not {
		return "not " + n.op
	}
	return n.op
}

// readValue reads what a person typed for a field of a type: a text needs no quotes, but
// may have them.
func readValue(typed, kind string) filter.Value {
	typed = strings.TrimSpace(typed)
	v, err := filter.ParseValue(typed)
	if err != nil || kind == "string" && v.Kind != filter.String || v.Kind == filter.Null {
		return filter.Text(typed)
	}
	return v
}

// showValue writes a value so that readValue reads it again, with quotes only where they
// are needed.
func showValue(v filter.Value, kind string) string {
	if v.Kind != filter.String {
		return v.String()
	}
	if readValue(v.Text, kind) == v {
		return v.Text
	}
	return v.String()
}

// readValues reads a list: values with commas between.
func readValues(typed, kind string) []filter.Value {
	var values []filter.Value
	for _, part := range splitList(typed) {
		if part = strings.TrimSpace(part); part != "" {
			values = append(values, readValue(part, kind))
		}
	}
	if len(values) == 0 {
		return []filter.Value{filter.Text("")}
	}
	return values
}

// splitList takes a list apart at the commas that are in no quotes.
func splitList(s string) []string {
	var parts []string
	from, at := 0, 0
	for _, w := range filter.Words(s) {
		if w.Start >= at && s[w.Start:w.End] == "," {
			parts = append(parts, s[from:w.Start])
			from = w.End
		}
		at = w.End
	}
	return append(parts, s[from:])
}

func showValues(values []filter.Value, kind string) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = showValue(v, kind)
		if v.Kind == filter.String && (v.Text == "" || strings.ContainsAny(v.Text, ",'\"`")) {
			texts[i] = v.String()
		}
	}
	return strings.Join(texts, ", ")
}
