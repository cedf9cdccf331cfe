package soap

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"jackfield/flow"
)

// kind is a type of XML Schema, as far as values need it.
type kind struct {
	base    string // of a simple one, or of the text of one with attributes: the name of a built-in type
	enum    []string
	list    bool // words with spaces between
	complex bool
	parts   []*part
	attrs   []*part
	any     bool // other elements may stand in it
}

// part is an element or an attribute of a kind.
type part struct {
	name     name
	kind     *kind
	needed   bool
	many     bool
	nillable bool
	fixed    string
}

// schema is one schema of a description.
type schema struct {
	node      *node
	space     string
	elements  bool // local elements have the namespace
	attrs     bool
	described *description
}

// learn takes a schema in, and those that it names by a file.
func (d *description) learn(n *node, around string) {
	s := &schema{node: n, space: n.attr("targetNamespace"), described: d, elements: n.attr("elementFormDefault") == "qualified", attrs: n.attr("attributeFormDefault") == "qualified"}
	if s.space == "" {
		s.space = around // an included one has that of its includer
	}
	d.all = append(d.all, s)
	for _, k := range n.kids {
		if k.name.Space != schemaSpace || k.name.Local != "import" && k.name.Local != "include" || k.attr("schemaLocation") == "" {
			continue
		}
		if err := d.beside(k.attr("schemaLocation"), map[bool]string{true: s.space}[k.name.Local == "include"]); err != nil {
			d.tell(k, "the schema %s is not read: %v", k.attr("schemaLocation"), err)
		}
	}
}

// mostSchema is how long a schema beside a description may be.
const mostSchema = 16 << 20

// beside reads a schema from a file in the description's folder.
func (d *description) beside(at, around string) error {
	if strings.Contains(at, "://") {
		return errors.New("put the file beside the description, and its name there")
	}
	if d.schemas[at] {
		return nil
	}
	d.schemas[at] = true
	if !filepath.IsLocal(filepath.FromSlash(at)) {
		return errors.New("it is outside the description's folder")
	}
	root, err := os.OpenRoot(filepath.Dir(d.file))
	if err != nil {
		return err
	}
	defer root.Close()
	info, err := root.Stat(at)
	if err != nil {
		return err
	}
	if info.Size() > mostSchema {
		return errors.New("it is longer than 16 MB")
	}
	text, err := root.ReadFile(at)
	if err != nil {
		return err
	}
	n, err := parse(text)
	if err != nil {
		return err
	}
	if n.name != (name{Space: schemaSpace, Local: "schema"}) {
		return errors.New("it is no schema")
	}
	d.learn(n, around)
	return nil
}

// top finds what stands at the top of a schema.
func (d *description) top(local string, of name) (*schema, *node) {
	for _, s := range d.all {
		if s.space != of.Space {
			continue
		}
		for _, n := range s.node.all(schemaSpace, local) {
			if n.attr("name") == of.Local {
				return s, n
			}
		}
	}
	return nil, nil
}

// element is an element at the top of a schema.
func (d *description) element(of name) (*part, error) {
	s, n := d.top("element", of)
	if n == nil {
		return nil, fmt.Errorf("there is no element %s", of.Local)
	}
	p := s.part(n)
	p.name = of
	return p, nil
}

// named is the kind of that name. One that nobody knows takes anything.
func (d *description) named(of name) *kind {
	if of.Space == schemaSpace {
		return &kind{base: of.Local, any: of.Local == "anyType"}
	}
	if known := d.kinds[of]; known != nil {
		return known
	}
	k := &kind{any: true}
	d.kinds[of] = k // it may hold itself
	if s, n := d.top("complexType", of); n != nil {
		*k = kind{complex: true}
		s.complex(k, n)
	} else if s, n := d.top("simpleType", of); n != nil {
		*k = kind{}
		s.simple(k, n)
	}
	return k
}

