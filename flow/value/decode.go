package value

// Decode reads one JSON document (RFC 8259). As encoding/json does, it puts U+FFFD
// in place of bytes that are not UTF-8 and of surrogates without a partner, takes
// the last of members with the same name, and refuses anything after the value. An
// error is a *SyntaxError.
func Decode(data []byte) (any, error) {
	p := parser{data: data}
	if len(data) > worthInterning {
		p.names = new(names)
	}
	return p.document()
}

// worthInterning is the length of a document from which its own member names are
// likely to repeat.
const worthInterning = 2048

// Decoder reads one document after another and shares the names of members between
// them. It is made for records that look alike. The zero Decoder is ready; it is
// not safe for concurrent use.
type Decoder struct {
	names   names
	members []member
	items   []any
	scratch []byte
	shape   *shape // of the want that was asked for last
}

func (d *Decoder) shapeOf(w *Want) *shape {
	if w != nil && (d.shape == nil || d.shape.want != w) {
		d.shape = newShape(w, new(room))
	}
	if w == nil {
		return nil
	}
	return d.shape
}

// Decode is like the function Decode. The value holds nothing of data.
func (d *Decoder) Decode(data []byte) (any, error) {
	p := d.parser(data)
	v, err := p.document()
	d.keep(&p)
	return v, err
}

func (d *Decoder) parser(data []byte) parser {
	return parser{data: data, names: &d.names, members: d.members, items: d.items, scratch: d.scratch}
}

// keep takes the parser's buffers back for the next document, unless an unusual one
// has blown them up.
func (d *Decoder) keep(p *parser) {
	clear(p.members)
	if cap(p.members) <= 1<<12 {
		d.members = p.members[:0]
	}
	clear(p.items)
	if cap(p.items) <= 1<<12 {
		d.items = p.items[:0]
	}
	if cap(p.scratch) <= 1<<16 {
		d.scratch = p.scratch[:0]
	}
}

// names is a table of member names seen lately. Two names that fall into the same
// slot push each other out, so it never grows.
type names [512]string

// longestName is how long a name may be to be kept.
const longestName = 64

func (n *names) text(raw []byte) string {
	if n == nil || len(raw) > longestName {
		return string(raw)
	}
	h := uint32(len(raw))
	for _, c := range raw {
		h = h*31 + uint32(c)
	}
	slot := &n[(h^h>>9)%uint32(len(n))]
	if *slot != string(raw) {
		*slot = string(raw)
	}
	return *slot
}
