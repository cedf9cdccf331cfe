package kit_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestOpenTellsWhatStandsInTheWay(t *testing.T) {
	env := kittest.Env(t)
	write(t, filepath.Join(env.Dir, "orders.csv"), "x")
	for _, tt := range []struct {
		name, path string
		code       flow.Code
		what, fix  string
	}{
		{"empty", "", kit.Invalid, "the path is empty", ""},
		{"misspelt", "order.csv", kit.Missing, "there is no file order.csv in " + env.Dir, "did you mean orders.csv?"},
		{"nothing like it", "zzzzzzzzzzzz", kit.Missing, "there is no file zzzzzzzzzzzz", "check the path"},
		{"no folder", "there/orders.csv", kit.Missing, "there is no folder " + filepath.Join(env.Dir, "there"), "check the path"},
		{"a folder", ".", kit.Invalid, env.Dir + " is a folder", "name a file in it"},
		{"below a file", "orders.csv/x", kit.Invalid, "a part of the path is a file", "check the path"},
		{"a device", os.DevNull, kit.Invalid, "is a pipe or a device", "copy"},
		{"too long", strings.Repeat("x", 5000), kit.Invalid, "too long", "choose a shorter name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := env.Open(tt.path)
			if err == nil {
				f.Close()
				t.Fatal("it opens")
			}
			p := kit.AsFailure(err).Problem("s", "")
			if p.Code != tt.code || !strings.Contains(p.What, tt.what) || !strings.Contains(p.Fix, tt.fix) || p.Field != "path" {
				t.Errorf("%s: %v\nwant %s: %s; %s", p.Code, p, tt.code, tt.what, tt.fix)
			}
		})
	}
	f, err := env.Open("orders.csv")
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
}

func TestReplaceFileShowsTheOldOrTheNew(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.txt")
	write(t, path, "old")
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	err := kit.ReplaceFile(path, func(w io.Writer) error {
		io.WriteString(w, "new")
		if got := read(t, path); got != "old" {
			t.Errorf("half-way it is %q", got)
		}
		return nil
	})
	if err != nil || read(t, path) != "new" {
		t.Errorf("%q, %v", read(t, path), err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o640 {
		t.Errorf("its mode became %v", info.Mode())
	}
	broken := errors.New("broken")
	err = kit.ReplaceFile(path, func(w io.Writer) error { io.WriteString(w, "half"); return broken })
	if !errors.Is(err, broken) || read(t, path) != "new" {
		t.Errorf("after an error: %q, %v", read(t, path), err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"out.txt"}) {
		t.Errorf("left behind: %v", got)
	}
}

func TestReplaceFileFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	write(t, filepath.Join(dir, "real"), "old")
	if err := os.Symlink("real", link); err != nil {
		t.Fatal(err)
	}
	if err := kit.ReplaceFile(link, func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 || read(t, filepath.Join(dir, "real")) != "new" {
		t.Errorf("%v %v: %q", info.Mode(), err, read(t, link))
	}
}

func TestReplaceFileTellsWhatStandsInTheWay(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), "")
	for _, tt := range []struct{ name, path, want string }{
		{"no folder", filepath.Join(dir, "no", "x"), "there is no folder " + filepath.Join(dir, "no")},
		{"a folder", dir, dir + " is a folder"},
		{"below a file", filepath.Join(dir, "file", "x"), "a part of the path is a file"},
		{"a device", os.DevNull, "is a pipe or a device"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := kit.ReplaceFile(tt.path, func(io.Writer) error { t.Error("it is written"); return nil })
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

func TestCreateFileLeavesTheOldOne(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.txt")
	fill := func(text string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
	}
	if err := kit.CreateFile(path, fill("first")); err != nil {
		t.Fatal(err)
	}
	err := kit.CreateFile(path, fill("second"))
	if f := kit.AsFailure(err); !errors.Is(err, fs.ErrExist) || f.Kind != kit.Refused || f.What != path+" is there already" {
		t.Errorf("%+v", f)
	}
	if got := names(t, dir); read(t, path) != "first" || !slices.Equal(got, []string{"out.txt"}) {
		t.Errorf("%q beside %v", read(t, path), got)
	}
}

func TestSealTellsAnotherFile(t *testing.T) {
	text := strings.Repeat("0123456789", 100)
	sum := func(s string, offset int64) string {
		seal, err := kit.Seal(strings.NewReader(s), offset)
		if err != nil {
			t.Fatal(err)
		}
		return seal
	}
	if sum(text, 500) != sum(text[:500]+"grown", 500) {
		t.Error("what comes behind the offset changes the seal")
	}
	if sum(text, 500) == sum(strings.Replace(text, "0123", "x123", 50), 500) {
		t.Error("other bytes before the offset have the same seal")
	}
	if sum(text, 3) != sum("012", 3) || sum(text, 0) != sum("", 0) {
		t.Error("the seal of a short beginning")
	}
	if _, err := kit.Seal(strings.NewReader(text), 2000); err == nil {
		t.Error("a file that is shorter than the offset has a seal")
	}
}

func TestNotTextKnowsWhatPeopleMistakeForText(t *testing.T) {
	for head, want := range map[string]string{
		"PK\x03\x04rest": "a zip archive", "\x1f\x8b\x08": "compressed with gzip", "%PDF-1.7": "a PDF document",
		"SQLite format 3\x00": "a SQLite database", "id,name\n": "", "PK,name\n": "", "": "",
	} {
		if got := kit.NotText([]byte(head)); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%q is %q, want %q", head, got, want)
		}
	}
}

func TestNotUTF8FindsTheFirstByte(t *testing.T) {
	for text, want := range map[string]int{"": -1, "a\ufffdä\U0001f600": -1, "\xff": 0, "ä\ufffd\xe4x": 5, "ab\xc3": 2} {
		if got := kit.NotUTF8([]byte(text)); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
