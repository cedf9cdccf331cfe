package declared

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow/value"
)

// decoder reads the body of a reply.
type decoder struct {
	form   format
	packed string // "gzip" or "zip"; "" is not
	comma  rune   // of a table
}

type format string

const (
	asJSON  format = ""
	asLines format = "lines" // JSON line by line
	asTable format = "csv"
	asTree  format = "xml"
	asWords format = "text"
	asRows  format = "rows" // each line of a text is a record
)

// mostUnpacked is how long a packed reply may become.
const mostUnpacked = 256 << 20

func (d decoder) body(r *web.Reply) (any, error) {
	if d.form == asJSON && d.packed == "" {
		return r.JSON()
	}
	data, err := d.unpacked(r.Body)
	if err != nil {
		return nil, kit.Fail(kit.Malformed, "the reply of %s does not unpack: %w", r.Asked, err)
	}
	v, err := d.decoded(data)
	if err != nil {
		return nil, kit.Fail(kit.Malformed, "the reply of %s does not read: %w", r.Asked, err).Hint("check the decoder of the manifest")
	}
	return v, nil
}

func (d decoder) unpacked(data []byte) ([]byte, error) {
	var from io.Reader
	switch {
	case d.packed == "gzip" && bytes.HasPrefix(data, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		from = z
	case d.packed == "zip":
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return nil, err
		}
		var all []io.Reader
		for _, f := range z.File {
			one, err := f.Open()
			if err != nil {
				return nil, err
			}
			defer one.Close()
			all = append(all, one)
		}
		from = io.MultiReader(all...)
	default:
		return data, nil
	}
	out, err := io.ReadAll(io.LimitReader(from, mostUnpacked+1))
	if err == nil && len(out) > mostUnpacked {
		err = errors.New("it is longer than 256 MB")
	}
	return out, err
}

func (d decoder) decoded(data []byte) (any, error) {
	switch d.form {
	case asLines:
		out := []any{}
		for line := range bytes.Lines(data) {
			if len(bytes.TrimSpace(line)) == 0 {
				continue
			}
			v, err := value.Decode(line)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case asTable:
		return d.table(data)
	case asTree:
		return tree(data)
	case asWords:
		return string(data), nil
	case asRows:
		out := []any{}
		for line := range strings.Lines(string(data)) {
			out = append(out, map[string]any{"record": strings.TrimRight(line, "\r\n")})
		}
		return out, nil
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, nil
	}
	return value.Decode(data)
}

func (d decoder) table(data []byte) (any, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))))
	r.LazyQuotes, r.FieldsPerRecord = true, -1
	if d.comma != 0 {
		r.Comma = d.comma
	}
	rows, err := r.ReadAll()
	out := []any{}
	for i, row := range rows {
		if i == 0 {
			continue
		}
		rec := make(map[string]any, len(row))
		for j, name := range rows[0] {
			if j < len(row) {
				rec[name] = row[j]
			} else {
				rec[name] = nil
			}
		}
		out = append(out, rec)
	}
	return out, err
}

// tree reads XML: attributes as @name, text as #text beside others or alone, what comes
// more than once as a list.
func tree(data []byte) (any, error) {
	dec := xml.NewDecoder(bytes.NewReader(data))
	for {
		tok, err := dec.Token()
		if err != nil {
			return nil, err
		}
		if start, is := tok.(xml.StartElement); is {
			v, err := element(dec, start, 0)
			return map[string]any{start.Name.Local: v}, err
		}
	}
}

func element(dec *xml.Decoder, start xml.StartElement, depth int) (any, error) {
	if depth > 1000 {
		return nil, errors.New("it is nested too deep")
	}
	out := map[string]any{}
	for _, a := range start.Attr {
		out["@"+a.Name.Local] = a.Value
	}
	var text strings.Builder
	for {
		tok, err := dec.Token()
		if err != nil {
			return nil, err
		}
		switch tok := tok.(type) {
		case xml.CharData:
			text.Write(tok)
		case xml.StartElement:
			v, err := element(dec, tok, depth+1)
			if err != nil {
				return nil, err
			}
			name := tok.Name.Local
			switch was := out[name].(type) {
			case nil:
				if _, there := out[name]; there {
					out[name] = []any{nil, v}
				} else {
					out[name] = v
				}
			case []any:
				out[name] = append(was, v)
			default:
				out[name] = []any{was, v}
			}
		case xml.EndElement:
			words := strings.TrimSpace(text.String())
			switch {
			case len(out) == 0 && words == "":
				return nil, nil
			case len(out) == 0:
				return words, nil
			case words != "":
				out["#text"] = words
			}
			return out, nil
		}
	}
}
