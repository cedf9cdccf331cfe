package kit

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
)

// What an operation that writes a file does where there is one.
const (
	Overwrite = "overwrite"
	Append    = "append"
)

// WriteMode binds which of the two it does.
func WriteMode(p *string) Field {
	return Pick(p, "mode", "If the file is there",
		Choice{Value: Overwrite, Label: "Overwrite it"},
		Choice{Value: Append, Label: "Append to it"})
}

// Form is how the records of a file stand in it. It is noted, as JSON, when the file is
// begun, and the later batches of the run go by that.
type Form interface {
	Head() []byte                                                          // what a new file begins with
	Tail(f *RunFile) []byte                                                // what it ends with
	Join(old io.ReaderAt, size int64) (keep int64, glue []byte, err error) // as Ending.Join
}

// BeginFile takes up the file at a path, and begins it in a form where this run has not
// done so. It gives the form in which the file was begun.
func BeginFile[F Form](env Env, path, mode string, form F) (*RunFile, F, error) {
	file, err := OpenRunFile(env, path)
	if err != nil {
		return nil, form, err
	}
	if file.Begun() {
		form, err = FormOf[F](file)
		return file, form, err
	}
	if mode != Append {
		return file, form, file.Begin(false, form.Head(), form)
	}
	if err := tryAppend(file.Target, form); err != nil {
		return nil, form, err
	}
	return file, form, file.Begin(true, nil, form)
}

// FormOf is the form in which a file was begun.
func FormOf[F Form](file *RunFile) (form F, err error) {
	if err = json.Unmarshal(file.Note(), &form); err != nil {
		err = fmt.Errorf("go on with %s: %w", file.Target, err)
	}
	return form, err
}

// tryAppend finds out at once whether the file can be appended to.
func tryAppend(path string, form Form) error {
	file, err := (Env{}).Open(path)
	if err != nil {
		if AsFailure(err).Kind == Missing {
			return nil
		}
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil {
		_, _, err = form.Join(file, info.Size())
	}
	if err != nil {
		f := AsFailure(err)
		f.What = path + ": " + f.What
		return f
	}
	return nil
}

// FinishFiles puts the files that a step has begun in their places. Where no record came
// to it, none begins one without records, unless it appends: what was there is of another
// run.
func FinishFiles[F Form](ctx context.Context, env Env, path, mode string, none func() (*RunFile, error)) error {
	files, err := RunFiles(env)
	if err != nil {
		return err
	}
	if len(files) == 0 && path != "" && mode == Overwrite {
		file, err := none()
		if err != nil {
			return err
		}
		files = append(files, file)
	}
	for _, f := range files {
		form, err := FormOf[F](f)
		if err != nil {
			return err
		}
		if err := f.Publish(ctx, Ending{Tail: form.Tail(f), Join: form.Join}); err != nil {
			return err
		}
	}
	return nil
}

// LineEnd is what has to stand behind the last line of a file before another one.
func LineEnd(old io.ReaderAt, size int64) ([]byte, error) {
	if size == 0 {
		return nil, nil
	}
	last := make([]byte, 1)
	if _, err := old.ReadAt(last, size-1); err != nil {
		return nil, err
	}
	if last[0] == '\n' {
		return nil, nil
	}
	return []byte{'\n'}, nil
}
