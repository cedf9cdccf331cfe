package ssh

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pkg/sftp"

	"jackfield/connectors/kit/depot"
)

// files is a file session that is used by one operation.
type files struct {
	host     *host
	client   *sftp.Client
	slot     func()
	giveBack func(broken bool)
	broken   atomic.Bool
}

var (
	_ depot.Resolver = (*files)(nil)
	_ depot.Linker   = (*files)(nil)
)

// guard ends the session when ctx does, because nothing else ends a request that the
// host does not answer. What it gives is called when the request is done.
func (f *files) guard(ctx context.Context) (done func(error) error) {
	stop := context.AfterFunc(ctx, func() {
		f.broken.Store(true)
		silent := time.AfterFunc(leaveAfter, func() { f.host.client.Close() })
		defer silent.Stop()
		f.client.Close()
	})
	return func(err error) error {
		if !stop() {
			return ctx.Err()
		}
		if err = lostOr(err); err != nil && !f.host.Alive() {
			f.broken.Store(true)
		}
		return err
	}
}

// leaveAfter is how long a host may take to end a session. One that does not is gone, and
// so is the line for all others.
const leaveAfter = 700 * time.Millisecond

// Close gives the session back.
func (f *files) Close() error {
	broken := f.broken.Load()
	f.host.rest(f.client, broken)
	f.slot()
	f.giveBack(!f.host.Alive())
	return nil
}

func (f *files) List(ctx context.Context, dir, after string, _ int) ([]depot.Info, bool, error) {
	done := f.guard(ctx)
	found, err := f.client.ReadDirContext(ctx, dir)
	entries := make([]depot.Info, 0, len(found))
	for _, e := range found {
		if err != nil {
			break
		}
		i := infoOf(path.Join(dir, e.Name()), e)
		if e.Mode()&fs.ModeSymlink != 0 {
			i, err = f.behind(i)
		}
		entries = append(entries, i)
	}
	if err = done(err); err != nil {
		return nil, false, err
	}
	return depot.Sorted(entries, after), false, nil
}

// behind looks what is behind a link. Links to folders are not gone through, since they
// may lead in a circle.
func (f *files) behind(link depot.Info) (depot.Info, error) {
	to, err := f.client.Stat(link.Path)
	if err != nil && hasHungUp(err) {
		return link, err
	}
	if err == nil && to.Mode().IsRegular() {
		return infoOf(link.Path, to), nil
	}
	link.Other = true
	return link, nil
}

func infoOf(p string, e os.FileInfo) depot.Info {
	return depot.Info{
		Path: p, Size: e.Size(), Modified: e.ModTime(), Dir: e.IsDir(),
		Other: !e.IsDir() && !e.Mode().IsRegular(),
	}
}

func (f *files) Stat(ctx context.Context, p string) (depot.Info, error) {
	done := f.guard(ctx)
	e, err := f.client.Stat(p)
	if err = done(err); err != nil {
		return depot.Info{}, err
	}
	return infoOf(p, e), nil
}

// Lstat tells of a link itself.
func (f *files) Lstat(ctx context.Context, p string) (depot.Info, error) {
	done := f.guard(ctx)
	e, err := f.client.Lstat(p)
	if err = done(err); err != nil {
		return depot.Info{}, err
	}
	return infoOf(p, e), nil
}

// Resolve follows links.
func (f *files) Resolve(ctx context.Context, p string) (string, error) {
	done := f.guard(ctx)
	real, err := f.client.RealPath(p)
	return real, done(err)
}

func (f *files) Open(ctx context.Context, p string, from int64) (io.ReadCloser, error) {
	done := f.guard(ctx)
	file, err := f.client.Open(p)
	if err == nil {
		_, err = file.Seek(from, io.SeekStart)
	}
	if err != nil {
		return nil, done(err)
	}
	return &stream{File: file, done: done}, nil
}

// stream is a file that is being read.
type stream struct {
	*sftp.File
	done func(error) error
}

func (s *stream) Read(b []byte) (int, error) {
	n, err := s.File.Read(b)
	if err != nil && err != io.EOF {
		err = lostOr(err)
	}
	return n, err
}

func (s *stream) WriteTo(w io.Writer) (int64, error) {
	n, err := s.File.WriteTo(w)
	return n, lostOr(err)
}

func (s *stream) Close() error { return s.done(s.File.Close()) }

// Write sends a whole file. A write that breaks off in the middle leaves a part; whoever
// writes does it beside the target.
func (f *files) Write(ctx context.Context, p string, content io.Reader, _ int64, only depot.Only) error {
	done := f.guard(ctx)
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if only.New {
		flags = os.O_WRONLY | os.O_CREATE | os.O_EXCL
	}
	file, err := f.client.OpenFile(p, flags)
	if err != nil {
		return done(err)
	}
	_, err = file.ReadFromWithConcurrency(content, 0)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if isFailure(err) && f.full(path.Dir(p)) {
		err = syscall.ENOSPC
	}
	return done(err)
}

// isFailure says whether the host says no more than that it did not work.
func isFailure(err error) bool {
	var status *sftp.StatusError
	return errors.As(err, &status) && status.FxCode() == sftp.ErrSSHFxFailure
}

// full says whether the disk of a folder has no more room, if the host can tell.
func (f *files) full(dir string) bool {
	disk, err := f.client.StatVFS(dir)
	return err == nil && (disk.Bavail*disk.Frsize < 64<<10 || disk.Files > 0 && disk.Ffree == 0)
}

// Rename moves a file. The host's own way refuses where there is a target; the one of
// OpenSSH replaces that in one go.
func (f *files) Rename(ctx context.Context, from, to string, only depot.Only) error {
	done := f.guard(ctx)
	_, replaces := f.client.HasExtension("posix-rename@openssh.com")
	var err error
	if only.New || !replaces {
		if err = f.client.Rename(from, to); isFailure(err) {
			if _, there := f.client.Lstat(to); there == nil {
				err = fs.ErrExist
			}
		}
		if errors.Is(err, fs.ErrExist) && !only.New {
			if err = f.client.Remove(to); err == nil {
				err = f.client.Rename(from, to)
			}
		}
		return done(err)
	}
	return done(f.client.PosixRename(from, to))
}

func (f *files) Remove(ctx context.Context, p string, dir bool) error {
	done := f.guard(ctx)
	if dir {
		return done(f.client.RemoveDirectory(p))
	}
	return done(f.client.Remove(p))
}

func (f *files) MakeDir(ctx context.Context, p string) error {
	done := f.guard(ctx)
	err := f.client.Mkdir(p)
	if isFailure(err) {
		if there, e := f.client.Stat(p); e == nil && there.IsDir() {
			err = fs.ErrExist
		}
	}
	return done(err)
}
