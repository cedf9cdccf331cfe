package files

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// sightings is what a watch remembers of its folder from look to look.
type sightings struct {
	watch   *watch
	root    string
	env     kit.Env
	files   map[string]*sighting // by path
	before  map[print]print      // what an earlier life of the program dealt with, of files that were not seen yet
	looked  bool                 // what was there from the beginning is known
	trouble string               // the last one told of the folder, so that it is told once
}

// sighting is one file as it was seen last.
type sighting struct {
	file   found
	since  time.Time // when it was first seen like this
	given  bool      // a run was started for it, or it was there from the beginning
	gave   print     // what it was like then
	settle bool      // it came or changed, and waits to be written to its end
	seen   bool      // in this look
}

// look takes note of what has come, changed and gone.
func (s *sightings) look(n *notices) {
	for _, f := range s.files {
		f.seen = false
	}
	folders := map[string]bool{s.root: true}
	err := s.watch.in(s.root).walk("", func(one found) bool {
		if one.err == nil {
			s.note(one)
			folders[filepath.Dir(one.path)] = true
		}
		return true
	})
	if s.tell(err); err != nil { // what was seen before is remembered until the folder is back
		s.looked = s.looked || errors.Is(err, fs.ErrNotExist)
		return
	}
	for path, f := range s.files {
		if !f.seen {
			delete(s.files, path)
		} else if !s.looked && !s.watch.Existing {
			f.given, f.gave, f.settle = true, f.file.look(), false
		}
	}
	s.looked = true
	if len(s.files) > 0 { // an empty folder may be one that is to be mounted yet
		s.before = nil
	}
	for folder := range folders {
		n.watch(folder)
	}
}

func (s *sightings) note(one found) {
	f, known := s.files[one.path]
	switch {
	case !known:
		f = &sighting{file: one, since: time.Now(), settle: true}
		s.files[one.path] = f
		path := printOf(one.path)
		if f.gave, f.given = s.before[path]; f.given {
			f.settle = f.gave != one.look()
			delete(s.before, path)
		}
	case f.file.info.Size() != one.info.Size() || !f.file.info.ModTime().Equal(one.info.ModTime()):
		f.file, f.since, f.settle = one, time.Now(), true
	}
	f.seen = true
}

// tell logs what is wrong with the folder, once, and that it is well again.
func (s *sightings) tell(err error) {
	said := ""
	if err != nil {
		said = kit.FailFile("look into", s.root, err).What
	}
	switch {
	case said == s.trouble:
	case said == "":
		s.env.Log(flow.Info, "", "%s is there", s.root)
	default:
		s.env.Log(flow.Warn, "", "%s; waiting for it", said)
	}
	s.trouble = said
}

// giveSettled starts a run for each file that has not changed for an interval, in the
// order of their names. It gives how long it takes to the next look.
func (s *sightings) giveSettled(ctx context.Context, give func(context.Context, kit.Event) (kit.Receipt, error)) time.Duration {
	next := s.watch.Interval
	for _, path := range slices.Sorted(maps.Keys(s.files)) {
		f := s.files[path]
		if !f.settle || ctx.Err() != nil {
			continue
		}
		if left := s.watch.Interval - time.Since(f.since); left > 0 {
			next = min(next, left)
			continue
		}
		change := created
		if f.given {
			change = changed
		}
		event := kit.Event{Data: []any{s.watch.record(f.file, change)}, Cause: "watch", Mark: s.mark(f)}
		if _, err := give(ctx, event); err != nil {
			s.env.Log(flow.Warn, "", "%s: %v; trying again", path, err)
			continue
		}
		f.given, f.gave, f.settle = true, f.file.look(), false
	}
	return next
}
