package value

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// SyntaxError tells where a text stops being JSON.
type SyntaxError struct {
	Offset int // of the byte that does not fit, from 0
	Line   int // from 1
	Column int // from 1, in runes
	What   string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.What)
}

// at places what at an offset of data.
func at(data []byte, offset int, what string) *SyntaxError {
	before := data[:min(offset, len(data))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return &SyntaxError{
		Offset: offset,
		Line:   1 + bytes.Count(before, []byte{'\n'}),
		Column: 1 + utf8.RuneCount(before[start:]),
		What:   what,
	}
}

const (
	cutOff  = "the text ends in the middle of a value"
	tooDeep = "nested deeper than 10,000 levels"
)

// misfit says what stands at an offset in place of what should.
func misfit(data []byte, offset int, wanted string) string {
	if offset >= len(data) {
		return cutOff
	}
	c := data[offset]
	switch {
	case c == '\'':
		return "a text in single quotes, where " + wanted + " should be; JSON wants double quotes"
	case c < ' ' || c == 0x7f:
		return fmt.Sprintf("the control character 0x%02x, where %s should be", c, wanted)
	}
	r, size := utf8.DecodeRune(data[offset:])
	switch {
	case r == utf8.RuneError && size == 1:
		return fmt.Sprintf("the byte 0x%02x, which is not UTF-8, where %s should be", c, wanted)
	case r == '\ufeff':
		return "a byte order mark, where " + wanted + " should be"
	}
	return fmt.Sprintf("%q, where %s should be", string(r), wanted)
}
