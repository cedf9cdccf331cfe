package files_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"jackfield/connectors/files"
	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// listed reads a list to its end, and gives the paths below the environment's folder.
func listed(t testing.TB, env kit.Env, with flow.Values) (paths []string, pages int) {
	t.Helper()
	var after flow.Cursor
	for {
		page, err := made(t, "list", with).(kit.Source).Read(t.Context(), env, after)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, d := range page.Data {
			rel, err := filepath.Rel(env.Dir, d.(object)["path"].(string))
			if err != nil {
				t.Fatal(err)
			}
			paths = append(paths, filepath.ToSlash(rel))
		}
		for _, b := range page.Bad {
			t.Errorf("bad: %v", b.Failure)
		}
		if !page.More {
			return paths, pages
		}
		after = page.Next
	}
}

func TestListFindsWhatThePatternSays(t *testing.T) {
	env := kittest.Env(t)
	contents := map[string]string{}
	for _, name := range []string{
		"a.csv", "b.txt", "c.CSV", ".hidden.csv", "x[1].csv",
		"in/a.csv", "in/b.txt", "in/deep/a.csv", "in/deep/deeper/z.csv", "in.csv/a.csv", "in-2/a.csv",
		".git/a.csv", "in/.cache/a.csv",
	} {
		contents[name] = "x"
	}
	put(t, env, contents)
	for _, tt := range []struct {
		pattern   string
		recursive bool
		want      string
	}{
		{"*", false, "a.csv b.txt c.CSV x[1].csv"},
		{"*.csv", false, "a.csv x[1].csv"},
		{"?.csv", false, "a.csv"},
		{"[ab].*", false, "a.csv b.txt"},
		{`x\[1\].csv`, false, "x[1].csv"},
		{".*", false, ".hidden.csv"},
		{"*.csv", true, "a.csv in/a.csv in/deep/a.csv in/deep/deeper/z.csv in-2/a.csv in.csv/a.csv x[1].csv"},
		{"z.*", true, "in/deep/deeper/z.csv"},
		{"in/*.csv", false, "in/a.csv"},
		{"in*/a.csv", false, "in/a.csv in-2/a.csv in.csv/a.csv"},
		{"**/a.csv", false, "a.csv in/a.csv in/deep/a.csv in-2/a.csv in.csv/a.csv"},
		{"in/**", false, "in/a.csv in/b.txt in/deep/a.csv in/deep/deeper/z.csv"},
		{"in/**/z.csv", false, "in/deep/deeper/z.csv"},
		{"**/deep/**/*.csv", false, "in/deep/a.csv in/deep/deeper/z.csv"},
		{"**", false, "a.csv b.txt c.CSV in/a.csv in/b.txt in/deep/a.csv in/deep/deeper/z.csv in-2/a.csv in.csv/a.csv x[1].csv"},
		{".git/*", false, ".git/a.csv"},
		{"**/.cache/*", false, "in/.cache/a.csv"},
		{"nothing", true, ""},
	} {
		t.Run(tt.pattern, func(t *testing.T) {
			got, _ := listed(t, env, flow.Values{"folder": ".", "pattern": tt.pattern, "recursive": tt.recursive})
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("%s\nwant %s", s, tt.want)
			}
		})
	}
}

func TestListDescribesTheFile(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, map[string]string{"in/a.txt": "four"})
	page, err := made(t, "list", flow.Values{"folder": "in"}).(kit.Source).Read(t.Context(), env, nil)
	if err != nil || len(page.Data) != 1 || page.More || page.Mark != nil {
		t.Fatalf("%+v, %v", page, err)
	}
	got := page.Data[0].(object)
	if modified, _ := got["modified"].(string); !strings.HasSuffix(modified, "Z") {
		t.Errorf("modified %q", modified)
	}
	delete(got, "modified")
	want := object{"path": filepath.Join(env.Dir, "in", "a.txt"), "name": "a.txt", "folder": filepath.Join(env.Dir, "in"), "size": 4}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestListGoesOnWhereThePageBeforeEnded(t *testing.T) {
	env := kittest.Env(t)
	var want []string
	for folder := range 3 {
		for file := range 1500 {
			want = append(want, fmt.Sprintf("f%d/%05d", folder, file))
		}
	}
	contents := map[string]string{}
	for _, w := range want {
		contents[w] = ""
	}
	put(t, env, contents)
	got, pages := listed(t, env, flow.Values{"folder": ".", "recursive": true})
	if pages != 3 || !reflect.DeepEqual(got, want) {
		t.Errorf("%d files of %d in %d pages, or in another order", len(got), len(want), pages)
	}
}

func TestListFollowsLinksToFilesOnly(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, map[string]string{"in/a.txt": "x"})
	for link, to := range map[string]string{"to-file": "in/a.txt", "in/to-above": "..", "to-nothing": "gone"} {
		if err := os.Symlink(filepath.FromSlash(to), filepath.Join(env.Dir, filepath.FromSlash(link))); err != nil {
			t.Fatal(err)
		}
	}
	got, _ := listed(t, env, flow.Values{"folder": ".", "recursive": true})
	if s := strings.Join(got, " "); s != "in/a.txt to-file" {
		t.Errorf("%s", s)
	}
}

func TestListThatCannotBeDoneIsAProblem(t *testing.T) {
	env := kittest.Env(t)
	put(t, env, map[string]string{"file": ""})
	for _, tt := range []struct{ folder, want string }{
		{"gone", `field "folder": there is no folder ` + filepath.Join(env.Dir, "gone") + `; check the path`},
		{"file", "file is a file, not a folder"},
		{"file/x", "a part of the path is a file"},
		{"", "the path is empty"},
	} {
		_, err := made(t, "list", flow.Values{"folder": tt.folder}).(kit.Source).Read(t.Context(), env, nil)
		if err == nil || !strings.Contains(kit.AsFailure(err).Problem("", "").Error(), tt.want) {
			t.Errorf("%q: %v, want %s", tt.folder, err, tt.want)
		}
	}
	op, _ := files.New().Op("list")
	for pattern, want := range map[string]string{"": "no pattern", "/x": "no pattern", "[a": "has no ]", "a**": "must stand alone"} {
		problems := op.New().Fields().Bind("s", flow.Values{"pattern": pattern})
		if len(problems) != 1 || !strings.Contains(problems[0].What, want) {
			t.Errorf("pattern %q: %v, want %s", pattern, problems, want)
		}
	}
	if _, err := made(t, "list", flow.Values{"folder": "."}).(kit.Source).Read(t.Context(), env, flow.Cursor("nonsense")); err == nil {
		t.Error("a cursor that cannot be read is read")
	}
}
