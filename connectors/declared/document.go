package declared

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"jackfield/flow"
	"jackfield/flow/value"
	"jackfield/transforms"
)

// document is the text of a manifest on its way to a service: nodes that know their
// places, and what was found wrong with them.
type document struct {
	file     string
	lines    []string
	problems []flow.Problem
	nodes    int
}

// The codes of problems with a manifest.
const (
	unknownKey   flow.Code = "unknown-key"
	wrongType    flow.Code = "wrong-type"
	duplicateKey flow.Code = "duplicate-key"
	missingPart  flow.Code = "needed"
	badText      flow.Code = "bad-text"
	badJQ        flow.Code = "jq"
	badReference flow.Code = "reference"
	notKnown     flow.Code = "unsupported"
)

// mostNodes bounds what aliases may repeat.
const mostNodes = 500_000

var yamlLine = regexp.MustCompile(`line (\d+)`)

// parse reads YAML or JSON. The node is nil where it is neither.
func (d *document) parse(text []byte) *yaml.Node {
	if !utf8.Valid(text) {
		d.problems = append(d.problems, flow.Problem{File: d.file, Line: 1, Column: 1, Code: badText, What: "the file is not text in UTF-8", Fix: "save it as UTF-8"})
		return nil
	}
	d.lines = strings.Split(string(text), "\n")
	var n yaml.Node
	err := yaml.Unmarshal(text, &n)
	if err == nil && n.Kind == yaml.DocumentNode && len(n.Content) == 1 && !isNull(n.Content[0]) {
		return resolve(n.Content[0])
	}
	p := flow.Problem{File: d.file, Line: 1, Column: 1, Code: badText, What: "the file is empty", Fix: `begin it with "manifest: 1"`}
	if err != nil {
		says := strings.TrimPrefix(err.Error(), "yaml: ")
		if m := yamlLine.FindStringSubmatch(says); m != nil {
			p.Line, _ = strconv.Atoi(m[1])
			says = strings.TrimPrefix(says, m[0]+": ")
		}
		p.What, p.Fix = "the file is not YAML: "+says, "mend it there, or in the line before"
	}
	d.problems = append(d.problems, p)
	return nil
}

func resolve(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// report tells of a problem at a node.
func (d *document) report(n *yaml.Node, code flow.Code, fix, format string, args ...any) {
	p := flow.Problem{File: d.file, Code: code, What: fmt.Sprintf(format, args...), Fix: fix}
	if n != nil {
		p.Line, p.Column = n.Line, n.Column
	}
	d.problems = append(d.problems, p)
}

// failed says whether something stands in the way of using the manifest.
func (d *document) failed() bool {
	for _, p := range d.problems {
		if !p.Warning {
			return true
		}
	}
	return false
}

// key is a name that an object may have, and what reads its value.
type key struct {
	name string
	read func(*yaml.Node)
}

// object reads an object with names from a fixed list.
func (d *document) object(n *yaml.Node, what string, keys ...key) {
next:
	for _, m := range d.members(n, what) {
		names := make([]string, len(keys))
		for i, k := range keys {
			if k.name == m.name {
				k.read(m.node)
				continue next
			}
			names[i] = k.name
		}
		fix := "it may have " + strings.Join(names, ", ")
		if near, ok := flow.Nearest(m.name, names); ok {
			fix = fmt.Sprintf("did you mean %q?", near)
		}
		d.report(m.at, unknownKey, fix, "%s has no %q", what, m.name)
	}
}

// memberOf is one member of an object as it stands in the file.
type memberOf struct {
	name     string
	at, node *yaml.Node
}

// members lists the members of an object.
func (d *document) members(n *yaml.Node, what string) []memberOf {
	if n = resolve(n); n == nil || isNull(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		d.report(n, wrongType, "", "%s is written as names with values, and this is %s", what, describe(n))
		return nil
	}
	var all []memberOf
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		at := resolve(n.Content[i])
		if line, twice := seen[at.Value]; twice {
			d.report(at, duplicateKey, "remove one of them", "%q is there twice, first in line %d", at.Value, line)
			continue
		}
		seen[at.Value] = at.Line
		all = append(all, memberOf{at.Value, at, resolve(n.Content[i+1])})
	}
	return all
}

