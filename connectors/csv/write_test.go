package csv_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

type object = map[string]any

// batch makes records whose ids tell them apart from those of other batches.
func batch(name string, data ...any) (b flow.Batch) {
	for i, d := range data {
		b = append(b, flow.Record{ID: flow.Child(flow.StepID(name), nil, i), Data: d})
	}
	return b
}

// wrote writes batches in one run and finishes it. It gives what became of each record:
// nothing, or its problem.
func wrote(t testing.TB, env kit.Env, with flow.Values, batches ...flow.Batch) (problems []string) {
	t.Helper()
	for _, b := range batches {
		results, err := made(t, "write", with).(kit.Bulk).RunAll(t.Context(), env, b)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			if r.Err != nil {
				problems = append(problems, kit.AsFailure(r.Err).Problem("", "").Error())
			} else if !r.Same || r.Outlet != flow.Done {
				t.Errorf("a row gives %+v", r)
			} else {
				problems = append(problems, "")
			}
		}
	}
	finish(t, env, with)
	return problems
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

func TestWriteMakesRows(t *testing.T) {
	one := batch("a", object{"b": "x", "a": 1}, object{"a": nil, "b": "y,z"})
	for _, tt := range []struct {
		name string
		with flow.Values
		in   flow.Batch
		want string
	}{
		{"names in order", nil, one, "a,b\n1,x\n,\"y,z\"\n"},
		{"chosen", flow.Values{"columns": []any{"b", "c"}}, one, "b,c\nx,\n\"y,z\",\n"},
		{"without names", flow.Values{"header": false}, one, "1,x\n,\"y,z\"\n"},
		{"tabs", flow.Values{"delimiter": "tab"}, one, "a\tb\n1\tx\n\ty,z\n"},
		{"all names of the batch", nil, batch("a", object{"b": 1}, object{"a": 2}), "a,b\n,1\n2,\n"},
		{
			"kinds of value", nil,
			batch("a", object{"a": true, "b": 1.5, "c": whole("12345678901234567890"), "d": []any{1, "x"}, "e": object{"k": "v"}, "f": nil}),
			"a,b,c,d,e,f\ntrue,1.5,12345678901234567890,\"[1,\"\"x\"\"]\",\"{\"\"k\"\":\"\"v\"\"}\",\n",
		},
		{"quotes", nil, batch("a", object{"a": `"`, "b": "x\r\ny", "c": " z "}), "a,b,c\n\"\"\"\",\"x\r\ny\", z \n"},
		{"names that need quotes", nil, batch("a", object{"a,b": 1, `c"`: 2}), "\"a,b\",\"c\"\"\"\n1,2\n"},
		{"empty alone", nil, batch("a", object{"a": ""}, object{"a": nil}), "a\n\"\"\n\"\"\n"},
		{"delimiter inside a number", flow.Values{"delimiter": "."}, batch("a", object{"a": 1.5, "b": 2}), "a.b\n\"1.5\".2\n"},
		{"long delimiter", flow.Values{"delimiter": "||"}, batch("a", object{"a": "x|", "b": 2}), "a||b\n\"x|\"||2\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			with := flow.Values{"path": "out.csv"}
			for k, v := range tt.with {
				with[k] = v
			}
			for _, p := range wrote(t, env, with, tt.in) {
				if p != "" {
					t.Error(p)
				}
			}
			if got := content(t, env, "out.csv"); got != tt.want {
				t.Errorf("%q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestRowThatCannotBeWrittenFailsAlone(t *testing.T) {
	env := kittest.Env(t)
	got := wrote(t, env, flow.Values{"path": "out.csv"},
		batch("1", object{"a": 1, "b": 2}, "text", nil, []any{1}, object{"a": 3}),
		batch("2", object{"a": 4, "c": 5}, object{"b": 6}))
	for i, want := range []string{
		"",
		`field "row": a row is an object, and this is a text; map the record`,
		`field "row": a row is an object, and this is null`,
		`field "row": a row is an object, and this is a list`,
		"",
		`field "columns": out.csv has no column for c; set columns to all names`,
		"",
	} {
		if want == "" && got[i] != "" || !strings.HasPrefix(got[i], want) {
			t.Errorf("record %d: %q, want %q", i, got[i], want)
		}
	}
	if got := content(t, env, "out.csv"); got != "a,b\n1,2\n3,\n,6\n" {
		t.Errorf("%q", got)
	}
}

func TestBatchOfNothingButEmptyRowsFails(t *testing.T) {
	env := kittest.Env(t)
	got := wrote(t, env, flow.Values{"path": "out.csv"}, batch("1", object{}, "x"), batch("2", object{"a": 1}))
	if !strings.Contains(got[0], "the row is empty") || !strings.Contains(got[1], "an object") || got[2] != "" {
		t.Errorf("%q", got)
	}
	if got := content(t, env, "out.csv"); got != "a\n1\n" {
		t.Errorf("%q", got)
	}
}

func TestFileAppearsWhenTheRunEnds(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, "out.csv", "old")
	with := flow.Values{"path": "out.csv"}
	for range 2 { // the second time as after a crash
		for _, name := range []string{"1", "2"} {
			if _, err := made(t, "write", with).(kit.Bulk).RunAll(t.Context(), env, batch(name, object{"a": name})); err != nil {
				t.Fatal(err)
			}
			if got := content(t, env, "out.csv"); got != "old" {
				t.Errorf("before the end it is %q", got)
			}
		}
	}
	finish(t, env, with)
	finish(t, env, with)
	if got := content(t, env, "out.csv"); got != "a\n1\n2\n" {
		t.Errorf("%q", got)
	}
	wrote(t, env, with, batch("resumed", object{"a": "3"}))
	if got := content(t, env, "out.csv"); got != "a\n1\n2\n3\n" {
		t.Errorf("after a resume: %q", got)
	}
}

func TestAppendPutsRowsBehindTheOldOnes(t *testing.T) {
	row := batch("1", object{"b": 2, "a": 1})
	for _, tt := range []struct {
		name, old string
		with      flow.Values
		want      string
	}{
		{"no file", "", nil, "a,b\n1,2\n"},
		{"rows", "b,a\n8,9\n", nil, "b,a\n8,9\n2,1\n"},
		{"last line without end", "b,a\n8,9", nil, "b,a\n8,9\n2,1\n"},
		{"names in quotes and a mark", "\ufeff\"b\",\"a\"\r\n", nil, "\ufeff\"b\",\"a\"\r\n2,1\n"},
		{"same columns set", "b,a\n", flow.Values{"columns": []any{"b", "a"}}, "b,a\n2,1\n"},
		{"without names", "8,9\n", flow.Values{"header": false}, "8,9\n1,2\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			if tt.old != "" {
				put(t, env, "out.csv", tt.old)
			}
			with := flow.Values{"path": "out.csv", "mode": "append"}
			for k, v := range tt.with {
				with[k] = v
			}
			wrote(t, env, with, row, row)
			if got := content(t, env, "out.csv"); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			env = nextRun(t, env)
			wrote(t, env, with, row)
			if got := content(t, env, "out.csv"); !strings.HasPrefix(got, tt.want) || strings.Count(got, "\n") != strings.Count(tt.want, "\n")+1 {
				t.Errorf("after another run: %q", got)
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
		{"other columns", "a,c\n", flow.Values{"mode": "append", "columns": []any{"a", "b"}}, `field "columns": out.csv has the columns a, c already`},
		{"utf-16", inUTF16("\ufeffa,b\n", false), flow.Values{"mode": "append"}, "out.csv is in UTF-16"},
		{"no folder", "", flow.Values{"path": "no/out.csv"}, `field "path": there is no folder `},
		{"a folder", "", flow.Values{"path": "."}, "is a folder"},
		{"below a file", "x", flow.Values{"path": "out.csv/x"}, "a part of the path is a file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			put(t, env, "out.csv", tt.old)
			with := flow.Values{"path": "out.csv"}
			for k, v := range tt.with {
				with[k] = v
			}
			_, err := made(t, "write", with).(kit.Bulk).RunAll(t.Context(), env, batch("1", object{"a": 1, "b": 2}))
			if err == nil {
				t.Fatal("it is written")
			}
			if got := kit.AsFailure(err).Problem("", "").Error(); !strings.Contains(got, tt.want) {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
			if got := content(t, env, "out.csv"); got != tt.old {
				t.Errorf("the old file became %q", got)
			}
		})
	}
}

func TestRunWithoutRecordsLeavesAFileWithoutRows(t *testing.T) {
	for _, tt := range []struct {
		name string
		with flow.Values
		want string
	}{
		{"columns set", flow.Values{"columns": []any{"a", "b"}}, "a,b\n"},
		{"no columns", nil, ""},
		{"appending", flow.Values{"mode": "append"}, "a\nof yesterday\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			put(t, env, "out.csv", "a\nof yesterday\n")
			with := flow.Values{"path": "out.csv"}
			for k, v := range tt.with {
				with[k] = v
			}
			finish(t, env, with)
			finish(t, env, with)
			if got := content(t, env, "out.csv"); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestEachPathThatAMappingGivesIsAFile(t *testing.T) {
	env := kittest.Env(t)
	for _, name := range []string{"at.csv", "de.csv"} {
		if _, err := made(t, "write", flow.Values{"path": name}).(kit.Bulk).RunAll(t.Context(), env, batch(name, object{"a": name})); err != nil {
			t.Fatal(err)
		}
	}
	finish(t, env, flow.Values{"path": "default.csv"})
	for name, want := range map[string]string{"at.csv": "a\nat.csv\n", "de.csv": "a\nde.csv\n"} {
		if got := content(t, env, name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if _, err := os.Stat(filepath.Join(env.Dir, "default.csv")); err == nil {
		t.Error("a file that nothing was written to is there")
	}
	finish(t, kittest.Env(t), nil)
}

func TestWriteEndsWithTheRun(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err := made(t, "write", flow.Values{"path": "out.csv"}).(kit.Bulk).RunAll(ctx, kittest.Env(t), batch("1", object{"a": 1}))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	env := kittest.Env(t)
	var data []any
	for i := range 300 {
		data = append(data, object{"id": fmt.Sprint(i), "text": strings.Repeat("\"x,\r\n ü", i%5) + "\n", "": "no name", "e": ""})
	}
	for _, d := range []string{",", ";", "tab", "|", "||", " ", "§"} {
		with := flow.Values{"path": "out.csv", "delimiter": d}
		env = nextRun(t, env)
		wrote(t, env, with, batch("1", data[:100]...), batch("2", data[100:]...))
		got, bad := table(t, env, with)
		if len(got) != len(data) || len(bad) > 0 {
			t.Fatalf("%s: %d of %d, %d bad", d, len(got), len(data), len(bad))
		}
		for i := range got {
			m := got[i].(object)
			m[""] = m["column1"]
			delete(m, "column1")
			if fmt.Sprint(m) != fmt.Sprint(data[i]) {
				t.Fatalf("%s: row %d is %q, want %q", d, i, m, data[i])
			}
		}
	}
}
