package yaml_test

import (
	"context"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/connectors/yaml"
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
	kittest.Connector(t, yaml.New(), kittest.Eval(eval), kittest.Files(map[string]string{
		"orders.yaml": "- id: 1\n- id: 2\n",
		"teams.yaml":  "team:\n  members: [Ada]\n---\nteam:\n  members: [Grace]\n",
	}))
}

func made(t testing.TB, name string, with flow.Values) kit.Operation {
	t.Helper()
	op, ok := yaml.New().Op(name)
	if !ok {
		t.Fatalf("there is no operation %q", name)
	}
	o := op.New()
	if problems := o.Fields().Bind("step", with); len(problems) > 0 {
		t.Fatal(problems)
	}
	return o
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

func text(v any) string { return string(value.Append(nil, v)) }

// values reads a file to its end: its records, the problems of the bad ones, and how
// many pages there were.
func values(t testing.TB, env kit.Env, with flow.Values) (records []any, bad []string, pages int) {
	t.Helper()
	var after flow.Cursor
	for pages < 10_000 {
		page, err := made(t, "read", with).(kit.Source).Read(t.Context(), env, after)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		records = append(records, page.Data...)
		for _, b := range page.Bad {
			bad = append(bad, b.Failure.Problem("", "").Error())
		}
		if !page.More {
			return records, bad, pages
		}
		after = page.Next
	}
	t.Fatal("the source does not end")
	return nil, nil, 0
}

func TestReadGivesWhatStandsInTheFile(t *testing.T) {
	for _, tt := range []struct {
		name, file, at, want string
		bad                  []string
	}{
		{name: "nothing", file: "# only this\n\n---\n---\n", want: `[]`},
		{name: "a list", file: "- 1\n- two\n-\n- [a, {b: c}]\n", want: `[1,"two",null,["a",{"b":"c"}]]`},
		{name: "one document", file: "a: 1\nb:\n- x\n- y\n", want: `[{"a":1,"b":["x","y"]}]`},
		{name: "documents", file: "%YAML 1.2\n---\na: 1\n...\n# between\n---\n- 2\n--- three\n--- |\n  # four\n", want: `[{"a":1},2,"three","# four\n"]`},
		{name: "byte order mark", file: "\ufeff- a\n- b\n", want: `["a","b"]`},
		{name: "lines end as in Windows", file: "a: 1\r\n---\r\na: 2\r\n", want: `[{"a":1},{"a":2}]`},
		{
			name: "types", file: "[null, ~, true, False, 12, -3, 0x1f, 0o17, 1_000, 1.5, 1e3, 9007199254740993, 123456789012345678901234567890, 0123, 1.10, yes, 2026-02-27, 2026-02-27T10:15:00Z, .inf, .nan, \"12\", !!str 12, !Ref x, !!binary aGVs bG8=]",
			want: `[null,null,true,false,12,-3,31,15,1000,1.5,1000,9007199254740993,123456789012345678901234567890,"0123",1.1,"yes","2026-02-27","2026-02-27T10:15:00Z",".inf",".nan","12","12","x","aGVsbG8="]`,
		},
		{
			name: "anchors and merges", file: "base: &b {x: 1, y: 2}\none: {<<: *b, y: 3}\ntwo: *b\nmany: {<<: [{x: 9}, *b]}\n",
			want: `[{"base":{"x":1,"y":2},"many":{"x":9,"y":2},"one":{"x":1,"y":3},"two":{"x":1,"y":2}}]`,
		},
		{name: "keys become texts", file: "1: a\ntrue: b\n~: c\n", want: `[{"1":"a","true":"b","~":"c"}]`},
		{name: "a list inside", file: "data:\n  items:\n  - 1\n  - 2\n---\ndata: {items: [3]}\n", at: "data.items", want: `[1,2,3]`},
		{
			name: "a bad document costs no other", file: "a: 1\n---\na: [1\n---\na: 2\n---\nb: \"\xff\"\n---\na: 3\na: 4\n", want: `[{"a":1},{"a":2}]`,
			bad: []string{"in.yaml:3: did not find expected ',' or ']'", "in.yaml:7:5: a byte that is not UTF-8", `in.yaml:10:1: the key "a" stands there twice`},
		},
		{name: "no list there", file: "a: 1\n---\na: [2]\n", at: "a", want: `[2]`, bad: []string{`field "at": in.yaml:1: "a" is a number, not a list`}},
		{
			name: "an anchor that holds itself", file: "&a [*a]\n---\na: &x\n  <<: *x\n", want: `[]`,
			bad: []string{`in.yaml:1:5: the anchor "a" holds itself`, `in.yaml:4:7: the anchor "x" holds itself`},
		},
		{name: "an unknown anchor", file: "- *a\n", want: `[]`, bad: []string{"in.yaml:1: unknown anchor 'a' referenced"}},
		{name: "a key that is a list", file: "? [a]\n: b\n", want: `[]`, bad: []string{"in.yaml:1:3: a key that is a list or a mapping cannot be the name of a field"}},
		{name: "deep", file: strings.Repeat("[", 600) + strings.Repeat("]", 600), want: `[]`, bad: []string{"in.yaml:1:502: values lie in each other deeper than 500 levels"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			put(t, env, "in.yaml", tt.file)
			got, bad, _ := values(t, env, flow.Values{"path": "in.yaml", "at": tt.at})
			if got == nil {
				got = []any{}
			}
			if text(got) != tt.want {
				t.Errorf("%s\nwant %s", text(got), tt.want)
			}
			for i := range max(len(bad), len(tt.bad)) {
				if i >= len(bad) || i >= len(tt.bad) || !strings.HasPrefix(bad[i], tt.bad[i]) {
					t.Fatalf("bad %q\nwant %q", bad, tt.bad)
				}
			}
		})
	}
}

func TestAliasesThatMultiplyAreRefused(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'i'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", c-1), 9), ","))
	}
	env := kittest.Env(t)
	put(t, env, "in.yaml", bomb+"---\nfine\n")
	got, bad, _ := values(t, env, flow.Values{"path": "in.yaml"})
	if text(got) != `["fine"]` || len(bad) != 1 || !strings.Contains(bad[0], "its aliases repeat more than 250000 values") {
		t.Errorf("%s %q", text(got), bad)
	}
}