// items lists what a list holds; one thing alone may stand without the brackets.
func (d *document) items(n *yaml.Node) []*yaml.Node {
	if n = resolve(n); n == nil || isNull(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		return []*yaml.Node{n}
	}
	all := make([]*yaml.Node, len(n.Content))
	for i, one := range n.Content {
		all[i] = resolve(one)
	}
	return all
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// child is the member of that name, nil where there is none.
func child(n *yaml.Node, name string) *yaml.Node {
	n = resolve(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return resolve(n.Content[i+1])
		}
	}
	return nil
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "names with values"
	case yaml.SequenceNode:
		return "a list"
	}
	if len(n.Value) > 40 {
		return "a text"
	}
	return fmt.Sprintf("%q", n.Value)
}

func (d *document) text(to *string, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode {
			d.report(n, wrongType, "", "%s is a text, and this is %s", what, describe(n))
			return
		}
		if !isNull(n) {
			*to = n.Value
		}
	}
}

func (d *document) texts(to *[]string, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		for _, one := range d.items(n) {
			var text string
			d.text(&text, what)(one)
			*to = append(*to, text)
		}
	}
}

// oneOf reads a text that is one of a few.
func (d *document) oneOf(to *string, what string, choices ...string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var text string
		d.text(&text, what)(n)
		for _, c := range choices {
			if c == text {
				*to = text
				return
			}
		}
		fix := "write one of " + strings.Join(choices, ", ")
		if near, ok := flow.Nearest(text, choices); ok {
			fix = fmt.Sprintf("did you mean %q?", near)
		}
		d.report(n, wrongType, fix, "%s is not %s", what, describe(n))
	}
}

func (d *document) toggle(to *bool, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if v, is := d.plain(n).(bool); is {
			*to = v
			return
		}
		d.report(n, wrongType, "write true or false", "%s is true or false, and this is %s", what, describe(n))
	}
}

func (d *document) whole(to *int, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if v, is := d.plain(n).(int); is {
			*to = v
			return
		}
		d.report(n, wrongType, "", "%s is a whole number, and this is %s", what, describe(n))
	}
}

func (d *document) duration(to *time.Duration, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		text := n.Value
		if days, is := strings.CutSuffix(text, "d"); is {
			if k, err := strconv.Atoi(days); err == nil && k >= 0 && k < 40_000 {
				*to = time.Duration(k) * 24 * time.Hour
				return
			}
		}
		v, err := time.ParseDuration(text)
		if err != nil || v < 0 {
			d.report(n, wrongType, "write it like 30s, 5m, 1h30m or 7d", "%s is a length of time, and this is %s", what, describe(n))
			return
		}
		*to = v
	}
}

// plain gives the value of a scalar, by the core schema of YAML 1.2: dates are texts.
func (d *document) plain(n *yaml.Node) any {
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 || n.ShortTag() == "!!str" {
		return n.Value
	}
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int":
		if v, err := strconv.Atoi(n.Value); err == nil {
			return v
		}
	case "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return f
		}
	}
	return n.Value
}

// value reads any value into what JSON knows.
func (d *document) value(n *yaml.Node) any {
	n = resolve(n)
	if d.nodes++; n == nil || d.nodes > mostNodes {
		if d.nodes == mostNodes+1 {
			d.report(n, badText, "write them out without aliases", "the values are too many; an alias may repeat itself")
		}
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		out := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			out[n.Content[i].Value] = d.value(n.Content[i+1])
		}
		return out
	case yaml.SequenceNode:
		out := make([]any, len(n.Content))
		for i, one := range n.Content {
			out[i] = d.value(one)
		}
		return out
	}
	return d.plain(n)
}

// inText is the place in the file of a line and column of the text that a node holds.
func (d *document) inText(n *yaml.Node, line, column int) (int, int) {
	switch {
	case n.Style&yaml.LiteralStyle != 0:
		at := n.Line + line
		if at-1 >= len(d.lines) {
			return n.Line, n.Column
		}
		text := strings.Split(n.Value, "\n")
		whole := d.lines[at-1]
		indent := 0
		if line-1 < len(text) {
			indent = max(utf8.RuneCountInString(strings.TrimRight(whole, "\r"))-utf8.RuneCountInString(text[line-1]), 0)
		}
		return at, indent + column
	case n.Style&yaml.FoldedStyle != 0 || line > 1:
		return n.Line, n.Column
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		column++
	}
	return n.Line, n.Column + column - 1
}

// jq compiles the program that a node holds.
func (d *document) jq(n *yaml.Node, of string) (jq, bool) {
	var text string
	d.text(&text, of)(n)
	if strings.TrimSpace(text) == "" {
		d.report(n, missingPart, "write jq, such as .reply.items", "%s is empty", of)
		return jq{}, false
	}
	return d.compiled(n, text, 0, of)
}