// part reads an element that is declared in a kind, or at the top.
func (s *schema) part(n *node) *part {
	if ref := n.attr("ref"); ref != "" {
		of := n.resolve(ref)
		p := &part{name: of, kind: &kind{any: true}}
		if other, at := s.described.top("element", of); at != nil {
			p.kind, p.nillable = other.kindOf(at), at.attr("nillable") == "true"
		}
		p.occurs(n)
		return p
	}
	p := &part{name: name{Local: n.attr("name")}, nillable: n.attr("nillable") == "true", fixed: n.attr("fixed")}
	if form := n.attr("form"); form == "qualified" || form == "" && s.elements {
		p.name.Space = s.space
	}
	p.kind = s.kindOf(n)
	p.occurs(n)
	return p
}

func (p *part) occurs(n *node) {
	p.needed = n.attr("minOccurs") != "0"
	most := n.attr("maxOccurs")
	p.many = most != "" && most != "1" && most != "0"
}

// kindOf is the kind of an element or an attribute.
func (s *schema) kindOf(n *node) *kind {
	if of := n.attr("type"); of != "" {
		return s.described.named(n.resolve(of))
	}
	if known := s.described.inline[n]; known != nil {
		return known
	}
	k := &kind{}
	s.described.inline[n] = k // it may hold itself
	if inner := n.one(schemaSpace, "complexType"); inner != nil {
		k.complex = true
		s.complex(k, inner)
		return k
	}
	if inner := n.one(schemaSpace, "simpleType"); inner != nil {
		s.simple(k, inner)
		return k
	}
	k.base, k.any = "anyType", true
	return k
}

func (s *schema) simple(k *kind, n *node) {
	if r := n.one(schemaSpace, "restriction"); r != nil {
		base := s.baseOf(r)
		k.base, k.list = base.base, base.list
		k.enum = base.enum
		if all := r.all(schemaSpace, "enumeration"); len(all) > 0 {
			k.enum = nil
			for _, e := range all {
				k.enum = append(k.enum, e.attrs[name{Local: "value"}])
			}
		}
		return
	}
	k.base = "string"
	k.list = n.one(schemaSpace, "list") != nil
}

// baseOf is the kind that another one is made of.
func (s *schema) baseOf(n *node) *kind {
	if of := n.attr("base"); of != "" {
		return s.described.named(n.resolve(of))
	}
	return s.kindOf(n)
}

func (s *schema) complex(k *kind, n *node) {
	for _, in := range n.kids {
		if in.name.Space != schemaSpace {
			continue
		}
		switch in.name.Local {
		case "sequence", "all", "choice", "group", "any":
			s.gather(k, in, false)
		case "attribute", "attributeGroup":
			s.attribute(k, in)
		case "simpleContent", "complexContent":
			for _, by := range in.kids {
				if by.name.Local != "extension" && by.name.Local != "restriction" {
					continue
				}
				base := s.baseOf(by)
				k.base, k.enum = base.base, base.enum
				if by.name.Local == "extension" {
					k.parts, k.any = slices.Clone(base.parts), base.any && base.base == ""
				}
				k.attrs = slices.Clone(base.attrs)
				s.complex(k, by)
			}
		}
	}
}

// gather takes the elements of a group. Those of a choice need not be there.
func (s *schema) gather(k *kind, n *node, optional bool) {
	optional = optional || n.name.Local == "choice" || n.attr("minOccurs") == "0"
	many := n.attr("maxOccurs") != "" && n.attr("maxOccurs") != "1"
	begin := len(k.parts)
	switch n.name.Local {
	case "any":
		k.any = true
	case "group":
		if other, at := s.described.top("group", n.resolve(n.attr("ref"))); at != nil && !s.described.groups[at] {
			s.described.groups[at] = true // one that holds itself ends there
			for _, in := range at.kids {
				other.gather(k, in, optional)
			}
			delete(s.described.groups, at)
		}
	}
	for _, in := range n.kids {
		if in.name.Space != schemaSpace {
			continue
		}
		switch in.name.Local {
		case "element":
			p := s.part(in)
			p.needed = p.needed && !optional
			k.parts = append(k.parts, p)
		case "sequence", "all", "choice", "group", "any":
			s.gather(k, in, optional)
		}
	}
	for _, p := range k.parts[begin:] {
		p.many = p.many || many
	}
}

