package widgets

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"jackfield/flow/value"
)

// jsonRow is one line of a value that is shown as a tree.
type jsonRow struct {
	depth int
	key   string // as it is shown; "" at the top
	path  string // in jq
	value any
	holds int // members of a list or an object, -1 for a scalar
}

// fold says which lists and objects are open, by path. What it does not name is open
// if open says so.
type fold struct {
	named map[string]bool
	open  func(row jsonRow) bool
}

func (f *fold) isOpen(row jsonRow) bool {
	if open, named := f.named[row.path]; named {
		return open
	}
	return f.open(row)
}

// flatten lists the rows of v that are seen: v itself and what is in what is open.
func flatten(v any, f *fold) []jsonRow {
	return appendRows(nil, jsonRow{path: ".", value: v, holds: members(v)}, f)
}

func appendRows(rows []jsonRow, row jsonRow, f *fold) []jsonRow {
	rows = append(rows, row)
	if row.holds <= 0 || !f.isOpen(row) {
		return rows
	}
	eachMember(row, func(child jsonRow) bool {
		rows = appendRows(rows, child, f)
		return true
	})
	return rows
}

// eachMember goes through the members of a list in order, of an object by name, until
// do says that it is enough.
func eachMember(row jsonRow, do func(child jsonRow) bool) {
	switch v := row.value.(type) {
	case []any:
		for i, m := range v {
			child := jsonRow{row.depth + 1, strconv.Itoa(i), row.path + "[" + strconv.Itoa(i) + "]", m, members(m)}
			if row.path == "." {
				child.path = ".[" + strconv.Itoa(i) + "]"
			}
			if !do(child) {
				return
			}
		}
	case map[string]any:
		for _, name := range sortedNames(v) {
			if !do(jsonRow{row.depth + 1, name, JoinPath(row.path, name), v[name], members(v[name])}) {
				return
			}
		}
	}
}

func sortedNames(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// members is how many there are, -1 of what has none.
func members(v any) int {
	switch v := v.(type) {
	case []any:
		return len(v)
	case map[string]any:
		return len(v)
	}
	return -1
}

// JoinPath adds a name to a path in jq: .a and b make .a.b, and a name with a blank
// in it is quoted.
func JoinPath(path, name string) string {
	if !plainName(name) {
		quoted := string(value.Append(nil, name))
		if path == "." {
			return "." + quoted
		}
		return path + "." + quoted
	}
	if path == "." {
		return "." + name
	}
	return path + "." + name
}

func plainName(name string) bool {
	for i, r := range name {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}

// mostPreview is how much of a value a line shows, in bytes.
const mostPreview = 240

// Preview is a value in one line, as JSON, cut where it is long.
func Preview(v any) string {
	var text []byte
	switch v := v.(type) {
	case string:
		text = value.Append(nil, v[:wholeRunes(v, 4*mostPreview)])
	case []any, map[string]any:
		text = preview(nil, v)
	default:
		text = value.Append(nil, v)
	}
	if len(text) <= mostPreview {
		return string(text)
	}
	return string(text[:wholeRunes(string(text), mostPreview)]) + "…"
}

// wholeRunes is at most how many bytes of s make whole runes.
func wholeRunes(s string, most int) int {
	if len(s) <= most {
		return len(s)
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return most
}

// preview appends a value and stops behind mostPreview bytes, so that a large one
// costs no more than a small one.
func preview(dst []byte, v any) []byte {
	if len(dst) > mostPreview {
		return dst
	}
	switch v := v.(type) {
	case []any:
		dst = append(dst, '[')
		for i, m := range v {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			if dst = preview(dst, m); len(dst) > mostPreview {
				return dst
			}
		}
		return append(dst, ']')
	case map[string]any:
		dst = append(dst, '{')
		for i, name := range sortedNames(v) {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(append(dst, name...), ": "...)
			if dst = preview(dst, v[name]); len(dst) > mostPreview {
				return dst
			}
		}
		return append(dst, '}')
	case string:
		return value.Append(dst, v[:wholeRunes(v, mostPreview)])
	}
	return value.Append(dst, v)
}

// found lists the paths of all that a text is found in, names and scalars, whatever
// their case, and of what is around them. It looks at so many members at the most.
func found(v any, text string, most int) (hits []string, around map[string]bool) {
	text = strings.ToLower(text)
	around = map[string]bool{}
	var walk func(row jsonRow, parents []string)
	walk = func(row jsonRow, parents []string) {
		if most--; most < 0 {
			return
		}
		hit := strings.Contains(strings.ToLower(row.key), text) && row.depth > 0
		if row.holds < 0 && !hit {
			hit = strings.Contains(strings.ToLower(scalarText(row.value)), text)
		}
		if hit {
			hits = append(hits, row.path)
			for _, p := range parents {
				around[p] = true
			}
		}
		parents = append(parents, row.path)
		eachMember(row, func(child jsonRow) bool {
			walk(child, parents)
			return most >= 0
		})
	}
	walk(jsonRow{path: ".", value: v, holds: members(v)}, nil)
	return hits, around
}

// scalarText is a scalar without quotes.
func scalarText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return string(value.Append(nil, v))
}
