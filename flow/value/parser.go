package value

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// parser walks once through data. A method that gives false has set what and at.
type parser struct {
	data    []byte
	pos     int
	depth   int
	names   *names
	shape   *shape   // of the value that comes next; nil is all of it
	members []member // of the objects that are open, the outermost first
	items   []any    // of the arrays that are open, the outermost first
	scratch []byte   // the text that was unquoted last
	what    string   // what is wrong
	at      int      // and where
}

type member struct {
	name  string
	value any
}

func (p *parser) document() (any, error) {
	p.space()
	if p.pos == len(p.data) {
		return nil, at(p.data, p.pos, "there is no value, only empty text")
	}
	v, ok := p.value()
	if !ok {
		return nil, at(p.data, p.at, p.what)
	}
	p.space()
	if p.pos < len(p.data) {
		return nil, at(p.data, p.pos, misfit(p.data, p.pos, "the end"))
	}
	return v, nil
}

func (p *parser) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\n', '\t', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *parser) fail(offset int, what string) bool {
	p.at, p.what = offset, what
	return false
}

func (p *parser) misfit(wanted string) bool {
	return p.fail(p.pos, misfit(p.data, p.pos, wanted))
}

// value reads the value that begins at pos.
func (p *parser) value() (any, bool) {
	if p.pos == len(p.data) {
		return nil, p.misfit("a value")
	}
	switch c := p.data[p.pos]; c {
	case '"':
		raw, ok := p.text()
		if !ok {
			return nil, false
		}
		return string(raw), true
	case '{':
		return p.object()
	case '[':
		return p.array()
	case 't':
		return true, p.word("true")
	case 'f':
		return false, p.word("false")
	case 'n':
		return nil, p.word("null")
	default:
		if c == '-' || '0' <= c && c <= '9' {
			return p.number()
		}
		return nil, p.misfit("a value")
	}
}

func (p *parser) word(w string) bool {
	for i := range len(w) {
		if p.pos+i == len(p.data) || p.data[p.pos+i] != w[i] {
			p.pos += i
			return p.misfit("the rest of " + w)
		}
	}
	p.pos += len(w)
	return true
}

func (p *parser) open() bool {
	if p.depth++; p.depth > maxDepth {
		return p.fail(p.pos, tooDeep)
	}
	p.pos++
	p.space()
	return true
}

func (p *parser) array() (any, bool) {
	if !p.open() {
		return nil, false
	}
	if p.pos < len(p.data) && p.data[p.pos] == ']' {
		p.pos++
		p.depth--
		return []any{}, true
	}
	first := len(p.items)
	p.shape = nil
	for {
		v, ok := p.value()
		if !ok {
			return nil, false
		}
		p.items = append(p.items, v)
		p.space()
		switch {
		case p.pos < len(p.data) && p.data[p.pos] == ',':
			p.pos++
			p.space()
		case p.pos < len(p.data) && p.data[p.pos] == ']':
			p.pos++
			p.depth--
			return p.list(first), true
		default:
			return nil, p.misfit(`"," or "]"`)
		}
	}
}

// list makes an array of the items from first on, which is just as long as they are.
func (p *parser) list(first int) []any {
	items := p.items[first:]
	list := make([]any, len(items))
	copy(list, items)
	clear(items)
	p.items = p.items[:first]
	return list
}

func (p *parser) object() (any, bool) {
	if !p.open() {
		return nil, false
	}
	if p.shape != nil {
		return p.part(p.shape)
	}
	if p.pos < len(p.data) && p.data[p.pos] == '}' {
		p.pos++
		p.depth--
		return map[string]any{}, true
	}
	first := len(p.members)
	for {
		if !p.member() {
			return nil, false
		}
		p.space()
		switch {
		case p.pos < len(p.data) && p.data[p.pos] == ',':
			p.pos++
			p.space()
		case p.pos < len(p.data) && p.data[p.pos] == '}':
			p.pos++
			p.depth--
			return p.collect(first), true
		default:
			return nil, p.misfit(`"," or "}"`)
		}
	}
}

// member reads a member of an object.
func (p *parser) member() bool {
	if p.pos == len(p.data) || p.data[p.pos] != '"' {
		return p.misfit("a name in double quotes")
	}
	raw, ok := p.text()
	if !ok {
		return false
	}
	name := p.names.text(raw)
	if !p.colon() {
		return false
	}
	v, ok := p.value()
	p.members = append(p.members, member{name, v})
	return ok
}

// collect makes an object of the members from first on. Its size is known by now,
// so the map never grows.
func (p *parser) collect(first int) map[string]any {
	members := p.members[first:]
	m := make(map[string]any, len(members))
	for _, one := range members {
		m[one.name] = one.value
	}
	clear(members)
	p.members = p.members[:first]
	return m
}

// text reads the text whose opening quote is at pos. The bytes hold until the next
// call.
func (p *parser) text() ([]byte, bool) {
	start := p.pos + 1
	end, ascii := plain(p.data, start)
	if end == len(p.data) {
		p.pos = end
		return nil, p.misfit("a quote")
	}
	switch p.data[end] {
	case '"':
		p.pos = end + 1
		raw := p.data[start:end]
		if ascii || utf8.Valid(raw) {
			return raw, true
		}
		return p.unquote(start)
	case '\\':
		return p.unquote(start)
	}
	p.pos = end
	return nil, p.misfit("a character of a text")
}

// plain finds, from i on, the first byte of a text that ends it, begins an escape or
// is a control character, and says whether all before are ASCII. It looks at eight
// bytes at a time: a byte less than n is one that loses its high bit when n is taken
// off it ("Bit Twiddling Hacks", determine if a word has a byte less than n), of which
// the lowest is always right.
func plain(data []byte, i int) (end int, ascii bool) {
	const (
		ones  = 0x0101010101010101
		highs = 0x80 * ones
	)
	seen := uint64(0)
	for ; i+8 <= len(data); i += 8 {
		w := binary.LittleEndian.Uint64(data[i:])
		quote, slash := w^('"'*ones), w^('\\'*ones)
		found := ((quote-ones)&^quote | (slash-ones)&^slash | (w-' '*ones)&^w) & highs
		if found != 0 {
			n := bits.TrailingZeros64(found) / 8
			return i + n, (seen|w&(1<<(8*n)-1))&highs == 0
		}
		seen |= w
	}
	ascii = seen&highs == 0
	for ; i < len(data); i++ {
		c := data[i]
		if c == '"' || c == '\\' || c < ' ' {
			return i, ascii
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return i, ascii
}
