package yaml

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// write puts values into a file that appears when the run ends.
type write struct {
	Path      string
	Value     any
	Documents bool
	Mode      string
}

func newWrite() *write { return &write{Mode: kit.Overwrite} }

func (w *write) Fields() kit.Fields {
	return kit.Fields{
		kit.File(&w.Path, "path", "File").Needed().Eg("orders.yaml").Help("A relative path starts at the flow file's folder."),
		kit.Value(&w.Value, "value", "Value").AsMain().Help("What is written; the record itself where nothing is mapped."),
		kit.WriteMode(&w.Mode),
		kit.Toggle(&w.Documents, "documents", "A document for each record").Help("Otherwise the file is one list."),
	}
}

// note is what the file's later batches need to know.
type note struct {
	Documents bool `json:"documents,omitempty"`
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
	text, err := n.text(batch)
	if err != nil {
		return nil, err
	}
	results := make([]kit.Result, len(batch))
	for i := range results {
		results[i] = kit.Pass(flow.Done)
	}
	return results, file.Add(kit.BatchKey(env, batch), text)
}

// form is how the settings say that the file is written.
func (w *write) form() note { return note{Documents: w.Documents} }

// Head is nothing: a list begins with its first entry.
func (n note) Head() []byte { return nil }

// text is a batch as it stands in the file.
func (n note) text(batch flow.Batch) ([]byte, error) {
	var b bytes.Buffer
	for _, r := range batch {
		v := r.Data
		if !n.Documents {
			v = []any{v}
		}
		text, err := encode(v)
		if err != nil {
			return nil, fmt.Errorf("write it as YAML: %w", err)
		}
		if n.Documents {
			b.WriteString("---\n")
		}
		b.Write(text)
	}
	return b.Bytes(), nil
}

// Join keeps what is there, where more of the same can follow it.
func (n note) Join(old io.ReaderAt, size int64) (keep int64, glue []byte, err error) {
	if size == 0 {
		return 0, nil, nil
	}
	if !n.Documents {
		whole, err := oneList(io.NewSectionReader(old, 0, size))
		if err != nil || whole == nothing {
			return 0, nil, err
		}
		if whole != entry {
			return 0, nil, kit.Fail(kit.Refused, "it is not one list whose entries begin at the margin, so nothing can be appended").On("path").
				Hint("write to another file, or a document for each record")
		}
	}
	glue, err = kit.LineEnd(old, size)
	return size, glue, err
}

// nothing is of a file with no entries: an empty list, or nothing but comments.
const nothing = -1

// oneList says what the one document of a file is: entry for a list at the margin,
// nothing, or another kind of line.
func oneList(file io.Reader) (int, error) {
	lines := bufio.NewReaderSize(file, 64<<10)
	is := nothing
	for inLine := false; ; {
		part, err := lines.ReadSlice('\n')
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
			return 0, err
		}
		if !inLine {
			line := string(bytes.TrimPrefix(part, []byte(mark)))
			switch kind := kindOf(line); {
			case kind == ending, kind == marker && (is != nothing || len(bytes.TrimSpace(part)) > 3):
				return marker, nil
			case kind == blank, kind == marker, is == entry:
			case is == nothing && kind == content && string(bytes.TrimSpace(part)) == "[]":
			case is == nothing:
				is = kind
			}
		}
		if errors.Is(err, io.EOF) {
			return is, nil
		}
		inLine = errors.Is(err, bufio.ErrBufferFull)
	}
}

// Finish puts the files in their places. A step that no record came to leaves a file
// without values, unless it appends: what was there is of another run.
func (w *write) Finish(ctx context.Context, env kit.Env) error {
	return kit.FinishFiles[note](ctx, env, w.Path, w.Mode, func() (*kit.RunFile, error) {
		file, _, err := kit.BeginFile(env, w.Path, w.Mode, w.form())
		return file, err
	})
}

// Tail is what the file ends with.
func (n note) Tail(f *kit.RunFile) []byte {
	if f.Empty() && !f.Appends() && !n.Documents {
		return []byte("[]\n")
	}
	return nil
}
