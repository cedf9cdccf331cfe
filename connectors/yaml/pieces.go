package yaml

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"jackfield/connectors/kit"
)

const (
	// largestWhole is how large a list may be that is read at once, with the anchors that
	// its entries share. A larger one is read entry by entry.
	largestWhole = 1 << 20
	// largest is how large a piece may be.
	largest = 8 << 20
)

// errLarge is of a piece that is larger than the largest.
var errLarge = errors.New("it is larger than 8 MB")

// place is where a piece begins.
type place struct {
	Offset int64 `json:"offset"`
	Line   int   `json:"line"`             // how many lines are before it
	Entry  bool  `json:"entry,omitempty"`  // it is an entry of a list, read one by one
	Passed int   `json:"passed,omitempty"` // so many records of the piece are given already
}

// piece is one document, or one entry of a large list.
type piece struct {
	place
	text  []byte
	entry bool // the document is a list of which this is one entry
}

// pieces parts a file.
type pieces struct {
	file  io.ReaderAt
	lines *bufio.Reader
	at    place // of the next piece
	whole int   // as largestWhole
	ended bool
}

func newPieces(file io.ReaderAt, at place) *pieces {
	p := &pieces{file: file, whole: largestWhole}
	p.seek(at)
	return p
}

func (p *pieces) seek(at place) {
	p.at, p.ended = at, false
	p.lines = bufio.NewReaderSize(io.NewSectionReader(p.file, at.Offset, 1<<62), 64<<10)
}

// next gives the next piece that is not empty, and io.EOF behind the last one. A piece
// that is too large is given with errLarge and how it begins; the next one is behind it.
func (p *pieces) next() (piece, error) {
	for {
		one, err := p.read()
		if err != nil || !one.empty() {
			return one, err
		}
	}
}

// read takes lines until one begins the next piece.
func (p *pieces) read() (piece, error) {
	one := piece{place: p.at, entry: p.at.Entry}
	var begun, over bool
	var size int64
	for !p.ended {
		kind, err := p.look()
		if err != nil {
			return one, err
		}
		cuts := kind == marker && begun || kind == entry && p.at.Entry && begun
		if cuts {
			p.at.Entry = p.at.Entry && kind == entry
			break
		}
		line, err := p.line(&one, size, &over)
		size += line
		if err != nil && !errors.Is(err, io.EOF) {
			return one, err
		}
		p.ended = errors.Is(err, io.EOF)
		p.at.Offset += line
		if line > 0 {
			p.at.Line++
		}
		if kind == ending {
			p.at.Entry = false
			break
		}
		begun = begun || kind != blank
		if size > int64(p.whole) && !p.at.Entry && one.isList() {
			at := one.place
			at.Entry = true
			p.seek(at)
			return p.read()
		}
	}
	if size == 0 {
		return one, io.EOF
	}
	if over {
		one.text = one.text[:1000]
		return one, errLarge
	}
	return one, nil
}

// line adds a line to the piece, as far as that may grow, and says how long it is.
func (p *pieces) line(one *piece, before int64, over *bool) (n int64, err error) {
	for {
		part, err := p.lines.ReadSlice('\n')
		n += int64(len(part))
		if *over = *over || before+n > largest; !*over {
			one.text = append(one.text, part...)
		}
		if err != bufio.ErrBufferFull {
			return n, err
		}
	}
}

// What a line can be.
const (
	content = iota
	blank   // nothing, a comment or a directive
	entry   // it begins an entry of a list at the margin
	marker  // it begins a document
	ending  // it ends a document
)

// look says what the next line is.
func (p *pieces) look() (int, error) {
	head, err := p.lines.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	if p.at.Offset == 0 && bytes.HasPrefix(head, []byte(mark)) {
		if head, err = p.lines.Peek(4 + len(mark)); err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		head = head[len(mark):]
	}
	return kindOf(string(head)), nil
}

// mark may stand at the beginning of a file.
const mark = "\ufeff"

func kindOf(head string) int {
	ends := func(n int) bool { return len(head) <= n || strings.ContainsRune(" \t\r\n", rune(head[n])) }
	switch {
	case head == "" || strings.ContainsRune("#%\r\n", rune(head[0])):
		return blank
	case strings.HasPrefix(head, "---") && ends(3):
		return marker
	case strings.HasPrefix(head, "...") && ends(3):
		return ending
	case head[0] == '-' && ends(1):
		return entry
	}
	return content
}

// isList says whether the document begins as a list at the margin.
func (one piece) isList() bool {
	text := strings.TrimPrefix(string(one.text[:min(len(one.text), 64<<10)]), mark)
	for line := range strings.Lines(text) {
		switch kindOf(line) {
		case blank:
		case marker:
			if rest := strings.TrimSpace(line[3:]); rest != "" && rest[0] != '#' {
				return false
			}
		default:
			return kindOf(line) == entry
		}
	}
	return false
}

// empty says whether nothing stands in it but comments and marks.
func (one piece) empty() bool {
	text := strings.TrimPrefix(string(one.text), mark)
	for line := range strings.Lines(text) {
		switch kind := kindOf(line); {
		case kind == marker:
			if rest := strings.TrimSpace(line[3:]); rest != "" && rest[0] != '#' {
				return false
			}
		case kind == content && strings.TrimSpace(line) != "" && strings.TrimSpace(line)[0] != '#', kind == entry:
			return false
		}
	}
	return true
}

// records reads the piece: the entries of its list, or its one value.
func (one piece) records(at string) ([]any, error) {
	v, err := decode(one.text)
	if err != nil {
		return nil, err
	}
	if at != "" {
		found, err := follow(v, at)
		if err != nil {
			return nil, kit.Fail(kit.Missing, "%w", err).On("at").Hint("name the list, as data.items or /data/items")
		}
		v = found
	}
	if list, is := v.([]any); is {
		return list, nil
	}
	return []any{v}, nil
}
