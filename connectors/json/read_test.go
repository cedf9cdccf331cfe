package json_test

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func TestReadGivesWhatTheFileHolds(t *testing.T) {
	lines := flow.Values{"lines": true}
	for _, tt := range []struct {
		name, file string
		with       flow.Values
		want       string
	}{
		{"a list", `[1, {"a": [2]}, null]`, nil, `[1,{"a":[2]},null]`},
		{"an empty list", " [ ] \n", nil, `[]`},
		{"an object", `{"a": [1, 2]}`, nil, `[{"a":[1,2]}]`},
		{"a text", `"x"`, nil, `["x"]`},
		{"values one after another", "{\"a\": 1}\n{\"a\":\n2}[3]", nil, `[{"a":1},{"a":2},[3]]`},
		{"byte order mark", "\ufeff[1]", nil, `[1]`},
		{"empty file", "", nil, `[]`},
		{"only space", " \n ", nil, `[]`},
		{"inside", `{"x": {"y": [1], "z": 0}, "w": [2]}`, flow.Values{"at": "x.y"}, `[1]`},
		{"inside by pointer", `{"a.b": {"c/d": [1, 2]}}`, flow.Values{"at": "/a.b/c~1d"}, `[1,2]`},
		{"inside a list", `[[1], [2, 3]]`, flow.Values{"at": "[1]"}, `[2,3]`},
		{"lines", "1\n\"a\"\r\n\n  {\"b\": [ ]} \nnull", lines, `[1,"a",{"b":[]},null]`},
		{"a list is a line", "[1,2]\n[3]\n", lines, `[[1,2],[3]]`},
		{"lines with mark", "\ufeff1\n2\n", lines, `[1,2]`},
		{"no lines", "", lines, `[]`},
		{"blank lines", "\n\n \r\n", lines, `[]`},
		{"large numbers", `[12345678901234567890, 1e400]`, nil, `[12345678901234567890,1.7976931348623157e+308]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			put(t, env, "in.json", tt.file)
			got, bad := values(t, env, set(flow.Values{"path": "in.json"}, tt.with))
			if len(bad) > 0 || text(append([]any{}, got...)) != tt.want {
				t.Errorf("%s, bad %v, want %s", text(got), bad, tt.want)
			}
		})
	}
}

func TestLineThatIsNotJSONFailsAlone(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, "in.json", "1\n{\"ä\": 'x'}\n\n2\n{\"b\": 1\n3 4\n\"\xff\"\n5\n")
	all, err := pages(t, env, flow.Values{"path": "in.json", "lines": true})
	if err != nil || len(all) != 1 {
		t.Fatalf("%d pages, %v", len(all), err)
	}
	if got := text(all[0].Data); got != `[1,2,"�",5]` {
		t.Errorf("%s", got)
	}
	for i, want := range []struct {
		at   int
		line int
		text string
		says string
	}{
		{1, 2, `{"ä": 'x'}`, "in.json:2:7: a text in single quotes"},
		{3, 5, `{"b": 1`, "in.json:5:8: the text ends in the middle of a value"},
		{4, 6, "3 4", "in.json:6:3:"},
	} {
		b := all[0].Bad[i]
		shown := any(object{"line": want.line, "text": want.text})
		if b.At != want.at || !reflect.DeepEqual(b.Data, shown) || !strings.HasPrefix(b.Failure.What, want.says) || b.Failure.Kind != kit.Malformed {
			t.Errorf("%+v, want %+v", b, want)
		}
	}
}

func TestFileThatCannotBeReadIsAProblem(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		with       flow.Values
		want       string
	}{
		{"no JSON", "hello", nil, "in.json:1:1: "},
		{"cut off", "[1, {\"a\":", nil, "in.json:1:10: the text ends in the middle of a value; mend the file there"},
		{"comma too many", "[1,\n 2,\n]", nil, "in.json:3:1: "},
		{"more behind the end", "[1]\n[2]", nil, "in.json:2:1: "},
		{"lines not turned on", "{}\n{'a': 1}\n{}\n", nil, "where it has one value on each line, lines: true goes on behind a bad one"},
		{"not there", `{"data": {"items": []}, "n": 1}`, flow.Values{"at": "data.rows"}, `field "at": in.json: there is no "rows" in "data", which has items; name the list`},
		{"not there at all", `{"a": 1, "b": 2}`, flow.Values{"at": "c"}, `there is no "c" in the document, which has a, b`},
		{"not a list", `{"a": {"b": 1}}`, flow.Values{"at": "a"}, `"a" is an object, not a list`},
		{"broken before it", `{"x": tru, "a": []}`, flow.Values{"at": "a"}, "in.json:1:"},
		{"utf-16", "\xff\xfe[\x00]\x00", nil, "it is in UTF-16 or no text at all; name a JSON file in UTF-8"},
		{"gzip", "\x1f\x8b\x08", nil, "it is compressed with gzip"},
		{"missing", "", flow.Values{"path": "inn.json"}, `field "path": there is no file inn.json`},
		{"a folder", "", flow.Values{"path": "."}, "is a folder"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			put(t, env, "in.json", tt.file)
			_, err := pages(t, env, set(flow.Values{"path": "in.json"}, tt.with))
			if err == nil {
				t.Fatal("it is read")
			}
			if got := kit.AsFailure(err).Problem("", "").Error(); !strings.Contains(got, tt.want) {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestRecordsBeforeAFaultAreGiven(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, "in.json", "["+strings.Repeat("1,\n", 1500)+"x]")
	all, err := pages(t, env, flow.Values{"path": "in.json"})
	if err == nil || !strings.HasPrefix(err.Error(), "in.json:1501:1: ") {
		t.Errorf("%v", err)
	}
	if len(all) != 2 || len(all[0].Data) != 1000 || len(all[1].Data) != 500 {
		t.Errorf("%d pages", len(all))
	}
}

func TestPagesGoOnWhereTheOneBeforeEnded(t *testing.T) {
	var members []string
	var want []any
	for i := range 3000 {
		members = append(members, fmt.Sprintf(`{"id": %d, "text": "%s"}`, i, strings.Repeat("ü, ]", i%9)))
		want = append(want, object{"id": i, "text": strings.Repeat("ü, ]", i%9)})
	}
	for _, tt := range []struct {
		name, file string
		with       flow.Values
	}{
		{"list", "\ufeff[\n" + strings.Join(members, "\n , ") + "\n]\n", nil},
		{"inside", `{"x": [{"y": [` + strings.Join(members, ",") + `], "z": 1}, 2]}`, flow.Values{"at": "/x/0/y"}},
		{"one after another", strings.Join(members, ""), nil},
		{"lines", "\ufeff" + strings.Join(members, "\n\n"), flow.Values{"lines": true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			put(t, env, "in.json", tt.file)
			with := set(flow.Values{"path": "in.json"}, tt.with)
			all, err := pages(t, env, with)
			if err != nil || len(all) != 3 {
				t.Fatalf("%d pages, %v", len(all), err)
			}
			if got, _ := values(t, env, with); !reflect.DeepEqual(got, want) {
				t.Errorf("%d records of %d, or others", len(got), len(want))
			}
			put(t, env, "in.json", "["+tt.file)
			if _, err := made(t, "read", with).(kit.Source).Read(t.Context(), env, all[0].Next); err == nil || !strings.Contains(err.Error(), "was exchanged") {
				t.Errorf("another file: %v", err)
			}
		})
	}
}

func TestPageIsNotLargerThanMemoryShouldBe(t *testing.T) {
	env := kittest.Env(t)
	large := `"` + strings.Repeat("x", 1<<20) + `"`
	for name, file := range map[string]string{
		"list":  "[" + large + strings.Repeat(","+large, 9) + "]",
		"lines": strings.Repeat(large+"\n", 10),
	} {
		put(t, env, "in.json", file)
		all, err := pages(t, env, flow.Values{"path": "in.json", "lines": name == "lines"})
		if err != nil || len(all) < 2 || len(all[0].Data) > 5 {
			t.Errorf("%s: %d pages, %v", name, len(all), err)
		}
	}
}

func TestLineBeyondTheLargestIsABadOne(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, "in.json", "1\n"+strings.Repeat("x", 70<<20)+"\n2\n")
	got, bad := values(t, env, flow.Values{"path": "in.json", "lines": true})
	if text(got) != "[1,2]" || len(bad) != 1 || !strings.HasPrefix(bad[1], "in.json:2: the line is longer than 64 MB") {
		t.Errorf("%s, %v", text(got), bad)
	}
}

func TestReadEndsWithTheRun(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, "in.json", "[]")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := made(t, "read", flow.Values{"path": "in.json"}).(kit.Source).Read(ctx, env, nil); err != context.Canceled {
		t.Errorf("%v", err)
	}
	if _, err := made(t, "read", flow.Values{"path": "in.json"}).(kit.Source).Read(t.Context(), env, flow.Cursor("nonsense")); err == nil {
		t.Error("a cursor that cannot be read is read")
	}
}

const isoCodes = "/usr/share/iso-codes/json/" // of Debian's package iso-codes

func TestISOCodesAreReadWhole(t *testing.T) {
	for _, tt := range []struct {
		file, at, key string
	}{
		{"iso_3166-1.json", "3166-1", "alpha_2"},
		{"iso_3166-2.json", "3166-2", "code"},
		{"iso_639-3.json", "639-3", "alpha_3"},
	} {
		t.Run(tt.at, func(t *testing.T) {
			file, err := os.ReadFile(isoCodes + tt.file)
			if err != nil {
				t.Fatalf("%v; install the package iso-codes", err)
			}
			got, bad := values(t, kittest.Env(t), flow.Values{"path": isoCodes + tt.file, "at": tt.at})
			if want := strings.Count(string(file), `"`+tt.key+`":`); len(got) != want || len(bad) != 0 {
				t.Errorf("%d records of %d, bad %v", len(got), want, bad)
			}
			seen := map[any]bool{}
			for _, r := range got {
				seen[r.(object)[tt.key]] = true
			}
			if len(seen) != len(got) || seen[nil] {
				t.Errorf("%d codes in %d records", len(seen), len(got))
			}
			if _, err := pages(t, kittest.Env(t), flow.Values{"path": isoCodes + tt.file, "at": "x" + tt.at}); err == nil || !strings.Contains(err.Error(), tt.at) {
				t.Errorf("a wrong place: %v", err)
			}
		})
	}
}
