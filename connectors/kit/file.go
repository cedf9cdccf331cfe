package kit

import (
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode/utf8"

	"jackfield/flow"
)

// Open opens the file that the field named "path" points to, for reading. What
// stands in the way is a Failure: a path that leads nowhere, with the name that was
// likely meant; a folder; a pipe, which cannot be read twice.
func (e Env) Open(path string) (*os.File, error) {
	if path == "" {
		return nil, Fail(Invalid, "the path is empty").On("path")
	}
	path = e.Path(path)
	info, err := os.Stat(path)
	if err != nil {
		return nil, FailFile("read", path, err).On("path")
	}
	switch {
	case info.IsDir():
		return nil, Fail(Invalid, "%s is a folder", path).On("path").Hint("name a file in it")
	case !info.Mode().IsRegular():
		return nil, Fail(Invalid, "%s is a pipe or a device, not a file", path).On("path").
			Hint("copy what comes out of it into a file first")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, FailFile("read", path, err).On("path")
	}
	return f, nil
}

// Seal is a sum of the bytes before an offset. A source that remembers it notices that
// the file it goes on reading is another one by then.
func Seal(file io.ReaderAt, offset int64) (string, error) {
	const looked = 256
	b := make([]byte, min(offset, looked))
	if n, err := file.ReadAt(b, offset-int64(len(b))); n < len(b) {
		return "", err
	}
	h := fnv.New64a()
	h.Write(b)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// NotUTF8 is the place of the first byte that is not UTF-8, and -1 where all are.
func NotUTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; ; {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
}

// NotText names the kind of a file by its first bytes, where that is a well-known one
// that is not text: "a zip archive". It is "" for all others.
func NotText(head []byte) string {
	for _, k := range []struct{ begins, kind string }{
		{"PK\x03\x04", "a zip archive, perhaps a workbook of a spreadsheet program"},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of an old office program"},
		{"\x1f\x8b", "compressed with gzip"},
		{"BZh", "compressed with bzip2"},
		{"\xfd7zXZ\x00", "compressed with xz"},
		{"\x28\xb5\x2f\xfd", "compressed with zstd"},
		{"7z\xbc\xaf\x27\x1c", "a 7z archive"},
		{"%PDF-", "a PDF document"},
		{"SQLite format 3\x00", "a SQLite database"},
		{"PAR1", "a Parquet file"},
		{"\x89PNG", "a picture"},
		{"\xff\xd8\xff", "a picture"},
		{"GIF8", "a picture"},
	} {
		if strings.HasPrefix(string(head), k.begins) {
			return k.kind
		}
	}
	return ""
}

// FailFile tells why something could not be done to a file: doing is "read",
// "write" and the like. Names of temporary files in err are left out.
func FailFile(doing, path string, err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	cause := err
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		cause = p.Err
	} else if l, ok := errors.AsType[*os.LinkError](err); ok {
		cause = l.Err
	}
	f := AsFailure(cause)
	f.What = fmt.Sprintf("%s %s: %v", doing, path, cause)
	f.Cause = err
	switch {
	case errors.Is(cause, fs.ErrNotExist):
		explainMissing(f, path)
	case errors.Is(cause, fs.ErrExist):
		f.Kind = Refused
		f.What = fmt.Sprintf("%s is there already", path)
		f.Fix = "choose another name, or allow that it is replaced"
	case errors.Is(cause, syscall.ENOTDIR):
		f.Kind = Invalid
		f.What = fmt.Sprintf("%s %s: a part of the path is a file, not a folder", doing, path)
		f.Fix = "check the path"
	case errors.Is(cause, syscall.EISDIR):
		f.Kind = Invalid
		f.What = fmt.Sprintf("%s is a folder", path)
		f.Fix = "name a file in it"
	case errors.Is(cause, syscall.ENAMETOOLONG):
		f.Kind = Invalid
		f.Fix = "choose a shorter name"
	case errors.Is(cause, syscall.EROFS):
		f.Kind = Denied
		f.Fix = "choose a folder on a disk that can be written to"
	case errors.Is(cause, syscall.EFBIG):
		f.Kind = Full
		f.Fix = "the file has reached the largest size allowed here; write to several smaller ones"
	}
	return f
}

