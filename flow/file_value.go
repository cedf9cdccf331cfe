package flow

import (
	"fmt"
	"strings"

	yaml "go.yaml.in/yaml/v3"
)

const (
	mostNodes   = 1_000_000 // of values in one file, what aliases repeat counted again
	deepestNode = 10_000    // as in JSON
)

// readWith reads the static settings of a step.
func (r *fileReader) readWith(n *yaml.Node) Values {
	pairs := r.pairs(n, "with")
	if len(pairs) == 0 {
		return nil
	}
	v := make(Values, len(pairs))
	for _, p := range pairs {
		v[p.name] = r.inside(p.name, p.node)
	}
	return v
}

// inside reads the value of a member or an item called step.
func (r *fileReader) inside(step string, n *yaml.Node) any {
	r.path = append(r.path, step)
	v := r.value(n)
	r.path = r.path[:len(r.path)-1]
	return v
}

// value reads any value into what JSON knows.
func (r *fileReader) value(n *yaml.Node) any {
	n = resolve(n)
	if r.seen++; r.seen > mostNodes || len(r.path) > deepestNode {
		r.tooMuch(n)
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for _, p := range r.pairs(n, "the value") {
			m[p.name] = r.inside(p.name, p.node)
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			list[i] = r.inside(fmt.Sprintf("[%d]", i), item)
		}
		return list
	}
	return r.scalar(n)
}

// tooMuch tells once, and lets nothing more be read.
func (r *fileReader) tooMuch(n *yaml.Node) {
	r.seen = mostNodes
	if r.full {
		return
	}
	r.full = true
	r.report(n, Problem{
		Code: TooMuch, Field: r.field(), What: "the values are too many or nested too deep; an alias may repeat itself",
		Fix: "write them out without aliases",
	})
}

// scalar gives the value of a text or of what stands without quotes. Dates stay the
// text that was written.
func (r *fileReader) scalar(n *yaml.Node) any {
	tagged := n.Style&yaml.TaggedStyle != 0
	tag := n.ShortTag()
	quoted := n.Style&^yaml.TaggedStyle != 0
	switch {
	case tagged && (tag == "!!str" || tag == "!!timestamp"):
		return n.Value
	case tagged && !strings.HasPrefix(tag, "!!"), tagged && tag == "!!binary":
		r.report(n, Problem{Code: WrongType, Field: r.field(), What: fmt.Sprintf("the tag %s means nothing here", tag), Fix: "write the value without it"})
		return n.Value
	case quoted && !tagged:
		return n.Value
	}
	v, err := plain(n.Value)
	switch {
	case err != nil:
		r.report(n, Problem{Code: TooMuch, Field: r.field(), What: err.Error(), Fix: "put it in quotes"})
	case losesZeros(n.Value) && !quoted:
		r.report(n, Problem{
			Code: Doubtful, Field: r.field(), Warning: true, What: fmt.Sprintf("%s is read as the number %v", n.Value, v),
			Fix: "put it in quotes if the zeros belong to it",
		})
	}
	return v
}

// longestField is how many names of a path are shown.
const longestField = 8

// field is the path of the value that is being read.
func (r *fileReader) field() string {
	var b strings.Builder
	for i, step := range r.path {
		if i == longestField {
			return b.String() + "…"
		}
		if i > 0 && !strings.HasPrefix(step, "[") {
			b.WriteByte('.')
		}
		b.WriteString(step)
	}
	return b.String()
}
