package json

import (
	"bytes"
	"context"
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

func newWrite() *write { return &write{Lines: true, Mode: kit.Overwrite} }

func (w *write) Fields() kit.Fields {
	return kit.Fields{
		kit.File(&w.Path, "path", "File").Needed().Eg("orders.jsonl").Help("A relative path starts at the flow file's folder."),
		kit.Value(&w.Value, "value", "Value").AsMain().Help("What is written; the record itself where nothing is mapped."),
		kit.WriteMode(&w.Mode),
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
	file, n, err := kit.BeginFile(env, w.Path, w.Mode, w.form())
	if err != nil {
		return nil, err
	}
	results := make([]kit.Result, len(batch))
	for i := range results {
		results[i] = kit.Pass(flow.Done)
	}
	return results, file.Add(kit.BatchKey(env, batch), n.text(batch, file.Empty()))
}

// form is how the settings say that the file is written.
func (w *write) form() note { return note{Lines: w.Lines, Indent: w.Indent && !w.Lines} }

// Head is what a new file begins with.
func (n note) Head() []byte {
	if n.Lines {
		return nil
	}
	return []byte("[")
}

// Tail is what the file ends with.
func (n note) Tail(f *kit.RunFile) []byte {
	switch {
	case n.Lines:
		return nil
	case f.Empty():
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

// Join keeps the old lines, or the old list without its end.
func (n note) Join(old io.ReaderAt, size int64) (keep int64, glue []byte, err error) {
	if n.Lines {
		glue, err = kit.LineEnd(old, size)
		return size, glue, err
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
	return kit.FinishFiles[note](ctx, env, w.Path, w.Mode, func() (*kit.RunFile, error) {
		file, _, err := kit.BeginFile(env, w.Path, w.Mode, w.form())
		return file, err
	})
}
