package openapi

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// overlay is what a person says of an API beside its document, in NAME.overlay.yaml.
type overlay struct {
	Title      string                `yaml:"title"`
	Summary    string                `yaml:"summary"`
	Server     string                `yaml:"server"` // its address, where the document does not tell the right one
	Test       string                `yaml:"test"`   // the path that a connection's test asks for
	Hide       []string              `yaml:"hide"`   // operations
	Groups     map[string][]string   `yaml:"groups"`
	Paging     *paging               `yaml:"paging"` // of all lists
	Operations map[string]*operation `yaml:"operations"`

	file string
	text []byte
	used map[string]bool
}

// operation is what it says of one.
type operation struct {
	Name    string   `yaml:"name"`
	Title   string   `yaml:"title"`
	Summary string   `yaml:"summary"`
	Group   string   `yaml:"group"`
	Hidden  bool     `yaml:"hidden"`
	Effect  string   `yaml:"effect"`
	List    *bool    `yaml:"list"` // whether it is read as a list
	Paging  *paging  `yaml:"paging"`
	Cursor  string   `yaml:"cursor"` // the field that grows
	Key     []string `yaml:"key"`
	Since   string   `yaml:"since"` // the parameter that is told from where on
	SinceAs string   `yaml:"since_as"`
	Sorted  bool     `yaml:"sorted"`
}

// paging has the names of the settings.
type paging struct {
	Style       string  `yaml:"style"`
	Items       *string `yaml:"items"`
	CursorPath  string  `yaml:"cursor_path"`
	CursorParam string  `yaml:"cursor_param"`
	OffsetParam string  `yaml:"offset_param"`
	PageParam   string  `yaml:"page_param"`
	FirstPage   *int    `yaml:"first_page"`
	SizeParam   string  `yaml:"size_param"`
	PageSize    int     `yaml:"page_size"`
}

// overlayOf reads the overlay of a document; there need not be one.
func overlayOf(path string) (*overlay, []flow.Problem) {
	o := &overlay{used: map[string]bool{}}
	base := path[:len(path)-len(end.FindString(path))]
	for _, ending := range []string{".overlay.yaml", ".overlay.yml", ".overlay.json"} {
		text, err := os.ReadFile(base + ending)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		o.file, o.text = base+ending, text
		if err != nil {
			return o, []flow.Problem{kit.AsFailure(err).Problem("", "")}
		}
		return o, o.read()
	}
	return o, nil
}

var end = regexp.MustCompile(`\.[a-z]+$`)

func (o *overlay) read() []flow.Problem {
	d := yaml.NewDecoder(bytes.NewReader(o.text))
	d.KnownFields(true)
	err := d.Decode(o)
	var typed *yaml.TypeError
	switch {
	case err == nil, errors.Is(err, io.EOF):
	case errors.As(err, &typed):
		var all []flow.Problem
		for _, text := range typed.Errors {
			all = append(all, o.problem(text))
		}
		return all
	default:
		return []flow.Problem{o.problem(err.Error())}
	}
	var all []flow.Problem
	effects := []string{"", string(kit.Reads), string(kit.Repeatable), string(kit.Once)}
	styles := []string{"", web.NoPaging, web.LinkPaging, web.CursorPaging, web.OffsetPaging, web.PagePaging}
	for _, name := range sortedNames(o.Operations) {
		op := o.Operations[name]
		if op == nil {
			continue
		}
		if !slices.Contains(effects, op.Effect) {
			all = append(all, o.at(op.Effect, fmt.Sprintf("there is no effect %q", op.Effect), "write reads, repeatable or once"))
		}
		if op.Paging != nil && !slices.Contains(styles, op.Paging.Style) {
			all = append(all, o.at(op.Paging.Style, fmt.Sprintf("there is no style of paging %q", op.Paging.Style), "write none, link, cursor, offset or page"))
		}
	}
	if o.Paging != nil && !slices.Contains(styles, o.Paging.Style) {
		all = append(all, o.at(o.Paging.Style, fmt.Sprintf("there is no style of paging %q", o.Paging.Style), "write none, link, cursor, offset or page"))
	}
	return all
}

var fieldNotFound = regexp.MustCompile(`^(?:yaml: )?line (\d+): (?:field (\S+) not found in type \S+)?(.*)$`)