// compiled compiles a part of a node's text, which begins at an offset of it.
func (d *document) compiled(n *yaml.Node, src string, offset int, of string) (jq, bool) {
	p, err := transforms.Compile(src)
	if err == nil {
		return jq{program: p, of: of}, true
	}
	bad, _ := errors.AsType[*transforms.SyntaxError](err)
	problem := flow.Problem{File: d.file, Code: badJQ, What: of + ": " + err.Error(), Line: n.Line, Column: n.Column}
	if bad != nil {
		before := n.Value[:offset]
		line, column := bad.Line+strings.Count(before, "\n"), bad.Column
		if bad.Line == 1 {
			column += utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
		}
		problem.What, problem.Fix = of+": "+bad.What, bad.Fix
		problem.Line, problem.Column = d.inText(n, line, column)
	}
	d.problems = append(d.problems, problem)
	return jq{}, false
}

// expression reads a value in which texts may hold jq in braces.
func (d *document) expression(n *yaml.Node, of string) expression {
	n = resolve(n)
	switch n.Kind {
	case yaml.MappingNode:
		var s structure
		for _, m := range d.members(n, of) {
			s.names, s.values = append(s.names, d.expression(m.at, of)), append(s.values, d.expression(m.node, of+"."+m.name))
		}
		return s
	case yaml.SequenceNode:
		var list several
		for _, one := range n.Content {
			list = append(list, d.expression(one, of))
		}
		return list
	}
	v := d.plain(n)
	text, is := v.(string)
	if !is || !strings.ContainsAny(text, "{}") {
		return fixed{v}
	}
	return d.braces(n, text, of)
}

// braces parts a text into what it says and the jq in its braces. Two braces are one.
func (d *document) braces(n *yaml.Node, text, of string) expression {
	var out braced
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			out.parts = append(out.parts, fixed{plain.String()})
			plain.Reset()
		}
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case (c == '{' || c == '}') && i+1 < len(text) && text[i+1] == c:
			plain.WriteByte(c)
			i++
		case c == '}':
			line, column := d.inText(n, 1, utf8.RuneCountInString(text[:i])+1)
			d.problems = append(d.problems, flow.Problem{File: d.file, Line: line, Column: column, Code: badJQ, What: of + ": a brace is closed that was not opened", Fix: "write a brace itself twice: }}"})
			return out
		case c == '{':
			end := closing(text, i)
			if end < 0 {
				line, column := d.inText(n, 1, utf8.RuneCountInString(text[:i])+1)
				d.problems = append(d.problems, flow.Problem{File: d.file, Line: line, Column: column, Code: badJQ, What: of + ": a brace is not closed", Fix: "write a brace itself twice: {{"})
				return out
			}
			flush()
			if e, ok := d.compiled(n, text[i+1:end], i+1, of); ok {
				out.parts = append(out.parts, e)
			}
			i = end
		default:
			plain.WriteByte(c)
		}
	}
	if flush(); len(out.parts) == 1 {
		return out.parts[0]
	}
	return out
}

// closing finds the brace that closes the one at i: jq has braces of its own, and texts.
func closing(text string, i int) int {
	depth, quoted := 0, false
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// schema reads a JSON Schema; its properties stay in the order of the file.
func (d *document) schema(to *flow.Schema, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.MappingNode {
			d.report(n, wrongType, "write a JSON Schema, such as {type: object, properties: {…}}", "%s is %s", what, describe(n))
			return
		}
		if err := json.Unmarshal(d.ordered(nil, n, 0), to); err != nil {
			d.report(n, wrongType, "mend the JSON Schema", "%s does not read: %v", what, err)
		}
	}
}

// ordered writes a node as JSON.
func (d *document) ordered(dst []byte, n *yaml.Node, depth int) []byte {
	n = resolve(n)
	if d.nodes++; d.nodes > mostNodes || depth > 200 {
		return append(dst, "null"...)
	}
	switch n.Kind {
	case yaml.MappingNode:
		dst = append(dst, '{')
		for i := 0; i+1 < len(n.Content); i += 2 {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(value.Append(dst, n.Content[i].Value), ':')
			dst = d.ordered(dst, n.Content[i+1], depth+1)
		}
		return append(dst, '}')
	case yaml.SequenceNode:
		dst = append(dst, '[')
		for i, one := range n.Content {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = d.ordered(dst, one, depth+1)
		}
		return append(dst, ']')
	}
	return value.Append(dst, d.plain(n))
}
