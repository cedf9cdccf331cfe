package ftp

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/jlaffaye/ftp"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/depot"
)

// files are the server's files on a line of their own.
type files struct {
	*settings
	line     *line
	base     string
	giveBack func(broken bool)
}

// Close gives the line back.
func (f *files) Close() error {
	f.giveBack(!f.line.Alive())
	return nil
}

// do sends commands, and puts into words what went wrong. doubt is what a refusal means
// that does not say what it means.
func (f *files) do(ctx context.Context, doubt error, commands ...func() error) error {
	done := f.line.guard(ctx)
	var err error
	for _, command := range commands {
		if err = command(); err != nil {
			break
		}
	}
	return f.told(ctx, done(err), doubt)
}

// List goes into the folder first: servers take what stands behind LIST for options or
// patterns.
func (f *files) List(ctx context.Context, dir, after string, _ int) ([]depot.Info, bool, error) {
	var found []*ftp.Entry
	err := f.do(ctx, fs.ErrNotExist, func() error { return f.line.ChangeDir(dir) }, func() (err error) {
		found, err = f.line.List(f.hidden())
		return err
	})
	if err != nil {
		return nil, false, err
	}
	entries := make([]depot.Info, 0, len(found))
	for _, e := range found {
		if i, ok := f.info(dir, e); ok {
			entries = append(entries, i)
		}
	}
	entries = depot.Sorted(entries, after)
	return entries, false, f.exactly(ctx, entries)
}

// hidden is what makes an old list tell of files whose names begin with a dot.
func (f *files) hidden() string {
	if f.line.IsTimePreciseInList() {
		return ""
	}
	return "-a"
}

// rough says whether times are those of old lists, which tell minutes or days.
func (f *files) rough() bool {
	return !f.line.IsTimePreciseInList() && !(f.Exact && f.line.IsGetTimeSupported())
}

// info is what a line of a list tells.
func (f *files) info(dir string, e *ftp.Entry) (depot.Info, bool) {
	if e.Name == "" || e.Name == "." || e.Name == ".." || strings.Contains(e.Name, "/") {
		return depot.Info{}, false
	}
	i := depot.Info{Path: path.Join(dir, e.Name), Size: int64(e.Size), Modified: e.Time, Dir: e.Type == ftp.EntryTypeFolder}
	if e.Type == ftp.EntryTypeLink {
		i.Size, i.Other = 0, true // nobody says what is behind it, nor whether that is in the base folder
	}
	if !i.Dir && f.rough() {
		i.Version = strconv.FormatInt(i.Size, 16) // which a list and a look at the file alone agree upon
	}
	return i, true
}

