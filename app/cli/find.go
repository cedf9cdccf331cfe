package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"jackfield/app"
	"jackfield/flow"
)

// findFlow takes a file's path, a flow's id or its name.
func findFlow(ctx context.Context, p *Program, svc app.Service, name string) (flow.Flow, error) {
	if looksLikeFile(name) {
		return p.openFlow(ctx, svc, name)
	}
	f, err := svc.Flow(ctx, flow.ID(name), 0)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	all, err := svc.Flows(ctx)
	if err != nil {
		return f, err
	}
	var known []string
	for _, o := range all {
		if o.Name == name {
			return svc.Flow(ctx, o.ID, 0)
		}
		known = append(known, string(o.ID))
	}
	for _, ending := range []string{".flow.yaml", ".yaml", ".yml"} {
		if looksLikeFile(name + ending) {
			known = append(known, name+ending)
		}
	}
	if near, ok := flow.Nearest(name, known); ok {
		return f, usagef("there is no flow %q; did you mean %q?", name, near)
	}
	return f, usagef("there is no flow %q; jackfield flows ls lists them, and a file needs its ending", name)
}

// openFlow takes a flow from its file, as it is now.
func (p *Program) openFlow(ctx context.Context, svc app.Service, name string) (flow.Flow, error) {
	path, err := filepath.Abs(name)
	if err != nil {
		return flow.Flow{}, err
	}
	if err := readable(name); err != nil {
		return flow.Flow{}, err
	}
	f, problems, err := svc.Open(ctx, path)
	if err != nil {
		return f, err
	}
	if errorsAmong(problems) {
		for i := range problems {
			problems[i].File = name
		}
		printProblems(p.Err, problems)
		return f, exit(BadUsage)
	}
	return f, nil
}

// readable says, in other words than the system, that there is no such file.
func readable(name string) error {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if near, ok := flow.Nearest(filepath.Base(name), flowFilesIn(filepath.Dir(name))); ok {
			return usagef("there is no file %s; did you mean %s?", name, filepath.Join(filepath.Dir(name), near))
		}
		return usagef("there is no file %s; check the path", name)
	case err == nil && info.IsDir():
		return usagef("%s is a folder; say which file in it", name)
	}
	return err
}

func flowFilesIn(folder string) []string {
	var found []string
	for _, ending := range []string{"*.yaml", "*.yml", "*.json"} {
		files, _ := filepath.Glob(filepath.Join(folder, ending)) // the pattern is a good one
		for _, file := range files {
			found = append(found, filepath.Base(file))
		}
	}
	return found
}

func looksLikeFile(name string) bool {
	if strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".json") {
		return true
	}
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// refused prints why a flow cannot start, with the places in its file or among the
// settings given for this run, or gives err back where it says something else.
func (p *Program) refused(err error, f flow.Flow, set ...flow.Setting) error {
	problems, ok := errors.AsType[app.Problems](err)
	if !ok {
		return err
	}
	located := []flow.Problem(problems)
	if text, err := os.ReadFile(f.Path); err == nil && stillIs(f, text) {
		located = flow.Locate(text, problems, shortest(f.Path))
	}
	for i, one := range problems {
		if s, is := settingIn(set, one); is {
			p.complain(fmt.Sprintf("--set %s.%s: %s", s.Step, s.Key, flow.Problem{What: one.What, Fix: one.Fix}.Error()))
			continue
		}
		printProblems(p.Err, located[i:i+1])
	}
	return exit(BadUsage)
}

// settingIn finds the setting that a problem is about.
func settingIn(set []flow.Setting, problem flow.Problem) (flow.Setting, bool) {
	for _, s := range set {
		if s.Key == problem.Field && (s.Step == problem.Step || problem.Step == "") {
			return s, true
		}
	}
	return flow.Setting{}, false
}

// stillIs says whether the text of a file is the flow and no later state of it.
func stillIs(f flow.Flow, text []byte) bool {
	there, _ := flow.ReadFile(text, f.Path)
	return bytes.Equal(flow.WriteFile(there), flow.WriteFile(f))
}

// shortest is the path as a person in this folder would write it.
func shortest(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	near, err := filepath.Rel(here, path)
	if err != nil || strings.HasPrefix(near, "..") {
		return path
	}
	return near
}

// findRun takes a run's id, the beginning of it, or "last".
func findRun(ctx context.Context, svc app.Service, name string) (flow.Run, error) {
	r, err := svc.Run(ctx, flow.RunID(name))
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return r, err
	}
	runs, err := svc.Runs(ctx, app.Query{Limit: 1000})
	if err != nil {
		return r, err
	}
	if len(runs) == 0 {
		return r, usagef("there are no runs yet; jackfield run FILE starts one")
	}
	if name == "last" {
		return lastOf(runs), nil
	}
	var found []flow.Run
	for _, one := range runs {
		if strings.HasPrefix(string(one.ID), name) {
			found = append(found, one)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return r, usagef("there is no run %q; jackfield runs ls lists them", name)
	}
	return r, usagef("%d runs begin with %q; write more of it", len(found), name)
}

// lastOf is the newest run that no other run started: who says last means what they ran,
// not the flows that it called or was told to.
func lastOf(runs []flow.Run) flow.Run {
	for _, r := range runs {
		if !slices.Contains([]string{"flow", "started", "failure"}, r.Cause) {
			return r
		}
	}
	return runs[0]
}
