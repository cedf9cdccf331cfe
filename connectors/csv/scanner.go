package csv

import (
	"bytes"
	"io"
)

// largestRow is how many bytes a row may have. A quote that is never closed would
// otherwise take the rest of the file into memory.
const largestRow = 32 << 20

// scanner parts a file into rows.
type scanner struct {
	src     io.Reader
	dialect dialect
	width   func([]byte) int64 // how many bytes of the file became these
	buf     []byte
	pos     int   // the next row begins at buf[pos]
	end     error // why src gives no more
	offset  int64 // of the next row in the file
	line    int   // of the next row, from 1
	cells   []cell
}

// row is one row as it stands in the file. Its bytes hold until the next one is read.
type row struct {
	raw    []byte // without its line end
	cells  []cell
	offset int64
	line   int
	fault  string // why it cannot be parted; raw is its first line then
}

// cell is a part of a row's raw bytes, without its quotes.
type cell struct {
	from, to int
	doubled  bool // it has quotes that are written twice
}

func newScanner(src io.Reader, d dialect, offset int64, line int) *scanner {
	return &scanner{
		src: src, dialect: d, offset: offset, line: line,
		width: func(b []byte) int64 { return int64(len(b)) },
	}
}

// next gives the next row that is not blank, and io.EOF behind the last.
func (s *scanner) next() (row, error) {
	if err := s.skipBlank(); err != nil {
		return row{}, err
	}
	offset, line := s.offset, s.line
	r, err := s.take()
	r.offset, r.line = offset, line
	return r, err
}

func (s *scanner) take() (row, error) {
	for {
		data := s.buf[s.pos:]
		r, length := s.part(data)
		switch {
		case length > largestRow, length == 0 && len(data) > largestRow:
			return s.firstLine("the row is longer than 32 MB, perhaps because a quote is opened here and never closed")
		case length > 0:
			s.pass(length)
			return r, nil
		case s.fill():
		case s.end != io.EOF:
			return row{}, s.end
		default:
			return s.firstLine("a quote is opened here and never closed")
		}
	}
}

// part takes the first row apart, and gives how many bytes it and its line end have:
// none if more of the file is needed to tell.
func (s *scanner) part(data []byte) (row, int) {
	line, length := s.lineOf(data)
	if length == 0 {
		return row{}, 0
	}
	if q := s.dialect.quote; q != 0 && bytes.IndexByte(line, q) >= 0 {
		return s.partQuoted(data)
	}
	line = s.trimReturn(line)
	s.cells = s.cells[:0]
	for from := 0; ; {
		i := s.delimiter(line[from:])
		if i < 0 {
			s.cells = append(s.cells, cell{from: from, to: len(line)})
			return row{raw: line, cells: s.cells}, length
		}
		s.cells = append(s.cells, cell{from: from, to: from + i})
		from += i + len(s.dialect.delimiter)
	}
}

func (s *scanner) delimiter(b []byte) int {
	if len(s.dialect.delimiter) == 1 {
		return bytes.IndexByte(b, s.dialect.delimiter[0])
	}
	return bytes.Index(b, s.dialect.delimiter)
}

// lineOf is the first line and its length with its end; 0 if its end is not there yet.
func (s *scanner) lineOf(data []byte) ([]byte, int) {
	if i := bytes.IndexByte(data, s.dialect.lineEnd); i >= 0 {
		return data[:i], i + 1
	}
	if s.end != io.EOF {
		return nil, 0
	}
	return data, len(data)
}

func (s *scanner) trimReturn(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		return line[:n-1]
	}
	return line
}

// partQuoted does what part does, for a row with quotes in it.
func (s *scanner) partQuoted(data []byte) (row, int) {
	s.cells = s.cells[:0]
	quote, lineEnd := s.dialect.quote, -1
	for i := 0; ; {
		if i < len(data) && data[i] == quote {
			to, doubled, ending, length := s.closing(data, i+1)
			if ending == unknown {
				return row{}, 0
			}
			if ending == misplaced {
				return s.faulty(data, "a quote stands inside a cell that is in quotes")
			}
			s.cells = append(s.cells, cell{from: i + 1, to: to, doubled: doubled})
			i = to + 1 + length
			if ending == ofRow {
				return row{raw: data[:to+1], cells: s.cells}, i
			}
			continue
		}
		if lineEnd < i {
			line, length := s.lineOf(data[i:])
			if length == 0 && i < len(data) || s.end != io.EOF && i == len(data) {
				return row{}, 0
			}
			lineEnd = i + len(line)
		}
		inner := data[i:lineEnd]
		found := s.delimiter(inner)
		if found >= 0 {
			inner = inner[:found]
		} else {
			inner = s.trimReturn(inner)
		}
		if !s.dialect.lenient && bytes.IndexByte(inner, quote) >= 0 {
			return s.faulty(data, "a quote stands inside a cell that is not in quotes")
		}
		s.cells = append(s.cells, cell{from: i, to: i + len(inner)})
		if found < 0 {
			return row{raw: data[:i+len(inner)], cells: s.cells}, min(lineEnd+1, len(data))
		}
		i += found + len(s.dialect.delimiter)
	}
}

