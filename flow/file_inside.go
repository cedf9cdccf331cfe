package flow

import (
	"bytes"
	"strings"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v3"
)

// inText is the place in the file of a line and column of the text that a node holds.
// Where quotes or folding make that uncertain it is the node's own place.
func (r *fileReader) inText(n *yaml.Node, line, column int) (int, int) {
	column = max(column, 1)
	switch {
	case n.Style&yaml.LiteralStyle != 0:
		return n.Line + line, indentOf(r.lines(n.Line), n.Value) + column
	case n.Style&yaml.FoldedStyle != 0:
		return n.Line, n.Column
	}
	offset, ok := offsetOf(n.Value, line, column)
	if !ok {
		return n.Line, n.Column
	}
	source := sourceOf(r.lines(n.Line-1), n.Column)
	return n.Line, n.Column + written(source, offset)
}

// lines is the file from behind its n-th line on.
func (r *fileReader) lines(n int) []byte {
	rest := bytes.TrimPrefix(r.data, []byte("\ufeff"))
	for range n {
		_, behind, found := bytes.Cut(rest, []byte{'\n'})
		if !found {
			return nil
		}
		rest = behind
	}
	return rest
}

// indentOf is how far the text of a block is indented: its first line that is not
// empty stands there with as many more spaces as the text itself has.
func indentOf(block []byte, text string) int {
	own := 0
	for line := range strings.Lines(text) {
		if bare := strings.TrimRight(line, "\r\n"); strings.Trim(bare, " ") != "" {
			own = len(bare) - len(strings.TrimLeft(bare, " "))
			break
		}
	}
	for line := range bytes.Lines(block) {
		if bare := bytes.TrimRight(line, "\r\n"); len(bytes.Trim(bare, " ")) > 0 {
			return max(len(bare)-len(bytes.TrimLeft(bare, " "))-own, 0)
		}
	}
	return 0
}

// offsetOf is how many runes stand before a line and column of a text.
func offsetOf(text string, line, column int) (int, bool) {
	offset := 0
	for l := range strings.Lines(text) {
		if line--; line == 0 {
			return offset + column - 1, true
		}
		offset += utf8.RuneCountInString(l)
	}
	return offset + column - 1, line == 1
}

func sourceOf(line []byte, column int) string {
	for range column - 1 {
		_, size := utf8.DecodeRune(line)
		line = line[size:]
	}
	return string(line)
}

// written is how many runes a scalar takes to write the first n runes of its text.
func written(source string, n int) int {
	if source == "" || source[0] != '"' && source[0] != '\'' {
		return n
	}
	quote := source[0]
	i, count := 1, 1
	for ; n > 0 && i < len(source) && source[i] != '\n'; n-- {
		size, runes := 1, 1
		switch {
		case quote == '"' && source[i] == '\\':
			size = escapeLength(source[i:])
			runes = size
		case quote == '\'' && strings.HasPrefix(source[i:], "''"):
			size, runes = 2, 2
		case source[i] == quote:
			return count
		default:
			_, size = utf8.DecodeRuneInString(source[i:])
		}
		i += size
		count += runes
	}
	return count
}

// escapeLength is how long the escape is that s begins with; two \u of a surrogate
// pair are one.
func escapeLength(s string) int {
	if len(s) < 2 {
		return len(s)
	}
	length := 2
	switch s[1] {
	case 'x':
		length = 4
	case 'u':
		length = 6
		if len(s) > 3 && (s[2] == 'd' || s[2] == 'D') && strings.ContainsAny(s[3:4], "89abAB") {
			length = 12
		}
	case 'U':
		length = 10
	}
	return min(length, len(s))
}
