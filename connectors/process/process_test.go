//go:build unix

package process_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/connectors/process"
	"jackfield/flow"
)

type object = map[string]any

func TestDeclaration(t *testing.T) { kittest.Connector(t, process.New()) }

// made is an operation with its settings bound.
func made(t testing.TB, name string, with flow.Values) kit.Operation {
	t.Helper()
	op, ok := process.New().Op(name)
	if !ok {
		t.Fatalf("there is no operation %q", name)
	}
	o := op.New()
	if problems := o.Fields().Bind("step", with); len(problems) > 0 {
		t.Fatal(problems)
	}
	return o
}

// noted is an environment that keeps the log.
func noted(t testing.TB) (env kit.Env, log func() string) {
	var mu sync.Mutex
	var text strings.Builder
	env = kittest.Env(t)
	env.Write = func(l flow.LogLine) {
		mu.Lock()
		defer mu.Unlock()
		text.WriteString(l.Text + "\n")
	}
	return env, func() string {
		mu.Lock()
		defer mu.Unlock()
		return text.String()
	}
}

// script runs a line of the shell; with adds settings.
func script(t testing.TB, env kit.Env, line string, with flow.Values) ([]any, error) {
	t.Helper()
	all := flow.Values{"program": line, "shell": true}
	for name, v := range with {
		all[name] = v
	}
	r, err := made(t, "run", all).(kit.Action).Run(t.Context(), env, flow.Record{ID: "r1", Data: object{}})
	return r.Data, err
}

func TestWhatGoesInAndWhatComesOut(t *testing.T) {
	for _, test := range []struct {
		name, line string
		with       flow.Values
		want       []any
	}{
		{"a document each way", "cat", flow.Values{"input": object{"n": 1, "s": "ä\n"}}, []any{object{"n": 1, "s": "ä\n"}}},
		{"no input is null", "cat", nil, []any{nil}},
		{"several documents", `printf '{"a":1}\n\n[2] 3'`, nil, []any{object{"a": 1}, []any{2}, 3}},
		{"nothing printed is no record", "true", nil, []any{}},
		{"numbers stay as they are", `printf 9007199254740993`, nil, nil},
		{
			"a list on lines", "cat",
			flow.Values{"input": []any{1, "two", object{"n": 3}}, "input_as": "lines", "output_as": "lines"},
			[]any{object{"line": "1"}, object{"line": `"two"`}, object{"line": `{"n":3}`}},
		},
		{"text", "tr a-z A-Z", flow.Values{"input": "hello\n", "input_as": "text", "output_as": "text"}, []any{object{"text": "HELLO\n"}}},
		{
			"lines with returns and without an end", `printf 'a\r\nb\n\nc'`,
			flow.Values{"output_as": "lines"},
			[]any{object{"line": "a"}, object{"line": "b"}, object{"line": ""}, object{"line": "c"}},
		},
		{"bytes", "cat", flow.Values{"input": "/wAB", "input_as": "base64", "output_as": "base64"}, []any{object{"base64": "/wAB"}}},
		{"nothing to read", "cat; echo '1'", flow.Values{"input_as": "none"}, []any{1}},
		{
			"whatever it ends with", "echo out; echo why >&2; exit 3",
			flow.Values{"output_as": "all"},
			[]any{object{"code": 3, "output": "out\n", "error": "why"}},
		},
		{"a code that is well", "echo 1; exit 4", flow.Values{"codes": []any{"0", "4"}}, []any{1}},
		{"does not read what it is given", "echo 1", flow.Values{"input": strings.Repeat("x", 1<<20)}, []any{1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			env, _ := noted(t)
			got, err := script(t, env, test.line, test.with)
			if err != nil {
				t.Fatal(err)
			}
			if test.want == nil {
				if s := reflect.ValueOf(got[0]).Interface(); !strings.Contains(strings.TrimSpace(toText(s)), "9007199254740993") {
					t.Errorf("gives %v", s)
				}
				return
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("gives %#v, not %#v", got, test.want)
			}
		})
	}
}

func toText(v any) string {
	switch v := v.(type) {
	case int:
		return strconv.Itoa(v)
	case interface{ String() string }:
		return v.String()
	}
	return ""
}

