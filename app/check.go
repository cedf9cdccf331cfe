package app

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/flow"
)

// dir is what the relative paths of a flow are relative to.
func (l *Local) dir(f flow.Flow) string {
	if f.Path != "" {
		return filepath.Dir(f.Path)
	}
	return l.home
}

// CheckFile checks a flow file without a store. Which connections this machine has
// is then unknown, so a name alone is no problem.
func CheckFile(_ context.Context, path string, ops kit.Set) []flow.Problem {
	data, err := os.ReadFile(path)
	if err != nil {
		p := kit.AsFailure(err).Problem("", "")
		p.File = path
		return []flow.Problem{p}
	}
	f, problems := flow.ReadFile(data, path)
	if len(f.Steps) == 0 && standsInTheWay(problems) {
		return problems // nothing of it could be read
	}
	_, more := engine.NewPlan(f, ops, engine.PlanOptions{})
	for _, p := range flow.Locate(data, more, path) {
		if !slices.Contains(problems, p) {
			problems = append(problems, p)
		}
	}
	slices.SortStableFunc(problems, func(a, b flow.Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return problems
}
