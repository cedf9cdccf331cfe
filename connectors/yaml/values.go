package yaml

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	parser "go.yaml.in/yaml/v3"

	"jackfield/connectors/kit"
	"jackfield/flow/value"
)

// What one piece may ask for, so that a small file cannot fill the memory.
const (
	deepest   = 500     // how far values may lie in each other
	mostAlias = 250_000 // how many values aliases and merges may repeat
)

// fault is what is wrong with a piece, at a line and column of it, from 1; 0 where that
// is not known.
type fault struct {
	line, column int
	what         string
}

func (f *fault) Error() string { return f.what }

func faultAt(n *parser.Node, format string, args ...any) error {
	return &fault{n.Line, n.Column, fmt.Sprintf(format, args...)}
}

var saysLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// decode reads the one document of a piece.
func decode(piece []byte) (any, error) {
	if at := kit.NotUTF8(piece); at >= 0 {
		before := piece[:at]
		line := bytes.Count(before, []byte("\n"))
		return nil, &fault{line + 1, at - bytes.LastIndexByte(before, '\n'), "a byte that is not UTF-8"}
	}
	passVersion(piece)
	var doc parser.Node
	err := parser.NewDecoder(bytes.NewReader(piece)).Decode(&doc)
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		says := saysLine.FindStringSubmatch(err.Error())
		line, _ := strconv.Atoi(says[1]) // "" is 0: not known
		what := strings.TrimPrefix(err.Error(), says[0])
		if line > 0 && countsFromZero.MatchString(what) {
			line++
		}
		last := bytes.Count(bytes.TrimRight(piece, "\n"), []byte("\n")) + 1 // it may name the one behind
		return nil, &fault{line: min(line, last), what: what}
	}
	r := reader{within: map[*parser.Node]bool{}}
	return r.value(&doc, 0)
}

// countsFromZero matches what the library's parser says, whose lines begin at 0; those of
// its scanner begin at 1.
var countsFromZero = regexp.MustCompile(`^did not find expected (',' or|'-' indicator|<|key$|node content$)`)

// passVersion makes a remark of the directive %YAML 1.2, for the library knows that version
// but refuses its name.
func passVersion(piece []byte) {
	for at := 0; at < len(piece) && kindOf(string(piece[at:min(at+4, len(piece))])) == blank; {
		if bytes.HasPrefix(piece[at:], []byte("%YAML 1.")) {
			piece[at] = '#'
		}
		end := bytes.IndexByte(piece[at:], '\n')
		if end < 0 {
			return
		}
		at += end + 1
	}
}

// reader makes the nodes of a piece into values.
type reader struct {
	within  map[*parser.Node]bool // the anchored nodes that it is in, by an alias
	repeats bool                  // what it reads is a repetition
	aliased int
}

func (r *reader) value(n *parser.Node, depth int) (any, error) {
	if depth > deepest {
		return nil, faultAt(n, "values lie in each other deeper than %d levels", deepest)
	}
	if r.repeats {
		if r.aliased++; r.aliased > mostAlias {
			return nil, faultAt(n, "its aliases repeat more than %d values", mostAlias)
		}
	}
	switch n.Kind {
	case parser.DocumentNode:
		return r.value(n.Content[0], depth)
	case parser.AliasNode:
		return r.alias(n, func(target *parser.Node) (any, error) { return r.value(target, depth+1) })
	case parser.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, one := range n.Content {
			v, err := r.value(one, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case parser.MappingNode:
		object := make(map[string]any, len(n.Content)/2)
		return object, r.members(n, object, depth)
	}
	return scalar(n)
}

// alias reads what an alias stands for, unless that is around it.
func (r *reader) alias(n *parser.Node, read func(*parser.Node) (any, error)) (any, error) {
	if r.within[n.Alias] {
		return nil, faultAt(n, "the anchor %q holds itself", n.Value)
	}
	outer := r.repeats
	r.within[n.Alias], r.repeats = true, true
	v, err := read(n.Alias)
	delete(r.within, n.Alias)
	r.repeats = outer
	return v, err
}

// members reads a mapping into an object. What it merges (the type !!merge of YAML 1.1)
// gives way to what it names itself.
func (r *reader) members(n *parser.Node, object map[string]any, depth int) error {
	var merged []*parser.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, member := n.Content[i], n.Content[i+1]
		if key.ShortTag() == "!!merge" {
			merged = append(merged, member)
			continue
		}
		name := key
		if name.Kind == parser.AliasNode {
			name = name.Alias
		}
		if name.Kind != parser.ScalarNode {
			return faultAt(key, "a key that is a list or a mapping cannot be the name of a field")
		}
		if _, twice := object[name.Value]; twice {
			return faultAt(key, "the key %q stands there twice", name.Value)
		}
		v, err := r.value(member, depth+1)
		if err != nil {
			return err
		}
		object[name.Value] = v
	}
	for _, m := range merged {
		if err := r.merge(m, object, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// merge adds what the object lacks; of several mappings the first wins.
func (r *reader) merge(n *parser.Node, object map[string]any, depth int) error {
	if depth > deepest {
		return faultAt(n, "values lie in each other deeper than %d levels", deepest)
	}
	switch n.Kind {
	case parser.AliasNode:
		_, err := r.alias(n, func(target *parser.Node) (any, error) { return nil, r.merge(target, object, depth+1) })
		return err
	case parser.SequenceNode:
		for _, one := range n.Content {
			if err := r.merge(one, object, depth+1); err != nil {
				return err
			}
		}
		return nil
	case parser.MappingNode:
		add := make(map[string]any, len(n.Content)/2)
		if err := r.members(n, add, depth+1); err != nil {
			return err
		}
		for k, v := range add {
			if _, own := object[k]; !own {
				object[k] = v
			}
		}
		return nil
	}
	return faultAt(n, "only a mapping or a list of mappings can be merged")
}

var (
	leadingZero = regexp.MustCompile(`^[-+]?0[0-9_]+$`)
	whole       = regexp.MustCompile(`^[-+]?[0-9]+$`)
)

// scalar reads a single value. Dates stay text, bytes stay base64, and so do numbers
// with a leading zero, which are octal to some programs and decimal to others, and mostly
// the code of something. A tag of the application's own is left out.
func scalar(n *parser.Node) (any, error) {
	tag, text := n.ShortTag(), n.Value
	implicit := n.Tag == "" || n.Style&parser.TaggedStyle == 0
	switch {
	case (tag == "!!int" || tag == "!!float") && implicit && leadingZero.MatchString(text):
		return text, nil
	case tag == "!!int" || tag == "!!float" && implicit && whole.MatchString(text):
		i, ok := new(big.Int).SetString(strings.TrimPrefix(strings.ReplaceAll(text, "_", ""), "+"), 0)
		if !ok {
			return nil, faultAt(n, "%q is no whole number", text)
		}
		return value.Normal(i)
	}
	switch tag {
	case "!!null":
		return nil, nil
	case "!!bool":
		switch strings.ToLower(text) {
		case "true", "yes", "on", "y":
			return true, nil
		case "false", "no", "off", "n":
			return false, nil
		}
		return nil, faultAt(n, "%q is neither true nor false", text)
	case "!!float":
		f, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return text, nil // infinite, no number, or larger than a number can be
		}
		return value.Normal(f)
	case "!!binary":
		text = strings.Join(strings.Fields(text), "")
		if _, err := base64.StdEncoding.DecodeString(text); err != nil {
			return nil, faultAt(n, "the bytes of !!binary are not base64")
		}
	}
	return text, nil
}
