package json

import (
	"bytes"
	"context"
	std "encoding/json"
	"fmt"
	"io"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// write puts values into a file that appears when the run ends.
type write struct {
	Path   string
	Value  any
	Lines  bool
	Indent bool
	Mode   string
}

// The modes of writing.
const (
	overwrite = "overwrite"
	appending = "append"
)

func newWrite() *write { return &write{Lines: true, Mode: overwrite} }

func (w *write) Fields() kit.Fields {
	return kit.Fields{
		kit.File(&w.Path, "path", "File").Needed().Eg("orders.jsonl").Help("A relative path starts at the flow file's folder."),
		kit.Value(&w.Value, "value", "Value").AsMain().Help("What is written; the record itself where nothing is mapped."),
		kit.Pick(&w.Mode, "mode", "If the file is there",
			kit.Choice{Value: overwrite, Label: "Overwrite it"},
			kit.Choice{Value: appending, Label: "Append to it"}),
		kit.Toggle(&w.Lines, "lines", "One value on each line").Help("Otherwise the file is one list."),
		kit.Toggle(&w.Indent, "indent", "Indent for people").OnlyIf(func() bool { return !w.Lines }),
	}
}

// note is what the file's later batches need to know.
type note struct {
	Lines  bool `json:"lines,omitempty"`
	Indent bool `json:"indent,omitempty"`
}

// RunAll adds each value to the file.
func (w *write) RunAll(ctx context.Context, env kit.Env, batch flow.Batch) ([]kit.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	file, err := kit.OpenRunFile(env, w.Path)
	if err != nil {
		return nil, err
	}
	n, err := w.begin(file)
	if err != nil {
		return nil, err
	}
	results := make([]kit.Result, len(batch))
	for i := range results {
		results[i] = kit.Pass(flow.Done)
	}
	return results, file.Add(kit.BatchKey(env, batch), n.text(batch, file.Empty()))
}

// begin begins the file, where this run has not done so.
func (w *write) begin(file *kit.RunFile) (n note, err error) {
	if file.Begun() {
		return n, std.Unmarshal(file.Note(), &n)
	}
	n = note{Lines: w.Lines, Indent: w.Indent && !w.Lines}
	if w.Mode == appending {
		if err := n.tryAppend(file.Target); err != nil {
			return n, err
		}
		return n, file.Begin(true, nil, n)
	}
	return n, file.Begin(false, n.head(), n)
}

// head is what a new file begins with.
func (n note) head() []byte {
	if n.Lines {
		return nil
	}
	return []byte("[")
}

// tail is what the file ends with.
func (n note) tail(empty bool) []byte {
	switch {
	case n.Lines:
		return nil
	case empty:
		return []byte("]\n")
	}
	return []byte("\n]\n")
}

// bytesOf is what a record usually has at the most; a guess that saves growing.
const bytesOf = 512

// text is a batch as it stands in the file. In a list each value has its comma before
// it, but for the first.
func (n note) text(batch flow.Batch, first bool) []byte {
	dst := make([]byte, 0, len(batch)*bytesOf)
	var a value.Appender
	for i, r := range batch {
		if n.Lines {
			dst = append(a.Append(dst, r.Data), '\n')
			continue
		}
		if i > 0 || !first {
			dst = append(dst, ',')
		}
		dst = append(dst, '\n')
		if n.Indent {
			dst = append(dst, "  "...)
			dst = append(dst, bytes.ReplaceAll(value.Indent(nil, r.Data), []byte("\n"), []byte("\n  "))...)
		} else {
			dst = a.Append(dst, r.Data)
		}
	}
	return dst
}

// tryAppend finds out at once whether the file can be appended to.
func (n note) tryAppend(path string) error {
	file, err := (kit.Env{}).Open(path)
	if err != nil {
		if kit.AsFailure(err).Kind == kit.Missing {
			return nil
		}
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil {
		_, _, err = n.join(file, info.Size())
	}
	if err != nil {
		f := kit.AsFailure(err)
		f.What = path + ": " + f.What
		return f
	}
	return nil
}

// join keeps the old lines, or the old list without its end.
func (n note) join(old io.ReaderAt, size int64) (keep int64, glue []byte, err error) {
	if n.Lines {
		return joinLines(old, size)
	}
	end, last, err := lastByte(old, size)
	if err != nil || end == 0 {
		return 0, []byte("["), err
	}
	if last != ']' {
		return 0, nil, kit.Fail(kit.Refused, "it does not end as a JSON list, so nothing can be appended").On("path").
			Hint("write to another file, or turn lines on")
	}
	end, last, err = lastByte(old, end-1)
	if last != '[' {
		glue = []byte{','}
	}
	return end, glue, err
}

func joinLines(old io.ReaderAt, size int64) (keep int64, glue []byte, err error) {
	if size == 0 {
		return 0, nil, nil
	}
	last := make([]byte, 1)
	if _, err := old.ReadAt(last, size-1); err != nil {
		return 0, nil, err
	}
	if last[0] != '\n' {
		glue = []byte{'\n'}
	}
	return size, glue, nil
}

// lastByte finds the last byte before end that is no space, and the place behind it;
// 0 where there is none.
func lastByte(old io.ReaderAt, end int64) (int64, byte, error) {
	b := make([]byte, 512)
	for end > 0 {
		from := max(end-int64(len(b)), 0)
		part := b[:end-from]
		if _, err := old.ReadAt(part, from); err != nil {
			return 0, 0, err
		}
		if text := bytes.TrimRight(part, " \t\r\n"); len(text) > 0 {
			return from + int64(len(text)), text[len(text)-1], nil
		}
		end = from
	}
	return 0, 0, nil
}

// Finish puts the files in their places. A step that no record came to leaves a file
// without values, unless it appends: what was there is of another run.
func (w *write) Finish(ctx context.Context, env kit.Env) error {
	files, err := kit.RunFiles(env)
	if err != nil {
		return err
	}
	if len(files) == 0 && w.Path != "" && w.Mode == overwrite {
		file, err := kit.OpenRunFile(env, w.Path)
		if err != nil {
			return err
		}
		if _, err := w.begin(file); err != nil {
			return err
		}
		files = append(files, file)
	}
	for _, f := range files {
		var n note
		if err := std.Unmarshal(f.Note(), &n); err != nil {
			return fmt.Errorf("finish %s: %w", f.Target, err)
		}
		if err := f.Publish(ctx, kit.Ending{Tail: n.tail(f.Empty()), Join: n.join}); err != nil {
			return err
		}
	}
	return nil
}
