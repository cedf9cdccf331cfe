package widgets

import (
	"strings"
	"testing"
)

// at makes a buffer of a text in which "|" marks the caret and "^" the anchor, where
// that is elsewhere.
func at(marked string) *buffer {
	caret := strings.Index(strings.ReplaceAll(marked, "^", ""), "|")
	anchor := strings.Index(strings.ReplaceAll(marked, "|", ""), "^")
	b := newBuffer(strings.NewReplacer("|", "", "^", "").Replace(marked))
	b.move(b.placeOf(caret), false)
	if anchor >= 0 {
		b.anchor = b.placeOf(anchor)
	}
	return b
}

// marked is the text with the marks that at reads.
func marked(b *buffer) string {
	text, caret, anchor := b.text(), b.offset(b.caret), b.offset(b.anchor)
	switch {
	case caret == anchor:
		return text[:caret] + "|" + text[caret:]
	case caret < anchor:
		return text[:caret] + "|" + text[caret:anchor] + "^" + text[anchor:]
	}
	return text[:anchor] + "^" + text[anchor:caret] + "|" + text[caret:]
}

func TestEditing(t *testing.T) {
	type edit = func(b *buffer)
	word := func(text string) edit {
		return func(b *buffer) {
			for _, r := range text {
				b.typed(r, true)
			}
		}
	}
	enter := func(b *buffer) { b.newline() }
	back := func(b *buffer) { b.backspace(false) }
	tests := []struct {
		name, from string
		do         edit
		want       string
	}{
		{"typing", "a|c", word("b"), "ab|c"},
		{"typing over a selection", "a^bb|c", word("x"), "ax|c"},
		{"an opening bracket brings its partner", "map|", word("("), "map(|)"},
		{"a closing bracket is typed over", "map(.a|)", word(")"), "map(.a)|"},
		{"a bracket before a word stays alone", "|abc", word("("), "(|abc"},
		{"a bracket goes around a selection", "^.a|", word("["), "[^.a|]"},
		{"a quote brings its partner", "x = |", word(`"`), `x = "|"`},
		{"a quote ends a text", `"abc|"`, word(`"`), `"abc"|`},
		{"a quote behind a letter stays alone", `"ab|`, word(`"`), `"ab"|`},
		{"an umlaut and a picture are one rune each", "ä|", word("🙂ß"), "ä🙂ß|"},
		{"a new line keeps the indent", "  .a|", enter, "  .a\n  |"},
		{"a new line after a bracket goes in", "{|", enter, "{\n  |"},
		{"a new line opens a pair out", "  [|]", enter, "  [\n    |\n  ]"},
		{"backspace joins lines", "a\n|b", back, "a|b"},
		{"backspace takes an indent", "    |x", back, "  |x"},
		{"backspace takes an empty pair", "f(|)", back, "f|"},
		{"backspace at the beginning", "|a", back, "|a"},
		{"backspace takes a word", "select(.total|", func(b *buffer) { b.backspace(true) }, "select(.|"},
		{"delete joins lines", "a|\nb", func(b *buffer) { b.delete(false) }, "a|b"},
		{"delete takes a word", "|total > 1", func(b *buffer) { b.delete(true) }, "| > 1"},
		{"lines go in", "^a\nb|\nc", func(b *buffer) { b.indentLines(false) }, "  ^a\n  b|\nc"},
		{"lines go out", "  a^\n   b|", func(b *buffer) { b.indentLines(true) }, "a^\n b|"},
		{"a line that is only reached does not", "^a\n|b", func(b *buffer) { b.indentLines(false) }, "  ^a\n|b"},
		{"lines become comments", "^.a\n  .b|", func(b *buffer) { b.comment("#") }, "# ^.a\n  # .b|"},
		{"comments become lines", "# .a\n#.b|", func(b *buffer) { b.comment("#") }, "# .a\n.b|"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := at(tt.from)
			tt.do(b)
			if got := marked(b); got != tt.want {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			after := b.text()
			for b.undo() {
			}
			if want := strings.NewReplacer("|", "", "^", "").Replace(tt.from); b.text() != want {
				t.Fatalf("undone it is %q, want %q", b.text(), want)
			}
			for b.redo() {
			}
			if b.text() != after {
				t.Fatalf("redone it is %q, want %q", b.text(), after)
			}
		})
	}
}