func TestPagesGoOnWhereTheOneBeforeEnded(t *testing.T) {
	entries := func(n, width int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "- id: %d\n  note: |\n    - no entry\n    %s\n# remark\n", i, strings.Repeat("x", width))
		}
		return b.String()
	}
	var documents strings.Builder
	for i := range 2500 {
		fmt.Fprintf(&documents, "---\nid: %d\n", i)
	}
	for _, tt := range []struct {
		name, file, at string
		n, pages       int
	}{
		{"a small list", entries(2500, 9), "", 2500, 3},
		{"a large list", "# head\n---\n" + entries(2500, 2000), "", 2500, 3},
		{"a large list and documents", entries(2500, 2000) + documents.String(), "", 5000, 5},
		{"documents", documents.String(), "", 2500, 3},
		{"a list inside", "data:\n" + entries(2500, 1000), "data", 2500, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			put(t, env, "in.yaml", tt.file)
			got, bad, pages := values(t, env, flow.Values{"path": "in.yaml", "at": tt.at})
			if len(got) != tt.n || len(bad) > 0 || pages < tt.pages {
				t.Fatalf("%d records in %d pages, bad %.300q", len(got), pages, bad)
			}
			for i, v := range got {
				if id := v.(object)["id"]; id != i%2500 {
					t.Fatalf("record %d is %v", i, id)
				}
			}
			first, err := made(t, "read", flow.Values{"path": "in.yaml", "at": tt.at}).(kit.Source).Read(t.Context(), env, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(first.Data) > 1000 {
				t.Errorf("a page of %d records", len(first.Data))
			}
		})
	}
}

func TestFileThatWasExchangedIsNotReadOn(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, "in.yaml", strings.Repeat("---\na\n", 1500))
	with := flow.Values{"path": "in.yaml"}
	page, err := made(t, "read", with).(kit.Source).Read(t.Context(), env, nil)
	if err != nil {
		t.Fatal(err)
	}
	put(t, env, "in.yaml", strings.Repeat("---\nb\n", 1500))
	if _, err := made(t, "read", with).(kit.Source).Read(t.Context(), env, page.Next); err == nil || !strings.Contains(err.Error(), "was exchanged") {
		t.Errorf("%v", err)
	}
}

