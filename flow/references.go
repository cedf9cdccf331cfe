package flow

import "strings"

// renameInside rewrites the references to steps in all texts of a value.
func renameInside(v any, ids map[StepID]StepID) any {
	switch v := v.(type) {
	case string:
		return renameInJQ(v, ids)
	case []any:
		list := make([]any, len(v))
		for i, one := range v {
			list[i] = renameInside(one, ids)
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for name, one := range v {
			m[name] = renameInside(one, ids)
		}
		return m
	}
	return v
}

// renameInJQ rewrites $steps.old, $steps."old" and $steps["old"] in jq, and $loops the
// same; comments and texts that only look like it stay, but for what is computed inside a text.
func renameInJQ(src string, ids map[StepID]StepID) string {
	if !strings.Contains(src, "$steps") && !strings.Contains(src, "$loops") {
		return src
	}
	r := referenceScanner{src: src, ids: ids}
	r.code(false)
	return r.out.String() + src[r.written:]
}

type referenceScanner struct {
	src     string
	ids     map[StepID]StepID
	pos     int
	written int // how much of src is in out
	out     strings.Builder
}

// code passes over jq, to its end or, inside a text, to the bracket that closes it.
func (r *referenceScanner) code(inText bool) {
	for depth := 0; r.pos < len(r.src); {
		switch c := r.src[r.pos]; {
		case c == '#':
			r.comment()
		case c == '"':
			r.pos++
			r.text()
		case c == '$':
			r.variable()
		case c == '(':
			depth++
			r.pos++
		case c == ')':
			r.pos++
			if depth--; inText && depth < 0 {
				return
			}
		default:
			r.pos++
		}
	}
}

func (r *referenceScanner) comment() {
	if i := strings.IndexByte(r.src[r.pos:], '\n'); i >= 0 {
		r.pos += i
	} else {
		r.pos = len(r.src)
	}
}

// text passes over a text from behind its opening quote.
func (r *referenceScanner) text() {
	for r.pos < len(r.src) {
		switch c := r.src[r.pos]; {
		case c == '"':
			r.pos++
			return
		case c == '\\' && strings.HasPrefix(r.src[r.pos:], `\(`):
			r.pos += 2
			r.code(true)
		case c == '\\':
			r.pos = min(r.pos+2, len(r.src))
		default:
			r.pos++
		}
	}
}

func (r *referenceScanner) variable() {
	r.pos++
	name := r.name()
	if name != "steps" && name != "loops" {
		return
	}
	at := r.pos
	r.space()
	switch {
	case r.skip("."):
		if id := r.name(); id != "" {
			r.replace(id, "")
			return
		}
		r.space()
		if id, ok := r.quoted(); ok {
			r.replace(id, `"`)
			return
		}
	case r.skip("["):
		r.space()
		if id, ok := r.quoted(); ok {
			r.replace(id, `"`)
			return
		}
	}
	r.pos = at
}

// replace writes the id that stands in front of pos and end anew.
func (r *referenceScanner) replace(id, end string) {
	next, ok := r.ids[StepID(id)]
	if !ok || string(next) == id {
		return
	}
	stop := r.pos - len(end)
	r.out.WriteString(r.src[r.written : stop-len(id)])
	r.out.WriteString(string(next))
	r.written = stop
}

func (r *referenceScanner) space() {
	for r.pos < len(r.src) && strings.IndexByte(" \t\r\n", r.src[r.pos]) >= 0 {
		r.pos++
	}
}

func (r *referenceScanner) skip(s string) bool {
	if !strings.HasPrefix(r.src[r.pos:], s) {
		return false
	}
	r.pos += len(s)
	return true
}

func (r *referenceScanner) name() string {
	start := r.pos
	for r.pos < len(r.src) {
		c := r.src[r.pos]
		if c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			break
		}
		r.pos++
	}
	return r.src[start:r.pos]
}

// quoted reads a text that is nothing but a step's id.
func (r *referenceScanner) quoted() (string, bool) {
	start := r.pos
	if r.skip(`"`) {
		if id := r.name(); r.skip(`"`) {
			return id, true
		}
	}
	r.pos = start
	return "", false
}
