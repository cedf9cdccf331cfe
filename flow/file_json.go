package flow

import (
	"bytes"
	"math"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v3"

	"jackfield/flow/value"
)

// jsonNodes makes nodes of a text that is known to be JSON. The YAML library would
// refuse some of it: pairs of \u escapes, and tabs.
func jsonNodes(data []byte) *yaml.Node {
	w := &jsonWalker{data: data, line: 1, column: 1}
	return &yaml.Node{Kind: yaml.DocumentNode, Line: 1, Column: 1, Content: []*yaml.Node{w.value()}}
}

type jsonWalker struct {
	data         []byte
	pos          int
	counted      int // line and column are those of data[counted]
	line, column int
}

// next passes over space, and over marks that say nothing new, to the next token.
func (w *jsonWalker) next() byte {
	for {
		switch c := w.data[w.pos]; c {
		case ' ', '\n', '\t', '\r', ',', ':':
			w.pos++
		default:
			return c
		}
	}
}

func (w *jsonWalker) node(kind yaml.Kind, tag string) *yaml.Node {
	for w.counted < w.pos {
		c, size := utf8.DecodeRune(w.data[w.counted:])
		w.counted += size
		if w.column++; c == '\n' {
			w.line, w.column = w.line+1, 1
		}
	}
	return &yaml.Node{Kind: kind, Tag: tag, Line: w.line, Column: w.column}
}

func (w *jsonWalker) value() *yaml.Node {
	switch w.next() {
	case '{':
		return w.children(w.node(yaml.MappingNode, "!!map"), '}')
	case '[':
		return w.children(w.node(yaml.SequenceNode, "!!seq"), ']')
	case '"':
		n := w.node(yaml.ScalarNode, "!!str")
		n.Style = yaml.DoubleQuotedStyle
		v, _ := value.Decode(w.token(w.quoted()))
		n.Value, _ = v.(string)
		return n
	}
	n := w.node(yaml.ScalarNode, "")
	n.Value = string(w.token(w.bare()))
	n.Tag = n.ShortTag()
	return n
}

func (w *jsonWalker) children(n *yaml.Node, end byte) *yaml.Node {
	w.pos++
	for w.next() != end {
		n.Content = append(n.Content, w.value())
	}
	w.pos++
	return n
}

func (w *jsonWalker) token(end int) []byte {
	start := w.pos
	w.pos = end
	return w.data[start:end]
}

// quoted is the end of the text that begins at pos.
func (w *jsonWalker) quoted() int {
	for i := w.pos + 1; ; i++ {
		switch w.data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// bare is the end of the number or word that begins at pos.
func (w *jsonWalker) bare() int {
	i := w.pos
	for i < len(w.data) {
		switch w.data[i] {
		case ' ', '\n', '\t', '\r', ',', ']', '}':
			return i
		}
		i++
	}
	return i
}

// isJSON says whether a file that can be read is JSON.
func isJSON(data []byte) bool {
	_, err := value.Decode(bytes.TrimPrefix(data, []byte("\ufeff")))
	return err == nil
}

// jsonText writes nodes as JSON, in their order and with two spaces for each level.
func jsonText(doc *yaml.Node) []byte {
	return append(appendJSON(nil, doc.Content[0], "\n"), '\n')
}

// appendJSON begins every line of a nested value with margin.
func appendJSON(dst []byte, n *yaml.Node, margin string) []byte {
	inner, step := margin+"  ", 1
	start, end := byte('['), byte(']')
	switch {
	case n.Kind == yaml.ScalarNode && (n.Tag == "!!str" || n.Style != 0):
		return value.Append(dst, n.Value)
	case n.Kind == yaml.ScalarNode:
		v, _ := plain(n.Value)
		if f, ok := v.(float64); ok && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return append(dst, n.Value...) // 1.0 stays a float
		}
		return value.Append(dst, v)
	case n.Kind == yaml.MappingNode:
		start, end, step = '{', '}', 2
	}
	dst = append(dst, start)
	for i := 0; i < len(n.Content); i += step {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, inner...)
		if step == 2 {
			dst = append(value.Append(dst, n.Content[i].Value), ": "...)
		}
		dst = appendJSON(dst, n.Content[i+step-1], inner)
	}
	if len(n.Content) > 0 {
		dst = append(dst, margin...)
	}
	return append(dst, end)
}