func TestBadEntryOfALargeListFailsAlone(t *testing.T) {
	env := kittest.Env(t)
	filler := strings.Repeat("x", 1<<20)
	put(t, env, "in.yaml", "- a: &a 1\n- "+filler+"\n- [\n- *a\n- "+strings.Repeat("y", 9<<20)+"\n- last\n")
	got, bad, _ := values(t, env, flow.Values{"path": "in.yaml"})
	if text(got) != `[{"a":1},"`+filler+`","last"]` {
		t.Errorf("%d records", len(got))
	}
	if len(bad) != 3 || !strings.HasPrefix(bad[0], "in.yaml:3") || !strings.HasPrefix(bad[1], "in.yaml:4") ||
		!strings.Contains(bad[1], "its own anchors") || !strings.HasPrefix(bad[2], "in.yaml:5: what begins here: it is larger than 8 MB") {
		t.Errorf("%.300q", bad)
	}
}

func TestReadRefusesWhatIsNotYAML(t *testing.T) {
	for name, tt := range map[string]struct{ file, want string }{
		"UTF-16":  {"\xff\xfea\x00", "in UTF-16"},
		"archive": {"PK\x03\x04", "a zip archive"},
	} {
		env := kittest.Env(t)
		put(t, env, "in.yaml", tt.file)
		_, err := made(t, "read", flow.Values{"path": "in.yaml"}).(kit.Source).Read(t.Context(), env, nil)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func batch(name string, data ...any) (b flow.Batch) {
	for i, d := range data {
		b = append(b, flow.Record{ID: flow.Child(flow.StepID(name), nil, i), Data: d})
	}
	return b
}

func wrote(t testing.TB, env kit.Env, with flow.Values, batches ...flow.Batch) {
	t.Helper()
	for _, b := range batches {
		if _, err := made(t, "write", with).(kit.Bulk).RunAll(t.Context(), env, b); err != nil {
			t.Fatal(err)
		}
	}
	if err := made(t, "write", with).(kit.Finisher).Finish(t.Context(), env); err != nil {
		t.Fatal(err)
	}
}

func nextRun(t testing.TB, env kit.Env) kit.Env {
	env.Run += "2"
	env.Scratch = t.TempDir()
	return env
}

func TestWriteMakesAListOrDocuments(t *testing.T) {
	one, two := batch("1", object{"b": "no", "a": 1}, nil), batch("2", []any{1, object{}}, "x: y")
	for _, tt := range []struct {
		name      string
		documents bool
		want      string
	}{
		{"list", false, "- a: 1\n  b: \"no\"\n- null\n- - 1\n  - {}\n- \"x: y\"\n"},
		{"documents", true, "---\na: 1\nb: \"no\"\n---\nnull\n---\n- 1\n- {}\n---\n\"x: y\"\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			with := flow.Values{"path": "out.yaml", "documents": tt.documents}
			wrote(t, env, with, one, two, one)
			if got := content(t, env, "out.yaml"); got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
			env = nextRun(t, env)
			with["mode"] = "append"
			wrote(t, env, with, batch("3", 7))
			tail := "- 7\n"
			if tt.documents {
				tail = "---\n7\n"
			}
			if got := content(t, env, "out.yaml"); got != tt.want+tail {
				t.Errorf("appended:\n%s", got)
			}
			env = nextRun(t, env)
			with["mode"] = "overwrite"
			wrote(t, env, with)
			if got := content(t, env, "out.yaml"); got != map[bool]string{true: "", false: "[]\n"}[tt.documents] {
				t.Errorf("without records: %q", got)
			}
		})
	}
}

func TestAppendToAList(t *testing.T) {
	for _, tt := range []struct{ name, old, want string }{
		{"no end of line", "- 1", "- 1\n- 2\n"},
		{"an empty list", "[]\n", "- 2\n"},
		{"a head", "# head\n---\n- 1\n", "# head\n---\n- 1\n- 2\n"},
		{"an object", "a: 1\n", ""},
		{"two documents", "- 1\n---\n- 2\n", ""},
		{"a list in brackets", "[1]\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			put(t, env, "out.yaml", tt.old)
			with := flow.Values{"path": "out.yaml", "mode": "append"}
			if tt.want != "" {
				wrote(t, env, with, batch("1", 2))
				if got := content(t, env, "out.yaml"); got != tt.want {
					t.Errorf("%q", got)
				}
				return
			}
			_, err := made(t, "write", with).(kit.Bulk).RunAll(t.Context(), env, batch("1", 2))
			if err == nil || !strings.Contains(err.Error(), "is not one list") || content(t, env, "out.yaml") != tt.old {
				t.Errorf("%v", err)
			}
		})
	}
}

