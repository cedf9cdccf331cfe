package yaml

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	parser "go.yaml.in/yaml/v3"

	"jackfield/flow/value"
)

// encode writes a value as a document, keys in order.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	to := parser.NewEncoder(&b)
	to.SetIndent(2)
	if err := to.Encode(node(v)); err != nil {
		return nil, err
	}
	return b.Bytes(), to.Close()
}

func node(v any) *parser.Node {
	switch v := v.(type) {
	case string:
		return textNode(v)
	case []any:
		n := &parser.Node{Kind: parser.SequenceNode}
		for _, one := range v {
			n.Content = append(n.Content, node(one))
		}
		if len(v) == 0 {
			n.Style = parser.FlowStyle
		}
		return n
	case map[string]any:
		n := &parser.Node{Kind: parser.MappingNode}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			n.Content = append(n.Content, textNode(k), node(v[k]))
		}
		if len(v) == 0 {
			n.Style = parser.FlowStyle
		}
		return n
	case *value.Document:
		return node(v.Whole())
	case *value.Part:
		return node(v.Object())
	}
	return &parser.Node{Kind: parser.ScalarNode, Value: string(value.Append(nil, v))} // null, true, a number
}

// textNode quotes a text unless every reader of YAML, of 1.1 too, takes it for a text.
func textNode(text string) *parser.Node {
	n := &parser.Node{Kind: parser.ScalarNode, Tag: "!!str", Value: strings.ToValidUTF8(text, "\ufffd"), Style: parser.DoubleQuotedStyle}
	if plain(n.Value) {
		n.Style = 0
	}
	return n
}

// means are the words that are no text to some reader of YAML.
var means = regexp.MustCompile(`(?i)^(y|n|yes|no|on|off|true|false|null|nan|inf|infinity)$`)

func plain(text string) bool {
	if text == "" || strings.HasSuffix(text, " ") || means.MatchString(text) {
		return false
	}
	for i, r := range text {
		if unicode.IsLetter(r) || r == '_' {
			continue
		}
		if i == 0 || !(r >= '0' && r <= '9') && !strings.ContainsRune(" .,/@+()-", r) {
			return false
		}
	}
	return true
}
