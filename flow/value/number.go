package value

import (
	"bytes"
	"math/big"
	"strconv"
)

func (p *parser) number() (any, bool) {
	text, whole, ok := p.literal()
	if !ok {
		return nil, false
	}
	return number(text, whole), true
}

// literal reads a number by the grammar of RFC 8259, section 6.
func (p *parser) literal() (text []byte, whole, ok bool) {
	start := p.pos
	if p.data[p.pos] == '-' {
		p.pos++
	}
	switch {
	case p.pos < len(p.data) && p.data[p.pos] == '0':
		p.pos++
	case !p.digits():
		return nil, false, p.misfit("a digit")
	}
	whole = true
	if p.pos < len(p.data) && p.data[p.pos] == '.' {
		whole = false
		p.pos++
		if !p.digits() {
			return nil, false, p.misfit("a digit")
		}
	}
	if p.pos < len(p.data) && p.data[p.pos]|0x20 == 'e' {
		whole = false
		p.pos++
		if p.pos < len(p.data) && (p.data[p.pos] == '-' || p.data[p.pos] == '+') {
			p.pos++
		}
		if !p.digits() {
			return nil, false, p.misfit("a digit")
		}
	}
	text = p.data[start:p.pos]
	if whole && len(text) > maxDigits {
		return nil, false, p.fail(start, "a whole number of more than 100,000 digits")
	}
	return text, whole, true
}

func (p *parser) digits() bool {
	start := p.pos
	for p.pos < len(p.data) && '0' <= p.data[p.pos] && p.data[p.pos] <= '9' {
		p.pos++
	}
	return p.pos > start
}

// number makes a literal that is known to be well formed into a value. A number too
// great for a float64 is infinite, as it is to gojq.
func number(literal []byte, whole bool) any {
	if !whole {
		f, _ := strconv.ParseFloat(string(literal), 64)
		return f
	}
	if len(literal) < 19 {
		return small(literal)
	}
	if n, err := strconv.Atoi(string(literal)); err == nil {
		return n
	}
	n, _ := new(big.Int).SetString(string(literal), 10)
	return n
}

// small reads a whole number of at most 18 digits, which fits an int.
func small(literal []byte) int {
	digits := bytes.TrimPrefix(literal, []byte{'-'})
	n := 0
	for _, c := range digits {
		n = n*10 + int(c-'0')
	}
	if len(digits) < len(literal) {
		return -n
	}
	return n
}
