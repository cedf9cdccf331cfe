package soap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// name is that of an element, an attribute or a type, with its namespace.
type name = xml.Name

// node is an element.
type node struct {
	name   name
	attrs  map[name]string
	scope  map[string]string // what prefixes stand for
	kids   []*node
	text   string
	line   int
	column int
}

// deepest is how far elements may lie in each other.
const deepest = 1000

// errAt is what is wrong with a text, and where.
type errAt struct {
	err          error
	line, column int
}

func (e *errAt) Error() string { return e.err.Error() }

// parse reads a document.
func parse(text []byte) (*node, error) {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(label string, from io.Reader) (io.Reader, error) { return web.Charset(label, from) }
	top := &node{scope: map[string]string{"xml": "http://www.w3.org/XML/1998/namespace"}}
	around := []*node{top}
	for {
		line, column := d.InputPos()
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line, column = d.InputPos()
			return nil, &errAt{err, line, column}
		}
		in := around[len(around)-1]
		switch t := token.(type) {
		case xml.StartElement:
			if len(around) > deepest {
				return nil, &errAt{errors.New("its elements lie too deep in each other"), line, column}
			}
			n := &node{name: t.Name, attrs: map[name]string{}, scope: in.scope, line: line, column: column}
			n.take(t.Attr)
			in.kids = append(in.kids, n)
			around = append(around, n)
		case xml.EndElement:
			around = around[:len(around)-1]
		case xml.CharData:
			in.text += string(t)
		}
	}
	if len(top.kids) == 0 {
		return nil, &errAt{errors.New("there is no element"), 1, 1}
	}
	return top.kids[0], nil
}

func (n *node) take(attrs []xml.Attr) {
	own := false
	for _, a := range attrs {
		prefix, is := "", a.Name.Space == "" && a.Name.Local == "xmlns"
		if a.Name.Space == "xmlns" {
			prefix, is = a.Name.Local, true
		}
		if !is {
			n.attrs[a.Name] = a.Value
			continue
		}
		if !own {
			n.scope, own = maps.Clone(n.scope), true
		}
		n.scope[prefix] = a.Value
	}
}

func (n *node) attr(local string) string { return strings.TrimSpace(n.attrs[name{Local: local}]) }

// all are the elements in it of a name.
func (n *node) all(space, local string) []*node {
	var out []*node
	for _, k := range n.kids {
		if k.name.Local == local && k.name.Space == space {
			out = append(out, k)
		}
	}
	return out
}

func (n *node) one(space, local string) *node {
	if found := n.all(space, local); len(found) > 0 {
		return found[0]
	}
	return nil
}

// resolve reads a name with a prefix.
func (n *node) resolve(text string) name {
	prefix, local, has := strings.Cut(text, ":")
	if !has {
		prefix, local = "", text
	}
	return name{Space: n.scope[prefix], Local: local}
}

func unread(path string, err error) flow.Problem {
	p := flow.Problem{File: path, Code: kit.Malformed, What: "the description does not read: " + strings.TrimPrefix(err.Error(), "XML syntax error on "), Fix: "mend it there"}
	var at *errAt
	if errors.As(err, &at) {
		p.Line, p.Column = at.line, at.column
	}
	return p
}

func (d *description) tell(n *node, format string, args ...any) {
	p := flow.Problem{File: d.file, Code: kit.Malformed, What: fmt.Sprintf(format, args...), Fix: "mend the description; what it says beside that is used", Warning: true}
	if n != nil {
		p.Line, p.Column = n.line, n.column
	}
	d.problems = append(d.problems, p)
}
