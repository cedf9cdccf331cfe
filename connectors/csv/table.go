package csv

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// table is an open CSV file that stands before its first row of data.
type table struct {
	file    *os.File
	name    string // as the settings call it
	enc     encoding.Encoding
	decoder *encoding.Decoder // of single cells; nil where they are UTF-8 by then
	rows    *scanner
	columns []string // a name for each cell of a row
	skipped []bool   // which of them nobody wants; nil is none
	wanted  string   // who says how many cells a row has
	numbers bool
}

// sniffed is how much of a file is looked at to tell what it is.
const sniffed = 64 << 10

// openTable opens the file and reads what stands before its first row of data.
func openTable(env kit.Env, r *read) (*table, error) {
	file, err := env.Open(r.Path)
	if err != nil {
		return nil, err
	}
	t := &table{file: file, name: r.Path, numbers: r.Numbers}
	if err := t.begin(r); err != nil {
		file.Close()
		return nil, err
	}
	return t, nil
}

func (t *table) close() { t.file.Close() }

func (t *table) begin(r *read) error {
	head := make([]byte, sniffed)
	n, err := t.file.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return t.broken(err)
	}
	head = head[:n]
	mark, err := t.findEncoding(r.Encoding, head)
	if err != nil {
		return err
	}
	d, err := t.dialect(r, head)
	if err != nil {
		return err
	}
	t.rows = newScanner(t.file, d, 0, 1)
	if err := t.seek(int64(mark), 1); err != nil {
		return err
	}
	for range r.Skip {
		if err := t.rows.skipLine(); err != nil && err != io.EOF {
			return t.broken(err)
		}
	}
	return t.readColumns(r)
}

// findEncoding gives the length of the byte order mark.
func (t *table) findEncoding(set charset, head []byte) (mark int, err error) {
	if t.enc, err = set.find(); err != nil {
		return 0, kit.Fail(kit.Invalid, "%w", err).On("encoding")
	}
	if enc, length := marked(head); length > 0 {
		t.enc, mark = enc, length
	}
	if f := notText(head, t.enc); f != nil {
		f.What = t.name + ": " + f.What
		return 0, f
	}
	if t.enc != nil && !isUTF16(t.enc) {
		t.decoder = t.enc.NewDecoder()
	}
	return mark, nil
}

func (t *table) dialect(r *read, head []byte) (d dialect, err error) {
	d = dialect{lenient: r.Lenient, lineEnd: '\n'}
	if d.delimiter, err = bytesOf(r.Delimiter.text(), t.enc); err != nil {
		return d, kit.Fail(kit.Invalid, "%w", err).On("delimiter")
	}
	if r.Quote != "" {
		d.quote = r.Quote[0]
	}
	if !bytes.Contains(head, []byte{'\n'}) && bytes.Contains(head, []byte{'\r'}) {
		d.lineEnd = '\r'
	}
	return d, nil
}

// seek moves to the row that begins at the offset, with the line's number.
func (t *table) seek(offset int64, line int) error {
	if _, err := t.file.Seek(offset, io.SeekStart); err != nil {
		return t.broken(err)
	}
	t.rows = newScanner(t.file, t.rows.dialect, offset, line)
	if isUTF16(t.enc) {
		t.rows.src = transform.NewReader(t.file, t.enc.NewDecoder())
		t.rows.width = utf16Width
	}
	return nil
}

// readColumns finds the names of the columns: in the first row, in the settings, or by
// counting the cells of the first row.
func (t *table) readColumns(r *read) error {
	if !r.Header && len(r.Columns) > 0 {
		t.columns = r.Columns
		t.wanted = "the setting columns has"
		return nil
	}
	offset, line := t.rows.offset, t.rows.line
	first, err := t.rows.next()
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return t.broken(err)
	}
	if first.fault != "" {
		return t.misread(first.line, "%s", first.fault).Hint(quoteHint)
	}
	names, fault := t.texts(first)
	if fault != nil {
		return fault
	}
	if !r.Header {
		for i := range names {
			names[i] = fmt.Sprintf("column%d", i+1)
		}
		t.columns = names
		t.wanted = "the first row has"
		return t.seek(offset, line)
	}
	return t.header(r, names, first.line)
}

func (t *table) header(r *read, names []string, line int) error {
	for i, n := range names {
		if n == "" {
			names[i] = fmt.Sprintf("column%d", i+1)
		}
	}
	at := make(map[string]int, len(names))
	for i, n := range names {
		if other, twice := at[n]; twice {
			return t.misread(line, "the column name %q stands there twice, as number %d and %d", n, other+1, i+1).On("header").
				Hint("rename one of them, or set header: false, skip: %d and name the columns", r.Skip+1)
		}
		at[n] = i
	}
	t.columns = names
	t.wanted = "the row of names has"
	if len(r.Columns) == 0 {
		return nil
	}
	t.skipped = slices.Repeat([]bool{true}, len(names))
	for _, n := range r.Columns {
		i, ok := at[n]
		if !ok {
			return t.noColumn(n, "columns")
		}
		t.skipped[i] = false
	}
	return nil
}