// ending says what stands behind a quote.
type ending int

const (
	unknown   ending = iota // the file must be read on to tell
	misplaced               // neither of the others
	ofCell
	ofRow
)

// closing finds the quote that closes a cell whose text begins at from. length is that
// of the delimiter or the line end behind it.
func (s *scanner) closing(data []byte, from int) (to int, doubled bool, e ending, length int) {
	for i := from; ; {
		found := bytes.IndexByte(data[i:], s.dialect.quote)
		if found < 0 {
			return 0, false, unknown, 0
		}
		i += found
		if i+1 < len(data) && data[i+1] == s.dialect.quote {
			doubled = true
			i += 2
			continue
		}
		e, length = s.behind(data[i+1:])
		if e != misplaced || !s.dialect.lenient {
			return i, doubled, e, length
		}
		i++
	}
}

// behind says what b begins with.
func (s *scanner) behind(b []byte) (ending, int) {
	d := s.dialect.delimiter
	more := s.end != io.EOF
	switch {
	case len(b) == 0 && more:
		return unknown, 0
	case len(b) == 0:
		return ofRow, 0
	case b[0] == s.dialect.lineEnd:
		return ofRow, 1
	case bytes.HasPrefix(b, d):
		return ofCell, len(d)
	case more && bytes.HasPrefix(d, b), more && len(b) == 1 && b[0] == '\r':
		return unknown, 0
	case b[0] == '\r' && (len(b) == 1 || b[1] == s.dialect.lineEnd):
		return ofRow, min(2, len(b))
	}
	return misplaced, 0
}

// faulty gives up the first line only, so that a quote too many costs no other rows.
func (s *scanner) faulty(data []byte, fault string) (row, int) {
	line, length := s.lineOf(data)
	if len(line) > largestRow {
		line = line[:shownOfEndless]
	}
	return row{raw: s.trimReturn(line), fault: fault}, length
}

// shownOfEndless is how much is shown of a line that is too long.
const shownOfEndless = 1000

// firstLine gives up the first line, however long it is.
func (s *scanner) firstLine(fault string) (row, error) {
	if r, length := s.faulty(s.buf[s.pos:], fault); length > 0 {
		s.pass(length)
		return r, nil
	}
	shown := bytes.Clone(s.buf[s.pos:][:shownOfEndless])
	if err := s.skipLine(); err != nil && err != io.EOF {
		return row{}, err
	}
	return row{raw: shown, fault: fault}, nil
}

// skipLine passes over a whole line, whatever is in it.
func (s *scanner) skipLine() error {
	for {
		if i := bytes.IndexByte(s.buf[s.pos:], s.dialect.lineEnd); i >= 0 {
			s.pass(i + 1)
			return nil
		}
		s.pass(len(s.buf) - s.pos)
		if !s.fill() {
			return s.end
		}
	}
}

// skipBlank passes over empty lines. It gives io.EOF where nothing follows.
func (s *scanner) skipBlank() error {
	for {
		b := s.buf[s.pos:]
		switch {
		case len(b) == 0 && s.fill():
		case len(b) == 0:
			return s.end
		case b[0] == s.dialect.lineEnd:
			s.pass(1)
		case b[0] == '\r' && len(b) == 1 && s.fill():
		case b[0] == '\r' && (len(b) == 1 || b[1] == s.dialect.lineEnd):
			s.pass(min(2, len(b)))
		default:
			return nil
		}
	}
}

// pass moves behind the next n bytes of the buffer.
func (s *scanner) pass(n int) {
	b := s.buf[s.pos : s.pos+n]
	s.offset += s.width(b)
	s.line += bytes.Count(b, []byte{s.dialect.lineEnd})
	s.pos += n
}

// fill reads more into the buffer, and says whether there was any.
func (s *scanner) fill() bool {
	if s.end != nil {
		return false
	}
	if s.pos > 0 {
		n := copy(s.buf, s.buf[s.pos:])
		s.buf, s.pos = s.buf[:n], 0
	}
	if len(s.buf) == cap(s.buf) {
		bigger := make([]byte, len(s.buf), max(2*cap(s.buf), 1<<17))
		copy(bigger, s.buf)
		s.buf = bigger
	}
	had := len(s.buf)
	n, err := io.ReadFull(s.src, s.buf[had:cap(s.buf)])
	s.buf = s.buf[:had+n]
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	s.end = err
	return n > 0
}
