package json

import (
	"bytes"
	"context"
	std "encoding/json"
	"errors"
	"io"
	"os"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// read gives the values of a file page by page.
type read struct {
	kit.Sync
	Path  string
	Lines bool
	At    string
}

func (r *read) Fields() kit.Fields {
	return append(kit.Fields{
		kit.File(&r.Path, "path", "File").Needed().Eg("orders.json").Help("A relative path starts at the flow file's folder."),
		kit.Toggle(&r.Lines, "lines", "One value on each line").
			Help("A line that is not JSON then fails alone, and the others go on."),
		kit.Text(&r.At, "at", "List at").Eg("data.items").OnlyIf(func() bool { return !r.Lines }).
			Help("Where the list is in the document, as data.items or /data/items; empty is the document itself."),
		kit.Text(&r.Cursor, "cursor", "Cursor field").Eg("updated_at").
			Help("A field that only grows, such as a number or a date; with dots one inside another. The next run takes only records that are new."),
	}, r.Sync.More()...)
}

// place is where a page begins.
type place struct {
	At   value.Place `json:"at"`
	Seal string      `json:"seal"` // of the bytes before it
}

// A page ends with whichever comes first.
const (
	pageRecords = 1000
	pageBytes   = 4 << 20
)

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
	var news *kit.Reading
	if r.Cursor != "" {
		if news, err = r.Resume(env, r.Cursor, after, kit.AnyOrder); err == nil && !news.Begun() {
			err = news.Begin(nil, nil)
		}
		if err != nil {
			return kit.Page{}, err
		}
		after = news.At()
		env.Documents, env.Want = false, nil // the cursor stands in it
	}
	var at place
	if len(after) > 0 {
		if err := r.resume(file, after, &at); err != nil {
			return kit.Page{}, err
		}
	}
	head, err := r.look(file)
	if err != nil {
		return kit.Page{}, err
	}
	var page kit.Page
	var end value.Place
	if r.Lines {
		page, end, err = r.lines(env, io.NewSectionReader(file, at.At.Offset, 1<<62), at.At)
	} else {
		page, end, err = r.values(file, head, at.At)
	}
	if err == nil && news != nil {
		err = news.Sift(&page)
	}
	if err != nil {
		return kit.Page{}, err
	}
	if !page.More {
		if news != nil {
			if err = news.End(true); err == nil {
				page.Mark, err = news.Mark()
			}
		}
		return page, err
	}
	next := place{At: end}
	if next.Seal, err = kit.Seal(file, end.Offset); err != nil {
		return kit.Page{}, kit.FailFile("read", r.Path, err)
	}
	if page.Next, err = std.Marshal(next); err != nil || news == nil {
		return page, err
	}
	news.Put(page.Next)
	page.Next, err = news.Next()
	return page, err
}

// resume finds where a page ended, if the file is still the one it was then.
func (r *read) resume(file *os.File, after flow.Cursor, at *place) error {
	if err := std.Unmarshal(after, at); err != nil {
		return kit.Fail(kit.Invalid, "the stored cursor cannot be read: %w", err).Hint("start a new run")
	}
	if now, err := kit.Seal(file, at.At.Offset); err != nil || now != at.Seal {
		return kit.Fail(kit.Refused, "%s was exchanged while it was read", r.Path).On("path").
			Hint("start a new run, which reads it from its beginning")
	}
	return nil
}

// look gives the beginning of the file, if it can be JSON.
func (r *read) look(file *os.File) ([]byte, error) {
	head := make([]byte, 4096)
	n, err := file.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, kit.FailFile("read", r.Path, err)
	}
	head = head[:n]
	kind := kit.NotText(head)
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) || bytes.IndexByte(head, 0) >= 0 {
		kind = "in UTF-16 or no text at all"
	}
	if kind != "" {
		return nil, kit.Fail(kit.Malformed, "%s is not JSON: it is %s", r.Path, kind).On("path").
			Hint("name a JSON file in UTF-8")
	}
	return head, nil
}

// values reads the members of a list, or the documents of a file one after another.
func (r *read) values(file *os.File, head []byte, at value.Place) (kit.Page, value.Place, error) {
	from, err := r.reader(file, head, at)
	if err != nil {
		return kit.Page{}, at, err
	}
	page := kit.Page{Data: make([]any, 0, pageRecords), More: true}
	begin := from.Offset()
	for len(page.Data) < pageRecords && from.Offset()-begin < pageBytes {
		v, err := from.Next()
		if err == io.EOF {
			page.More = false
			return page, at, nil
		}
		if err != nil {
			return r.upTo(page, file, head, at, err)
		}
		page.Data = append(page.Data, v)
	}
	end := from.Place()
	_, err = from.Next()
	page.More = err != io.EOF
	return page, end, nil
}

// reader reads on at a place; at the beginning it first finds the list.
func (r *read) reader(file *os.File, head []byte, at value.Place) (*value.Reader, error) {
	if _, err := file.Seek(at.Offset, io.SeekStart); err != nil {
		return nil, kit.FailFile("read", r.Path, err)
	}
	from := value.Resume(file, at)
	if at == (value.Place{}) && (r.At != "" || isList(head)) {
		if err := from.Elements(r.At); err != nil {
			return nil, r.misplaced(err)
		}
	}
	return from, nil
}

// upTo gives the records before a fault; the page behind them begins with it. Where
// the last of them ends is found by reading them once more, since it is seldom wanted.
func (r *read) upTo(page kit.Page, file *os.File, head []byte, at value.Place, fault error) (kit.Page, value.Place, error) {
	from, err := r.reader(file, head, at)
	if err != nil {
		return kit.Page{}, at, err
	}
	for range page.Data {
		if _, err := from.Next(); err != nil {
			return kit.Page{}, at, r.malformed(err, at.Open)
		}
	}
	end := from.Place()
	if len(page.Data) == 0 {
		return kit.Page{}, at, r.malformed(fault, end.Open)
	}
	return page, end, nil
}

// isList says whether the first value of a text is a list.
func isList(head []byte) bool {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	return bytes.HasPrefix(text, []byte("["))
}

// misplaced tells why there is no list where the settings say.
func (r *read) misplaced(err error) error {
	if _, ok := errors.AsType[*value.SyntaxError](err); ok {
		return r.malformed(err, "{")
	}
	if _, ok := errors.AsType[*os.PathError](err); ok {
		return kit.FailFile("read", r.Path, err)
	}
	return kit.Fail(kit.Missing, "%s: %w", r.Path, err).On("at").
		Hint("name the list, as data.items or /data/items")
}

// malformed tells where a document stops being JSON. Behind that nothing can be read,
// because nobody knows what belongs to what.
func (r *read) malformed(err error, open string) error {
	bad, ok := errors.AsType[*value.SyntaxError](err)
	if !ok {
		return kit.FailFile("read", r.Path, err)
	}
	f := kit.Fail(kit.Malformed, "%s:%d:%d: %s", r.Path, bad.Line, bad.Column, bad.What)
	if open == "" {
		return f.Hint("mend the file; where it has one value on each line, lines: true goes on behind a bad one")
	}
	return f.Hint("mend the file there")
}
