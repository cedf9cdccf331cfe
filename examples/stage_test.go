package examples_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jackfield/connectors"
	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/examples"
	"jackfield/flow"
)

// stage is a copy of the examples and a runner for them.
type stage struct {
	t       *testing.T
	dir     string
	home    string
	ops     kit.Set
	history history
	local   *engine.Local
	flows   map[flow.ID]flow.Flow
}

// history keeps runs and their logs.
type history interface {
	engine.History
	Log(ctx context.Context, id flow.RunID) ([]flow.LogLine, error)
}

func newStage(t *testing.T) *stage { return newStageOver(t, engine.NewMemory()) }

func newStageOver(t *testing.T, h history) *stage {
	s := &stage{t: t, dir: t.TempDir(), home: t.TempDir(), history: h, flows: map[flow.ID]flow.Flow{}}
	if err := os.CopyFS(s.dir, examples.Files); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	s.open()
	return s
}

// open begins a program of its own: a runner, with connectors that remember nothing.
func (s *stage) open() {
	s.ops = connectors.All(s.home)
	s.local = engine.NewLocal(engine.LocalOptions{
		History: s.history, Ops: s.ops, Home: s.home,
		Flows: func(_ context.Context, id flow.ID, _ int) (flow.Flow, error) {
			f, ok := s.flows[id]
			if !ok {
				return f, fmt.Errorf("there is no flow %q", id)
			}
			return f, nil
		},
		Connection: func(_ context.Context, name string) (string, flow.Values, error) {
			if name != "demo" {
				return "", nil, kit.Fail(kit.Missing, "there is no connection %q", name)
			}
			return "http", flow.Values{"url": "demo:"}, nil
		},
	})
}

func (s *stage) close() {
	if err := s.local.Close(context.WithoutCancel(s.t.Context())); err != nil {
		s.t.Error(err)
	}
	if err := s.ops.Close(); err != nil {
		s.t.Error(err)
	}
}

// reopen ends the program and begins another one on the same history.
func (s *stage) reopen() {
	s.close()
	s.open()
}

// add reads an example and makes it known to the runner.
func (s *stage) add(name string) flow.Flow {
	s.t.Helper()
	path := filepath.Join(s.dir, filepath.FromSlash(name)+".flow.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	f, problems := flow.ReadFile(data, name)
	for _, p := range problems {
		s.t.Error(p)
	}
	f.ID, f.Version, f.Path = flow.ID(strings.ReplaceAll(name, "/", "-")), 1, path
	s.flows[f.ID] = f
	return f
}

// run runs an example to its end.
func (s *stage) run(name string) flow.Run {
	s.t.Helper()
	id, err := s.local.Start(s.t.Context(), engine.Start{Flow: s.add(name).ID})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.wait(id)
}

func (s *stage) resume(id flow.RunID) flow.Run {
	s.t.Helper()
	if err := s.local.Resume(s.t.Context(), id, flow.Fitting); err != nil {
		s.t.Fatal(err)
	}
	return s.wait(id)
}

func (s *stage) wait(id flow.RunID) flow.Run {
	s.t.Helper()
	run, err := s.local.Wait(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	if run.Problem != nil {
		s.t.Error(run.Problem)
	}
	return run
}

// counts tells how many records left each step, as one text: "keep.done=31 …".
func (s *stage) counts(id flow.RunID) string {
	s.t.Helper()
	var steps []flow.StepRun
	for step, err := range s.history.StepRuns(s.t.Context(), id) {
		if err != nil {
			s.t.Fatal(err)
		}
		steps = append(steps, step)
	}
	var parts []string
	for step, outlets := range flow.Totals(steps) {
		for outlet, n := range outlets {
			parts = append(parts, fmt.Sprintf("%s.%s=%d", step, outlet, n))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

func (s *stage) log(id flow.RunID) string {
	s.t.Helper()
	lines, err := s.history.Log(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	var texts []string
	for _, l := range lines {
		texts = append(texts, fmt.Sprintf("%s %s: %s", l.Level, l.Step, l.Text))
	}
	return strings.Join(texts, "\n")
}

// file is what an example wrote.
func (s *stage) file(name string) string {
	s.t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, "out", name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(data)
}

// ask puts a question to a database that an example wrote: through SQLite's own
// program, which shares no code with ours, or where it is not installed through the
// connector. Columns come apart by |, rows by a line.
func (s *stage) ask(database, query string) string {
	s.t.Helper()
	path := filepath.Join(s.dir, "out", database)
	if program, err := exec.LookPath("sqlite3"); err == nil {
		out, err := exec.Command(program, "-readonly", path, query).CombinedOutput()
		if err != nil {
			s.t.Fatalf("sqlite3: %v: %s", err, out)
		}
		return strings.TrimRight(string(out), "\r\n")
	}
	return s.askConnector(path, query)
}

func (s *stage) askConnector(path, query string) string {
	s.t.Helper()
	_, op, _ := s.ops.Op("sqlite.query")
	made := op.New()
	if problems := made.Fields().Bind("ask", flow.Values{"path": path, "sql": query}); problems != nil {
		s.t.Fatal(problems)
	}
	result, err := made.(kit.Action).Run(s.t.Context(), kit.Env{}, flow.Record{})
	if err != nil {
		s.t.Fatal(err)
	}
	_, out, err := made.(kit.Describer).Describe(s.t.Context(), kit.Env{})
	if err != nil {
		s.t.Fatal(err)
	}
	var lines []string
	for _, row := range result.Data {
		var cells []string
		for _, column := range out.Properties {
			cell := ""
			if v := row.(map[string]any)[column.Name]; v != nil {
				cell = fmt.Sprint(v)
			}
			cells = append(cells, cell)
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	return strings.Join(lines, "\n")
}

// every lists the names of all examples.
func every(t *testing.T) []string {
	var names []string
	err := fs.WalkDir(examples.Files, ".", func(path string, _ fs.DirEntry, err error) error {
		if name, is := strings.CutSuffix(path, ".flow.yaml"); is {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
