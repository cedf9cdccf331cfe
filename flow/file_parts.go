package flow

import (
	"strings"

	yaml "go.yaml.in/yaml/v3"
)

// part is some lines of a file that belong together: a top-level name with its
// value, or an item of a list, and the comments and empty lines in front of it.
type part struct{ lead, body string }

// cut divides lines into the parts that begin at starts. Comments that are indented
// no further than column stand in front of the part that follows them; tail is what
// stands behind the last.
func cut(lines []string, starts []int, column int) (parts []part, tail string, ok bool) {
	ends := make([]int, len(starts)) // where the lead of the next part begins
	for i := range starts {
		next := len(lines)
		if i+1 < len(starts) {
			next = starts[i+1]
		}
		if next <= starts[i] || next > len(lines) {
			return nil, "", false
		}
		for ends[i] = next; ends[i]-1 > starts[i] && isBetween(lines[ends[i]-1], column); {
			ends[i]--
		}
	}
	lead := 0
	for i, start := range starts {
		parts = append(parts, part{strings.Join(lines[lead:start], ""), strings.Join(lines[start:ends[i]], "")})
		lead = ends[i]
	}
	return parts, strings.Join(lines[lead:], ""), len(parts) > 0
}

// isBetween says whether a line is empty or a comment that is not indented further
// than column.
func isBetween(line string, column int) bool {
	bare := strings.TrimLeft(line, " ")
	return strings.TrimSpace(line) == "" || bare[0] == '#' && len(line)-len(bare) <= column
}

// items are the parts of a list that has each item in lines of its own.
type items struct {
	header string // the line of its name
	parts  []part
	index  map[*yaml.Node]int // of the part that a node is in
	tail   string
	indent int // of the dashes
}

// cutItems cuts body, which is the lines of a list under its name.
func cutItems(list *yaml.Node, body string) (items, bool) {
	if list == nil || list.Kind != yaml.SequenceNode || list.Style&yaml.FlowStyle != 0 || len(list.Content) == 0 {
		return items{}, false
	}
	lines := strings.SplitAfter(body, "\n")
	it := items{header: lines[0], indent: -1}
	var starts []int
	for i, line := range lines[1:] {
		if it.indent < 0 {
			it.indent = dash(line)
		}
		if it.indent >= 0 && dash(line) == it.indent {
			starts = append(starts, i)
		}
	}
	if len(starts) != len(list.Content) {
		return items{}, false
	}
	it.index = map[*yaml.Node]int{}
	for i, n := range list.Content {
		it.index[resolve(n)] = i
	}
	var ok bool
	it.parts, it.tail, ok = cut(lines[1:], starts, it.indent)
	return it, ok
}

// dash is how far the dash is indented that a line begins with; -1 where there is
// none.
func dash(line string) int {
	bare := strings.TrimLeft(line, " ")
	if bare == "-\n" || strings.HasPrefix(bare, "- ") {
		return len(line) - len(bare)
	}
	return -1
}

// text writes one item.
func (it items) text(n *yaml.Node) string {
	l := list()
	l.Content = []*yaml.Node{n}
	var b strings.Builder
	for line := range strings.Lines(string(encode(l))) {
		if line != "\n" {
			b.WriteString(strings.Repeat(" ", it.indent))
		}
		b.WriteString(line)
	}
	return b.String()
}

// regrafted writes one item with what goes on of its old lines.
func (it items) regrafted(body string, fresh *yaml.Node) string {
	var b strings.Builder
	for line := range strings.Lines(body) {
		b.WriteString(strings.TrimPrefix(line, strings.Repeat(" ", it.indent)))
	}
	if old, p := parseYAML([]byte(b.String())); p == nil && old.Content[0].Kind == yaml.SequenceNode && len(old.Content[0].Content) == 1 {
		graft(old.Content[0].Content[0], fresh)
	}
	return it.text(fresh)
}
