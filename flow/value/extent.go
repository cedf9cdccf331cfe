package value

// extent finds the end of a value whose bytes come piece by piece. It counts
// brackets and texts and judges nothing: that is the parser's work.
type extent struct {
	seen    int // bytes looked at
	depth   int
	inText  bool
	escaped bool
}

// scan goes on where it stopped in b, which begins with the value, and says whether
// the end is in it.
func (e *extent) scan(b []byte) bool {
	for ; e.seen < len(b); e.seen++ {
		c := b[e.seen]
		switch {
		case e.escaped:
			e.escaped = false
		case e.inText:
			e.escaped = c == '\\'
			e.inText = c != '"'
			if !e.inText && e.depth == 0 {
				return true
			}
		case c == '"':
			e.inText = true
		case c == '{' || c == '[':
			e.depth++
		case c == '}' || c == ']':
			if e.depth--; e.depth <= 0 {
				return true
			}
		case e.depth == 0 && (c <= ' ' || c == ','):
			return true
		}
	}
	return false
}
