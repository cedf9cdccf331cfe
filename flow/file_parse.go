package flow

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v3"

	"jackfield/flow/value"
)

// parseFile reads the text of a flow file into nodes that know their places. The
// problem has a line and a column, but no file.
func parseFile(data []byte) (*yaml.Node, *Problem) {
	if p := badBytes(data); p != nil {
		return nil, p
	}
	body := bytes.TrimPrefix(data, []byte("\ufeff"))
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '{' {
		_, err := value.Decode(body)
		if err == nil {
			return jsonNodes(body), nil
		}
		if len(trimmed) > 1 && looksLikeJSON(trimmed[1:]) {
			return nil, jsonProblem(err)
		}
	}
	return parseYAML(body)
}

// looksLikeJSON tells JSON from YAML in braces: its first name is in quotes.
func looksLikeJSON(inside []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(inside), []byte{'"'})
}

func jsonProblem(err error) *Problem {
	p := &Problem{Code: BadText, What: "the file is not JSON: " + err.Error(), Line: 1, Column: 1}
	var e *value.SyntaxError
	if errors.As(err, &e) {
		p.Line, p.Column, p.What = e.Line, e.Column, "the file is not JSON: "+e.What
	}
	return p
}

// badBytes finds what no text file should have in it.
func badBytes(data []byte) *Problem {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return &Problem{Code: BadText, Line: 1, Column: 1, What: "the file is written in UTF-16", Fix: "save it as UTF-8"}
	}
	line, column := 1, 1
	for i := 0; i < len(data); {
		c, size := utf8.DecodeRune(data[i:])
		switch {
		case c == utf8.RuneError && size == 1:
			return &Problem{
				Code: BadText, Line: line, Column: column, Fix: "save the file as UTF-8",
				What: fmt.Sprintf("the byte 0x%02x is not UTF-8", data[i]),
			}
		case c < ' ' && c != '\t' && c != '\n' && c != '\r':
			return &Problem{
				Code: BadText, Line: line, Column: column, Fix: "remove it, or write it as an escape in double quotes",
				What: fmt.Sprintf("there is the control character 0x%02x", data[i]),
			}
		}
		i += size
		if column++; c == '\n' {
			line, column = line+1, 1
		}
	}
	return nil
}

func parseYAML(data []byte) (*yaml.Node, *Problem) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	err := d.Decode(&doc)
	if errors.Is(err, io.EOF) || err == nil && isNothing(doc.Content[0]) {
		return nil, &Problem{
			Code: BadText, Line: 1, Column: 1, What: "the file is empty",
			Fix: `a flow file begins with "jackfield: 1"`,
		}
	}
	if err != nil {
		return nil, yamlProblem(data, err)
	}
	if err := d.Decode(&second); err == nil {
		return nil, &Problem{
			Code: BadText, Line: max(second.Line, 1), Column: 1, What: "a second document begins here",
			Fix: "keep one flow in a file",
		}
	} else if !errors.Is(err, io.EOF) {
		return nil, yamlProblem(data, err)
	}
	return &doc, nil
}

func isNothing(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Value == "" && n.Style == 0 }

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): `)

var yamlAnchor = regexp.MustCompile(`^yaml: unknown anchor '(.*)' referenced`)

// yamlProblem says in other words what the library says, which knows the line only.
func yamlProblem(data []byte, err error) *Problem {
	p := &Problem{Code: BadText, Line: 1, Column: 1}
	text := err.Error()
	if m := yamlAnchor.FindStringSubmatch(text); m != nil {
		p.What = fmt.Sprintf("there is no anchor %q that *%s could stand for", m[1], m[1])
		p.Fix = fmt.Sprintf("write &%s in front of what is meant, or put the text in quotes", m[1])
		p.Line, p.Column = placeOf(data, "*"+m[1])
		return p
	}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
		text = strings.TrimPrefix(text, m[0])
	}
	text = strings.TrimPrefix(text, "yaml: ")
	if strings.HasPrefix(text, "did not find expected ") {
		p.Line = lineThatBreaks(data, err) // the library names the line where the list or mapping begins
	}
	line := lineOf(data, p.Line)
	p.Column = 1 + len(line) - len(strings.TrimLeft(line, " "))
	p.What, p.Fix = inOtherWords(text, line)
	if tab := strings.IndexByte(line, '\t'); tab >= 0 && strings.Contains(p.What, "tab") {
		p.Column = 1 + utf8.RuneCountInString(line[:tab])
	}
	return p
}

func inOtherWords(text, line string) (what, fix string) {
	tabbed := strings.Contains(line[:len(line)-len(strings.TrimLeft(line, " \t"))], "\t")
	switch {
	case strings.Contains(text, "tab character") || strings.Contains(text, "cannot start any token") && tabbed:
		return "a tab stands where spaces should", "indent with spaces"
	case strings.Contains(text, "cannot start any token"):
		return "a value begins with a character that has a meaning of its own here", "put the value in quotes"
	case strings.Contains(text, "mapping values are not allowed"):
		return `there is a ": " where none can be`, "put the text in quotes, or indent the lines alike"
	case strings.Contains(text, "could not find expected ':'"):
		return `a name is not followed by ":"`, `write "name: value", or put a text of several lines behind "|"`
	case strings.Contains(text, "did not find expected key"), strings.Contains(text, "block sequence entries are not allowed"),
		strings.Contains(text, "did not find expected '-' indicator"):
		return "the indentation does not fit what stands before it", "begin the names of one level in the same column"
	case strings.Contains(text, "unexpected end of stream"), strings.Contains(text, "',' or"), strings.Contains(text, "expected node content"):
		return "a quote or a bracket is not closed", "close it, or put the text in quotes"
	case strings.Contains(text, "escape"):
		return `there is a "\" in double quotes that begins no escape`, `write "\\", or use single quotes`
	}
	return "the file is not YAML: " + text, "compare it with an example"
}

// lineThatBreaks is the first line with which the text so far has the error, from 1.
func lineThatBreaks(data []byte, err error) int {
	lines := bytes.SplitAfter(data, []byte{'\n'})
	end := 0
	ends := make([]int, len(lines))
	for i, line := range lines {
		end += len(line)
		ends[i] = end
	}
	return 1 + sort.Search(len(lines)-1, func(i int) bool {
		var doc yaml.Node
		broken := yaml.Unmarshal(data[:ends[i]], &doc)
		return broken != nil && broken.Error() == err.Error()
	})
}

// lineOf is the n-th line of a text, from 1.
func lineOf(data []byte, n int) string {
	for i, line := range bytes.Split(data, []byte{'\n'}) {
		if i == n-1 {
			return string(line)
		}
	}
	return ""
}

// placeOf is the line and column where text stands first.
func placeOf(data []byte, text string) (line, column int) {
	i := max(bytes.Index(data, []byte(text)), 0)
	start := bytes.LastIndexByte(data[:i], '\n') + 1
	return 1 + bytes.Count(data[:i], []byte{'\n'}), 1 + utf8.RuneCount(data[start:i])
}