func TestArgumentsAreNeverRead(t *testing.T) {
	nasty := []any{"a b", "$(touch oops)", "`touch oops`", "; touch oops", "*", "", `"'\`, "-n"}
	var want []any
	for _, a := range nasty {
		want = append(want, object{"line": a})
	}
	for name, with := range map[string]flow.Values{
		"handed over":         {"program": "printf", "args": append([]any{`%s\n`}, nasty...)},
		"by way of the shell": {"program": `printf '%s\n' "$@"`, "args": nasty, "shell": true},
	} {
		t.Run(name, func(t *testing.T) {
			env, _ := noted(t)
			with["output_as"] = "lines"
			r, err := made(t, "run", with).(kit.Action).Run(t.Context(), env, flow.Record{ID: "r1"})
			if err != nil || !reflect.DeepEqual(r.Data, want) {
				t.Errorf("gives %v, %v", r.Data, err)
			}
			if _, err := os.Stat(filepath.Join(env.Dir, "oops")); err == nil {
				t.Error("an argument was run")
			}
		})
	}
}

func TestAProgramSeesOnlyWhatItMay(t *testing.T) {
	t.Setenv("JACKFIELD_TEST_HIDDEN", "hidden")
	t.Setenv("JACKFIELD_TEST_SHOWN", "shown")
	env, log := noted(t)
	got, err := script(t, env, "env; pwd", flow.Values{
		"output_as": "lines", "env": object{"COLOUR": "red"}, "inherit": []any{"PATH", "JACKFIELD_TEST_SHOWN"},
		"secret_variable": "TOKEN", "secret": "s3cret-canary",
	})
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for _, one := range got {
		text = append(text, one.(object)["line"].(string))
	}
	folder, _ := filepath.EvalSymlinks(env.Dir)
	for _, want := range []string{"COLOUR=red", "JACKFIELD_TEST_SHOWN=shown", "TOKEN=s3cret-canary", "JACKFIELD_RUN=run1", "JACKFIELD_KEY=" + env.Key("r1"), folder} {
		if !slices.Contains(text, want) {
			t.Errorf("%s is missing in %q", want, text)
		}
	}
	if strings.Contains(strings.Join(text, "\n"), "hidden") {
		t.Error("it sees what it may not")
	}
	if strings.Contains(log(), "canary") {
		t.Errorf("the log shows the secret: %s", log())
	}
}

func TestWhatGoesWrongIsNamed(t *testing.T) {
	for _, test := range []struct {
		name string
		with flow.Values
		kind flow.Code
		want string
	}{
		{"no such program", flow.Values{"program": "no-such-program-here"}, kit.Missing, `no program "no-such-program-here"`},
		{"no such path", flow.Values{"program": "./none"}, kit.Missing, "none"},
		{"not to be executed", flow.Values{"program": "./plain.txt"}, kit.Denied, "cannot be run"},
		{"an exit code", flow.Values{"program": "echo first >&2; echo at last >&2; exit 9", "shell": true}, kit.Refused, "exit code 9: at last"},
		{"a signal", flow.Values{"program": "kill -9 $$", "shell": true}, kit.Refused, "the signal killed"},
		{"no JSON", flow.Values{"program": "echo hello", "shell": true}, kit.Malformed, "no JSON"},
		{"no text", flow.Values{"program": `printf '\377'`, "shell": true, "output_as": "text"}, kit.Malformed, "UTF-8"},
		{"no list to read", flow.Values{"program": "cat", "input": object{}, "input_as": "lines"}, kit.Invalid, "no list"},
		{"too much", flow.Values{"program": "yes", "output_as": "text", "max_output": 1}, kit.Refused, "more than 1 MB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			env, _ := noted(t)
			if err := os.WriteFile(filepath.Join(env.Dir, "plain.txt"), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := made(t, "run", test.with).(kit.Action).Run(t.Context(), env, flow.Record{ID: "r1"})
			f := kit.AsFailure(err)
			if err == nil || f.Kind != test.kind || !strings.Contains(f.What, test.want) || f.Fix == "" {
				t.Errorf("fails with %s: %s; %s", f.Kind, f.What, f.Fix)
			}
		})
	}
}

// gone says whether the process has ended, and waits for that as long as the test may go on.
func gone(t *testing.T, pid int) {
	t.Helper()
	for syscall.Kill(pid, 0) == nil {
		if t.Context().Err() != nil {
			t.Fatalf("process %d goes on", pid)
		}
		state, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if strings.Contains(string(state), ") Z ") {
			return // nobody has asked for its end yet
		}
	}
}

func TestAStoppedProgramLeavesNothingBehind(t *testing.T) {
	for name, line := range map[string]string{
		"ends when it is asked":      `sleep 600 & echo $! >&2; wait`,
		"does not hear":              `trap '' TERM; sh -c 'trap "" TERM; echo $$ >&2; while :; do sleep 600; done'`,
		"its child holds the output": `sleep 600 & echo $! >&2; exec sleep 600`,
	} {
		t.Run(name, func(t *testing.T) {
			env := kittest.Env(t)
			started := make(chan int, 1)
			env.Write = func(l flow.LogLine) {
				_, text, _ := strings.Cut(l.Text, ": ")
				if pid, err := strconv.Atoi(text); err == nil {
					started <- pid
				}
			}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			go func() {
				pid := <-started
				stop()
				started <- pid
			}()
			_, err := made(t, "run", flow.Values{"program": line, "shell": true, "grace": "50ms"}).(kit.Action).Run(ctx, env, flow.Record{ID: "r1"})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("ends with %v", err)
			}
			gone(t, <-started)
		})
	}
}

func TestTooSlowIsUncertain(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), time.Millisecond)
	defer stop()
	_, err := made(t, "run", flow.Values{"program": "sleep", "args": []any{"600"}}).(kit.Action).Run(ctx, kittest.Env(t), flow.Record{ID: "r1"})
	if f := kit.AsFailure(err); f.Kind != kit.TimedOut || !f.Uncertain {
		t.Errorf("fails with %+v", f)
	}
}

func TestTheEffectIsWhatThePersonSays(t *testing.T) {
	for _, want := range []kit.Effect{kit.Once, kit.Repeatable, kit.Reads} {
		if got := made(t, "run", flow.Values{"program": "x", "effect": string(want)}).(kit.Effector).Effect(); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}

// heard listens until stop says so, and gives what came.
func heard(t *testing.T, with flow.Values, stop func(n int) bool) (values []any, err error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	env, _ := noted(t)
	err = made(t, "listen", with).(kit.Listener).Listen(ctx, env, func(_ context.Context, e kit.Event) (kit.Receipt, error) {
		values = append(values, e.Data...)
		if stop(len(values)) {
			cancel()
		}
		return kit.Receipt{}, nil
	})
	return values, err
}

func TestEachLineStartsARun(t *testing.T) {
	got, err := heard(t, flow.Values{"program": "echo one; echo two; sleep 600", "shell": true}, func(n int) bool { return n == 2 })
	if !errors.Is(err, context.Canceled) || !reflect.DeepEqual(got, []any{object{"line": "one"}, object{"line": "two"}}) {
		t.Errorf("gives %v, %v", got, err)
	}
	got, err = heard(t, flow.Values{"program": `echo '{"n":1}'; echo nonsense; echo 2`, "shell": true, "output_as": "json"}, func(int) bool { return false })
	if f := kit.AsFailure(err); f.Kind != kit.Unavailable || !strings.Contains(f.What, "exit code 0") {
		t.Errorf("ends with %v", err)
	}
	if !reflect.DeepEqual(got, []any{object{"n": 1}, 2}) {
		t.Errorf("gives %v", got)
	}
}

func TestLinesWaitUntilTheOnesBeforeAreSafe(t *testing.T) {
	const most = 20_000
	got, _ := heard(t, flow.Values{"program": "seq", "args": []any{"1", strconv.Itoa(most)}}, func(int) bool { return false })
	if len(got) != most || got[most-1].(object)["line"] != strconv.Itoa(most) {
		t.Errorf("%d lines came", len(got))
	}
}

func TestMain(m *testing.M) {
	if _, err := exec.LookPath("sh"); err != nil {
		panic(err)
	}
	m.Run()
}