func (t *table) noColumn(name, field string) error {
	f := kit.Fail(kit.Missing, "%s has no column %q", t.name, name).On(field)
	if near, ok := flow.Nearest(name, t.columns); ok {
		return f.Hint("did you mean %q?", near)
	}
	const most = 20
	if len(t.columns) > most {
		return f.Hint("it has %s and %d others", strings.Join(t.columns[:most], ", "), len(t.columns)-most)
	}
	return f.Hint("it has %s", strings.Join(t.columns, ", "))
}

// record makes a row into an object.
func (t *table) record(r row) (map[string]any, *kit.Failure) {
	if r.fault != "" {
		return nil, t.misread(r.line, "%s", r.fault).Hint(quoteHint)
	}
	if len(r.cells) != len(t.columns) {
		return nil, t.ragged(r)
	}
	if t.decoder != nil && !isASCII(r.raw) {
		return t.decoded(r)
	}
	if at := kit.NotUTF8(r.raw); at >= 0 {
		return nil, t.misread(r.line, "the byte 0x%02x at offset %d of the file is not UTF-8", r.raw[at], r.offset+int64(at)).
			On("encoding").Hint("set the encoding of the file; try windows-1252")
	}
	raw := string(r.raw) // one text for the whole row; its cells are parts of it
	m := make(map[string]any, len(t.columns))
	for i, c := range r.cells {
		if t.skipped != nil && t.skipped[i] {
			continue
		}
		text := raw[c.from:c.to]
		if c.doubled {
			text = t.undouble(text)
		}
		m[t.columns[i]] = t.value(text)
	}
	return m, nil
}

func (t *table) decoded(r row) (map[string]any, *kit.Failure) {
	texts, fault := t.texts(r)
	if fault != nil {
		return nil, fault
	}
	m := make(map[string]any, len(texts))
	for i, text := range texts {
		if t.skipped == nil || !t.skipped[i] {
			m[t.columns[i]] = t.value(text)
		}
	}
	return m, nil
}

// texts decodes the cells of a row.
func (t *table) texts(r row) ([]string, *kit.Failure) {
	texts := make([]string, len(r.cells))
	for i, c := range r.cells {
		b := r.raw[c.from:c.to]
		if t.decoder != nil {
			text, err := t.decoder.Bytes(b)
			if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
				return nil, t.misread(r.line, "cell %d does not fit the encoding", i+1).On("encoding").
					Hint("set the encoding of the file")
			}
			b = text
		} else if at := kit.NotUTF8(b); at >= 0 {
			return nil, t.misread(r.line, "the byte 0x%02x at offset %d of the file is not UTF-8", b[at], r.offset+int64(c.from+at)).
				On("encoding").Hint("set the encoding of the file; try windows-1252")
		}
		texts[i] = string(b)
		if c.doubled {
			texts[i] = t.undouble(texts[i])
		}
	}
	return texts, nil
}

func (t *table) undouble(s string) string {
	q := string(rune(t.rows.dialect.quote))
	return strings.ReplaceAll(s, q+q, q)
}

// value is the text, or the number that it is, where numbers are wanted.
func (t *table) value(text string) any {
	if t.numbers && len(text) > 0 && (text[0] == '-' || '0' <= text[0] && text[0] <= '9') {
		if v, err := value.Decode([]byte(text)); err == nil {
			return v
		}
	}
	return text
}

func (t *table) ragged(r row) *kit.Failure {
	f := t.misread(r.line, "%s where %s %d", count(len(r.cells), "cell"), t.wanted, len(t.columns))
	if len(r.cells) > len(t.columns) {
		return f.Hint("put quotes around cells that hold the delimiter, or set another delimiter")
	}
	return f.Hint("add the cells that are missing, or put quotes around cells that hold a line end")
}

func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

const quoteHint = "put quotes around the whole cell and double those inside it, or set lenient: true, or quote to nothing where quotes mean nothing"

// shown is what a person sees of a row that could not be read.
func (t *table) shown(r row) any {
	text := string(r.raw)
	if t.decoder != nil {
		if b, err := t.decoder.Bytes(r.raw); err == nil {
			text = string(b)
		}
	}
	return map[string]any{"line": r.line, "text": strings.ToValidUTF8(text, "\ufffd")}
}

func (t *table) misread(line int, format string, args ...any) *kit.Failure {
	f := kit.Fail(kit.Malformed, format, args...)
	f.What = fmt.Sprintf("%s:%d: %s", t.name, line, f.What)
	return f
}

func (t *table) broken(err error) error { return kit.FailFile("read", t.name, err).On("path") }

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
