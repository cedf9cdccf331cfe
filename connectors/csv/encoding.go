package csv

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// charset is the encoding of a file, by any of the names that the WHATWG and the IANA
// know it by. Most are made of bytes in which delimiters, quotes and line ends are
// what they are in ASCII, so that rows are told apart before anything is decoded;
// UTF-16 is decoded first.
type charset string

func (c *charset) field() kit.Field {
	return kit.Text((*string)(c), "encoding", "Encoding").Ask(charsets).Checked(c.check).More().
		Help("Files of old Windows programs are often windows-1252; a byte order mark in the file wins.")
}

func charsets(context.Context, kit.Env) ([]kit.Choice, error) {
	return []kit.Choice{
		{Value: "utf-8", Label: "UTF-8"},
		{Value: "windows-1252", Label: "Western European (windows-1252)"},
		{Value: "iso-8859-15", Label: "Western European with euro (ISO 8859-15)"},
		{Value: "windows-1250", Label: "Central European (windows-1250)"},
		{Value: "windows-1251", Label: "Cyrillic (windows-1251)"},
		{Value: "utf-16le", Label: "UTF-16, little end first"},
		{Value: "utf-16be", Label: "UTF-16, big end first"},
		{Value: "shift_jis", Label: "Japanese (Shift JIS)"},
		{Value: "gb18030", Label: "Chinese (GB 18030)"},
		{Value: "cp850", Label: "DOS (code page 850)"},
	}, nil
}

func (c *charset) check() error {
	_, err := c.find()
	return err
}

// find gives the encoding; nil is UTF-8.
func (c *charset) find() (encoding.Encoding, error) {
	name := strings.ToLower(strings.TrimSpace(string(*c)))
	switch name {
	case "", "utf-8", "utf8":
		return nil, nil
	}
	enc, err := htmlindex.Get(name)
	if err != nil {
		if enc, err = ianaindex.IANA.Encoding(name); err != nil || enc == nil {
			return nil, unknownCharset(name)
		}
	}
	if isUTF16(enc) || keepsASCII(enc) {
		return enc, nil
	}
	return nil, fmt.Errorf("the encoding %q cannot be read row by row; convert the file to UTF-8 first", string(*c))
}

func unknownCharset(name string) error {
	choices, _ := charsets(context.Background(), kit.Env{})
	var names []string
	for _, c := range choices {
		names = append(names, c.Value)
	}
	if near, ok := flow.Nearest(name, names); ok {
		return fmt.Errorf("there is no encoding %q; did you mean %q?", name, near)
	}
	return fmt.Errorf("there is no encoding %q; known are %s and others", name, strings.Join(names, ", "))
}

// UTF-16 in its two orders of bytes, without a say for a byte order mark.
var (
	littleEnd = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	bigEnd    = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
)

func isUTF16(enc encoding.Encoding) bool { return enc == littleEnd || enc == bigEnd }

// keepsASCII says whether the bytes of ASCII mean in enc what they mean in ASCII, also
// behind other bytes: not so in those that shift between alphabets.
func keepsASCII(enc encoding.Encoding) bool {
	if enc == japanese.ISO2022JP || enc == simplifiedchinese.HZGB2312 || enc == encoding.Replacement {
		return false
	}
	for c := byte(0); c < utf8.RuneSelf; c++ {
		text, err := enc.NewDecoder().Bytes([]byte{c})
		if err != nil || len(text) != 1 || text[0] != c {
			return false
		}
	}
	return true
}

// bytesOf is a delimiter as it stands in a file of the encoding. Where a character has
// several bytes, a later one may look like a letter or a bar, and cannot be told apart.
func bytesOf(d string, enc encoding.Encoding) ([]byte, error) {
	if enc == nil || isUTF16(enc) {
		return []byte(d), nil
	}
	b, err := enc.NewEncoder().Bytes([]byte(d))
	if err != nil {
		return nil, fmt.Errorf("there is no %q in this encoding", d)
	}
	if _, single := enc.(*charmap.Charmap); single {
		return b, nil
	}
	for _, c := range b {
		if c >= '0' {
			return nil, fmt.Errorf("%q cannot be told from parts of letters in this encoding; convert the file to UTF-8 first", d)
		}
	}
	return b, nil
}

// marked is the encoding that a byte order mark at the beginning names, and how long
// the mark is.
func marked(head []byte) (enc encoding.Encoding, length int) {
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return nil, 3
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return littleEnd, 2
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return bigEnd, 2
	}
	return nil, 0
}

// utf16Width is how many bytes of UTF-16 became the text b.
func utf16Width(b []byte) int64 {
	n := 0
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			n += 2
			b = b[1:]
			continue
		}
		r, size := utf8.DecodeRune(b)
		n += 2
		if r > 0xffff {
			n += 2
		}
		b = b[size:]
	}
	return int64(n)
}

// notText says why the beginning of a file cannot be text in the encoding.
func notText(head []byte, enc encoding.Encoding) *kit.Failure {
	if kind := kit.NotText(head); kind != "" {
		return kit.Fail(kit.Malformed, "it is not text: it is %s", kind).Hint("save or unpack it as CSV first")
	}
	zero := bytes.IndexByte(head, 0)
	if zero < 0 || isUTF16(enc) {
		return nil
	}
	f := kit.Fail(kit.Malformed, "it is not text: there is a zero byte at offset %d", zero)
	even, odd := 0, 0
	for i, c := range head {
		if c == 0 && i%2 == 0 {
			even++
		} else if c == 0 {
			odd++
		}
	}
	switch {
	case odd > len(head)/4:
		f.Hint("it looks like UTF-16; set encoding: utf-16le").On("encoding")
	case even > len(head)/4:
		f.Hint("it looks like UTF-16; set encoding: utf-16be").On("encoding")
	default:
		f.Hint("name a CSV file")
	}
	return f
}
