package depot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"

	"jackfield/connectors/kit"
)

// site is an open store with its base folder.
type site struct {
	Store
	base string // absolute
	real string // where the base leads, links followed; "" where the store does not tell
}

// List gives only what is right in the folder: a server that names a file "..", or with
// slashes, would lead out of it.
func (s *site) List(ctx context.Context, dir, after string, most int) ([]Info, bool, error) {
	entries, more, err := s.Store.List(ctx, dir, after, most)
	return slices.DeleteFunc(entries, func(e Info) bool {
		return e.Path == dir || path.Dir(e.Path) != dir || path.Clean(e.Path) != e.Path
	}), more, err
}

// open opens the store of a service.
func open(ctx context.Context, env kit.Env, s Settings) (*site, error) {
	store, base, err := s.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	return &site{Store: store, base: base}, nil
}

// at is the absolute path that a setting means. What it leads to, links followed, has to
// be in the base folder too; last says whether that counts for the last part, which is
// not so for a file that is replaced or moved itself.
func (s *site) at(ctx context.Context, text, field string, last bool) (string, error) {
	p, err := within(s.base, text, field)
	if err != nil {
		return "", err
	}
	links, ok := s.Store.(Resolver)
	if !ok || s.base == "/" || p == s.base {
		return p, nil
	}
	if s.real == "" {
		if s.real, err = links.Resolve(ctx, s.base); err != nil {
			return "", s.told("find", s.base, err)
		}
	}
	looked := p
	if !last {
		looked = path.Dir(p)
	}
	for {
		real, err := links.Resolve(ctx, looked)
		if err == nil {
			if !below(s.real, real) {
				return "", outside(s.base, text, field)
			}
			return p, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", s.told("find", p, err)
		}
		if looked = path.Dir(looked); !below(s.base, looked) {
			return p, nil // the base is not there, and what is asked for will say so
		}
	}
}

// file is where a setting that has to name a file leads.
func (s *site) file(ctx context.Context, text, field string, last bool) (string, error) {
	if text == "" {
		return "", kit.Fail(kit.Invalid, "the path is empty").On(field)
	}
	p, err := s.at(ctx, text, field, last)
	if err == nil && p == s.base {
		return "", kit.Fail(kit.Invalid, "%s is the connection's own folder", text).On(field).Hint("name a file in it")
	}
	return p, err
}

// on names the setting that is to blame, where nothing is blamed yet.
func on(f *kit.Failure, field string) *kit.Failure {
	if f.Field == "" {
		f.Field = field
	}
	return f
}

// told puts an error into words: what was done to which file, and what to do about it.
func (s *site) told(doing, p string, err error) *kit.Failure {
	name := relative(s.base, p)
	if name == "" {
		name = shown(p)
	}
	if f, ok := errors.AsType[*kit.Failure](err); ok {
		if f.Field != "" || strings.Contains(f.What, name) {
			return f
		}
		told := *f
		told.What, told.Cause = fmt.Sprintf("%s %s: %s", doing, name, f.What), err
		return &told
	}
	fail := func(kind string, what string) *kit.Failure {
		f := kit.AsFailure(err)
		f.What, f.Fix, f.Cause = fmt.Sprintf("%s %s: %s", doing, name, what), kind, err
		return f
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return kit.AsFailure(err)
	case errors.Is(err, fs.ErrNotExist):
		f := fail("check the path; it begins at "+shown(s.base)+", the connection's folder", "there is no such file or folder")
		f.Kind = kit.Missing
		return f
	case errors.Is(err, fs.ErrPermission):
		f := fail("allow the connection's user to do that, or choose another folder", "permission denied")
		f.Kind = kit.Denied
		return f
	case errors.Is(err, fs.ErrExist):
		f := fail("choose another name, or allow that it is replaced", "there is one already")
		f.Kind = kit.Refused
		return f
	case errors.Is(err, ErrChanged):
		f := fail("read it again, and then decide", "it was changed in the meantime")
		f.Kind = kit.Refused
		return f
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		f := fail("make room there, or have the quota raised, then retry", "there is no space left on the other side")
		f.Kind = kit.Full
		return f
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		f := fail("retry; what was done so far is not visible at the target", "the connection was lost in the middle")
		f.Kind = kit.Unavailable
		return f
	}
	f := kit.AsFailure(err)
	f.What = fmt.Sprintf("%s %s: %s", doing, name, f.What)
	return f
}
