package files_test

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func finish(t testing.TB, env kit.Env) {
	t.Helper()
	if err := made(t, "write", nil).(kit.Finisher).Finish(t.Context(), env); err != nil {
		t.Fatal(err)
	}
}

func TestWriteMakesTheFile(t *testing.T) {
	for _, tt := range []struct {
		name string
		old  string
		with flow.Values
		want string
	}{
		{"text", "", flow.Values{"text": "a\nä"}, "a\nä"},
		{"over an old one", "old and longer", flow.Values{"text": "new"}, "new"},
		{"bytes", "", flow.Values{"base64": "AP/+"}, "\x00\xff\xfe"},
		{"nothing", "old", nil, ""},
		{"a number", "", flow.Values{"text": 7}, "7"},
		{"new", "", flow.Values{"text": "a", "mode": "new"}, "a"},
		{"new and the same", "a", flow.Values{"text": "a", "mode": "new"}, "a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			if tt.old != "" {
				put(t, env, map[string]string{"out": tt.old})
			}
			with := flow.Values{"path": "out"}
			for k, v := range tt.with {
				with[k] = v
			}
			want := object{"path": filepath.Join(env.Dir, "out"), "name": "out", "folder": env.Dir, "size": len(tt.want)}
			got, err := run(t, env, "write", with)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%v, %v\nwant %v", got, err, want)
			}
			if got := content(t, env, "out"); got != tt.want {
				t.Errorf("the file is %q", got)
			}
			if got := names(t, env.Dir); !slices.Equal(got, []string{"out"}) {
				t.Errorf("left behind: %v", got)
			}
		})
	}
}

func TestWriteMakesFoldersWhereItMay(t *testing.T) {
	env := kittest.Env(t)
	if _, err := run(t, env, "write", flow.Values{"path": "a/b/out", "text": "x"}); err == nil || !strings.Contains(err.Error(), "there is no folder") {
		t.Errorf("%v", err)
	}
	if _, err := run(t, env, "write", flow.Values{"path": "a/b/out", "text": "x", "folders": true}); err != nil || content(t, env, "a/b/out") != "x" {
		t.Errorf("%v", err)
	}
}

func TestAppendedTextsComeWhenTheRunEnds(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, map[string]string{"out": "old\n"})
	w := made(t, "write", flow.Values{"path": "out", "mode": "append"}).(kit.Bulk)
	batch := flow.Batch{{ID: "a", Data: "1\n"}, {ID: "b", Data: "2\n"}}
	for range 2 { // the second time as after a crash
		results, err := w.RunAll(t.Context(), env, batch)
		if err != nil || len(results) != 2 || results[1].Data[0].(object)["size"] != 2 {
			t.Fatalf("%+v, %v", results, err)
		}
	}
	if got := content(t, env, "out"); got != "old\n" {
		t.Errorf("before the end it is %q", got)
	}
	finish(t, env)
	finish(t, env)
	if got := content(t, env, "out"); got != "old\n1\n2\n" {
		t.Errorf("at the end it is %q", got)
	}
	if _, err := w.RunAll(t.Context(), env, flow.Batch{{ID: "c", Data: "3\n"}}); err != nil {
		t.Fatal(err)
	}
	finish(t, env)
	if got := content(t, env, "out"); got != "old\n1\n2\n3\n" {
		t.Errorf("after a resume it is %q", got)
	}
}

func TestRecordThatIsNoTextFailsAlone(t *testing.T) {
	env := kittest.Env(t)
	for _, mode := range []string{"overwrite", "append"} {
		w := made(t, "write", flow.Values{"path": "out-" + mode, "mode": mode}).(kit.Bulk)
		results, err := w.RunAll(t.Context(), env, flow.Batch{{ID: "a", Data: "1\n"}, {ID: "b", Data: object{}}, {ID: "c", Data: "3\n"}})
		if err != nil || results[0].Err != nil || results[2].Err != nil {
			t.Fatalf("%+v, %v", results, err)
		}
		if f := kit.AsFailure(results[1].Err); f.Field != "text" || !strings.Contains(f.What, "a text is wanted, this is an object") || f.Fix == "" {
			t.Errorf("%+v", f)
		}
	}
	finish(t, env)
	if got := content(t, env, "out-append"); got != "1\n3\n" {
		t.Errorf("%q", got)
	}
	if got := content(t, env, "out-overwrite"); got != "3\n" {
		t.Errorf("%q", got)
	}
}

func TestWriteThatCannotBeDoneIsAProblem(t *testing.T) {
	for _, tt := range []struct {
		name string
		with flow.Values
		want string
	}{
		{"there already", flow.Values{"mode": "new", "text": "x"}, `out is there already; choose another name`},
		{"text and bytes", flow.Values{"text": "x", "base64": "AP/+"}, `field "base64": both a text and bytes are given`},
		{"no base64", flow.Values{"base64": "?"}, `field "base64": this is not base64`},
		{"no path", flow.Values{"path": ""}, `the path is empty`},
		{"a folder", flow.Values{"path": "."}, `is a folder`},
		{"below a file", flow.Values{"path": "out/x"}, `a part of the path is a file`},
		{"folder below a file", flow.Values{"path": "out/x/y", "folders": true}, `a part of the path is a file`},
		{"a name that is too long", flow.Values{"path": strings.Repeat("x", 300)}, "choose a shorter name"},
	} {
		for _, mode := range []string{"overwrite", "append"} {
			t.Run(tt.name+" "+mode, func(t *testing.T) {
				env := kittest.Env(t)
				put(t, env, map[string]string{"out": "old"})
				with := flow.Values{"path": "out", "mode": mode}
				for k, v := range tt.with {
					with[k] = v
				}
				_, err := run(t, env, "write", with)
				if err == nil {
					t.Fatal("it is written")
				}
				if got := kit.AsFailure(err).Problem("", "").Error(); !strings.Contains(got, tt.want) {
					t.Errorf("%s\nwant %s", got, tt.want)
				}
				if got := content(t, env, "out"); got != "old" {
					t.Errorf("the old file became %q", got)
				}
				if got := names(t, env.Dir); !slices.Equal(got, []string{"out"}) {
					t.Errorf("left behind: %v", got)
				}
			})
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := made(t, "write", flow.Values{"path": "out"}).(kit.Action).Run(ctx, kittest.Env(t), flow.Record{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a run that was stopped: %v", err)
	}
}
