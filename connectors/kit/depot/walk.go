package depot

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"

	"jackfield/connectors/kit"
)

// walk is a way through the files of a folder that are wanted.
type walk struct {
	*site
	root      string // absolute
	pattern   kit.Pattern
	recursive bool
}

// found is one file, or a folder that cannot be looked into.
type found struct {
	Info
	rel string // its path from the walk's root on, as it is
	err error
}

// listed is how many entries are asked for at once.
const listed = 1000

// deep says whether the walk goes into folders.
func (w walk) deep() bool { return w.recursive || w.pattern.Deep() }

// each visits the wanted files in an order that stays the same, from behind the path
// after on, until visit has enough. An error is of the root itself.
func (w walk) each(ctx context.Context, after string, visit func(found) (more bool)) error {
	if flat, ok := w.Store.(Flat); ok && w.deep() {
		return w.below(ctx, flat, after, visit)
	}
	var begin []string
	if after != "" {
		begin = strings.Split(after, "/")
	}
	_, err := w.folder(ctx, "", begin, visit)
	return err
}

// below goes through a store without folders.
func (w walk) below(ctx context.Context, store Flat, after string, visit func(found) bool) error {
	if after != "" {
		after = path.Join(w.root, after)
	}
	for more := true; more; {
		var entries []Info
		var err error
		if entries, more, err = store.ListBelow(ctx, w.root, after, listed); err != nil {
			return err
		}
		for _, e := range entries {
			after = e.Path
			if e.Path == w.root || !below(w.root, e.Path) || path.Clean(e.Path) != e.Path {
				continue // it would lead out of the folder
			}
			rel := strings.TrimPrefix(strings.TrimPrefix(e.Path, w.root), "/")
			dir := path.Dir(rel)
			if w.wants(rel) && (dir == "." || w.enters(dir)) && !visit(found{Info: e, rel: rel}) {
				return nil
			}
		}
		more = more && len(entries) > 0
	}
	return nil
}

// enters says whether each of the folders on the way to a file is looked into.
func (w walk) enters(dir string) bool {
	for i := range dir {
		if dir[i] == '/' && !w.pattern.Enters(dir[:i]) {
			return false
		}
	}
	return w.pattern.Enters(dir)
}

// wants says whether a file is to be given. What is being written is not.
func (w walk) wants(rel string) bool { return w.pattern.Takes(rel) && !isPart(path.Base(rel)) }

// folder goes through one folder, and says whether visit wants more. after is where to go
// on: the names on the way to the last file that was seen.
func (w walk) folder(ctx context.Context, rel string, after []string, visit func(found) bool) (bool, error) {
	last := ""
	switch {
	case len(after) == 1:
		last = after[0]
	case len(after) > 1: // in a folder below, or behind one that could not be looked into
		last = after[0] + "/"
		in := found{Info: Info{Path: path.Join(w.root, rel, after[0]), Dir: true}, rel: path.Join(rel, after[0])}
		if after[1] != "" {
			if on, err := w.enter(ctx, in, after[1:], visit); !on || err != nil {
				return false, err
			}
		}
	}
	for more := true; more; {
		var entries []Info
		var err error
		if entries, more, err = w.List(ctx, path.Join(w.root, rel), last, listed); err != nil {
			return true, err
		}
		for _, e := range entries {
			last = e.Key()
			one := found{Info: e, rel: path.Join(rel, e.Name())}
			if e.Dir {
				if on, err := w.enter(ctx, one, nil, visit); !on || err != nil {
					return false, err
				}
			} else if !e.Other && w.wants(one.rel) && !visit(one) {
				return false, nil
			}
		}
		more = more && len(entries) > 0
	}
	return true, ctx.Err()
}

// deepest is how many folders may be in each other. Services that follow links do not
// tell of circles.
const deepest = 100

// enter goes through a folder below, and says whether visit wants more. One that cannot
// be looked into is found as such, unless that would pass by itself.
func (w walk) enter(ctx context.Context, one found, after []string, visit func(found) bool) (bool, error) {
	if !w.deep() || !w.pattern.Enters(one.rel) {
		return true, nil
	}
	if strings.Count(one.rel, "/") > deepest {
		one.err = kit.Fail(kit.Refused, "there are more than %d folders in each other; it may be a circle of links", deepest).Hint("list a folder further down, or without those below")
		return visit(one), nil
	}
	on, err := w.folder(ctx, one.rel, after, visit)
	switch {
	case err == nil:
		return on, nil
	case ctx.Err() != nil || w.told("list", one.Path, err).Passing():
		return false, err
	case errors.Is(err, fs.ErrNotExist): // removed meanwhile
		return true, nil
	}
	one.err = err
	return visit(one), nil
}
