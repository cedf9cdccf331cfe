package xml

import (
	"bytes"
	std "encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
)

const (
	deepest = 500      // how far elements may lie in each other
	largest = 16 << 20 // how many bytes a record may have
)

// shape is how elements become records.
type shape struct {
	Records string   // the path of those that are records; "" is each element in the root
	Lists   []string // names of elements that are lists also where there is one
	Drop    bool     // prefixes of namespaces are left out
}

func (s *shape) fields() kit.Fields {
	return kit.Fields{
		kit.Text(&s.Records, "records", "Records at").Eg("/orders/order").
			Help("The path of the elements that are records; empty is every element in the outermost one."),
		kit.List(&s.Lists, "lists", "Always lists").Eg("item").
			Help("Names of elements that become a list also where there is only one."),
		kit.Toggle(&s.Drop, "drop_prefixes", "Leave out namespaces").More().
			Help("The element soap:Body becomes Body, and the declarations of namespaces are left out."),
	}
}

// place is where a page begins, counted in the file's text as UTF-8.
type place struct {
	Offset int64    `json:"offset"`
	Line   int      `json:"line"`   // lines before it
	Column int      `json:"column"` // letters of its line before it
	Open   []string `json:"open"`   // the elements around it
	Begun  bool     `json:"begun"`  // the outermost element was there
}

// fault is what is wrong with a document, and where.
type fault struct {
	line, column int
	what         string
}

func (f *fault) Error() string { return f.what }

// bound refuses a record that is larger than memory should hold.
type bound struct {
	src  io.Reader
	left int
}

func (b *bound) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLarge
	}
	n, err := b.src.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

var errLarge = errors.New("the element is larger than 16 MB")

// elements reads the records of a document one after another.
type elements struct {
	shape
	from  *std.Decoder
	bound *bound
	begin place
	open  []string
	begun bool // the outermost element was there
	path  []string
}

func (s shape) read(src io.Reader, at place) *elements {
	e := &elements{shape: s, bound: &bound{src: src, left: largest}, begin: at, open: at.Open, begun: at.Begun}
	e.path = strings.FieldsFunc(s.Records, func(r rune) bool { return r == '/' })
	e.from = std.NewDecoder(e.bound)
	e.from.CharsetReader = func(_ string, text io.Reader) (io.Reader, error) { return text, nil } // decode has done it
	return e
}

// decode makes a document of any encoding that it names into UTF-8, and says whether it
// is UTF-8 as it stands. head is how it begins.
func decode(src io.Reader, head []byte) (io.Reader, bool, error) {
	label := ""
	switch found := saysEncoding.FindSubmatch(head); {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		label = "utf-16le"
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		label = "utf-16be"
	case found != nil:
		label = strings.ToLower(string(found[1]))
	}
	if label == "" || label == "utf-8" || label == "utf8" || label == "us-ascii" {
		return src, true, nil
	}
	text, err := web.Charset(label, src)
	if err != nil {
		return nil, false, kit.Fail(kit.Malformed, "its encoding %q is not known: %w", label, err).Hint("convert it to UTF-8")
	}
	return text, false, nil
}