// back writes a value as text and reads it again.
func back(t testing.TB, v any) (any, string) {
	t.Helper()
	res, err := made(t, "format", flow.Values{"value": []any{v}}).(kit.Action).Run(t.Context(), kit.Env{}, flow.Record{})
	if err != nil {
		t.Fatal(err)
	}
	out := res.Data[0].(object)["text"].(string)
	res, err = made(t, "parse", flow.Values{"text": out}).(kit.Action).Run(t.Context(), kit.Env{}, flow.Record{})
	if err != nil || len(res.Data) != 1 {
		t.Fatalf("%v of %q", err, out)
	}
	return res.Data[0], out
}

func TestWhatIsWrittenReadsTheSame(t *testing.T) {
	large, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	for _, v := range []any{
		nil, true, 0, -5, 9007199254740993, large, 1.5, 1e300, -2.5e-10, "", " ", "~", "null", "yes", "No", "12", "1e3", "0x1f", "012", "12:30:45", "2026-02-27",
		"<<", "=", "a: b", "# no", "- x", "---", "...", "a\nb", "\n", "a\n\n", "  a\n b ", "\t", "a\tb", "\r\n", "\u0085\u2028\ufeff", "\x00\x07\x7f", "Jörg", "日本", "😀", "'", `"`, `\`,
		"&a", "*a", "!x", "%", "@x", "`", "[", "{}", ",", "a #b", "a:", ":", "?", "? a", "|", ">", strings.Repeat("long words ", 50), ".inf", "NaN",
		[]any{},
		object{},
		[]any{[]any{}, object{}, []any{[]any{1}}},
		object{"": nil, "<<": object{"a": 1}, "yes": 1, "1": 2, "a b": []any{object{"x": nil}}, strings.Repeat("k", 300): 1, "a\nb": 2},
	} {
		if got, out := back(t, v); !value.Equal(got, v) {
			t.Errorf("%s became %s by way of %q", text(v), text(got), out)
		}
	}
}

func TestTextThatDoesNotReadIsAProblemWithItsPlace(t *testing.T) {
	for _, tt := range []struct {
		with flow.Values
		want string
	}{
		{flow.Values{"text": "a: 1\nb: [\n"}, `field "text": line `},
		{flow.Values{"text": "a: 1", "at": "b"}, `field "at": line 1: `},
		{flow.Values{"base64": "?"}, `field "base64": the text is not base64`},
	} {
		_, err := made(t, "parse", tt.with).(kit.Action).Run(t.Context(), kit.Env{}, flow.Record{})
		if err == nil || !strings.HasPrefix(kit.AsFailure(err).Problem("", "").Error(), tt.want) {
			t.Errorf("%v\nwant %s", err, tt.want)
		}
	}
	res, err := made(t, "parse", flow.Values{"base64": "LSBhCi0gYgo="}).(kit.Action).Run(t.Context(), kit.Env{}, flow.Record{})
	if err != nil || text(res.Data) != `["a","b"]` {
		t.Errorf("%v %v", res, err)
	}
}

func TestCursorTakesOnlyWhatIsNew(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, "in.yaml", "- {id: 1, at: 2026-03-01}\n- {id: 2, at: 2026-03-02}\n")
	with := flow.Values{"path": "in.yaml", "cursor": "at"}
	page, err := made(t, "read", with).(kit.Source).Read(t.Context(), env, nil)
	if err != nil || len(page.Data) != 2 || page.Mark == nil {
		t.Fatalf("%+v %v", page, err)
	}
	put(t, env, "in.yaml", "- {id: 1, at: 2026-03-01}\n- {id: 2, at: 2026-03-02}\n- {id: 3, at: 2026-03-03}\n")
	page, err = made(t, "read", with).(kit.Source).Read(t.Context(), env, page.Mark)
	if err != nil || text(page.Data) != `[{"at":"2026-03-03","id":3}]` {
		t.Errorf("%s %v", text(page.Data), err)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"- a\n- b\n", "a: &x 1\nb: *x\n", "---\n...\n---\n|\n x\n", "{<<: [*a]}", "? a\n: b", "- !!binary x", "\ufeff--- >\n a", "! !!", "&a *a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		env := kittest.Env(t)
		put(t, env, "in.yaml", s)
		op := made(t, "read", flow.Values{"path": "in.yaml"}).(kit.Source)
		page, err := op.Read(t.Context(), env, nil)
		if err != nil {
			return
		}
		for _, v := range page.Data {
			if got, out := back(t, v); !value.Equal(got, v) {
				t.Errorf("%s became %s by way of %q", text(v), text(got), out)
			}
		}
	})
}
