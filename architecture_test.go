package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// listed is what `go list -json` tells of a package.
type listed struct {
	ImportPath   string
	Standard     bool
	CgoFiles     []string
	Imports      []string
	TestImports  []string
	XTestImports []string
	Module       *struct{ Path string }
}

const module = "jackfield"

func TestImportsKeepToTheTable(t *testing.T) {
	rules := table(t, "Who may import whom")
	for _, p := range list(t, "./...") {
		room := roomOf(p.ImportPath)
		row := rowFor(rules, room)
		if row == nil {
			t.Errorf("%s has no row in docs/architecture.md", p.ImportPath)
			continue
		}
		for _, imp := range p.Imports {
			if own(imp) && !allowed(row[1], room, roomOf(imp)) {
				t.Errorf("%s imports %s; docs/architecture.md allows it only: %s", room, roomOf(imp), row[1])
			}
		}
		for _, imp := range slices.Concat(p.TestImports, p.XTestImports) {
			if own(imp) && !allowed(row[1], room, roomOf(imp)) && !allowedInTests(room, roomOf(imp)) {
				t.Errorf("a test of %s imports %s", room, roomOf(imp))
			}
		}
	}
}

func TestLibrariesStayInTheirHomes(t *testing.T) {
	homes := table(t, "Libraries and their homes")
	for _, p := range list(t, "./...") {
		room := roomOf(p.ImportPath)
		for _, imp := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			first, _, _ := strings.Cut(imp, "/")
			if own(imp) || !strings.Contains(first, ".") {
				continue
			}
			if !atHome(homes, room, imp) {
				t.Errorf("%s imports %s, which is not at home there; see docs/architecture.md", p.ImportPath, imp)
			}
		}
	}
}

func TestHeadlessBuildHasNoCgo(t *testing.T) {
	for _, p := range list(t, "-deps", "-tags", "headless", ".") {
		if !p.Standard && len(p.CgoFiles) > 0 {
			t.Errorf("the headless build needs cgo for %s", p.ImportPath)
		}
		if strings.HasPrefix(p.ImportPath, "fyne.io/") {
			t.Errorf("the headless build holds %s", p.ImportPath)
		}
	}
}

func TestOnlyTheWindowFileImportsTheToolkitsApp(t *testing.T) {
	for _, p := range list(t, "-tags", "migrated_fynedo", "./...") {
		if p.ImportPath != module && slices.Contains(p.Imports, "fyne.io/fyne/v2/app") {
			t.Errorf("%s imports the toolkit's app package; only main_window.go may", p.ImportPath)
		}
	}
}

func list(t *testing.T, args ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Standard,CgoFiles,Imports,TestImports,XTestImports,Module"}, args...)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1") // the windowed build is looked at too, however the test was built
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v\n%s", args, err, stderr.String())
	}
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		all = append(all, p)
	}
}

// table reads the rows of the table below a heading of docs/architecture.md.
func table(t *testing.T, heading string) [][]string {
	t.Helper()
	text, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("docs/architecture.md has no heading %q", heading)
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	var rows [][]string
	for line := range strings.Lines(rest) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.Trim(strings.TrimSpace(cells[i]), "`")
		}
		rows = append(rows, cells)
	}
	if len(rows) < 2 {
		t.Fatalf("the table below %q is empty", heading)
	}
	return rows[1:]
}

func own(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

func roomOf(path string) string {
	if path == module || path == module+".test" {
		return "main"
	}
	return strings.TrimPrefix(path, module+"/")
}

// rowFor finds the most telling row: the name itself, a folder with /…, then X and views.
func rowFor(rules [][]string, room string) []string {
	for _, kind := range []string{"exact", "below", "class"} {
		for _, r := range rules {
			if matches(r[0], room, kind) {
				return r
			}
		}
	}
	return nil
}

func matches(pattern, room, kind string) bool {
	switch kind {
	case "exact":
		return pattern == room
	case "below":
		base, ok := strings.CutSuffix(pattern, "/…")
		return ok && (room == base || strings.HasPrefix(room, base+"/"))
	}
	switch pattern {
	case "connectors/X":
		return strings.HasPrefix(room, "connectors/") && room != "connectors/kit"
	case "ui/views":
		return strings.HasPrefix(room, "ui/") && !slices.Contains([]string{"ui/editor", "ui/widgets", "ui/theme", "ui/uitest"}, room)
	}
	return false
}

func allowed(cell, room, imp string) bool {
	if cell == "all" || room == imp || strings.HasPrefix(room, "e2e") {
		return true
	}
	for _, pattern := range strings.Split(cell, ",") {
		pattern = strings.TrimSpace(pattern)
		for _, kind := range []string{"exact", "below", "class"} {
			if matches(pattern, imp, kind) {
				return true
			}
		}
	}
	return false
}

// allowedInTests: suites that were written to be imported, what a connector's
// examples and an engine's run need to be performed for real, and in the tests of
// the examples and of the whole program everything.
func allowedInTests(room, imp string) bool {
	switch {
	case room == "main", room == "examples", strings.HasPrefix(room, "e2e"), strings.HasPrefix(room, "app"):
		return true
	case imp == "ui/uitest", imp == "connectors/kit/kittest", imp == "engine/enginetest":
		return true
	case strings.HasPrefix(room, "store"):
		return imp == "engine" || imp == "connectors/kit"
	case strings.HasPrefix(room, "connectors/"):
		return imp == "transforms" || imp == "engine" || strings.HasPrefix(imp, "connectors/")
	case strings.HasPrefix(room, "engine"):
		return imp == "store" || strings.HasPrefix(imp, "connectors/")
	case strings.HasPrefix(room, "ui"):
		return imp == "connectors" || imp == "ui/form" || strings.HasPrefix(imp, "connectors/")
	}
	return false
}

func atHome(homes [][]string, room, imp string) bool {
	for _, h := range homes {
		if strings.HasPrefix(room, "e2e") {
			return true
		}
		if imp != h[0] && !strings.HasPrefix(imp, h[0]+"/") {
			continue
		}
		if h[0] == "fyne.io/fyne/v2" {
			return room == "main" || room == "ui" || strings.HasPrefix(room, "ui/") && room != "ui/editor"
		}
		for home := range strings.SplitSeq(h[1], ", ") {
			if room == home || strings.HasPrefix(room, home+"/") {
				return true
			}
		}
		return false
	}
	return false
}
