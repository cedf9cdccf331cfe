package kit

import (
	"fmt"
	"path"
	"strings"
)

// Pattern says which files are wanted, by their names or by their paths below a folder.
// It parts at slashes; * and ? stay within a name, ** goes through folders, and a name
// that begins with a dot is found only by a part that begins with one.
type Pattern string

// Check says why a pattern makes no sense.
func (p *Pattern) Check() error {
	if *p == "" || strings.HasPrefix(string(*p), "/") {
		return fmt.Errorf("%q is no pattern for names in a folder; try *.csv", *p)
	}
	for _, part := range p.parts() {
		if _, err := path.Match(part, ""); err != nil {
			return fmt.Errorf("%q cannot be understood; a [ has no ]", *p)
		}
		if strings.Contains(part, "**") && part != "**" {
			return fmt.Errorf("in %q, ** must stand alone between slashes", *p)
		}
	}
	return nil
}

func (p Pattern) parts() []string { return strings.Split(string(p), "/") }

// Deep says whether the pattern reaches into folders by itself.
func (p Pattern) Deep() bool { return strings.Contains(string(p), "/") || p == "**" }

// Takes says whether a file is wanted; rel is its path below the folder, with slashes.
func (p Pattern) Takes(rel string) bool {
	if !p.Deep() {
		return matchName(string(p), path.Base(rel))
	}
	return match(p.parts(), strings.Split(rel, "/"))
}

// Enters says whether a wanted file can be in a folder.
func (p Pattern) Enters(rel string) bool {
	if !p.Deep() {
		return !strings.HasPrefix(path.Base(rel), ".")
	}
	return reaches(p.parts(), strings.Split(rel, "/"))
}

// match fits all parts to all names.
func match(parts, names []string) bool {
	for len(parts) > 0 {
		if parts[0] == "**" {
			for i := range len(names) + 1 {
				if match(parts[1:], names[i:]) && !anyHidden(names[:i]) {
					return len(parts) > 1 || i > 0
				}
			}
			return false
		}
		if len(names) == 0 || !matchName(parts[0], names[0]) {
			return false
		}
		parts, names = parts[1:], names[1:]
	}
	return len(names) == 0
}

// reaches says whether names could be the beginning of something that fits.
func reaches(parts, names []string) bool {
	for len(names) > 0 {
		if len(parts) == 0 {
			return false
		}
		if parts[0] == "**" {
			for i := range names {
				if anyHidden(names[:i]) {
					return false
				}
				if reaches(parts[1:], names[i:]) {
					return true
				}
			}
			return !anyHidden(names)
		}
		if !matchName(parts[0], names[0]) {
			return false
		}
		parts, names = parts[1:], names[1:]
	}
	return len(parts) > 0
}

func anyHidden(names []string) bool {
	for _, n := range names {
		if strings.HasPrefix(n, ".") {
			return true
		}
	}
	return false
}

// matchName fits one name; a hidden one only to a part that begins with a dot.
func matchName(part, name string) bool {
	if strings.HasPrefix(name, ".") && !strings.HasPrefix(part, ".") {
		return false
	}
	ok, _ := path.Match(part, name)
	return ok
}
