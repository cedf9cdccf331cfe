package csv

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"jackfield/connectors/kit"
)

// delimiter parts the cells of a row, as a person sets it.
type delimiter string

// text is the delimiter itself: the word tab stands for the character.
func (d delimiter) text() string {
	switch d {
	case "tab", `\t`:
		return "\t"
	}
	return string(d)
}

func (d *delimiter) check() error {
	switch {
	case *d == "":
		return errors.New("a delimiter is wanted")
	case utf8.RuneCountInString(d.text()) > 4:
		return fmt.Errorf("%q is too long for a delimiter; use a character, or the word tab", *d)
	case strings.ContainsAny(d.text(), "\"\r\n"):
		return fmt.Errorf("%q cannot part cells, since quotes and line ends mean something else", *d)
	}
	return nil
}

func (d *delimiter) field() kit.Field {
	return kit.Text((*string)(d), "delimiter", "Delimiter").Eg(",").Ask(delimiters).Checked(d.check).
		Help("The character between two cells, or the word tab.")
}

func delimiters(context.Context, kit.Env) ([]kit.Choice, error) {
	return []kit.Choice{
		{Value: ",", Label: "Comma"},
		{Value: ";", Label: "Semicolon"},
		{Value: "tab", Label: "Tab"},
		{Value: "|", Label: "Bar"},
	}, nil
}

// dialect is how cells and rows are told apart, in the bytes of the file.
type dialect struct {
	delimiter []byte
	quote     byte // 0 is none
	lenient   bool // a quote in the wrong place is an ordinary character
	lineEnd   byte // the last byte of a line: \n, or \r in a file that has no other
}
