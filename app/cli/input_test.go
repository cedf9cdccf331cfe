package cli

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestInputIsDocumentsOrOneList(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []any
		err        string
	}{
		{name: "nothing", want: []any{}},
		{name: "lines", text: "{\"n\":1}\n\n{\"n\":2}\n", want: []any{map[string]any{"n": 1}, map[string]any{"n": 2}}},
		{name: "one list", text: `[1, "a", null]`, want: []any{1, "a", nil}},
		{name: "an empty list", text: "[]", want: []any{}},
		{name: "two lists", text: "[1]\n[2]", want: []any{[]any{1}, []any{2}}},
		{name: "one value", text: "7", want: []any{7}},
		{name: "cut off", text: "{\"n\":1}\n{\"n\":", err: "read input -: line 2, column 6: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := &Program{In: strings.NewReader(test.text)}
			got, err := p.records("-")
			if test.err != "" {
				if err == nil || !strings.HasPrefix(err.Error(), test.err) {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %#v, %v", got, err)
			}
		})
	}
}

func TestSettingsAreJSONOrElseText(t *testing.T) {
	var s settings
	for _, text := range []string{"nap.for=10ms", "read.limit=3", `read.path=a=b`, `send.headers={"A":"b"}`, "send.on=true", "send.note="} {
		if err := s.Set(text); err != nil {
			t.Fatal(err)
		}
	}
	want := []any{"10ms", 3, "a=b", map[string]any{"A": "b"}, true, ""}
	for i, one := range s {
		if !reflect.DeepEqual(one.Value, want[i]) {
			t.Errorf("%s.%s is %#v, want %#v", one.Step, one.Key, one.Value, want[i])
		}
	}
	for _, text := range []string{"", "nap", "nap=1", ".for=1", "nap.=1", "nap.for"} {
		if err := s.Set(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestFilesThatAreNotThereAreNamedWithTheNearest(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "orders.flow.yaml")
	if err := os.WriteFile(file, []byte("jackfield: 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, path, want string }{
		{"there", file, ""},
		{"near", filepath.Join(dir, "order.flow.yaml"), "did you mean " + file + "?"},
		{"far", filepath.Join(dir, "x"), "there is no file " + filepath.Join(dir, "x") + "; check the path"},
		{"a folder", dir, dir + " is a folder; say which file in it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := readable(test.path)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasSuffix(err.Error(), test.want)) {
				t.Errorf("got %v", err)
			}
		})
	}
}