func TestMoving(t *testing.T) {
	tests := []struct {
		name, from string
		do         func(b *buffer)
		want       string
	}{
		{"left across lines", "a\n|b", func(b *buffer) { b.move(b.left(b.caret), false) }, "a|\nb"},
		{"right across lines", "a|\nb", func(b *buffer) { b.move(b.right(b.caret), false) }, "a\n|b"},
		{"a word left", "map(.total_sum|)", func(b *buffer) { b.move(b.wordLeft(b.caret), false) }, "map(.|total_sum)"},
		{"a word right", "a| + $run", func(b *buffer) { b.move(b.wordRight(b.caret), false) }, "a +| $run"},
		{"home goes to the first mark", "  .a|", func(b *buffer) { b.home(false) }, "  |.a"},
		{"and then to the beginning", "  |.a", func(b *buffer) { b.home(false) }, "|  .a"},
		{"down keeps its column over a short line", "abcd|\n\nabcdef", func(b *buffer) { b.vertical(1, false); b.vertical(1, false) }, "abcd\n\nabcd|ef"},
		{"up from the first line", "ab|c", func(b *buffer) { b.vertical(-1, false) }, "|abc"},
		{"down from the last line chooses", "a|bc", func(b *buffer) { b.vertical(1, true) }, "a^bc|"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := at(tt.from)
			tt.do(b)
			if got := marked(b); got != tt.want {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestUndoTakesBackWordsNotLetters(t *testing.T) {
	b := newBuffer("")
	for _, r := range "select name" {
		b.typed(r, true)
	}
	b.undo()
	if b.text() != "select " {
		t.Fatalf("one undo leaves %q", b.text())
	}
	b.undo()
	if b.text() != "" {
		t.Fatalf("two leave %q", b.text())
	}
}

func TestTypingElsewhereIsAnotherChange(t *testing.T) {
	b := newBuffer("")
	b.typed('a', true)
	b.move(place{}, false)
	b.typed('b', true)
	b.undo()
	if b.text() != "a" {
		t.Fatalf("it is %q", b.text())
	}
}

func TestPartnerOfABracket(t *testing.T) {
	skip := func(inText ...int) func(place) bool {
		return func(p place) bool {
			for _, col := range inText {
				if p.col == col {
					return true
				}
			}
			return false
		}
	}
	tests := []struct {
		name, text string
		skip       func(place) bool
		want       int
	}{
		{"behind", "(a[b])|", skip(), 0},
		{"before", "|(a[b])", skip(), 5},
		{"none", "(a|", skip(), -1},
		{"not one in a text", `|( ")" )`, skip(3), 6},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, other, found := at(tt.text).partner(tt.skip)
			if found != (tt.want >= 0) || found && other.col != tt.want {
				t.Fatalf("got %v, %v", other, found)
			}
		})
	}
}

// FuzzBuffer edits at random and takes all of it back.
func FuzzBuffer(f *testing.F) {
	f.Add("a(b)\n  \"c\"", []byte{0, 3, 9, 4, 40, 7, 80, 12})
	f.Add("", []byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, text string, steps []byte) {
		text, steps = strings.ToValidUTF8(text, "?"), steps[:min(len(steps), mostPast)]
		b := newBuffer(text)
		for _, s := range steps {
			switch b.move(b.placeOf(int(s)*3), s%5 == 0); s % 11 {
			case 0, 1, 2:
				b.typed([]rune(`("]ä `)[s%5], true)
			case 3:
				b.newline()
			case 4:
				b.backspace(s%2 == 0)
			case 5:
				b.delete(s%2 == 0)
			case 6:
				b.indentLines(s%2 == 0)
			case 7:
				b.comment("#")
			case 8:
				b.insert("x\ny")
			case 9:
				b.undo()
			default:
				b.redo()
			}
			if b.inside(b.caret) != b.caret || b.inside(b.anchor) != b.anchor {
				t.Fatalf("caret %v, anchor %v in %q", b.caret, b.anchor, b.text())
			}
			if got := b.placeOf(b.offset(b.caret)); got != b.caret {
				t.Fatalf("the caret at %v comes back as %v in %q", b.caret, got, b.text())
			}
		}
		for b.undo() {
		}
		if b.text() != text {
			t.Fatalf("undone it is %q, it was %q", b.text(), text)
		}
	})
}
