package files_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"jackfield/connectors/files"
	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

type object = map[string]any

func TestDeclaration(t *testing.T) {
	kittest.Connector(t, files.New())
}

// made is an operation of the connector with its settings bound.
func made(t testing.TB, name string, with flow.Values) kit.Operation {
	t.Helper()
	op, ok := files.New().Op(name)
	if !ok {
		t.Fatalf("there is no operation %q", name)
	}
	o := op.New()
	if problems := o.Fields().Bind("step", with); len(problems) > 0 {
		t.Fatal(problems)
	}
	return o
}

func run(t testing.TB, env kit.Env, name string, with flow.Values) (object, error) {
	t.Helper()
	r, err := made(t, name, with).(kit.Action).Run(t.Context(), env, flow.Record{ID: "r1", Data: object{}})
	if err != nil {
		return nil, err
	}
	if len(r.Data) != 1 || r.Outlet != "" || r.Same {
		t.Fatalf("it gives %+v", r)
	}
	return r.Data[0].(object), nil
}

// put writes files into the environment's folder: names with slashes, and contents.
func put(t testing.TB, env kit.Env, contents map[string]string) {
	t.Helper()
	for name, content := range contents {
		path := filepath.Join(env.Dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func content(t testing.TB, env kit.Env, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(env.Dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func names(t testing.TB, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	slices.Sort(names)
	return names
}
