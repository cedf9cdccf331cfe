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
	buf   []byte
	pos   int
	end   error       // why src gives no more
	place value.Place // of buf[pos]
}

// errTooLong is of a line that is larger than the largest.
var errTooLong = errors.New("the line is longer than 64 MB")

// next gives a line without its end, and its number. It holds until the next one is
// read. Of one that is too long it gives the beginning.
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
	n := copy(l.buf, l.buf[l.pos:])
	l.buf, l.pos = l.buf[:n], 0
	if n == cap(l.buf) {
		bigger := make([]byte, n, max(2*n, 1<<18))
		copy(bigger, l.buf)
		l.buf = bigger
	}
	var read int
	read, l.end = io.ReadFull(l.src, l.buf[n:cap(l.buf)])
	l.buf = l.buf[:n+read]
	if l.end == io.ErrUnexpectedEOF {
		l.end = io.EOF
	}
	return read > 0
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
	l := &lines{src: src, place: at}
	if at.Offset == 0 {
		l.passMark()
	}
	page := kit.Page{Data: make([]any, 0, pageRecords), More: true}
	d := documents{want: env.Want, give: env.Documents}
	for begin := l.place.Offset; len(page.Data)+len(page.Bad) < pageRecords && l.place.Offset-begin < pageBytes; {
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
	give    bool // whether they may be documents
	decoder value.Decoder
	text    []byte // room for the texts of those to come
	made    []value.Document
}

// read reads a line, which holds until the next one is read; its document keeps a copy.
func (d *documents) read(line []byte) (any, error) {
	if !d.give {
		return d.decoder.Decode(line)
	}
	doc, err := d.decoder.Document(line, d.want)
	if err != nil {
		return nil, err
	}
	if cap(d.text)-len(d.text) < len(line) {
		d.text = make([]byte, 0, max(len(line), 1<<18))
	}
	begin := len(d.text)
	d.text = append(d.text, line...)
	doc.Text = d.text[begin:len(d.text):len(d.text)]
	if len(d.made) == cap(d.made) {
		d.made = make([]value.Document, 0, pageRecords/4)
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
