package kit_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func open(t testing.TB, env kit.Env, path string) *kit.RunFile {
	t.Helper()
	f, err := kit.OpenRunFile(env, path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func begin(t testing.TB, f *kit.RunFile, appends bool, head string) {
	t.Helper()
	if err := f.Begin(appends, []byte(head), "note"); err != nil {
		t.Fatal(err)
	}
}

func add(t testing.TB, env kit.Env, batches ...string) {
	t.Helper()
	for _, b := range batches {
		if err := open(t, env, "out").Add("key of "+b, []byte(b+"\n")); err != nil {
			t.Fatal(err)
		}
	}
}

func publish(t testing.TB, env kit.Env, e kit.Ending) {
	t.Helper()
	if err := open(t, env, "out").Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

// journals gives the path of the one journal in the environment.
func journal(t testing.TB, env kit.Env) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(env.Scratch, string(env.Step), "*.journal"))
	if err != nil || len(found) != 1 {
		t.Fatalf("journals %v, %v", found, err)
	}
	return found[0]
}

func part(t testing.TB, env kit.Env) string {
	return strings.TrimSuffix(journal(t, env), ".journal") + ".part"
}

func TestRunFileShowsWhenItIsPublished(t *testing.T) {
	env := kittest.Env(t)
	out := filepath.Join(env.Dir, "out")
	write(t, out, "old")
	if err := os.Chmod(out, 0o604); err != nil {
		t.Fatal(err)
	}
	if open(t, env, "out").Begun() {
		t.Error("it is begun before it is begun")
	}
	begin(t, open(t, env, "out"), false, "head\n")
	add(t, env, "a", "b")
	if got := read(t, out); got != "old" {
		t.Errorf("before the end it is %q", got)
	}
	f := open(t, env, "out")
	if !f.Begun() || f.Appends() || string(f.Note()) != `"note"` || f.Target != out {
		t.Errorf("taken up again: %+v", f)
	}
	publish(t, env, kit.Ending{Tail: []byte("tail\n")})
	publish(t, env, kit.Ending{Tail: []byte("tail\n")})
	if got := read(t, out); got != "head\na\nb\ntail\n" {
		t.Errorf("at the end it is %q", got)
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o604 {
		t.Errorf("its mode became %v, %v", info.Mode(), err)
	}
	if got := names(t, env.Dir); !slices.Equal(got, []string{"out"}) {
		t.Errorf("left behind: %v", got)
	}
}

func TestBatchAddedAgainChangesNothing(t *testing.T) {
	env := kittest.Env(t)
	begin(t, open(t, env, "out"), false, "")
	add(t, env, "a", "a", "b", "a", "b", "c")
	publish(t, env, kit.Ending{})
	add(t, env, "b", "c")
	publish(t, env, kit.Ending{})
	if got := read(t, filepath.Join(env.Dir, "out")); got != "a\nb\nc\n" {
		t.Errorf("%q", got)
	}
}

// TestBatchTornByACrashIsCutAway leaves of the last batch and of its line whatever a disk
// may have kept that had not synced them: a beginning, room without content, all of it.
func TestBatchTornByACrashIsCutAway(t *testing.T) {
	env := kittest.Env(t)
	begin(t, open(t, env, "out"), false, "head\n")
	add(t, env, "a")
	lines, gathered := read(t, journal(t, env)), read(t, part(t, env))
	add(t, env, "b")
	marked, all := read(t, journal(t, env)), read(t, part(t, env))
	line := strings.TrimSuffix(marked, "\n")
	add(t, env, "c")
	whole := read(t, journal(t, env))
	var journals, parts []string
	journals = append(journals, line, lines+strings.Repeat("\x00", len(line)-len(lines)-2)+"}\n")
	for i := len(lines); i < len(line); i++ {
		journals = append(journals, line[:i], line[:i]+strings.Repeat("\x00", len(line)-i)+"\n")
	}
	for i := len(gathered); i <= len(all); i++ {
		parts = append(parts, all[:i], all[:i]+strings.Repeat("\x00", len(all)-i), all[:i]+"xyz")
	}
	for _, j := range journals {
		for _, p := range parts {
			write(t, journal(t, env), j)
			write(t, part(t, env), p)
			add(t, env, "b", "c", "b", "a")
			if got := read(t, part(t, env)); got != "head\na\nb\nc\n" {
				t.Fatalf("journal %q, file %q: %q", j, p, got)
			}
			if got := read(t, journal(t, env)); got != whole {
				t.Fatalf("journal %q, file %q: the journal became\n%s", j, p, got)
			}
		}
	}
}

// TestBatchFoundWholeIsMadeSureOfBeforeItCounts: a program that was killed may have left
// the last batch to the system to write.
func TestBatchFoundWholeIsMadeSureOfBeforeItCounts(t *testing.T) {
	for name, next := range map[string]func(*testing.T, kit.Env){
		"added again": func(t *testing.T, env kit.Env) { add(t, env, "a") },
		"published":   func(t *testing.T, env kit.Env) { publish(t, env, kit.Ending{}) },
	} {
		t.Run(name, func(t *testing.T) {
			env := kittest.Env(t)
			begin(t, open(t, env, "out"), false, "")
			add(t, env, "a")
			sure := read(t, journal(t, env))
			write(t, journal(t, env), strings.TrimSuffix(sure, "\n"))
			next(t, env)
			if got := read(t, journal(t, env)); !strings.HasPrefix(got, sure) {
				t.Errorf("the journal does not say so:\n%s", got)
			}
		})
	}
}

// TestBatchThatCountedIsNeverTakenForATornOne cuts the gathered file behind the back of a
// run: what was said to be on disk must not be left out in silence.
func TestBatchThatCountedIsNeverTakenForATornOne(t *testing.T) {
	env := kittest.Env(t)
	begin(t, open(t, env, "out"), false, "")
	add(t, env, "a", "b")
	write(t, part(t, env), "a\n")
	for name, err := range map[string]error{
		"add":     open(t, env, "out").Add("key of c", []byte("c\n")),
		"publish": open(t, env, "out").Publish(t.Context(), kit.Ending{}),
	} {
		if err == nil || !strings.Contains(err.Error(), "was changed or removed since this run wrote to it") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRunOfTheVersionBeforeGoesOn takes up journals without sums and empty lines, cut off
// at any place.
func TestRunOfTheVersionBeforeGoesOn(t *testing.T) {
	const head = `{"target":%q,"note":"note","end":5}` + "\n"
	for _, tt := range []struct{ name, journal, part, out string }{
		{name: "begun", journal: head, part: "head\n"},
		{name: "a batch", journal: head + `{"batch":"key of a","end":7}` + "\n", part: "head\na\n"},
		{name: "a torn batch", journal: head + `{"batch":"key of a","end":7}` + "\n" + `{"batch":"key of b"`, part: "head\na\nb"},
		{name: "two", journal: head + `{"batch":"key of a","end":7}` + "\n" + `{"batch":"key of b","end":9}` + "\n", part: "head\na\nb\n"},
		{name: "published", journal: head + `{"batch":"key of a","end":7}` + "\n" + `{"publish":"/no/such/file","size":7,"end":7}` + "\n", out: "head\na\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			out := filepath.Join(env.Dir, "out")
			begin(t, open(t, env, "out"), false, "")
			at, gathered := journal(t, env), part(t, env)
			write(t, at, strings.Replace(tt.journal, "%q", fmt.Sprintf("%q", out), 1))
			if tt.out != "" {
				write(t, out, tt.out)
				if err := os.Remove(gathered); err != nil {
					t.Fatal(err)
				}
			} else {
				write(t, gathered, tt.part)
			}
			add(t, env, "a", "b", "c")
			publish(t, env, kit.Ending{Tail: []byte("tail\n")})
			if got := read(t, out); got != "head\na\nb\nc\ntail\n" {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestBeginningTornByACrashIsBegunAnew(t *testing.T) {
	env := kittest.Env(t)
	begin(t, open(t, env, "out"), false, "head\n")
	whole := strings.TrimRight(read(t, journal(t, env)), "\n")
	for cut := range len(whole) {
		write(t, journal(t, env), whole[:cut])
		f := open(t, env, "out")
		if f.Begun() {
			t.Fatalf("torn at %d it counts as begun", cut)
		}
		begin(t, f, false, "HEAD\n")
		add(t, env, "a")
		if got := read(t, part(t, env)); got != "HEAD\na\n" {
			t.Fatalf("torn at %d: %q", cut, got)
		}
	}
}

// TestPublishingCutOffIsBroughtToItsEnd cuts the journal back to every line that
// publishing writes, with the files as they are after a crash behind that line.
func TestPublishingCutOffIsBroughtToItsEnd(t *testing.T) {
	for _, tt := range []struct {
		name    string
		appends bool
		want    string
	}{
		{"whole", false, "a\nb\n]"},
		{"appended", true, "old\na\nb\n]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			out := filepath.Join(env.Dir, "out")
			ending := kit.Ending{Tail: []byte("]")}
			write(t, out, "old\n")
			begin(t, open(t, env, "out"), tt.appends, "")
			add(t, env, "a", "b")
			before, gathered := read(t, journal(t, env)), read(t, part(t, env))
			publish(t, env, ending)
			after := read(t, journal(t, env))
			intent := before + after[len(before):][:strings.IndexByte(after[len(before):], '\n')+1]

			t.Log("the file took its place, the journal does not say so")
			write(t, journal(t, env), intent)
			publish(t, env, ending)
			if got := read(t, out); got != tt.want {
				t.Errorf("%q", got)
			}
			if got := read(t, journal(t, env)); got != after {
				t.Errorf("the journal became\n%s\nwant\n%s", got, after)
			}

			t.Log("the journal says it is about to, the file did not take its place")
			write(t, journal(t, env), intent)
			write(t, part(t, env), gathered+"]")
			if tt.appends {
				write(t, filepath.Join(env.Dir, between(intent, `"publish":"`+env.Dir+"/", `"`)), tt.want)
			}
			write(t, out, "old\n")
			publish(t, env, ending)
			if got := read(t, out); got != tt.want {
				t.Errorf("%q", got)
			}

			t.Log("the ending was written, the journal says nothing yet")
			write(t, journal(t, env), before)
			write(t, part(t, env), gathered+"]")
			write(t, out, "old\n")
			publish(t, env, ending)
			if got := read(t, out); got != tt.want {
				t.Errorf("%q", got)
			}
			if got := names(t, env.Dir); !slices.Equal(got, []string{"out"}) {
				t.Errorf("left behind: %v", got)
			}
		})
	}
}

func between(s, before, after string) string {
	_, s, _ = strings.Cut(s, before)
	s, _, _ = strings.Cut(s, after)
	return s
}

func TestResumedRunGoesOnBehindWhatItPublished(t *testing.T) {
	for _, tt := range []struct {
		name    string
		appends bool
		want    string
	}{
		{"whole", false, "a\nb\nc\nd\n]"},
		{"appended", true, "old\na\nb\n]c\n]d\n]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			out := filepath.Join(env.Dir, "out")
			write(t, out, "old\n")
			begin(t, open(t, env, "out"), tt.appends, "")
			add(t, env, "a", "b")
			ending := kit.Ending{Tail: []byte("]")}
			publish(t, env, ending)
			add(t, env, "c", "a")
			publish(t, env, ending)
			add(t, env, "d")
			publish(t, env, ending)
			publish(t, env, ending)
			if got := read(t, out); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestPublishedFileThatOthersChangedIsNotOverwritten(t *testing.T) {
	env := kittest.Env(t)
	out := filepath.Join(env.Dir, "out")
	begin(t, open(t, env, "out"), false, "")
	add(t, env, "a")
	publish(t, env, kit.Ending{})
	write(t, out, "somebody else's")
	err := open(t, env, "out").Add("later", []byte("b\n"))
	if err == nil || !strings.Contains(err.Error(), "was changed or removed since this run wrote to it") || kit.AsFailure(err).Fix == "" {
		t.Errorf("%v", err)
	}
	if got := read(t, out); got != "somebody else's" {
		t.Errorf("it became %q", got)
	}
}

func TestGatheredBatchesThatAreGoneAreAProblem(t *testing.T) {
	env := kittest.Env(t)
	begin(t, open(t, env, "out"), false, "")
	add(t, env, "a")
	if err := os.Remove(part(t, env)); err != nil {
		t.Fatal(err)
	}
	if err := open(t, env, "out").Publish(t.Context(), kit.Ending{}); err == nil {
		t.Error("a file without its rows was published")
	}
	write(t, journal(t, env), "{}\nnonsense\n")
	if _, err := kit.OpenRunFile(env, "out"); err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("a damaged journal: %v", err)
	}
}

func TestJoinDecidesWhatComesBetween(t *testing.T) {
	array := kit.Ending{Tail: []byte("]"), Join: func(old io.ReaderAt, size int64) (int64, []byte, error) {
		if size == 0 {
			return 0, []byte("["), nil
		}
		last := make([]byte, 1)
		if _, err := old.ReadAt(last, size-1); err != nil || last[0] != ']' {
			return 0, nil, fmt.Errorf("not an array: %q, %v", last, err)
		}
		return size - 1, []byte(","), nil
	}}
	for _, tt := range []struct{ name, old, want string }{
		{"no file", "", "[1\n]"},
		{"an array", "[0]", "[0,1\n]"},
		{"something else", "{}", "{}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := kittest.Env(t)
			out := filepath.Join(env.Dir, "out")
			if tt.old != "" {
				write(t, out, tt.old)
			}
			begin(t, open(t, env, "out"), true, "")
			add(t, env, "1")
			err := open(t, env, "out").Publish(t.Context(), array)
			if (err != nil) != (tt.old == "{}") {
				t.Error(err)
			}
			if got := read(t, out); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			if got := names(t, env.Dir); !slices.Equal(got, []string{"out"}) {
				t.Errorf("left behind: %v", got)
			}
		})
	}
}

func TestNothingAddedAppendsNothing(t *testing.T) {
	env := kittest.Env(t)
	begin(t, open(t, env, "out"), true, "")
	publish(t, env, kit.Ending{Tail: []byte("]")})
	if got := names(t, env.Dir); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestBeginTellsAtOnceThatTheTargetCannotBeWritten(t *testing.T) {
	env := kittest.Env(t)
	write(t, filepath.Join(env.Dir, "file"), "")
	for path, want := range map[string]string{
		"no/out":   "there is no folder " + filepath.Join(env.Dir, "no"),
		".":        "is a folder",
		"file/out": "a part of the path is a file",
		"":         "the path is empty",
	} {
		f, err := kit.OpenRunFile(env, path)
		if err == nil {
			err = f.Begin(false, nil, nil)
		}
		if err == nil || !strings.Contains(err.Error(), want) || kit.AsFailure(err).Field != "path" {
			t.Errorf("%q: %v, want %s", path, err, want)
		}
	}
}

func TestRunFilesListsWhatTheStepHasBegun(t *testing.T) {
	env := kittest.Env(t)
	for _, name := range []string{"x", "y"} {
		begin(t, open(t, env, name), false, "")
	}
	other := env
	other.Step = "other"
	begin(t, open(t, other, "z"), false, "")
	files, err := kit.RunFiles(env)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		got = append(got, filepath.Base(f.Target))
	}
	slices.Sort(got)
	if !slices.Equal(got, []string{"x", "y"}) {
		t.Errorf("%v", got)
	}
	env.Step = "third"
	if files, err := kit.RunFiles(env); err != nil || len(files) != 0 {
		t.Errorf("%v, %v", files, err)
	}
}

func TestSameFileThroughALinkedFolder(t *testing.T) {
	env := kittest.Env(t)
	real := filepath.Join(env.Dir, "real")
	if err := os.Mkdir(real, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", filepath.Join(env.Dir, "link")); err != nil {
		t.Fatal(err)
	}
	begin(t, open(t, env, "link/out"), false, "")
	if err := open(t, env, "link/out").Add("1", []byte("a\n")); err != nil {
		t.Fatal(err)
	}
	if err := open(t, env, "real/../link/out").Publish(t.Context(), kit.Ending{}); err != nil {
		t.Fatal(err)
	}
	if err := open(t, env, "link/out").Add("2", []byte("b\n")); err != nil {
		t.Fatal(err)
	}
	if err := open(t, env, "real/out").Publish(t.Context(), kit.Ending{}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, filepath.Join(real, "out")); got != "a\nb\n" {
		t.Errorf("%q", got)
	}
}

func TestBatchKeyIsThatOfTheRecords(t *testing.T) {
	env := kittest.Env(t)
	batch := func(ids ...flow.RecordID) (b flow.Batch) {
		for _, id := range ids {
			b = append(b, flow.Record{ID: id, Data: len(b)})
		}
		return b
	}
	first, again := kit.BatchKey(env, batch("a", "b")), kit.BatchKey(env, batch("a", "b"))
	if first != again {
		t.Error("the same batch has two keys")
	}
	other := env
	other.Run = "run2"
	keys := map[string]bool{}
	for _, k := range []string{
		first, kit.BatchKey(env, batch("ab")), kit.BatchKey(env, batch("a")),
		kit.BatchKey(env, batch("b", "a")), kit.BatchKey(other, batch("a", "b")), kit.BatchKey(env, nil),
	} {
		keys[k] = true
	}
	if len(keys) != 6 {
		t.Errorf("%d different keys of 6", len(keys))
	}
}

func TestWithoutAFolderOfItsOwnARunPutsOneBesideTheFlow(t *testing.T) {
	env := kittest.Env(t)
	env.Scratch = ""
	begin(t, open(t, env, "out"), false, "")
	add(t, env, "a")
	publish(t, env, kit.Ending{})
	if got := names(t, env.Dir); !slices.Equal(got, []string{".jackfield", "out"}) {
		t.Errorf("%v", got)
	}
}

func BenchmarkRunFileAdd(b *testing.B) {
	env := kittest.Env(b)
	begin(b, open(b, env, "out"), false, "")
	data := bytes.Repeat([]byte("0123456789abcdef\n"), 4096)
	b.SetBytes(int64(len(data)))
	for i := range b.N {
		if err := open(b, env, "out").Add(fmt.Sprint(i), data); err != nil {
			b.Fatal(err)
		}
	}
}
