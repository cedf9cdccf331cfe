package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"jackfield/flow"
)

const flowEnding = ".flow.yaml"

// Examples lists the flows that come with the program.
func (l *Local) Examples(context.Context) ([]Example, error) {
	files, err := fs.Glob(l.examples, "*"+flowEnding)
	if err != nil {
		return nil, err
	}
	var all []Example
	for _, name := range files {
		data, err := fs.ReadFile(l.examples, name)
		if err != nil {
			return nil, fmt.Errorf("read example %s: %w", name, err)
		}
		f, _ := flow.ReadFile(data, name)
		all = append(all, Example{Name: strings.TrimSuffix(name, flowEnding), Title: f.Name, Summary: f.Note, Steps: len(f.Steps)})
	}
	slices.SortStableFunc(all, func(a, b Example) int { return cmp.Compare(place(a.Name), place(b.Name)) })
	return all, nil
}

// place puts first what a newcomer should open first.
func place(name string) int {
	first := []string{"orders", "retry"}
	if at := slices.Index(first, name); at >= 0 {
		return at
	}
	return len(first)
}

// Example copies an example with its data into the home folder, where it is not
// there yet, and opens it. A copy that a person has changed stays as it is.
func (l *Local) Example(ctx context.Context, name string) (flow.Flow, error) {
	if !fs.ValidPath(name) || strings.Contains(name, "/") {
		return flow.Flow{}, fmt.Errorf("there is no example %q", name)
	}
	target := filepath.Join(l.home, "examples")
	if err := l.copyExamples(target, name+flowEnding); err != nil {
		return flow.Flow{}, fmt.Errorf("copy example %s: %w", name, err)
	}
	f, problems, err := l.Open(ctx, filepath.Join(target, name+flowEnding))
	if err == nil && standsInTheWay(problems) {
		err = Problems(problems)
	}
	return f, err
}

// copyExamples copies one flow file and all data, keeping what is there.
func (l *Local) copyExamples(target, flowFile string) error {
	return fs.WalkDir(l.examples, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if path.Dir(name) == "." && name != flowFile {
			return nil
		}
		to := filepath.Join(target, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		data, err := fs.ReadFile(l.examples, name)
		if err != nil {
			return err
		}
		file, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		if err != nil {
			return err
		}
		_, err = file.Write(data)
		return errors.Join(err, file.Close())
	})
}
