package json_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"jackfield/connectors/json"
	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
	"jackfield/flow/value"
	"jackfield/transforms"
)

type object = map[string]any

func eval(src string, in any) ([]any, error) {
	p, err := transforms.Compile(src)
	if err != nil {
		return nil, err
	}
	v, err := p.One(context.Background(), in, transforms.Vars{})
	return []any{v}, err
}

func TestDeclaration(t *testing.T) {
	kittest.Connector(t, json.New(), kittest.Eval(eval), kittest.Files(map[string]string{
		"orders.json":    `[{"id": 1}, {"id": 2}]`,
		"orders.jsonl":   "{\"id\": 1}\n\n\"two\"",
		"countries.json": `{"3166-1": [{"alpha_2": "AT", "name": "Austria"}]}`,
	}))
}

// made is an operation of the connector with its settings bound.
func made(t testing.TB, name string, with flow.Values) kit.Operation {
	t.Helper()
	op, ok := json.New().Op(name)
	if !ok {
		t.Fatalf("there is no operation %q", name)
	}
	o := op.New()
	if problems := o.Fields().Bind("step", with); len(problems) > 0 {
		t.Fatal(problems)
	}
	return o
}

// set is with and more, where more wins.
func set(with, more flow.Values) flow.Values {
	for k, v := range more {
		with[k] = v
	}
	return with
}

func put(t testing.TB, env kit.Env, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(env.Dir, name), []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func content(t testing.TB, env kit.Env, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(env.Dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// pages reads a source to its end, or to what ends it.
func pages(t testing.TB, env kit.Env, with flow.Values) (all []kit.Page, err error) {
	t.Helper()
	var after flow.Cursor
	for range 10_000 {
		page, err := made(t, "read", with).(kit.Source).Read(t.Context(), env, after)
		if err != nil {
			return all, err
		}
		all = append(all, page)
		if !page.More {
			return all, nil
		}
		after = page.Next
	}
	t.Fatal("the source does not end")
	return nil, nil
}

// values is what a source gives: its records, and the problems of the bad ones by
// their place among all.
func values(t testing.TB, env kit.Env, with flow.Values) (records []any, bad map[int]string) {
	t.Helper()
	all, err := pages(t, env, with)
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

func text(v any) string { return string(value.Append(nil, v)) }
