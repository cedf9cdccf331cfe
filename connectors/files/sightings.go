package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// sightings is what a watch remembers of its folder from look to look.
type sightings struct {
	kit.Sightings[found]
	watch   *watch
	root    string
	env     kit.Env
	trouble string // the last one told of the folder, so that it is told once
}

func newSightings(w *watch, env kit.Env) *sightings {
	s := &sightings{watch: w, root: env.Path(w.Folder), env: env}
	s.Settle, s.Existing = w.Interval, w.Existing
	s.Of = fmt.Sprint(s.root, "\n", w.Pattern, "\n", w.Recursive)
	return s
}

// Place is the file's path.
func (f found) Place() string { return f.path }

// Look is what the file is like.
func (f found) Look() string { return fmt.Sprint(f.info.Size(), f.info.ModTime().UnixNano()) }

// look takes note of what has come, changed and gone.
func (s *sightings) look(n *notices) {
	s.Begin()
	folders := map[string]bool{s.root: true}
	err := s.watch.in(s.root).walk("", func(one found) bool {
		if one.err != nil {
			s.Keep(one.path + string(filepath.Separator))
			return true
		}
		s.See(one)
		folders[filepath.Dir(one.path)] = true
		return true
	})
	if s.tell(err); err != nil { // what was seen before is remembered until the folder is back
		if errors.Is(err, fs.ErrNotExist) {
			s.Empty()
		}
		return
	}
	s.End()
	for folder := range folders {
		n.watch(folder)
	}
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
	return s.Give(ctx, s.watch.Interval, 1, func(come []kit.Come[found], mark flow.Cursor) error {
		one, change := come[0], created
		if one.Changed {
			change = changed
		}
		_, err := give(ctx, kit.Event{Data: []any{s.watch.record(one.File, change)}, Cause: "watch", Mark: mark})
		if err != nil {
			s.env.Log(flow.Warn, "", "%s: %v; trying again", one.File.path, err)
		}
		return err
	})
}
