package transforms

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFormatLaysOutAsAPersonWould(t *testing.T) {
	golden(t, "testdata/format.golden", func(src string) string {
		out, err := Format(src)
		if err != nil {
			return err.Error()
		}
		return strings.TrimSuffix(out, "\n")
	})
}

// checkFormat holds that formatting keeps the program and its comments, and that a
// second time changes nothing.
func checkFormat(t *testing.T, src string) {
	if _, bad := parse(src); bad != nil {
		return
	}
	out, err := Format(src)
	if err != nil {
		t.Fatalf("%q: %v", src, err)
	}
	again, err := Format(out)
	if err != nil {
		t.Fatalf("%q: formatted once: %v\n%s", src, err, out)
	}
	if again != out {
		t.Fatalf("%q: formatted once:\n%s\ntwice:\n%s", src, out, again)
	}
}

func TestFormatKeepsTheProgram(t *testing.T) {
	for _, src := range append(corpusPrograms, generated(5, 1500)...) {
		checkFormat(t, src)
		// With a comment behind every third word.
		var b strings.Builder
		n := 0
		for _, x := range lex(src) {
			if n++; x.kind == lexOpen || x.kind == lexInsert {
				b.Reset()
				break
			}
			b.WriteString(src[x.start:x.end])
			if b.WriteByte(' '); n%3 == 0 {
				b.WriteString([]string{"# a comment\n", "\n# on its own\n", "\n\n# with a gap\n\n"}[n/3%3])
			}
		}
		checkFormat(t, b.String())
	}
}

func TestFormattedLinesAreNoLongerThanTheirWords(t *testing.T) {
	for _, src := range generated(6, 300) {
		out, err := Format(src)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(out, "\n") {
			if utf8.RuneCountInString(line) <= lineWidth {
				continue
			}
			// What is longer has to be deep, or have no place to break at.
			text := strings.TrimLeft(line, " ")
			if indent := len(line) - len(text); indent < 40 && strings.Count(text, " | ")+strings.Count(text, ", ") > 3 && !strings.Contains(text, `\(`) {
				t.Errorf("this line has %d characters:\n%s", utf8.RuneCountInString(line), line)
			}
		}
	}
}

func FuzzFormat(f *testing.F) {
	for _, src := range corpusPrograms {
		f.Add(src)
		f.Add("# first\n" + src + " # last")
	}
	f.Fuzz(checkFormat)
}