// problem puts what the parser says into words with a place.
func (o *overlay) problem(text string) flow.Problem {
	p := flow.Problem{File: o.file, Code: kit.Malformed, What: "the overlay does not read: " + text, Fix: "mend it there"}
	m := fieldNotFound.FindStringSubmatch(text)
	if m == nil {
		return p
	}
	p.Line, _ = strconv.Atoi(m[1])
	p.Column = 1 + indent(o.text, p.Line)
	if m[2] == "" {
		p.What = "the overlay does not read: " + tidy(m[3])
		return p
	}
	p.What, p.Fix = fmt.Sprintf("an overlay knows no %q here", m[2]), "leave it out"
	if near, ok := flow.Nearest(m[2], words); ok {
		p.Fix = fmt.Sprintf("did you mean %q?", near)
	}
	return p
}

// words are all that an overlay knows.
var words = []string{
	"title", "summary", "server", "test", "hide", "groups", "paging", "operations", "name", "group", "hidden", "effect", "list", "cursor", "key",
	"since", "since_as", "sorted", "style", "items", "cursor_path", "cursor_param", "offset_param", "page_param", "first_page", "size_param", "page_size",
}

// at is a problem where a word stands.
func (o *overlay) at(word, what, fix string) flow.Problem {
	p := flow.Problem{File: o.file, Code: kit.Invalid, What: what, Fix: fix}
	if m := regexp.MustCompile(`(?m)(?:^|[^\w])(` + regexp.QuoteMeta(word) + `)(?:$|[^\w])`).FindSubmatchIndex(o.text); m != nil {
		before := o.text[:m[2]]
		p.Line = 1 + bytes.Count(before, []byte("\n"))
		p.Column = 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	}
	return p
}

// overlaid is what the overlay says of an operation by any of its names.
func (a *api) overlaid(names ...string) operation {
	var own operation
	for name, op := range a.over.Operations {
		if slices.Contains(names, name) && op != nil {
			own = *op
			a.over.used[name] = true
		}
	}
	for _, name := range a.over.Hide {
		if slices.Contains(names, name) {
			own.Hidden = true
			a.over.used[name] = true
		}
	}
	for _, group := range sortedNames(a.over.Groups) {
		for _, name := range a.over.Groups[group] {
			if slices.Contains(names, name) {
				own.Group = cmp.Or(own.Group, group)
				a.over.used[name] = true
			}
		}
	}
	if own.Paging == nil {
		own.Paging = a.over.Paging
	}
	return own
}

// unknown tells of operations in the overlay that the document does not have.
func (o *overlay) unknown(a *api) []flow.Problem {
	var known []string
	for _, c := range a.calls {
		known = append(known, c.id)
	}
	var named []string
	named = append(named, sortedNames(o.Operations)...)
	named = append(named, o.Hide...)
	for _, group := range sortedNames(o.Groups) {
		named = append(named, o.Groups[group]...)
	}
	var all []flow.Problem
	for _, name := range named {
		if o.used[name] {
			continue
		}
		fix := "name it by its operationId, or as GET /path"
		if near, ok := flow.Nearest(strings.ToLower(name), known); ok {
			fix = fmt.Sprintf("did you mean %q?", near)
		}
		p := o.at(name, fmt.Sprintf("the document has no operation %q", name), fix)
		p.Warning = true
		all = append(all, p)
	}
	return all
}

// onto puts what the overlay says over what was guessed.
func (p *paging) onto(q *web.Paging) {
	if p == nil {
		return
	}
	for _, one := range []struct {
		to   *string
		from string
	}{
		{&q.Style, p.Style},
		{&q.CursorPath, p.CursorPath},
		{&q.CursorParam, p.CursorParam},
		{&q.OffsetParam, p.OffsetParam},
		{&q.PageParam, p.PageParam},
		{&q.SizeParam, p.SizeParam},
	} {
		*one.to = cmp.Or(one.from, *one.to)
	}
	if p.Items != nil {
		q.Items = *p.Items
	}
	if p.FirstPage != nil {
		q.FirstPage = *p.FirstPage
	}
	if p.PageSize > 0 {
		q.PageSize = p.PageSize
	}
}
