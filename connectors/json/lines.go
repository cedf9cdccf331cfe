package json

import (
	"bytes"
	"errors"
	"io"

	"jackfield/connectors/kit"
	"jackfield/flow/value"
)

// largestLine is how many bytes a line may have.
const largestLine = 64 << 20

// lines parts a file into lines that are not blank.
type lines struct {
	src   io.Reader
	keeps bool // what was read is never written over
	likes int  // so many bytes are likely to be asked for yet; 0 where nobody knows
	buf   []byte
	pos   int
	end   error       // why src gives no more
	place value.Place // of buf[pos]
}

// piece is how much of a file is read at a time at the most, unless a line is longer,
// and leastPiece at least.
const (
	piece      = 256 << 10
	leastPiece = 16 << 10
)

// errTooLong is of a line that is larger than the largest.
var errTooLong = errors.New("the line is longer than 64 MB")

// next gives a line without its end, and its number. Unless l keeps what it read, it
// holds until the next one is read. Of one that is too long it gives the beginning.
func (l *lines) next() (text []byte, number int, err error) {
	for {
		text, err = l.line()
		number = l.place.Line
		if len(bytes.TrimSpace(text)) > 0 || err != nil {
			return text, number, err
		}
	}
}

// line gives what stands before the next line end, and goes behind that.
func (l *lines) line() ([]byte, error) {
	for searched := 0; ; {
		b := l.buf[l.pos:]
		i := bytes.IndexByte(b[searched:], '\n')
		if i >= 0 && searched+i <= largestLine {
			l.pass(searched + i + 1)
			return b[:searched+i], nil
		}
		if searched = len(b); searched > largestLine {
			return l.skip()
		}
		if l.fill() {
			continue
		}
		if l.end != io.EOF || len(b) == 0 {
			return nil, l.end
		}
		l.pass(len(b))
		return b, nil
	}
}

// skip goes behind a line that is too long, and gives how it begins.
func (l *lines) skip() ([]byte, error) {
	shown := bytes.Clone(l.buf[l.pos:][:1000])
	for {
		if i := bytes.IndexByte(l.buf[l.pos:], '\n'); i >= 0 {
			l.pass(i + 1)
			return shown, errTooLong
		}
		l.place.Offset += int64(len(l.buf) - l.pos)
		l.pos = len(l.buf)
		if !l.fill() {
			l.place.Line++
			return shown, errTooLong
		}
	}
}

// pass goes behind n bytes, which end with a line.
func (l *lines) pass(n int) {
	l.pos += n
	l.place.Offset += int64(n)
	l.place.Line++
}

// fill reads more into the buffer, and says whether there was any.
func (l *lines) fill() bool {
	if l.end != nil {
		return false
	}
	rest := l.buf[l.pos:]
	n := len(rest)
	room := l.buf
	if l.keeps || n == cap(l.buf) {
		room = make([]byte, n+l.nextPiece(n))
	}
	copy(room[:n], rest)
	l.buf, l.pos = room[:n], 0
	var read int
	read, l.end = io.ReadFull(l.src, l.buf[n:cap(l.buf)])
	l.buf = l.buf[:n+read]
	if l.end == io.ErrUnexpectedEOF {
		l.end = io.EOF
	}
	return read > 0
}

// nextPiece is how much to read behind n bytes: of a line longer than that as much again.
func (l *lines) nextPiece(n int) int {
	if l.likes == 0 {
		return max(piece, n)
	}
	return max(min(piece, l.likes-n), leastPiece, n)
}

// more passes blank lines, and says whether another one follows.
func (l *lines) more() bool {
	for {
		b := l.buf[l.pos:]
		i := bytes.IndexByte(b, '\n')
		switch {
		case i >= 0 && len(bytes.TrimSpace(b[:i])) == 0:
			l.pass(i + 1)
		case i >= 0 || len(bytes.TrimSpace(b)) > 0:
			return true
		case !l.fill():
			return l.end != io.EOF
		}
	}
}

// passMark goes behind a byte order mark at the beginning of the file.
func (l *lines) passMark() {
	const mark = "\ufeff"
	if l.fill() && bytes.HasPrefix(l.buf, []byte(mark)) {
		l.pos = len(mark)
		l.place.Offset = int64(len(mark))
	}
}

// lines reads a page of values that have a line each.
func (r *read) lines(env kit.Env, src io.Reader, at value.Place) (kit.Page, value.Place, error) {
	l := &lines{src: src, place: at, keeps: env.Documents}
	if at.Offset == 0 {
		l.passMark()
	}
	page := kit.Page{Data: make([]any, 0, pageRecords), More: true}
	d := documents{want: env.Want, give: env.Documents}
	begin := l.place.Offset
	for n := 0; n < pageRecords && l.place.Offset-begin < pageBytes; n = len(page.Data) + len(page.Bad) {
		if n > 0 { // the lines to come are as long as those before, and some more
			l.likes = int(l.place.Offset-begin) / n * (pageRecords - n) * 9 / 8
		}
		text, number, err := l.next()
		if err == io.EOF {
			break
		}
		var v any
		if err == nil {
			v, err = d.read(text)
		}
		if err == nil {
			page.Data = append(page.Data, v)
			continue
		}
		failure := r.badLine(number, err)
		if failure == nil {
			return kit.Page{}, at, kit.FailFile("read", r.Path, err)
		}
		page.Bad = append(page.Bad, kit.Bad{
			At: len(page.Data) + len(page.Bad), Failure: failure,
			Data: map[string]any{"line": number, "text": string(bytes.ToValidUTF8(text, []byte("\ufffd")))},
		})
	}
	page.More = l.more()
	return page, l.place, nil
}

// documents makes lines into records.
type documents struct {
	want    *value.Want
	give    bool // whether they may be documents, and lines hold for good
	decoder value.Decoder
	made    []value.Document
}

func (d *documents) read(line []byte) (any, error) {
	if !d.give {
		return d.decoder.Decode(line)
	}
	if len(d.made) == cap(d.made) {
		d.made = make([]value.Document, 0, pageRecords/4)
	}
	doc, err := d.decoder.Document(line[:len(line):len(line)], d.want)
	if err != nil {
		return nil, err
	}
	d.made = append(d.made, doc)
	return &d.made[len(d.made)-1], nil
}

// badLine tells what is wrong with a line; nil where it is not the line's fault.
func (r *read) badLine(number int, err error) *kit.Failure {
	if bad, ok := errors.AsType[*value.SyntaxError](err); ok {
		return kit.Fail(kit.Malformed, "%s:%d:%d: %s", r.Path, number, bad.Column, bad.What).Hint("mend the line")
	}
	if err == errTooLong {
		return kit.Fail(kit.Malformed, "%s:%d: %w", r.Path, number, err).
			Hint("part it into several, or turn lines off where the file is one document")
	}
	return nil
}
