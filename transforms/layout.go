package transforms

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// A doc is text that may be broken into lines at certain places: after Wadler, "A
// prettier printer". A group stays on one line where it fits and otherwise takes
// all of its own breaks.
type doc interface{ breaks() bool }

type (
	textDoc  string                // as it is
	breakDoc struct{ flat string } // a line break, or flat where the group is on one line
	hardDoc  struct{ blank bool }  // a line break always, with an empty line before it
	tailDoc  string                // a comment behind what is on the line, which ends it
	ownDoc   struct {              // a comment on lines of its own
		text  string
		blank bool // there was an empty line before it
	}
	groupDoc struct {
		of   doc
		open bool // it has to be broken
	}
	nestDoc struct{ of doc }
	listDoc []doc
)

func (textDoc) breaks() bool    { return false }
func (breakDoc) breaks() bool   { return false }
func (hardDoc) breaks() bool    { return true }
func (tailDoc) breaks() bool    { return true }
func (ownDoc) breaks() bool     { return true }
func (g groupDoc) breaks() bool { return g.open }
func (n nestDoc) breaks() bool  { return n.of.breaks() }

func (l listDoc) breaks() bool {
	for _, d := range l {
		if d.breaks() {
			return true
		}
	}
	return false
}

var (
	space = breakDoc{" "} // a space or a line break
	soft  = breakDoc{""}  // nothing or a line break
)

func join(docs ...doc) listDoc { return docs }

func group(docs ...doc) doc { return groupDoc{join(docs...), join(docs...).breaks()} }

func nest(docs ...doc) doc { return nestDoc{join(docs...)} }

const (
	lineWidth  = 80
	indentStep = 2
)

// A typesetter writes a doc in lines of lineWidth where it can be broken so.
type typesetter struct {
	out    []byte
	column int
	tail   string // a comment that waits for the end of the line
	fresh  bool   // nothing but white space on the line yet
}

// A piece is a doc that is to be written, with how.
type piece struct {
	indent int
	flat   bool
	of     doc
}

func typeset(d doc) string {
	t := typesetter{fresh: true}
	work := []piece{{of: d}}
	for len(work) > 0 {
		p := work[len(work)-1]
		work = work[:len(work)-1]
		switch d := p.of.(type) {
		case textDoc:
			t.write(string(d))
		case breakDoc:
			if p.flat {
				t.write(d.flat)
			} else {
				t.newline(p.indent, false)
			}
		case hardDoc:
			t.newline(p.indent, d.blank)
		case tailDoc:
			if t.tail != "" {
				t.newline(p.indent, false)
			}
			t.tail = string(d)
		case ownDoc:
			switch {
			case !t.fresh:
				t.newline(p.indent, d.blank)
			case d.blank && len(bytes.TrimSpace(t.out)) > 0:
				t.newline(p.indent, false)
			}
			t.write(d.text)
			t.newline(p.indent, false)
		case groupDoc:
			flat := p.flat || !d.open && t.fits(work, piece{p.indent, true, d.of})
			work = append(work, piece{p.indent, flat && !d.open, d.of})
		case nestDoc:
			work = append(work, piece{p.indent + indentStep, p.flat, d.of})
		case listDoc:
			for i := len(d) - 1; i >= 0; i-- {
				work = append(work, piece{p.indent, p.flat, d[i]})
			}
		}
	}
	t.newline(0, false)
	return string(bytes.TrimRight(t.out, "\n")) + "\n"
}

func (t *typesetter) write(s string) {
	if s == "" {
		return
	}
	if t.tail != "" && strings.TrimSpace(s) != "" {
		// What follows a comment on its line has to go to the next one.
		t.newline(t.indent(), false)
	}
	if t.fresh && s == " " {
		return
	}
	t.out = append(t.out, s...)
	t.fresh = false
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		t.column = 0
		s = s[i+1:]
	}
	t.column += utf8.RuneCountInString(s)
}

// indent is that of the line that is being written.
func (t *typesetter) indent() int {
	line := t.out[bytes.LastIndexByte(t.out, '\n')+1:]
	return len(line) - len(bytes.TrimLeft(line, " "))
}

func (t *typesetter) newline(indent int, blank bool) {
	t.out = bytes.TrimRight(t.out, " ")
	if t.tail != "" {
		if !t.fresh {
			t.out = append(t.out, ' ')
		}
		t.out = append(t.out, t.tail...)
		t.tail = ""
	}
	t.out = append(t.out, '\n')
	if blank {
		t.out = append(t.out, '\n')
	}
	t.out = append(t.out, strings.Repeat(" ", indent)...)
	t.column, t.fresh = indent, true
}

// fits says whether p and what follows it up to the next line break stay within the
// line.
func (t *typesetter) fits(rest []piece, p piece) bool {
	left := lineWidth - t.column
	work := []piece{p}
	next := len(rest)
	for left >= 0 {
		if len(work) == 0 {
			if next == 0 {
				return true
			}
			next--
			work = append(work, rest[next])
		}
		p := work[len(work)-1]
		work = work[:len(work)-1]
		switch d := p.of.(type) {
		case textDoc:
			line, _, more := strings.Cut(string(d), "\n")
			if left -= utf8.RuneCountInString(line); more {
				return left >= 0
			}
		case breakDoc:
			if !p.flat {
				return true
			}
			left -= len(d.flat)
		case hardDoc, tailDoc, ownDoc:
			return true
		case groupDoc:
			work = append(work, piece{p.indent, p.flat && !d.open, d.of})
		case nestDoc:
			work = append(work, piece{p.indent, p.flat, d.of})
		case listDoc:
			for i := len(d) - 1; i >= 0; i-- {
				work = append(work, piece{p.indent, p.flat, d[i]})
			}
		}
	}
	return false
}