var saysEncoding = regexp.MustCompile(`^(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// at is the place behind what was read last.
func (e *elements) at() place {
	line, column := e.position()
	return place{Offset: e.begin.Offset + e.from.InputOffset(), Line: line - 1, Column: column - 1, Open: slices.Clone(e.open), Begun: e.begun}
}

func (e *elements) fail(format string, args ...any) error {
	line, column := e.position()
	return &fault{line, column, fmt.Sprintf(format, args...)}
}

// position is the line and the column in the file, from 1.
func (e *elements) position() (line, column int) {
	line, column = e.from.InputPos()
	if line == 1 {
		column += e.begin.Column
	}
	return e.begin.Line + line, column
}

// token gives the next one, and checks what the decoder does not of raw ones.
func (e *elements) token() (std.Token, error) {
	t, err := e.from.RawToken()
	if errors.Is(err, io.EOF) {
		switch {
		case len(e.open) > 0:
			return nil, e.fail("the file ends within <%s>", e.open[len(e.open)-1])
		case !e.begun:
			return nil, e.fail("there is no element")
		}
		return nil, io.EOF
	}
	if bad, ok := errors.AsType[*std.SyntaxError](err); ok {
		return nil, e.fail("%s", bad.Msg)
	}
	if errors.Is(err, errLarge) {
		return nil, e.fail("%v", err)
	}
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case std.StartElement:
		if len(e.open) == 0 && e.begun {
			return nil, e.fail("<%s> stands behind the outermost element", full(t.Name))
		}
		e.begun = true
		if len(e.open) >= deepest {
			return nil, e.fail("elements lie in each other deeper than %d levels", deepest)
		}
		e.open = append(e.open, full(t.Name))
	case std.EndElement:
		if len(e.open) == 0 || e.open[len(e.open)-1] != full(t.Name) {
			return nil, e.fail("</%s> ends an element that is not open", full(t.Name))
		}
		e.open = e.open[:len(e.open)-1]
	case std.CharData:
		if len(e.open) == 0 && len(bytes.Trim(t, " \t\r\n\ufeff")) > 0 {
			return nil, e.fail("a text outside the outermost element")
		}
	case std.Directive:
		if bytes.Contains(t, []byte("<!")) || bytes.ContainsAny(t, "[]") {
			return nil, e.fail("the document brings entities or definitions of its own, which are refused")
		}
	}
	return t, nil
}

// next gives the next record, and io.EOF behind the last one.
func (e *elements) next() (any, error) {
	for {
		e.bound.left = largest
		t, err := e.token()
		if err != nil {
			return nil, err
		}
		start, is := t.(std.StartElement)
		if !is {
			continue
		}
		if len(e.open) == 1 && len(e.path) > 0 && e.name(e.open[0]) != e.path[0] {
			return nil, kit.Fail(kit.Missing, "the outermost element is <%s>, not <%s>", e.open[0], e.path[0]).On("records").
				Hint("begin the path with /%s", e.open[0])
		}
		if e.isRecord() {
			return e.value(start)
		}
	}
}

func (e *elements) isRecord() bool {
	if len(e.path) == 0 {
		return len(e.open) == 2
	}
	return slices.EqualFunc(e.open, e.path, func(open, want string) bool { return e.name(open) == want })
}

// name is what an element or attribute is called in a record.
func (e *elements) name(full string) string {
	if _, local, has := strings.Cut(full, ":"); has && e.Drop {
		return local
	}
	return full
}

func full(n std.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

// value reads an element whose start was read.
func (e *elements) value(start std.StartElement) (any, error) {
	object := map[string]any{}
	for _, a := range start.Attr {
		name := full(a.Name)
		if e.Drop && (name == "xmlns" || strings.HasPrefix(name, "xmlns:")) {
			continue
		}
		name = "@" + e.name(name)
		if _, twice := object[name]; twice {
			return nil, e.fail("the attribute %s stands there twice", name[1:])
		}
		object[name] = a.Value
	}
	var text strings.Builder
	elements := false
	for {
		t, err := e.token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case std.CharData:
			text.Write(t)
		case std.StartElement:
			elements = true
			v, err := e.value(t)
			if err != nil {
				return nil, err
			}
			e.add(object, e.name(full(t.Name)), v)
		case std.EndElement:
			switch {
			case len(object) == 0:
				return text.String(), nil
			case text.Len() > 0 && (!elements || strings.TrimSpace(text.String()) != ""):
				object["#text"] = text.String()
			}
			return object, nil
		}
	}
}

func (e *elements) add(object map[string]any, name string, v any) {
	switch old, there := object[name]; {
	case !there && slices.Contains(e.Lists, name):
		object[name] = []any{v}
	case !there:
		object[name] = v
	default:
		if list, is := old.([]any); is {
			object[name] = append(list, v)
		} else {
			object[name] = []any{old, v}
		}
	}
}
