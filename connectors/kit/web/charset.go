package web

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"regexp"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// decoded is the body as UTF-8, where the reply or its first bytes say what it is written
// in. One whose character set nobody knows stays as it is.
func (r *Reply) decoded() []byte {
	media, parameters, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if body, cut := bytes.CutPrefix(r.Body, []byte("\xEF\xBB\xBF")); cut {
		return body
	}
	marked := bytes.HasPrefix(r.Body, []byte("\xFF\xFE")) || bytes.HasPrefix(r.Body, []byte("\xFE\xFF"))
	if marked && (media == "" || textual.MatchString(media)) {
		return recoded(unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder(), r.Body)
	}
	label := parameters["charset"]
	if label == "" || utf8.Valid(r.Body) && !bytes.ContainsAny(r.Body, "\x00\x1B") { // as UTF-16 and ISO-2022 have it
		return r.Body
	}
	from, err := htmlindex.Get(label)
	if err != nil {
		return r.Body
	}
	return recoded(from.NewDecoder(), r.Body)
}

var textual = regexp.MustCompile(`^text/|[/+](json|xml)$`)

func recoded(t transform.Transformer, body []byte) []byte {
	text, _, err := transform.Bytes(t, body)
	if err != nil {
		return body
	}
	return text
}

// Charset reads text of a character set by its name, as an XML document gives it
// (encoding/xml, Decoder.CharsetReader).
func Charset(label string, from io.Reader) (io.Reader, error) {
	set, err := htmlindex.Get(label)
	if err != nil {
		return nil, fmt.Errorf("the character set %q is not known", label)
	}
	return transform.NewReader(from, set.NewDecoder()), nil
}
