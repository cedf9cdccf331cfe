package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"jackfield/flow"
)

// print stands for a path, or for what a file was like: 48 bits of a hash, so that a
// hundred thousand files make a mark of less than two megabytes. Two paths of a folder
// with so many are taken for each other once in fifty thousand folders.
type print [6]byte

func printOf(text string) (p print) {
	sum := sha256.Sum256([]byte(text))
	copy(p[:], sum[:])
	return p
}

// look is the print of what a file is like.
func (f found) look() print {
	return printOf(fmt.Sprint(f.info.Size(), f.info.ModTime().UnixNano()))
}

// mark is what a watch remembers while Jackfield is closed: which files it has dealt
// with, and what they were like.
type mark struct {
	Of   string `json:"of"`   // the folder and what was wanted of it
	Seen string `json:"seen"` // pairs of prints, of paths and looks, in base64
}

// of names what the watch looks at; another folder or pattern begins anew.
func (s *sightings) of() string {
	return fmt.Sprint(s.root, "\n", s.watch.Pattern, "\n", s.watch.Recursive)
}

// recall takes in what an earlier life of the program dealt with. begun says that there
// was one.
func (s *sightings) recall(ctx context.Context) (begun bool, err error) {
	stored, err := s.env.LastMark(ctx)
	if err != nil || stored == nil {
		return false, err
	}
	var m mark
	if json.Unmarshal(stored, &m) != nil || m.Of != s.of() {
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
	return true, nil
}

// mark is what is to be remembered once one more file was dealt with; none where it is nil.
func (s *sightings) mark(more *sighting) flow.Cursor {
	seen := maps.Clone(s.before) // of a folder that is not there
	if seen == nil {
		seen = map[print]print{}
	}
	for path, f := range s.files {
		switch {
		case f == more:
			seen[printOf(path)] = f.file.look()
		case f.given:
			seen[printOf(path)] = f.gave
		}
	}
	var all []byte
	for _, path := range slices.SortedFunc(maps.Keys(seen), func(a, b print) int { return bytes.Compare(a[:], b[:]) }) {
		look := seen[path]
		all = append(append(all, path[:]...), look[:]...)
	}
	text, err := json.Marshal(mark{Of: s.of(), Seen: base64.StdEncoding.EncodeToString(all)})
	if err != nil {
		return nil // two texts always make JSON
	}
	return text
}
