package json_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// batch makes records whose ids tell them apart from those of other batches.
func batch(name string, data ...any) (b flow.Batch) {
	for i, d := range data {
		b = append(b, flow.Record{ID: flow.Child(flow.StepID(name), nil, i), Data: d})
	}
	return b
}

// wrote writes batches in one run and finishes it.
func wrote(t testing.TB, env kit.Env, with flow.Values, batches ...flow.Batch) {
	t.Helper()
	for _, b := range batches {
		results, err := made(t, "write", with).(kit.Bulk).RunAll(t.Context(), env, b)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			if !r.Same || r.Outlet != flow.Done || r.Err != nil {
				t.Errorf("a value gives %+v", r)
			}
		}
	}
	finish(t, env, with)
}

func finish(t testing.TB, env kit.Env, with flow.Values) {
	t.Helper()
	if err := made(t, "write", with).(kit.Finisher).Finish(t.Context(), env); err != nil {
		t.Fatal(err)
	}
}

// nextRun is an environment of another run in the same folder.
func nextRun(t testing.TB, env kit.Env) kit.Env {
	env.Run += "2"
	env.Scratch = t.TempDir()
	return env
}

func TestWriteMakesLinesOrAList(t *testing.T) {
	one := batch("1", object{"b": "<ü>", "a": 1.0}, nil)
	two := batch("2", []any{1, "x"})
	for _, tt := range []struct {
		name string
		with flow.Values
		want string
	}{
		{"lines", nil, "{\"a\":1,\"b\":\"<ü>\"}\nnull\n[1,\"x\"]\n"},
		{"indent means nothing for lines", flow.Values{"indent": true}, "{\"a\":1,\"b\":\"<ü>\"}\nnull\n[1,\"x\"]\n"},
		{"list", flow.Values{"lines": false}, "[\n{\"a\":1,\"b\":\"<ü>\"},\nnull,\n[1,\"x\"]\n]\n"},
		{
			"indented list",
			flow.Values{"lines": false, "indent": true},
			"[\n  {\n    \"a\": 1,\n    \"b\": \"<ü>\"\n  },\n  null,\n  [\n    1,\n    \"x\"\n  ]\n]\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			with := set(flow.Values{"path": "out.json"}, tt.with)
			wrote(t, env, with, one, two, one)
			if got := content(t, env, "out.json"); got != tt.want {
				t.Errorf("%q\nwant %q", got, tt.want)
			}
			wrote(t, env, with, one, batch("resumed", 7))
			if got, bad := values(t, env, flow.Values{"path": "out.json"}); text(got) != `[{"a":1,"b":"<ü>"},null,[1,"x"],7]` || len(bad) > 0 {
				t.Errorf("after a resume: %s", text(got))
			}
			env = nextRun(t, env)
			wrote(t, env, with, two)
			if got, _ := values(t, env, flow.Values{"path": "out.json", "lines": tt.with["lines"] == nil}); text(got) != `[[1,"x"]]` {
				t.Errorf("after another run: %s", text(got))
			}
		})
	}
}

func TestAppendPutsValuesBehindTheOldOnes(t *testing.T) {
	list := flow.Values{"lines": false}
	for _, tt := range []struct {
		name, old string
		with      flow.Values
		want      string
	}{
		{"no file", "", nil, "1\n2\n"},
		{"lines", "0\n", nil, "0\n1\n2\n"},
		{"last line without end", "0", nil, "0\n1\n2\n"},
		{"no list", "", list, "[\n1,\n2\n]\n"},
		{"list", "[0]", list, "[0,\n1,\n2\n]\n"},
		{"list of ours", "[\n0\n]\n", list, "[\n0,\n1,\n2\n]\n"},
		{"empty list", "[ ]\n", list, "[\n1,\n2\n]\n"},
		{"much space", "[0" + strings.Repeat(" ", 2000) + "]" + strings.Repeat("\n", 2000), list, "[0,\n1,\n2\n]\n"},
		{"only space", " \n", list, "[\n1,\n2\n]\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			if tt.old != "" {
				put(t, env, "out.json", tt.old)
			}
			with := set(flow.Values{"path": "out.json", "mode": "append"}, tt.with)
			wrote(t, env, with, batch("1", 1), batch("2", 2), batch("1", 1))
			if got := content(t, env, "out.json"); got != tt.want {
				t.Errorf("%q\nwant %q", got, tt.want)
			}
			wrote(t, env, with, batch("resumed", 3))
			wrote(t, nextRun(t, env), with, batch("1", 4))
			got, bad := values(t, env, flow.Values{"path": "out.json"})
			if s := text(got); !strings.HasSuffix(s, "1,2,3,4]") || len(bad) > 0 {
				t.Errorf("after a resume and another run: %s", s)
			}
		})
	}
}

func TestWriteThatCannotBeDoneIsAProblem(t *testing.T) {
	for _, tt := range []struct {
		name, old string
		with      flow.Values
		want      string
	}{
		{"no list to append to", "{}", flow.Values{"mode": "append", "lines": false}, `it does not end as a JSON list, so nothing can be appended; write to another file, or turn lines on`},
		{"no folder", "", flow.Values{"path": "no/out.json"}, `field "path": there is no folder `},
		{"a folder", "", flow.Values{"path": "."}, "is a folder"},
		{"a folder to append to", "", flow.Values{"path": ".", "mode": "append"}, "is a folder"},
		{"below a file", "x", flow.Values{"path": "out.json/x"}, "a part of the path is a file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			put(t, env, "out.json", tt.old)
			_, err := made(t, "write", set(flow.Values{"path": "out.json"}, tt.with)).(kit.Bulk).RunAll(t.Context(), env, batch("1", 1))
			if err == nil {
				t.Fatal("it is written")
			}
			if got := kit.AsFailure(err).Problem("", "").Error(); !strings.Contains(got, tt.want) {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
			if got := content(t, env, "out.json"); got != tt.old {
				t.Errorf("the old file became %q", got)
			}
		})
	}
}

func TestRunWithoutRecordsLeavesAFileWithoutValues(t *testing.T) {
	for _, tt := range []struct {
		name string
		with flow.Values
		want string
	}{
		{"lines", nil, ""},
		{"list", flow.Values{"lines": false}, "[]\n"},
		{"appending", flow.Values{"mode": "append", "lines": false}, "[1]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			put(t, env, "out.json", "[1]")
			with := set(flow.Values{"path": "out.json"}, tt.with)
			finish(t, env, with)
			finish(t, env, with)
			if got := content(t, env, "out.json"); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestWriteEndsWithTheRun(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err := made(t, "write", flow.Values{"path": "out.json"}).(kit.Bulk).RunAll(ctx, kittest.Env(t), batch("1", 1))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