func (s *schema) attribute(k *kind, n *node) {
	if n.name.Local == "attributeGroup" {
		if other, at := s.described.top("attributeGroup", n.resolve(n.attr("ref"))); at != nil {
			for _, in := range at.all(schemaSpace, "attribute") {
				other.attribute(k, in)
			}
		}
		return
	}
	if n.attr("use") == "prohibited" {
		return
	}
	p := &part{name: name{Local: n.attr("name")}, needed: n.attr("use") == "required", kind: &kind{base: "string"}}
	if ref := n.attr("ref"); ref != "" {
		p.name = n.resolve(ref)
	} else {
		p.kind = s.kindOf(n)
		if form := n.attr("form"); form == "qualified" || form == "" && s.attrs {
			p.name.Space = s.space
		}
	}
	k.attrs = append(k.attrs, p)
}

// The limits of a shape: kinds hold each other.
const (
	shapeDepth = 6
	shapeWidth = 300
)

// shaper makes shapes.
type shaper struct {
	inside []*kind
	left   int
}

func (p *part) shape() flow.Schema { return (&shaper{left: shapeWidth}).part(p) }

func (s *shaper) part(p *part) flow.Schema {
	out := s.kind(p.kind)
	if p.nillable && len(out.Types) > 0 {
		out.Types = append(slices.Clone(out.Types), flow.Null)
	}
	if p.many {
		out = flow.ListOf(out)
	}
	return out
}

func (s *shaper) kind(k *kind) flow.Schema {
	if !k.complex {
		return k.leaf()
	}
	out := flow.Of(flow.Object)
	if slices.Contains(s.inside, k) || len(s.inside) >= shapeDepth {
		return out
	}
	s.inside = append(s.inside, k)
	defer func() { s.inside = s.inside[:len(s.inside)-1] }()
	out.Closed = !k.any
	if k.base != "" && len(k.parts) == 0 {
		if len(k.attrs) == 0 {
			return k.leaf()
		}
		out.Properties = append(out.Properties, flow.Property{Name: "#text", Schema: k.leaf()})
	}
	for _, a := range k.attrs {
		out.Properties = append(out.Properties, flow.Property{Name: "@" + a.name.Local, Required: a.needed, Schema: s.kind(a.kind)})
	}
	for _, p := range k.parts {
		if s.left--; s.left < 0 {
			out.Closed = false
			break
		}
		out.Properties = append(out.Properties, flow.Property{Name: p.name.Local, Required: p.needed, Schema: s.part(p)})
	}
	return out
}

// leaf is the shape of a simple kind.
func (k *kind) leaf() flow.Schema {
	var out flow.Schema
	switch {
	case k.base == "boolean":
		out = flow.Of(flow.Boolean)
	case whole[k.base]:
		out = flow.Of(flow.Integer)
	case broken[k.base]:
		out = flow.Of(flow.Number)
	case k.base == "" || k.base == "anyType":
		return flow.Any()
	default:
		out = flow.Of(flow.String)
		out.Format = map[string]string{"dateTime": "date-time", "date": "date", "time": "time", "anyURI": "uri"}[k.base]
		for _, e := range k.enum {
			out.Enum = append(out.Enum, e)
		}
	}
	if k.list {
		return flow.ListOf(out)
	}
	return out
}

// The built-in types that are numbers (XML Schema, part 2, 3).
var (
	whole = map[string]bool{
		"integer": true, "int": true, "long": true, "short": true, "byte": true, "nonNegativeInteger": true, "positiveInteger": true, "nonPositiveInteger": true,
		"negativeInteger": true, "unsignedInt": true, "unsignedLong": true, "unsignedShort": true, "unsignedByte": true,
	}
	broken = map[string]bool{"decimal": true, "float": true, "double": true}
)