// explainMissing tells the folder that is not there apart from the file that is not.
func explainMissing(f *Failure, path string) {
	dir, name := filepath.Split(path)
	dir = filepath.Clean(dir)
	f.Kind = Missing
	entries, err := os.ReadDir(dir)
	if err != nil {
		f.What = fmt.Sprintf("there is no folder %s", dir)
		f.Fix = "check the path; relative paths start at the flow file's folder"
		return
	}
	f.What = fmt.Sprintf("there is no file %s in %s", name, dir)
	f.Fix = "check the path; relative paths start at the flow file's folder"
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	if near, ok := flow.Nearest(name, names); ok {
		f.Fix = fmt.Sprintf("did you mean %s?", near)
	}
}

// ReplaceFile writes a file so that others see the old one or the whole new one, and
// never a part: into a new file beside it, which takes its place when it is safe on
// disk. The mode of the old file stays. On an error the old file is untouched and
// nothing is left beside it.
func ReplaceFile(path string, write func(io.Writer) error) error {
	target := resolve(path)
	return writeBeside(path, target, write, os.Rename)
}

// CreateFile writes a new file in the same way. Where there is one already, it stays,
// and the error is fs.ErrExist.
func CreateFile(path string, write func(io.Writer) error) error {
	return writeBeside(path, path, write, func(temp, target string) error {
		err := os.Link(temp, target)
		if err == nil || errors.Is(err, fs.ErrExist) {
			return errors.Join(err, os.Remove(temp))
		}
		if _, err := os.Lstat(target); err == nil { // a disk without links: look, then move
			return &fs.PathError{Op: "create", Path: target, Err: fs.ErrExist}
		}
		return os.Rename(temp, target)
	})
}

// writeBeside fills a new file beside target, and lets place put it there.
func writeBeside(path, target string, write func(io.Writer) error, place func(temp, target string) error) error {
	temp, err := createBeside(target)
	if err != nil {
		return FailFile("write", path, err)
	}
	err = write(temp)
	if err == nil {
		err = temp.Sync()
	}
	err = errors.Join(err, temp.Close())
	if err == nil {
		err = place(temp.Name(), target)
	}
	if err != nil {
		os.Remove(temp.Name())
		return FailFile("write", path, firstOf(err))
	}
	syncFolder(filepath.Dir(target))
	return nil
}

// resolve follows links, so that the file behind a link is replaced and the link
// stays. The answer is the same before and after the file is made.
func resolve(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	dir, name := filepath.Split(path)
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		return filepath.Join(real, name)
	}
	return filepath.Clean(path)
}

// createBeside makes a new file in the folder of target, with target's mode.
func createBeside(target string) (*os.File, error) {
	mode := fs.FileMode(0o666)
	info, err := os.Stat(target)
	switch {
	case err == nil && info.IsDir():
		return nil, &fs.PathError{Op: "write", Path: target, Err: syscall.EISDIR}
	case err == nil && !info.Mode().IsRegular():
		return nil, Fail(Invalid, "%s is a pipe or a device, not a file", target).Hint("choose another path")
	case err == nil:
		mode = info.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	dir, name := filepath.Split(target)
	for n := 0; ; n++ {
		temp := filepath.Join(dir, fmt.Sprintf(".%s.%d-%d.tmp", clip(name, 100), os.Getpid(), n))
		f, err := os.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if info != nil {
			f.Chmod(mode) // what the umask took away; where it is refused, the narrower mode stays
		}
		return f, nil
	}
}

func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}

// firstOf unpacks errors.Join: what went wrong first is the cause of the rest.
func firstOf(err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()[0]
	}
	return err
}

// syncFolder makes the names in a folder durable. Systems that cannot do that for a
// folder say so with an error, and do not need it.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}
