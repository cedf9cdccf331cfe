package kit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"jackfield/flow"
)

// Sightings is what a trigger that looks at files from time to time knows of them. A
// file counts as come when it has not changed for as long as Settle says; what was given
// is remembered with each event, so that nothing is lost or given twice when the program
// ends in between, and files with the same time are told apart by their paths.
type Sightings[F Sighted] struct {
	Of       string        // what is looked at; what is remembered of something else counts for nothing
	Settle   time.Duration // how long a file stays as it is before it is given
	Existing bool          // what is there at the very first look is given too

	files  map[string]*sighting[F] // by path
	before map[print]print         // what an earlier life of the program dealt with, of files that were not seen yet
	looked bool                    // what was there from the beginning is known
}

// Sighted is a file as it was seen.
type Sighted interface {
	Place() string // its path
	Look() string  // what it is like: another text where its content is another
}

// sighting is one file as it was seen last.
type sighting[F Sighted] struct {
	file   F
	name   print // of its path
	look   print
	since  time.Time // when it was first seen like this
	given  bool      // a run was started for it, or it was there from the beginning
	gave   print     // what it was like then
	settle bool      // it came or changed, and waits to be written to its end
	seen   bool      // in this look
}

// Come is a file that has come or changed.
type Come[F Sighted] struct {
	File    F
	Changed bool // it was given before
}

// print stands for a path, or for what a file was like: 48 bits of a hash, so that a
// hundred thousand files make a mark of less than two megabytes. Two paths of a folder
// with so many are taken for each other once in fifty thousand folders.
type print [6]byte

func printOf(text string) (p print) {
	sum := sha256.Sum256([]byte(text))
	copy(p[:], sum[:])
	return p
}

// sightingsMark is what is remembered while Jackfield is closed: which files were dealt
// with, and what they were like.
type sightingsMark struct {
	Of   string `json:"of"`
	Seen string `json:"seen"` // pairs of prints, of paths and looks, in base64
}

// Recall takes in what an earlier life of the program dealt with. begun says that there
// was one; what is there then and was not dealt with came while nobody looked.
func (s *Sightings[F]) Recall(ctx context.Context, env Env) (begun bool, err error) {
	stored, err := env.LastMark(ctx)
	if err != nil || stored == nil {
		return false, err
	}
	var m sightingsMark
	if json.Unmarshal(stored, &m) != nil || m.Of != s.Of {
		return false, nil
	}
	seen, err := base64.StdEncoding.DecodeString(m.Seen)
	if err != nil {
		return false, nil
	}
	s.before = map[print]print{}
	for pair := range slices.Chunk(seen, 2*len(print{})) {
		if len(pair) == 2*len(print{}) {
			s.before[print(pair[:len(print{})])] = print(pair[len(print{}):])
		}
	}
	s.looked = true
	return true, nil
}

// Looked says whether what was there from the beginning is known.
func (s *Sightings[F]) Looked() bool { return s.looked }

// Empty says that there was nothing to see yet, not even the folder: what comes is new.
func (s *Sightings[F]) Empty() { s.looked = true }

// Begin begins a look.
func (s *Sightings[F]) Begin() {
	for _, f := range s.files {
		f.seen = false
	}
}

// See takes note of a file.
func (s *Sightings[F]) See(file F) {
	path, look := file.Place(), printOf(file.Look())
	f, known := s.files[path]
	switch {
	case !known:
		f = &sighting[F]{file: file, name: printOf(path), look: look, since: time.Now(), settle: true}
		if s.files == nil {
			s.files = map[string]*sighting[F]{}
		}
		s.files[path] = f
		if f.gave, f.given = s.before[f.name]; f.given {
			f.settle = f.gave != look
			delete(s.before, f.name)
		}
	case f.look != look:
		f.file, f.look, f.since, f.settle = file, look, time.Now(), true
	}
	f.seen = true
}

// Keep says that what is below a folder could not be seen: what is known of it stays.
func (s *Sightings[F]) Keep(below string) {
	for path, f := range s.files {
		if strings.HasPrefix(path, below) {
			f.seen = true
		}
	}
}

// End ends a look that has seen the whole folder. Files that were not seen are gone.
func (s *Sightings[F]) End() {
	for path, f := range s.files {
		if !f.seen {
			delete(s.files, path)
		} else if !s.looked && !s.Existing {
			f.given, f.gave, f.settle = true, f.look, false
		}
	}
	s.looked = true
	if len(s.files) > 0 { // an empty folder may be one that is to be mounted yet
		s.before = nil
	}
}

// Mark is what is to be remembered now.
func (s *Sightings[F]) Mark() flow.Cursor { return s.mark(nil) }

// mark is what is to be remembered once these files were dealt with too.
func (s *Sightings[F]) mark(more []*sighting[F]) flow.Cursor {
	seen := maps.Clone(s.before) // of a folder that is not there
	if seen == nil {
		seen = map[print]print{}
	}
	for _, f := range s.files {
		if f.given {
			seen[f.name] = f.gave
		}
	}
	for _, f := range more {
		seen[f.name] = f.look
	}
	var all []byte
	for _, path := range slices.SortedFunc(maps.Keys(seen), func(a, b print) int { return bytes.Compare(a[:], b[:]) }) {
		look := seen[path]
		all = append(append(all, path[:]...), look[:]...)
	}
	text, err := json.Marshal(sightingsMark{Of: s.Of, Seen: base64.StdEncoding.EncodeToString(all)})
	if err != nil {
		return nil // two texts always make JSON
	}
	return text
}

// Give gives the files that have come, in the order of their paths and at most so many
// at once, with the mark behind them. Those of a give that fails are given again. It
// gives how long it takes until the next look, every being the longest.
func (s *Sightings[F]) Give(ctx context.Context, every time.Duration, most int, give func([]Come[F], flow.Cursor) error) time.Duration {
	next := every
	var come []*sighting[F]
	for _, path := range slices.Sorted(maps.Keys(s.files)) {
		f := s.files[path]
		if !f.settle {
			continue
		}
		if left := s.Settle - time.Since(f.since); left > 0 {
			next = min(next, left)
			continue
		}
		come = append(come, f)
	}
	for some := range slices.Chunk(come, max(most, 1)) {
		if ctx.Err() != nil {
			break
		}
		files := make([]Come[F], len(some))
		for i, f := range some {
			files[i] = Come[F]{File: f.file, Changed: f.given}
		}
		if give(files, s.mark(some)) != nil {
			continue
		}
		for _, f := range some {
			f.given, f.gave, f.settle = true, f.look, false
		}
	}
	return next
}
