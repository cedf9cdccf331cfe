package csv_test

import (
	"os"
	"path/filepath"
	"testing"

	"jackfield/connectors/csv"
	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func TestDeclaration(t *testing.T) {
	kittest.Connector(t, csv.New(), kittest.Files(map[string]string{
		"orders.csv": "id,updated_at,note\n1,2026-02-27,\"two, please\"\n2,2026-02-28,\n",
		"units.txt":  "MTR;metre;1\r\n007;inch;0.0254\r\n",
	}))
}

// made is an operation of the connector with its settings bound.
func made(t testing.TB, name string, with flow.Values) kit.Operation {
	t.Helper()
	op, ok := csv.New().Op(name)
	if !ok {
		t.Fatalf("there is no operation %q", name)
	}
	o := op.New()
	if problems := o.Fields().Bind("step", with); len(problems) > 0 {
		t.Fatal(problems)
	}
	return o
}

func put(t testing.TB, env kit.Env, name, content string) string {
	t.Helper()
	path := filepath.Join(env.Dir, name)
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func content(t testing.TB, env kit.Env, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(env.Dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// pages reads a source to its end.
func pages(t testing.TB, env kit.Env, with flow.Values, after flow.Cursor) (all []kit.Page, err error) {
	t.Helper()
	for {
		page, err := made(t, "read", with).(kit.Source).Read(t.Context(), env, after)
		if err != nil {
			return all, err
		}
		all = append(all, page)
		if !page.More {
			return all, nil
		}
		if after = page.Next; len(all) > 10_000 {
			t.Fatal("the source does not end")
		}
	}
}

// table is what a source gives: its records, and the problems of the bad ones by
// their place among all.
func table(t testing.TB, env kit.Env, with flow.Values) (records []any, bad map[int]string) {
	t.Helper()
	all, err := pages(t, env, with, nil)
	if err != nil {
		t.Fatal(err)
	}
	bad = map[int]string{}
	before := 0
	for _, p := range all {
		for _, b := range p.Bad {
			bad[before+b.At] = b.Failure.Problem("", "").Error()
		}
		records = append(records, p.Data...)
		before += len(p.Data) + len(p.Bad)
	}
	return records, bad
}

// rows makes records of cells, for columns a, b, c.
func rows(cells ...[]string) (records []any) {
	for _, row := range cells {
		m := map[string]any{}
		for i, text := range row {
			m[string(rune('a'+i))] = text
		}
		records = append(records, m)
	}
	return records
}
