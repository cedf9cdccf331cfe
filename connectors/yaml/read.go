package yaml

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// read gives the values of a file page by page.
type read struct {
	kit.Sync
	Path string
	At   string
}

const atHelp = "Where the list is in each document, as data.items or /data/items; empty is the document itself."

func (r *read) Fields() kit.Fields {
	return append(kit.Fields{
		kit.File(&r.Path, "path", "File").Needed().Eg("orders.yaml").Help("A relative path starts at the flow file's folder."),
		kit.Text(&r.At, "at", "List at").Eg("data.items").Help(atHelp),
		kit.Text(&r.Cursor, "cursor", "Cursor field").Eg("updated_at").
			Help("A field that only grows, such as a number or a date; with dots one inside another. The next run takes only records that are new."),
	}, r.Sync.More()...)
}

// A page ends with whichever comes first.
const (
	pageRecords = 1000
	pageBytes   = 4 << 20
)

// cursor is where a page begins.
type cursor struct {
	At   place  `json:"at"`
	Seal string `json:"seal"` // of the bytes before it
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
	if r.Cursor == "" {
		return r.page(file, after)
	}
	news, err := r.Resume(env, r.Cursor, after, kit.AnyOrder)
	if err == nil && !news.Begun() {
		err = news.Begin(nil, nil)
	}
	if err != nil {
		return kit.Page{}, err
	}
	page, err := r.page(file, news.At())
	if err == nil {
		err = news.Sift(&page)
	}
	if err != nil {
		return kit.Page{}, err
	}
	if page.More {
		news.Put(page.Next)
		page.Next, err = news.Next()
		return page, err
	}
	if err = news.End(true); err == nil {
		page.Mark, err = news.Mark()
	}
	return page, err
}

// page reads from a place until there is enough.
func (r *read) page(file *os.File, after flow.Cursor) (kit.Page, error) {
	at, err := r.begin(file, after)
	if err != nil {
		return kit.Page{}, err
	}
	from := newPieces(file, at)
	if r.At != "" {
		from.whole = math.MaxInt
	}
	page := kit.Page{}
	skip, end := at.Passed, at
	for n := 0; n < pageRecords && end.Offset-at.Offset < pageBytes; n = len(page.Data) + len(page.Bad) {
		one, err := from.next()
		if errors.Is(err, io.EOF) {
			return page, nil
		}
		if _, broken := errors.AsType[*os.PathError](err); broken {
			return kit.Page{}, kit.FailFile("read", r.Path, err)
		}
		var records []any
		if err == nil {
			records, err = one.records(r.At)
		}
		if err != nil {
			page.Bad = append(page.Bad, one.bad(r.Path, n, err))
			end, skip = from.at, 0
			continue
		}
		// A document is parsed anew for each page of it, so it has not many.
		room := max(pageRecords-n, len(records)/16)
		if records = records[min(skip, len(records)):]; len(records) > room {
			page.Data = append(page.Data, records[:room]...)
			end, page.More = one.place, true
			end.Passed = skip + room
			return r.next(file, page, end)
		}
		page.Data = append(page.Data, records...)
		end, skip = from.at, 0
	}
	_, err = from.next()
	page.More = !errors.Is(err, io.EOF)
	return r.next(file, page, end)
}

// next says where the page behind this one begins.
func (r *read) next(file *os.File, page kit.Page, at place) (kit.Page, error) {
	if !page.More {
		return page, nil
	}
	seal, err := kit.Seal(file, at.Offset)
	if err != nil {
		return kit.Page{}, kit.FailFile("read", r.Path, err)
	}
	page.Next, err = json.Marshal(cursor{At: at, Seal: seal})
	return page, err
}

// begin finds where a page begins, if the file is still the one it was then.
func (r *read) begin(file *os.File, after flow.Cursor) (place, error) {
	head := make([]byte, 4096)
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return place{}, kit.FailFile("read", r.Path, err)
	}
	if err := notYAML(r.Path, head[:n]); err != nil {
		return place{}, err.On("path")
	}
	if len(after) == 0 {
		return place{}, nil
	}
	var c cursor
	if err := json.Unmarshal(after, &c); err != nil {
		return place{}, kit.Fail(kit.Invalid, "the stored cursor cannot be read: %w", err).Hint("start a new run")
	}
	if now, err := kit.Seal(file, c.At.Offset); err != nil || now != c.Seal {
		return place{}, kit.Fail(kit.Refused, "%s was exchanged while it was read", r.Path).On("path").
			Hint("start a new run, which reads it from its beginning")
	}
	return c.At, nil
}

// notYAML tells by its beginning that something cannot be YAML.
func notYAML(name string, head []byte) *kit.Failure {
	kind := kit.NotText(head)
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) || bytes.IndexByte(head, 0) >= 0 {
		kind = "in UTF-16 or no text at all"
	}
	if kind == "" {
		return nil
	}
	return kit.Fail(kit.Malformed, "%s is not YAML: it is %s", name, kind).Hint("name YAML in UTF-8")
}

// bad is the piece as a record that could not be read.
func (one piece) bad(path string, at int, err error) kit.Bad {
	const shown = 1000
	text := one.text[:min(len(one.text), shown)]
	return kit.Bad{At: at, Failure: one.failure(path, err), Data: map[string]any{
		"line": one.Line + 1, "text": string(bytes.ToValidUTF8(text, []byte("\ufffd"))),
	}}
}

// failure tells what is wrong with the piece, and where in the file.
func (one piece) failure(path string, err error) *kit.Failure {
	where := fmt.Sprintf("line %d", one.Line+1)
	if path != "" {
		where = fmt.Sprintf("%s:%d", path, one.Line+1)
	}
	if f, ok := errors.AsType[*kit.Failure](err); ok {
		f.What = where + ": " + f.What
		return f
	}
	if errors.Is(err, errLarge) {
		return kit.Fail(kit.Malformed, "%s: what begins here: %w", where, err).
			Hint("part it into several documents, or make it a list whose entries begin at the margin")
	}
	bad, ok := errors.AsType[*fault](err)
	if !ok {
		return kit.AsFailure(err)
	}
	if bad.line > 0 {
		where = fmt.Sprintf("line %d", one.Line+bad.line)
		if path != "" {
			where = fmt.Sprintf("%s:%d", path, one.Line+bad.line)
		}
	}
	if bad.column > 0 {
		where += fmt.Sprintf(":%d", bad.column)
	}
	f := kit.Fail(kit.Malformed, "%s: %s", where, bad.what).Hint("mend it there")
	if one.entry && strings.Contains(bad.what, "unknown anchor") {
		f.Hint("in a list larger than 1 MB each entry has to hold its own anchors; write out what the alias stands for")
	}
	return f
}

// follow gives the list that stands somewhere inside a value.
func follow(v any, at string) ([]any, error) {
	from := value.NewReader(bytes.NewReader(value.Append(nil, v)))
	if err := from.Elements(at); err != nil {
		return nil, err
	}
	list := []any{}
	for {
		one, err := from.Next()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
}
