package value

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// unquote reads a text that has escapes or faults in it, from behind its opening
// quote.
func (p *parser) unquote(start int) ([]byte, bool) {
	p.scratch = p.scratch[:0]
	p.pos = start
	for p.pos < len(p.data) {
		switch c := p.data[p.pos]; {
		case c == '"':
			p.pos++
			return p.scratch, true
		case c == '\\':
			if !p.escape() {
				return nil, false
			}
		case c < ' ':
			return nil, p.misfit("a character of a text")
		case c < utf8.RuneSelf:
			p.scratch = append(p.scratch, c)
			p.pos++
		default:
			r, size := utf8.DecodeRune(p.data[p.pos:])
			p.scratch = utf8.AppendRune(p.scratch, r)
			p.pos += size
		}
	}
	return nil, p.misfit("a quote")
}

func (p *parser) escape() bool {
	p.pos++
	if p.pos == len(p.data) {
		return p.misfit("an escape")
	}
	c := p.data[p.pos]
	switch c {
	case 'u':
		return p.rune()
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case '"', '\\', '/':
	default:
		return p.misfit(`one of " \ / b f n r t u`)
	}
	p.scratch = append(p.scratch, c)
	p.pos++
	return true
}

// rune reads \uXXXX, and a second one where the first is half of a pair. pos is at
// the u.
func (p *parser) rune() bool {
	r, ok := p.hex()
	if !ok {
		return false
	}
	if utf16.IsSurrogate(r) {
		first, back := r, p.pos
		r = utf8.RuneError
		if p.pos+1 < len(p.data) && p.data[p.pos] == '\\' && p.data[p.pos+1] == 'u' {
			p.pos++
			second, ok := p.hex()
			if !ok {
				return false
			}
			if r = utf16.DecodeRune(first, second); r == utf8.RuneError {
				p.pos = back
			}
		}
	}
	p.scratch = utf8.AppendRune(p.scratch, r)
	return true
}

func (p *parser) hex() (rune, bool) {
	p.pos++
	for i := range 4 {
		if p.pos+i == len(p.data) || !isHex(p.data[p.pos+i]) {
			p.pos += i
			return 0, p.misfit("a hexadecimal digit")
		}
	}
	n, _ := strconv.ParseUint(string(p.data[p.pos:p.pos+4]), 16, 32)
	p.pos += 4
	return rune(n), true
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}
