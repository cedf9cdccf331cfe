package value

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// Reader reads the values of a stream one after another and holds no more than one
// of them: JSON Lines, documents that follow each other, or, after Elements, the
// members of one array inside a document of any size. It is not safe for concurrent
// use.
type Reader struct {
	src     io.Reader
	srcErr  error // why src gives no more; io.EOF at its end
	buf     []byte
	pos     int // what comes next
	kept    int // buf[kept:] is not given up yet: it begins behind the last value
	from    Place
	decoder Decoder
	open    []byte // the arrays and objects around the elements, as "[" and "{"
	behind  bool   // an element has been read, so that a comma comes next
	err     error  // every Next gives it from now on
}

// Place is a point in a stream: where a Reader stands behind the last value that it
// gave. Stored, it lets another Reader go on from there.
type Place struct {
	Offset int64  `json:"offset"`           // in bytes
	Line   int    `json:"line"`             // how many lines lie before it
	Column int    `json:"column,omitempty"` // how many runes of its line lie before it
	Open   string `json:"open,omitempty"`   // the arrays and objects that it lies in: "{["
}

// NewReader makes a Reader of the values in src. A byte order mark at its beginning
// is passed over.
func NewReader(src io.Reader) *Reader { return &Reader{src: src} }

// Resume makes a Reader that goes on at p, to which src must have been moved.
func Resume(src io.Reader, p Place) *Reader {
	return &Reader{src: src, from: p, open: []byte(p.Open), behind: p.Open != ""}
}

// Next gives the next value, and io.EOF behind the last one. A fault in the text is
// a *SyntaxError with its place in the whole stream. After an error it gives the
// same error again.
func (r *Reader) Next() (any, error) {
	if r.err != nil {
		return nil, r.err
	}
	v, err := r.next()
	if err != nil {
		r.err = err
		return nil, err
	}
	r.kept = r.pos
	return v, nil
}

// Offset is the number of bytes up to the end of the last value.
func (r *Reader) Offset() int64 { return r.from.Offset + int64(r.kept) }

// Place is where the Reader stands: behind the last value, or at its beginning.
func (r *Reader) Place() Place {
	p := r.place(r.kept)
	p.Open = string(r.open)
	return p
}

func (r *Reader) next() (any, error) {
	if r.buf == nil {
		r.passMark()
	}
	c, ok := r.peek()
	if len(r.open) > 0 {
		if ok && c == ']' {
			return nil, r.close()
		}
		if r.behind {
			if !ok || c != ',' {
				return nil, r.misfit(`"," or "]"`)
			}
			r.pos++
			r.peek()
		}
		r.behind = true
		return r.value()
	}
	if !ok {
		return nil, r.srcErr
	}
	v, err := r.value()
	if err == nil && !isClosed(r.buf[r.pos-1]) && r.pos < len(r.buf) && !mayFollow(r.buf[r.pos]) {
		return nil, r.misfit("the end of the value")
	}
	return v, err
}

// isClosed says whether a value that ends with c needs nothing behind it to end.
func isClosed(c byte) bool { return c == '}' || c == ']' || c == '"' }

func mayFollow(c byte) bool {
	switch c {
	case ' ', '\n', '\t', '\r', '{', '[', '"':
		return true
	}
	return false
}

// peek passes over space and shows the byte behind it. It gives false at the end.
func (r *Reader) peek() (byte, bool) {
	for {
		for ; r.pos < len(r.buf); r.pos++ {
			switch c := r.buf[r.pos]; c {
			case ' ', '\n', '\t', '\r':
			default:
				return c, true
			}
		}
		if !r.more() {
			return 0, false
		}
	}
}

// value reads the value at pos. It tries with what is there already, which is
// enough for nearly all records, and fetches the rest of the others.
func (r *Reader) value() (any, error) {
	v, p := r.decode()
	var e extent
	for more := true; more && r.short(&p); {
		more = r.fetch(&e)
		v, p = r.decode() // at the end too: the bytes may have moved
	}
	switch {
	case p.what != "":
		return nil, r.fault(p.at, p.what)
	case r.short(&p) && r.srcErr != io.EOF: // a number might have gone on
		return nil, r.srcErr
	}
	r.pos = p.pos
	return v, nil
}

func (r *Reader) decode() (any, parser) {
	p := r.decoder.parser(r.buf)
	p.pos, p.depth = r.pos, len(r.open)
	v, _ := p.value()
	r.decoder.keep(&p)
	return v, p
}

// short says whether more bytes could have changed what p found.
func (r *Reader) short(p *parser) bool {
	if p.what != "" {
		return p.at >= len(r.buf)
	}
	return p.pos == len(r.buf) && !isClosed(r.buf[p.pos-1])
}

// fetch gets bytes until the value at pos seems whole, or there are twice as many:
// then trying again is worth its time, however small the pieces are that come.
func (r *Reader) fetch(e *extent) bool {
	got := false
	for enough := 2 * (len(r.buf) - r.pos); len(r.buf)-r.pos < enough; {
		if e.scan(r.buf[r.pos:]) || !r.more() {
			break
		}
		got = true
	}
	return got
}

// more reads on, and says whether there was anything. What was given up makes room.
func (r *Reader) more() bool {
	if r.kept > 0 {
		r.from = r.place(r.kept)
		n := copy(r.buf, r.buf[r.kept:])
		r.buf = r.buf[:n]
		r.pos -= r.kept
		r.kept = 0
	}
	if len(r.buf) == cap(r.buf) {
		bigger := make([]byte, len(r.buf), max(2*cap(r.buf), 1<<16))
		copy(bigger, r.buf)
		r.buf = bigger
	}
	for empty := 0; r.srcErr == nil; empty++ {
		n, err := r.src.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		r.srcErr = err
		if n > 0 {
			return true
		}
		if empty == 100 && err == nil {
			r.srcErr = io.ErrNoProgress
		}
	}
	return false
}

// passMark passes over a byte order mark at the beginning of the stream.
func (r *Reader) passMark() {
	const mark = "\ufeff"
	if r.from != (Place{}) || r.pos > 0 || !r.more() || r.buf[0] != mark[0] {
		return
	}
	for len(r.buf) < len(mark) && r.more() {
	}
	if bytes.HasPrefix(r.buf, []byte(mark)) {
		r.pos, r.kept = len(mark), len(mark)
	}
}

// place is the point at buf[i].
func (r *Reader) place(i int) Place {
	passed := r.buf[:i]
	p := Place{Offset: r.from.Offset + int64(i), Line: r.from.Line, Column: r.from.Column}
	if last := bytes.LastIndexByte(passed, '\n'); last >= 0 {
		p.Line += bytes.Count(passed, []byte{'\n'})
		p.Column = 0
		passed = passed[last+1:]
	}
	p.Column += utf8.RuneCount(passed)
	return p
}

// misfit tells what is wrong at pos.
func (r *Reader) misfit(wanted string) error {
	return r.fault(r.pos, misfit(r.buf, r.pos, wanted))
}

// fault makes an error at buf[i]; at the end it is src's own, if it has one.
func (r *Reader) fault(i int, what string) error {
	if i >= len(r.buf) && r.srcErr != nil && !errors.Is(r.srcErr, io.EOF) {
		return r.srcErr
	}
	p := r.place(i)
	return &SyntaxError{Offset: int(p.Offset), Line: p.Line + 1, Column: p.Column + 1, What: what}
}
