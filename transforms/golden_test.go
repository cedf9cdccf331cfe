package transforms

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"jackfield/flow/value"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden checks a file of cases, each some lines that begin with "> " and the answer
// to them behind "< ".
func golden(t *testing.T, path string, answer func(given string) string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var fresh strings.Builder
	cases := 0
	for block := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n\n") {
		var given, want []string
		for line := range strings.SplitSeq(block, "\n") {
			switch {
			case strings.HasPrefix(line, ">"):
				given = append(given, strings.TrimPrefix(strings.TrimPrefix(line, ">"), " "))
			case strings.HasPrefix(line, "<"):
				want = append(want, strings.TrimPrefix(strings.TrimPrefix(line, "<"), " "))
			}
		}
		cases++
		got := answer(strings.Join(given, "\n"))
		if got != strings.Join(want, "\n") && !*update {
			t.Errorf("%s\ngives %s\nnot   %s", strings.Join(given, "\n"), got, strings.Join(want, "\n"))
		}
		for _, line := range given {
			fmt.Fprintln(&fresh, strings.TrimRight("> "+line, " "))
		}
		for line := range strings.SplitSeq(got, "\n") {
			fmt.Fprintln(&fresh, strings.TrimRight("< "+line, " "))
		}
		fmt.Fprintln(&fresh)
	}
	if cases < 10 {
		t.Errorf("only %d cases in %s", cases, path)
	}
	if *update {
		if err := os.WriteFile(path, []byte(strings.TrimSpace(fresh.String())+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSyntaxErrorsSayWhereWhatAndWhatToDo(t *testing.T) {
	golden(t, "testdata/syntax.golden", func(src string) string {
		_, err := Compile(src)
		if err == nil {
			return "fine"
		}
		e := err.(*SyntaxError)
		if e.Offset < 0 || e.Offset > e.End || e.End > len(src) {
			t.Errorf("%s: the stretch %d to %d is not in the text", src, e.Offset, e.End)
		}
		if p := e.Problem("push", "map"); p.Line != e.Line || p.What != e.What || p.Fix != e.Fix || p.Step != "push" || p.Field != "map" {
			t.Errorf("the problem %+v is not the error %+v", p, e)
		}
		return err.Error()
	})
}

// The first line of a case is the program, the second the record.
func TestRunErrorsSayWhereWhatAndWhatToDo(t *testing.T) {
	golden(t, "testdata/run.golden", func(given string) string {
		cut := strings.LastIndexByte(given, '\n')
		in, err := value.Decode([]byte(given[cut+1:]))
		if err != nil {
			t.Fatalf("%s: %v", given, err)
		}
		for _, err := range compiled(t, given[:cut]).Run(t.Context(), in, Vars{}) {
			if err != nil {
				e := err.(*RunError)
				if len([]rune(e.Value)) > clipAt {
					t.Errorf("%s: the value has %d characters", given, len([]rune(e.Value)))
				}
				return e.Error() + "\ngiven " + e.Value
			}
		}
		return "fine"
	})
}