// exactly asks for the times of files, where lists do not tell seconds.
func (f *files) exactly(ctx context.Context, entries []depot.Info) error {
	if f.rough() || f.line.IsTimePreciseInList() {
		return nil
	}
	for i := range entries {
		if entries[i].Dir || entries[i].Other {
			continue
		}
		err := f.do(ctx, fs.ErrNotExist, func() (err error) {
			entries[i].Modified, err = f.line.GetTime(entries[i].Path)
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Stat finds a file or folder.
func (f *files) Stat(ctx context.Context, p string) (depot.Info, error) {
	if f.line.IsTimePreciseInList() && p != "/" && p != f.base {
		var e *ftp.Entry
		err := f.do(ctx, fs.ErrNotExist, func() (err error) {
			e, err = f.line.GetEntry(p)
			return err
		})
		if err != nil {
			return depot.Info{}, err
		}
		e.Name = path.Base(p)
		i, _ := f.info(path.Dir(p), e)
		return i, nil
	}
	err := f.do(ctx, fs.ErrNotExist, func() error { return f.line.ChangeDir(p) })
	if err == nil || p == f.base || !errors.Is(err, fs.ErrNotExist) {
		return depot.Info{Path: p, Dir: true}, err
	}
	return f.single(ctx, p)
}

// single asks a server with old lists for one file.
func (f *files) single(ctx context.Context, p string) (depot.Info, error) {
	e := &ftp.Entry{Name: path.Base(p)}
	err := f.do(ctx, fs.ErrNotExist, func() error {
		size, err := f.line.FileSize(p)
		e.Size = uint64(max(size, 0))
		return err
	}, func() (err error) {
		if f.line.IsGetTimeSupported() {
			e.Time, err = f.line.GetTime(p)
		}
		return err
	})
	if err != nil {
		return depot.Info{}, err
	}
	i, _ := f.info(path.Dir(p), e)
	return i, nil
}

// Open reads a file from an offset on.
func (f *files) Open(ctx context.Context, p string, from int64) (io.ReadCloser, error) {
	done := f.line.guard(ctx)
	body, err := f.line.RetrFrom(p, uint64(from))
	if err != nil {
		return nil, f.told(ctx, done(err), fs.ErrNotExist)
	}
	return &stream{Response: body, end: func(err error) error { return f.told(ctx, done(err), nil) }}, nil
}

// stream is a file that is being read. Its end counts only once the server has said that
// all was sent.
type stream struct {
	*ftp.Response
	end   func(error) error
	ended bool
	said  error
}

func (s *stream) Read(b []byte) (int, error) {
	n, err := s.Response.Read(b)
	if err != nil {
		if err == io.EOF {
			err = nil
		}
		if err = s.finish(err); err == nil {
			err = io.EOF
		}
	}
	return n, err
}

// finish hears what the server says of the transfer.
func (s *stream) finish(err error) error {
	if !s.ended {
		s.ended = true
		if closed := s.Response.Close(); err == nil {
			err = closed
		}
		s.said = s.end(err)
	}
	return s.said
}

// Close ends a transfer, which may not be all that there is.
func (s *stream) Close() error {
	if s.ended {
		return nil
	}
	_ = s.finish(nil) // who closes early does not want to know
	return nil
}

// Write sends a whole file.
func (f *files) Write(ctx context.Context, p string, content io.Reader, _ int64, _ depot.Only) error {
	if strings.HasPrefix(path.Base(p), "-") {
		return kit.Fail(kit.Invalid, "servers take a name that begins with - for an option").On("path").Hint("choose another name")
	}
	err := f.do(ctx, fs.ErrPermission, func() error { return f.line.StorFrom(p, content, 0) })
	return f.orMissing(ctx, err, path.Dir(p))
}

// Rename moves a file. Where the server does not replace what is there, that is removed
// first, if it may be replaced.
func (f *files) Rename(ctx context.Context, from, to string, only depot.Only) error {
	rename := func() error { return f.line.Rename(from, to) }
	if only.New {
		if _, err := f.Stat(ctx, to); err == nil {
			return fs.ErrExist
		}
	}
	err := f.do(ctx, fs.ErrPermission, rename)
	if err == nil || only.New || kit.AsFailure(err).Passing() || ctx.Err() != nil {
		return err
	}
	if there, e := f.Stat(ctx, to); e != nil || there.Dir {
		return f.orMissing(ctx, err, path.Dir(to))
	}
	if e := f.do(ctx, fs.ErrPermission, func() error { return f.line.Delete(to) }); e != nil {
		return e
	}
	return f.do(ctx, fs.ErrPermission, rename)
}

// orMissing tells a refusal apart from a folder that is not there.
func (f *files) orMissing(ctx context.Context, err error, dir string) error {
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	if _, e := f.Stat(ctx, dir); errors.Is(e, fs.ErrNotExist) {
		return e
	}
	return err
}

// Remove removes a file or an empty folder.
func (f *files) Remove(ctx context.Context, p string, dir bool) error {
	if dir {
		return f.do(ctx, fs.ErrPermission, func() error { return f.line.ChangeDir("/") }, func() error { return f.line.RemoveDir(p) })
	}
	return f.do(ctx, fs.ErrPermission, func() error { return f.line.Delete(p) })
}

// MakeDir makes a folder.
func (f *files) MakeDir(ctx context.Context, p string) error {
	err := f.do(ctx, fs.ErrPermission, func() error { return f.line.MakeDir(p) })
	if errors.Is(err, fs.ErrPermission) {
		if there, e := f.Stat(ctx, p); e == nil && there.Dir {
			return fs.ErrExist
		}
	}
	return err
}
