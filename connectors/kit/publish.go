package kit

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Ending says how what was gathered becomes the file.
type Ending struct {
	Tail []byte // comes behind the last batch
	// Join tells, for a file that is appended to, how much of the old one is kept and
	// what comes between it and the first batch. old is empty where there is none.
	// nil keeps all of it.
	Join func(old io.ReaderAt, size int64) (keep int64, glue []byte, err error)
}

// Publish puts the file in its place, if anything was added since it last was.
func (f *RunFile) Publish(ctx context.Context, ending Ending) error {
	if err := f.assure(); err != nil {
		return err
	}
	if err := f.settle(); err != nil {
		return err
	}
	if f.last.Published != nil {
		return nil
	}
	if f.start.Append {
		return f.publishAppended(ctx, ending)
	}
	return f.publishWhole(ctx, ending)
}

// publishWhole moves the gathered file into place; where that is another disk, a
// copy of it.
func (f *RunFile) publishWhole(ctx context.Context, ending Ending) error {
	if err := f.writePart(f.last.End, ending.Tail); err != nil {
		return err
	}
	part, size := f.path+partEnding, f.last.End+int64(len(ending.Tail))
	if info, err := os.Stat(f.Target); err == nil && info.Mode().IsRegular() {
		os.Chmod(part, info.Mode().Perm())
	}
	if err := f.place(part, size); err == nil {
		return nil
	}
	temp, err := f.beside(func(to *os.File) error { return f.copyPart(ctx, to, size) })
	if err != nil {
		return err
	}
	return f.place(temp, size)
}

// publishAppended puts a file with the old content and the new behind it in place.
func (f *RunFile) publishAppended(ctx context.Context, ending Ending) error {
	if f.last.End == 0 {
		return nil
	}
	for {
		before := stampOf(f.Target)
		var size int64
		temp, err := f.beside(func(to *os.File) (err error) {
			if err = f.copyOld(ctx, to, ending); err != nil {
				return err
			}
			if err = f.copyPart(ctx, to, f.last.End); err != nil {
				return err
			}
			if _, err = to.Write(ending.Tail); err != nil {
				return err
			}
			size, err = to.Seek(0, io.SeekEnd)
			return err
		})
		if err != nil {
			return err
		}
		if stampOf(f.Target) != before { // somebody appended in between: begin anew
			os.Remove(temp)
			continue
		}
		return f.place(temp, size)
	}
}

// beside fills a new file in the target's folder and makes it durable.
func (f *RunFile) beside(fill func(*os.File) error) (path string, err error) {
	temp, err := createBeside(f.Target)
	if err != nil {
		return "", FailFile("write", f.Target, err).On("path")
	}
	err = fill(temp)
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		os.Remove(temp.Name())
		return "", FailFile("write", f.Target, firstOf(err))
	}
	syncFolder(filepath.Dir(temp.Name()))
	return temp.Name(), nil
}

func (f *RunFile) copyOld(ctx context.Context, to *os.File, ending Ending) error {
	old, err := os.Open(f.Target)
	if errors.Is(err, fs.ErrNotExist) {
		return glue(to, bytes.NewReader(nil), 0, ending)
	}
	if err != nil {
		return err
	}
	defer old.Close()
	info, err := old.Stat()
	if err != nil {
		return err
	}
	keep := info.Size()
	var between []byte
	if ending.Join != nil {
		if keep, between, err = ending.Join(old, info.Size()); err != nil {
			return err
		}
	}
	if err := copyFile(ctx, to, old, keep); err != nil {
		return err
	}
	_, err = to.Write(between)
	return err
}

// glue writes what stands before the first batch where there is no old file.
func glue(to io.Writer, none io.ReaderAt, size int64, ending Ending) error {
	if ending.Join == nil {
		return nil
	}
	_, between, err := ending.Join(none, size)
	if err != nil {
		return err
	}
	_, err = to.Write(between)
	return err
}

func (f *RunFile) copyPart(ctx context.Context, to *os.File, size int64) error {
	part, err := os.Open(f.path + partEnding)
	if err != nil {
		return err
	}
	defer part.Close()
	return copyFile(ctx, to, part, size)
}

// copyFile copies in pieces, so that a run can be stopped between them.
func copyFile(ctx context.Context, to, from *os.File, size int64) error {
	const piece = 64 << 20
	for size > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.CopyN(to, from, min(size, piece))
		if err != nil {
			return err
		}
		size -= n
	}
	return nil
}

// place lets the file at path take the target's place. The journal says so before
// and after: that path is gone then shows that it was done.
func (f *RunFile) place(path string, size int64) error {
	if err := f.journal(journalLine{Publish: path, Size: size, End: f.last.End}); err != nil {
		return err
	}
	if err := os.Rename(path, f.Target); err != nil {
		if path != f.path+partEnding {
			os.Remove(path)
		}
		return FailFile("write", f.Target, err).On("path")
	}
	syncFolder(filepath.Dir(f.Target))
	return f.published()
}

func (f *RunFile) published() error {
	now := stampOf(f.Target)
	end := f.last.End
	if f.start.Append {
		end = 0
	}
	if err := f.journal(journalLine{Published: &now, End: end}); err != nil {
		return err
	}
	os.Remove(f.path + partEnding)
	return nil
}

// settle finds out what became of a publishing that was cut off.
func (f *RunFile) settle() error {
	from := f.last.Publish
	if from == "" {
		return nil
	}
	now := stampOf(f.Target)
	if _, err := os.Stat(from); err != nil && now != (stamp{}) && now.Size == f.last.Size {
		return f.published()
	}
	if from != f.path+partEnding {
		os.Remove(from)
	}
	if _, err := os.Stat(f.path + partEnding); err != nil {
		return f.lost()
	}
	f.last.Publish = ""
	return nil
}

// restore takes a published file up again, to put more behind it.
func (f *RunFile) restore() error {
	if f.start.Append {
		return f.writePart(0, nil)
	}
	if stampOf(f.Target) != *f.last.Published {
		return f.lost()
	}
	old, err := os.Open(f.Target)
	if err != nil {
		return FailFile("read", f.Target, err)
	}
	defer old.Close()
	part, err := os.OpenFile(f.path+partEnding, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return FailFile("write", f.Target, err)
	}
	if _, err = io.CopyN(part, old, f.last.End); err == nil {
		err = part.Sync()
	}
	if err = errors.Join(err, part.Close()); err != nil {
		return FailFile("write", f.Target, firstOf(err))
	}
	return nil
}

func (f *RunFile) lost() error {
	return Fail(Refused, "%s was changed or removed since this run wrote to it", f.Target).
		Hint("replay the run to write the file anew").On("path")
}
