package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"jackfield/connectors/kit"
)

// folder is a folder and which of its files are wanted.
type folder struct {
	root      string
	pattern   kit.Pattern
	recursive bool
}

// found is one file, or a folder below that cannot be looked into.
type found struct {
	rel  string // its path below the folder, with slashes
	path string
	info fs.FileInfo
	err  error
}

// walk visits the wanted files in the order of their names, folder by folder, from
// behind after on, until visit has enough. An error is of the folder itself.
func (f folder) walk(after string, visit func(found) (more bool)) error {
	entries, err := os.ReadDir(f.root)
	if err != nil {
		return err
	}
	var begin []string
	if after != "" {
		begin = strings.Split(after, "/")
	}
	f.visit("", entries, begin, visit)
	return nil
}

func (f folder) visit(rel string, entries []fs.DirEntry, after []string, visit func(found) bool) bool {
	for _, e := range entries {
		name := e.Name()
		if len(after) > 0 && (name < after[0] || name == after[0] && len(after) == 1) {
			continue
		}
		below := name
		if rel != "" {
			below = rel + "/" + name
		}
		if e.IsDir() {
			var rest []string
			if len(after) > 1 && name == after[0] {
				rest = after[1:]
			}
			if !f.enter(below, rest, visit) {
				return false
			}
			continue
		}
		if !f.pattern.Takes(below) {
			continue
		}
		if one, ok := f.found(below); ok && !visit(one) {
			return false
		}
	}
	return true
}

func (f folder) enter(rel string, after []string, visit func(found) bool) bool {
	if !f.recursive && !f.pattern.Deep() || !f.pattern.Enters(rel) {
		return true
	}
	path := filepath.Join(f.root, filepath.FromSlash(rel))
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	if err != nil {
		return visit(found{rel: rel, path: path, err: err})
	}
	return f.visit(rel, entries, after, visit)
}

// found looks a file up. It follows a link to a file, and passes over one to a folder,
// which might lead in a circle, and over whatever is not a file.
func (f folder) found(rel string) (found, bool) {
	path := filepath.Join(f.root, filepath.FromSlash(rel))
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return found{}, false
	}
	return found{rel: rel, path: path, info: info}, true
}
