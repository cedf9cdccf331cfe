package value

// Part is what a Want names of an object: its values side by side, so that nobody has to
// make a map of them who knows where to look.
type Part struct {
	want   *Want
	values []any // in the order of the want's names
}

// absent stands in a part for a member that the object does not have.
type absent struct{}

// Want names what is in the part.
func (p *Part) Want() *Want { return p.want }

// At is the member at a place of the want; null where the object has none. One that is an
// object is a *Part where not all of it was wanted.
func (p *Part) At(place int) any {
	v := p.values[place]
	if v == (absent{}) {
		return nil
	}
	return v
}

// Object is the part with its names.
func (p *Part) Object() map[string]any {
	m := make(map[string]any, len(p.values))
	for i, v := range p.values {
		switch v := v.(type) {
		case absent:
		case *Part:
			m[p.want.names[i]] = v.Object()
		default:
			m[p.want.names[i]] = v
		}
	}
	return m
}

// shape is a want on its way through many records that look alike: it expects the
// members of an object in the order in which they came in the one before, so that it
// need neither look for the end of a name nor look the name up.
type shape struct {
	want  *Want
	inner []*shape // of what is wanted; nil for all of it
	seen  []seenName
	room  *room
}

type seenName struct {
	text  string // as it stands between the quotes
	place int    // in the want
}

// mostSeen is how many members of an object are expected.
const mostSeen = 128

// room is where the next parts are put. They are made many at a time.
type room struct {
	values []any
	parts  []Part
}

func (r *room) part(w *Want) *Part {
	n := len(w.names)
	if len(r.values) < n {
		r.values = make([]any, max(n, 1024))
	}
	if len(r.parts) == 0 {
		r.parts = make([]Part, 128)
	}
	p := &r.parts[0]
	p.want, p.values = w, r.values[:n:n]
	r.parts, r.values = r.parts[1:], r.values[n:]
	for i := range p.values {
		p.values[i] = absent{}
	}
	return p
}

func newShape(w *Want, r *room) *shape {
	if w == nil {
		return nil
	}
	s := &shape{want: w, room: r}
	for _, part := range w.parts {
		s.inner = append(s.inner, newShape(part, r))
	}
	return s
}

// part reads what s wants of the object that was opened.
func (p *parser) part(s *shape) (any, bool) {
	part := s.room.part(s.want)
	if p.pos < len(p.data) && p.data[p.pos] == '}' {
		p.pos++
		p.depth--
		return part, true
	}
	for n := 0; ; n++ {
		place, ok := p.placeOf(s, n)
		if !ok || !p.colon() {
			return nil, false
		}
		if place < 0 {
			ok = p.pass()
		} else {
			p.shape = s.inner[place]
			part.values[place], ok = p.value()
		}
		if !ok {
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
			return part, true
		default:
			return nil, p.misfit(`"," or "}"`)
		}
	}
}

// placeOf goes behind the name of the n-th member and tells its place in the want.
func (p *parser) placeOf(s *shape, n int) (int, bool) {
	if n < len(s.seen) {
		one := &s.seen[n]
		begin := p.pos + 1
		end := begin + len(one.text)
		if end < len(p.data) && p.data[begin-1] == '"' && p.data[end] == '"' && string(p.data[begin:end]) == one.text {
			p.pos = end + 1
			return one.place, true
		}
	}
	return p.look(s, n)
}

// look looks the name of the n-th member up.
func (p *parser) look(s *shape, n int) (int, bool) {
	begin := p.pos + 1
	if begin > len(p.data) || p.data[begin-1] != '"' {
		return 0, p.misfit("a name in double quotes")
	}
	name, ok := p.text()
	if !ok {
		return 0, false
	}
	place, _ := s.want.Place(string(name))
	text := p.names.text(p.data[begin : p.pos-1])
	switch {
	case n < len(s.seen):
		s.seen[n] = seenName{text, place}
	case n == len(s.seen) && n < mostSeen:
		s.seen = append(s.seen, seenName{text, place})
	}
	return place, true
}
