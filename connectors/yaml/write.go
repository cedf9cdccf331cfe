package yaml

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
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

// The modes of writing.
const (
	overwrite = "overwrite"
	appending = "append"
)

func newWrite() *write { return &write{Mode: overwrite} }

func (w *write) Fields() kit.Fields {
	return kit.Fields{
		kit.File(&w.Path, "path", "File").Needed().Eg("orders.yaml").Help("A relative path starts at the flow file's folder."),
		kit.Value(&w.Value, "value", "Value").AsMain().Help("What is written; the record itself where nothing is mapped."),
		kit.Pick(&w.Mode, "mode", "If the file is there",
			kit.Choice{Value: overwrite, Label: "Overwrite it"},
			kit.Choice{Value: appending, Label: "Append to it"}),
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
	file, err := kit.OpenRunFile(env, w.Path)
	if err != nil {
		return nil, err
	}
	n, err := w.begin(file)
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

// begin begins the file, where this run has not done so.
func (w *write) begin(file *kit.RunFile) (n note, err error) {
	if file.Begun() {
		return n, json.Unmarshal(file.Note(), &n)
	}
	n = note{Documents: w.Documents}
	if w.Mode != appending {
		return n, file.Begin(false, nil, n)
	}
	if err := n.tryAppend(file.Target); err != nil {
		return n, err
	}
	return n, file.Begin(true, nil, n)
}

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

// join keeps what is there, where more of the same can follow it.
func (n note) join(old io.ReaderAt, size int64) (keep int64, glue []byte, err error) {
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
	last := make([]byte, 1)
	if _, err := old.ReadAt(last, size-1); err != nil {
		return 0, nil, err
	}
	if last[0] != '\n' {
		glue = []byte{'\n'}
	}
	return size, glue, nil
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
		if err := json.Unmarshal(f.Note(), &n); err != nil {
			return fmt.Errorf("finish %s: %w", f.Target, err)
		}
		if err := f.Publish(ctx, kit.Ending{Tail: n.tail(f.Empty() && !f.Appends()), Join: n.join}); err != nil {
			return err
		}
	}
	return nil
}

// tail is what the file ends with.
func (n note) tail(empty bool) []byte {
	if empty && !n.Documents {
		return []byte("[]\n")
	}
	return nil
}
