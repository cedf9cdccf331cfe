package files

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func writeOp() kit.Op {
	return kit.Op{
		ID: "write", Title: "Write a file", Effect: kit.Repeatable,
		Summary: "Writes a text or bytes into a file, whole or not at all.",
		Words:   []string{"save", "store", "create", "append", "text", "base64", "binary", "log"},
		New:     func() kit.Operation { return &write{Mode: overwrite} },
		In:      flow.Of(flow.String),
		Out: flow.ObjectOf(
			flow.Property{Name: "path", Required: true, Schema: flow.Of(flow.String)},
			flow.Property{Name: "name", Required: true, Schema: flow.Of(flow.String)},
			flow.Property{Name: "folder", Required: true, Schema: flow.Of(flow.String)},
			flow.Property{Name: "size", Required: true, Schema: flow.Of(flow.Integer)}),
		Examples: []kit.Example{{
			Title: "A file for each order",
			With:  flow.Values{"folders": true},
			Map:   `{path: "orders/\(.id).txt", text: .note}`,
			In:    map[string]any{"id": 7, "note": "ring twice"},
		}, {
			Title: "Lines behind those of earlier runs",
			With:  flow.Values{"path": "rejects.log", "mode": "append"},
			Map:   `{text: (tojson + "\n")}`,
		}},
	}
}

// The modes of writing.
const (
	overwrite = "overwrite"
	appending = "append"
	onlyNew   = "new"
)

// write puts a text or bytes into a file.
type write struct {
	Path    string
	Text    string
	Base64  string
	Mode    string
	Folders bool
}

func (w *write) Fields() kit.Fields {
	return kit.Fields{
		kit.File(&w.Path, "path", "File").Needed().Eg("letter.txt").Help("A relative path starts at the flow file's folder."),
		kit.Long(&w.Text, "text", "Text").AsMain(),
		kit.Text(&w.Base64, "base64", "Or bytes in base64").More().Help("In place of the text, for anything that is not text."),
		kit.Pick(&w.Mode, "mode", "If the file is there",
			kit.Choice{Value: overwrite, Label: "Overwrite it"},
			kit.Choice{Value: appending, Label: "Append to it when the run ends"},
			kit.Choice{Value: onlyNew, Label: "Fail, unless it holds the same"}),
		kit.Toggle(&w.Folders, "folders", "Make missing folders"),
	}
}

// Run writes one file, for an operation whose fields are bound for one record.
func (w *write) Run(ctx context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	results, err := w.RunAll(ctx, env, flow.Batch{{ID: rec.ID, Data: w.Text}})
	if err != nil {
		return kit.Result{}, err
	}
	return results[0], results[0].Err
}

// RunAll writes the file once for each record, the last one staying; or, appending,
// gathers all texts for the end of the run.
func (w *write) RunAll(ctx context.Context, env kit.Env, batch flow.Batch) ([]kit.Result, error) {
	path := env.Path(w.Path)
	if w.Path == "" {
		return nil, kit.Fail(kit.Invalid, "the path is empty").On("path")
	}
	if w.Folders {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return nil, kit.FailFile("make the folder of", path, err).On("path")
		}
	}
	results := make([]kit.Result, len(batch))
	var gathered []byte
	for i, r := range batch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		content, err := w.content(r.Data)
		switch {
		case err == nil && w.Mode == appending:
			gathered = append(gathered, content...)
		case err == nil:
			err = w.put(path, content)
		}
		results[i] = kit.Give(map[string]any{
			"path": path, "name": filepath.Base(path), "folder": filepath.Dir(path), "size": len(content),
		})
		if err != nil {
			results[i] = kit.Result{Err: err}
		}
	}
	if w.Mode != appending {
		return results, nil
	}
	return results, w.gather(env, kit.BatchKey(env, batch), gathered)
}

// content is what a record wants to be written.
func (w *write) content(data any) ([]byte, error) {
	var text string
	if err := kit.Text(&text, "text", "Text").Set(data); err != nil {
		return nil, kit.Fail(kit.Invalid, "%w", err).On("text").Hint("map it to a text, for example {text: tojson}")
	}
	switch {
	case w.Base64 == "":
		return []byte(text), nil
	case text != "":
		return nil, kit.Fail(kit.Invalid, "both a text and bytes are given").On("base64").Hint("give one of them")
	}
	content, err := base64.StdEncoding.DecodeString(w.Base64)
	if err != nil {
		return nil, kit.Fail(kit.Invalid, "this is not base64: %w", err).On("base64")
	}
	return content, nil
}

func (w *write) put(path string, content []byte) error {
	fill := func(to io.Writer) error { _, err := to.Write(content); return err }
	if w.Mode == overwrite {
		return onPath(kit.ReplaceFile(path, fill))
	}
	err := kit.CreateFile(path, fill)
	if errors.Is(err, fs.ErrExist) {
		if there, readErr := os.ReadFile(path); readErr == nil && bytes.Equal(there, content) {
			return nil
		}
	}
	return onPath(err)
}

func onPath(err error) error {
	if err == nil {
		return nil
	}
	return kit.AsFailure(err).On("path")
}

func (w *write) gather(env kit.Env, key string, content []byte) error {
	file, err := kit.OpenRunFile(env, w.Path)
	if err == nil && !file.Begun() {
		err = file.Begin(true, nil, nil)
	}
	if err != nil {
		return err
	}
	return file.Add(key, content)
}

// Finish appends what the run gathered.
func (w *write) Finish(ctx context.Context, env kit.Env) error {
	files, err := kit.RunFiles(env)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := f.Publish(ctx, kit.Ending{}); err != nil {
			return err
		}
	}
	return nil
}
