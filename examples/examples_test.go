package examples_test

import (
	"io/fs"
	"path"
	"strings"
	"testing"

	"jackfield/connectors"
	"jackfield/engine"
	"jackfield/examples"
	"jackfield/flow"
)

// read reads an example from the embedded files.
func read(t *testing.T, name string) flow.Flow {
	t.Helper()
	data, err := fs.ReadFile(examples.Files, name+".flow.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, problems := flow.ReadFile(data, name)
	for _, p := range problems {
		t.Error(p)
	}
	return f
}

func TestExamplesAreSoundAndSayWhatTheyAreFor(t *testing.T) {
	set := connectors.All(t.TempDir())
	defer set.Close()
	for _, name := range every(t) {
		t.Run(name, func(t *testing.T) {
			f := read(t, name)
			if _, problems := engine.NewPlan(f, set, engine.PlanOptions{}); len(problems) > 0 {
				t.Error(problems)
			}
			if f.Name == "" || !strings.HasSuffix(f.Note, ".") {
				t.Errorf("it says neither what it is called nor what it is for: %q, %q", f.Name, f.Note)
			}
			for _, s := range f.Steps {
				if s.Title == "" {
					t.Errorf("step %s has no title", s.ID)
				}
			}
		})
	}
}

func TestExamplesReadFromLeftToRight(t *testing.T) {
	const width, height, between = 200, 64, 40
	for _, name := range every(t) {
		f := read(t, name)
		for i, s := range f.Steps {
			for _, o := range f.Steps[:i] {
				apartX, apartY := abs(s.At.X-o.At.X) >= width+between, abs(s.At.Y-o.At.Y) >= height
				if !apartX && !apartY {
					t.Errorf("%s: the cards of %s and %s touch", name, s.ID, o.ID)
				}
			}
		}
		for _, e := range f.Edges {
			from, _ := f.Step(e.From)
			to, _ := f.Step(e.To)
			if to.At.X < from.At.X+width+between {
				t.Errorf("%s: %s does not lead to the right", name, e)
			}
		}
	}
}

func abs(x float32) float32 { return max(x, -x) }

// An example of what needs a server of somebody's own could not be run as it is.
func TestEveryConnectorHasAnExample(t *testing.T) {
	set := connectors.All(t.TempDir())
	defer set.Close()
	for _, c := range set {
		if _, err := fs.Stat(examples.Files, c.ID+".flow.yaml"); err != nil && c.Connection != nil {
			continue
		}
		f := read(t, c.ID)
		uses := 0
		for _, s := range f.Steps {
			if s.Uses.Connector() == c.ID {
				uses++
			}
		}
		if uses == 0 {
			t.Errorf("the example %s does not use %s", f.Name, c.ID)
		}
	}
}

func TestExamplesHoldNothingThatARunLeft(t *testing.T) {
	err := fs.WalkDir(examples.Files, "out", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path.Base(name) != "README.txt" {
			t.Errorf("%s is embedded", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
