package xml

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// read gives the records of a file page by page.
type read struct {
	Path string
	shape
}

func (r *read) Fields() kit.Fields {
	return append(kit.Fields{
		kit.File(&r.Path, "path", "File").Needed().Eg("orders.xml").Help("A relative path starts at the flow file's folder."),
	}, r.shape.fields()...)
}

// A page ends with whichever comes first.
const (
	pageRecords = 1000
	pageBytes   = 4 << 20
)

// cursor is where a page begins.
type cursor struct {
	At   place  `json:"at"`
	Size int64  `json:"size"`
	Seal string `json:"seal"` // of the file's beginning or of the bytes before
}

// Read gives one page.
func (r *read) Read(ctx context.Context, env kit.Env, after flow.Cursor) (kit.Page, error) {
	if err := ctx.Err(); err != nil {
		return kit.Page{}, err
	}
	file, err := env.Open(r.Path)
	if err != nil {
		return kit.Page{}, err
	}
	defer file.Close()
	from, utf8, err := r.begin(file, after)
	if err != nil {
		return kit.Page{}, err
	}
	var page kit.Page
	begin, end := from.begin.Offset, from.begin
	for len(page.Data) < pageRecords && end.Offset-begin < pageBytes {
		v, err := from.next()
		if errors.Is(err, io.EOF) {
			return page, nil
		}
		if err != nil && len(page.Data) == 0 {
			return kit.Page{}, failure(r.Path, err)
		}
		if err != nil { // the next page begins with the fault
			break
		}
		page.Data = append(page.Data, v)
		end = from.at()
	}
	page.More = true
	c := cursor{At: end}
	if c.Size, c.Seal, err = seal(file, end, utf8); err != nil {
		return kit.Page{}, kit.FailFile("read", r.Path, err)
	}
	page.Next, err = json.Marshal(c)
	return page, err
}

// seal marks the file: by the bytes before a place, or, where those cannot be found
// because the file is not in UTF-8, by its beginning and its size.
func seal(file *os.File, at place, utf8 bool) (size int64, sum string, err error) {
	if utf8 {
		sum, err = kit.Seal(file, at.Offset)
		return 0, sum, err
	}
	info, err := file.Stat()
	if err != nil {
		return 0, "", err
	}
	sum, err = kit.Seal(file, min(info.Size(), 256))
	return info.Size(), sum, err
}

// begin goes to where a page begins, if the file is still the one it was then.
func (r *read) begin(file *os.File, after flow.Cursor) (*elements, bool, error) {
	head := make([]byte, 1024)
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, kit.FailFile("read", r.Path, err)
	}
	if kind := kit.NotText(head[:n]); kind != "" {
		return nil, false, kit.Fail(kit.Malformed, "%s is not XML: it is %s", r.Path, kind).On("path").Hint("name an XML file")
	}
	src, utf8, err := decode(file, head[:n])
	if err != nil {
		return nil, false, failure(r.Path, err)
	}
	if len(after) == 0 {
		return r.shape.read(src, place{}), utf8, nil
	}
	var c cursor
	if err := json.Unmarshal(after, &c); err != nil {
		return nil, false, kit.Fail(kit.Invalid, "the stored cursor cannot be read: %w", err).Hint("start a new run")
	}
	if size, now, err := seal(file, c.At, utf8); err != nil || now != c.Seal || size != c.Size {
		return nil, false, kit.Fail(kit.Refused, "%s was exchanged while it was read", r.Path).On("path").
			Hint("start a new run, which reads it from its beginning")
	}
	if utf8 {
		_, err = file.Seek(c.At.Offset, io.SeekStart)
	} else {
		_, err = io.CopyN(io.Discard, src, c.At.Offset)
	}
	if err != nil {
		return nil, false, kit.FailFile("read", r.Path, err)
	}
	return r.shape.read(src, c.At), utf8, nil
}

// failure tells what is wrong and where; a file without a path is a text.
func failure(path string, err error) *kit.Failure {
	if f, ok := errors.AsType[*kit.Failure](err); ok {
		if path != "" {
			f.What = path + ": " + f.What
		}
		return f
	}
	bad, ok := errors.AsType[*fault](err)
	if !ok {
		return kit.FailFile("read", path, err)
	}
	where := fmt.Sprintf("line %d:%d", bad.line, bad.column)
	if path != "" {
		where = fmt.Sprintf("%s:%d:%d", path, bad.line, bad.column)
	}
	return kit.Fail(kit.Malformed, "%s: %s", where, bad.what).Hint("mend it there")
}

// parse gives the records of a text.
type parse struct {
	Text   string
	Base64 string
	shape
}

func (p *parse) Fields() kit.Fields {
	return append(kit.Fields{
		kit.Long(&p.Text, "text", "Text").AsMain().Code("xml"),
		kit.Text(&p.Base64, "base64", "Or as base64").More().Help("The bytes of the document, in the encoding that it names."),
	}, p.shape.fields()...)
}

func (p *parse) Run(ctx context.Context, _ kit.Env, _ flow.Record) (kit.Result, error) {
	if err := ctx.Err(); err != nil {
		return kit.Result{}, err
	}
	var src io.Reader = bytes.NewReader([]byte(p.Text)) // whatever it names, it was decoded already
	field := "text"
	if p.Base64 != "" {
		data, err := base64.StdEncoding.DecodeString(p.Base64)
		if err != nil {
			return kit.Result{}, kit.Fail(kit.Malformed, "the text is not base64: %w", err).On("base64").Hint("give it as text")
		}
		field = "base64"
		if src, _, err = decode(bytes.NewReader(data), data[:min(len(data), 1024)]); err != nil {
			return kit.Result{}, failure("", err).On(field)
		}
	}
	from := p.shape.read(src, place{})
	var all []any
	for {
		v, err := from.next()
		if errors.Is(err, io.EOF) {
			return kit.Give(all...), nil
		}
		if err != nil {
			f := failure("", err)
			if f.Field == "" {
				f.On(field)
			}
			return kit.Result{}, f
		}
		all = append(all, v)
	}
}
