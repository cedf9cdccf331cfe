package value

// pass passes over the value that begins at pos, and checks it as value does.
func (p *parser) pass() bool {
	if p.pos == len(p.data) {
		return p.misfit("a value")
	}
	switch c := p.data[p.pos]; c {
	case '"':
		return p.passText()
	case '{':
		return p.passMembers('}', `"," or "}"`, p.passMember)
	case '[':
		return p.passMembers(']', `"," or "]"`, p.pass)
	case 't':
		return p.word("true")
	case 'f':
		return p.word("false")
	case 'n':
		return p.word("null")
	default:
		if c == '-' || '0' <= c && c <= '9' {
			_, _, ok := p.literal()
			return ok
		}
		return p.misfit("a value")
	}
}

// passText need not look for bytes that are not UTF-8: they are no fault.
func (p *parser) passText() bool {
	end, _ := plain(p.data, p.pos+1)
	if end < len(p.data) && p.data[end] == '"' {
		p.pos = end + 1
		return true
	}
	_, ok := p.text()
	return ok
}

// passMembers passes over what is in an array or object, one by one.
func (p *parser) passMembers(end byte, wanted string, one func() bool) bool {
	if !p.open() {
		return false
	}
	if p.pos < len(p.data) && p.data[p.pos] == end {
		p.pos++
		p.depth--
		return true
	}
	for {
		if !one() {
			return false
		}
		p.space()
		switch {
		case p.pos < len(p.data) && p.data[p.pos] == ',':
			p.pos++
			p.space()
		case p.pos < len(p.data) && p.data[p.pos] == end:
			p.pos++
			p.depth--
			return true
		default:
			return p.misfit(wanted)
		}
	}
}

func (p *parser) passMember() bool {
	if p.pos == len(p.data) || p.data[p.pos] != '"' {
		return p.misfit("a name in double quotes")
	}
	return p.passText() && p.colon() && p.pass()
}

// colon goes behind what parts a member's name from its value.
func (p *parser) colon() bool {
	p.space()
	if p.pos == len(p.data) || p.data[p.pos] != ':' {
		return p.misfit(`":"`)
	}
	p.pos++
	p.space()
	return true
}
