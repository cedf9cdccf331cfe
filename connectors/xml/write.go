package xml

import (
	"bytes"
	"context"
	std "encoding/xml"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// write puts elements into a file that appears when the run ends.
type write struct {
	Path    string
	Value   any
	Root    string
	Element string
	Mode    string
}

func newWrite() *write { return &write{Root: "records", Element: "record", Mode: kit.Overwrite} }

const valueHelp = "What is written; the record itself where nothing is mapped. @name is an attribute, #text the text, a list several elements; null leaves the element out."

func (w *write) Fields() kit.Fields {
	return kit.Fields{
		kit.File(&w.Path, "path", "File").Needed().Eg("orders.xml").Help("A relative path starts at the flow file's folder."),
		kit.Value(&w.Value, "value", "Value").AsMain().Help(valueHelp),
		kit.Text(&w.Root, "root", "Outermost element").Checked(func() error { return checkName(w.Root) }),
		kit.Text(&w.Element, "element", "Element of a record").Checked(func() error { return checkName(w.Element) }),
		kit.WriteMode(&w.Mode),
	}
}

// isName is a name that every reader of XML takes, with or without a prefix.
var isName = regexp.MustCompile(`^[\pL_][\pL\pN_.\-]*(:[\pL_][\pL\pN_.\-]*)?$`)

func checkName(name string) error {
	if !isName.MatchString(name) {
		return fmt.Errorf("%q cannot be the name of an element; begin with a letter, without spaces", name)
	}
	return nil
}

// note is what the file's later batches need to know.
type note struct {
	Root    string `json:"root"`
	Element string `json:"element"`
}

const declaration = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// RunAll adds an element for each record.
func (w *write) RunAll(ctx context.Context, env kit.Env, batch flow.Batch) ([]kit.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	file, n, err := kit.BeginFile(env, w.Path, w.Mode, w.form())
	if err != nil {
		return nil, err
	}
	results := make([]kit.Result, len(batch))
	var text bytes.Buffer
	for i, r := range batch {
		before := text.Len()
		text.WriteString("  ")
		if err := element(&text, n.Element, r.Data, 0); err != nil {
			text.Truncate(before)
			results[i] = kit.Result{Err: err}
			continue
		}
		text.WriteByte('\n')
		results[i] = kit.Pass(flow.Done)
	}
	return results, file.Add(kit.BatchKey(env, batch), text.Bytes())
}

// form is how the settings say that the file is written.
func (w *write) form() note { return note{Root: w.Root, Element: w.Element} }

// Head is what a new file begins with.
func (n note) Head() []byte { return []byte(declaration + "<" + n.Root + ">\n") }

// Tail is what the file ends with.
func (n note) Tail(*kit.RunFile) []byte { return []byte("</" + n.Root + ">\n") }

// Join keeps what is there without the end of its outermost element.
func (n note) Join(old io.ReaderAt, size int64) (keep int64, glue []byte, err error) {
	if size == 0 {
		return 0, n.Head(), nil
	}
	head, end := make([]byte, min(size, 1024)), make([]byte, min(size, 1024))
	if _, err := old.ReadAt(head, 0); err != nil && err != io.EOF {
		return 0, nil, err
	}
	if _, err := old.ReadAt(end, size-int64(len(end))); err != nil && err != io.EOF {
		return 0, nil, err
	}
	_, plain, err := decode(nil, head)
	text := bytes.TrimRight(end, " \t\r\n")
	last := "</" + n.Root + ">"
	if err != nil || !plain || !bytes.HasSuffix(text, []byte(last)) {
		return 0, nil, kit.Fail(kit.Refused, "it does not end with %s in UTF-8, so nothing can be appended", last).On("path").
			Hint("write to another file, or name its outermost element")
	}
	keep = size - int64(len(end)) + int64(len(text)-len(last))
	if before := text[:len(text)-len(last)]; len(before) > 0 && before[len(before)-1] != '\n' {
		glue = []byte("\n")
	}
	return keep, glue, nil
}

// Finish puts the files in their places. A step that no record came to leaves a file
// without records, unless it appends: what was there is of another run.
func (w *write) Finish(ctx context.Context, env kit.Env) error {
	return kit.FinishFiles[note](ctx, env, w.Path, w.Mode, func() (*kit.RunFile, error) {
		file, _, err := kit.BeginFile(env, w.Path, w.Mode, w.form())
		return file, err
	})
}

// element writes a value as an element.
func element(b *bytes.Buffer, name string, v any, depth int) error {
	switch d := v.(type) {
	case *value.Document:
		v = d.Whole()
	case *value.Part:
		v = d.Object()
	}
	if err := checkName(name); err != nil {
		return kit.Fail(kit.Invalid, "%w", err).On("value")
	}
	if depth >= deepest-1 {
		return kit.Fail(kit.Invalid, "it is nested deeper than %d levels", deepest).On("value")
	}
	if _, is := v.([]any); is {
		return kit.Fail(kit.Invalid, "the element %s is a list in a list, or a list alone, which XML has no form for", name).On("value").
			Hint("give each entry a name in a mapping")
	}
	object, is := v.(map[string]any)
	b.WriteString("<" + name)
	if !is {
		b.WriteByte('>')
		if err := text(b, name, v); err != nil {
			return err
		}
		b.WriteString("</" + name + ">")
		return nil
	}
	names := slices.Sorted(maps.Keys(object))
	for _, k := range names {
		if attr, is := strings.CutPrefix(k, "@"); is && object[k] != nil {
			if checkName(attr) != nil {
				return kit.Fail(kit.Invalid, "%q cannot be the name of an attribute", attr).On("value")
			}
			b.WriteString(" " + attr + `="`)
			if err := text(b, k, object[k]); err != nil {
				return err
			}
			b.WriteByte('"')
		}
	}
	b.WriteByte('>')
	if err := text(b, "#text", object["#text"]); err != nil {
		return err
	}
	for _, k := range names {
		if strings.HasPrefix(k, "@") || k == "#text" || object[k] == nil {
			continue
		}
		list, is := object[k].([]any)
		if !is {
			list = []any{object[k]}
		}
		for _, one := range list {
			if err := element(b, k, one, depth+1); err != nil {
				return err
			}
		}
	}
	b.WriteString("</" + name + ">")
	return nil
}

// text writes a single value, where XML 1.0 has all of its letters (section 2.2).
func text(b *bytes.Buffer, name string, v any) error {
	var s string
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		s = v
	case []any, map[string]any:
		return kit.Fail(kit.Invalid, "%s is not a single value", name).On("value").Hint("map it to a text")
	default:
		s = string(value.Append(nil, v))
	}
	for _, r := range s {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff || r == utf8.RuneError && !utf8.ValidString(s) {
			return kit.Fail(kit.Invalid, "%s holds the character %U, which XML cannot hold", name, r).On("value").
				Hint("take it out, or write the text as base64")
		}
	}
	return std.EscapeText(b, []byte(s))
}

// format gives a record as a document.
type format struct {
	Value   any
	Element string
}

func (f *format) Fields() kit.Fields {
	return kit.Fields{
		kit.Value(&f.Value, "value", "Value").AsMain().Help(valueHelp),
		kit.Text(&f.Element, "element", "Outermost element").Checked(func() error { return checkName(f.Element) }),
	}
}

func (f *format) Run(ctx context.Context, _ kit.Env, _ flow.Record) (kit.Result, error) {
	if err := ctx.Err(); err != nil {
		return kit.Result{}, err
	}
	var b bytes.Buffer
	b.WriteString(declaration)
	if err := element(&b, f.Element, f.Value, 0); err != nil {
		return kit.Result{}, err
	}
	b.WriteByte('\n')
	return kit.Give(map[string]any{"text": b.String()}), nil
}
