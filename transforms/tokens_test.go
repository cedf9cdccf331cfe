package transforms

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/itchyny/gojq"
)

func TestTokensAreCutByTheirMeaning(t *testing.T) {
	short := map[TokenKind]string{
		FieldToken: "f", StringToken: "s", NumberToken: "n", KeywordToken: "k", FunctionToken: "F", VariableToken: "v",
		OperatorToken: "o", CommentToken: "c", PunctuationToken: "p", FormatToken: "@", ErrorToken: "e",
	}
	for _, c := range []struct{ name, src, want string }{
		{"a path", `.a.b[0]?`, "f:.a f:.b p:[ n:0 p:] o:?"},
		{"a pipe", `.a | length # how long`, "f:.a o:| F:length c:# how long"},
		{"a text with parts", `"a \(.x + "b\(1)") c"`, `s:" s:a  p:\( f:.x o:+ s:" s:b p:\( n:1 p:) s:" p:) s: c s:"`},
		{"parentheses inside of a part", `"\((1))"`, `s:" p:\( p:( n:1 p:) p:) s:"`},
		{"keys", `{a: 1, "b": 2, if: 3, $x, c}`, `p:{ f:a p:: n:1 p:, f:"b" p:: n:2 p:, f:if p:: n:3 p:, v:$x p:, f:c p:}`},
		{"functions as values of keys", `{a: length}`, `p:{ f:a p:: F:length p:}`},
		{"keywords", `if . then true else null end and 1`, "k:if f:. k:then k:true k:else k:null k:end k:and n:1"},
		{"operators", `.a //= 1 | ..`, "f:.a o://= n:1 o:| f:.."},
		{"formats", `@csv "x"`, `@:@csv s:"x"`},
		{"a text without an end", `.a | "abc`, `f:.a o:| e:"abc`},
		{"single quotes", `'a'`, `e:' F:a e:'`},
		{"an escape that is none", `"a\d" b`, `e:"a\d e:" b`},
		{"a foreign letter", `.grün`, `f:.gr e:ü F:n`},
		{"rubbish", "\x00\xff&", "e:\x00 e:\xff e:&"},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, x := range Tokens(c.src) {
				got = append(got, short[x.Kind]+":"+c.src[x.Start:x.End])
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got  %s\nwant %s", s, c.want)
			}
		})
	}
}

// checkCover holds the promise of Tokens: in order, nothing twice, and nothing but
// white space left out.
func checkCover(t *testing.T, src string) {
	end := 0
	for _, x := range Tokens(src) {
		if x.Start < end || x.End <= x.Start || x.End > len(src) {
			t.Fatalf("%q: token %+v behind byte %d", src, x, end)
		}
		if gap := src[end:x.Start]; strings.Trim(gap, " \t\r\n") != "" {
			t.Fatalf("%q: %q is in no token", src, gap)
		}
		end = x.End
	}
	if strings.Trim(src[end:], " \t\r\n") != "" {
		t.Fatalf("%q: %q is in no token", src, src[end:])
	}
}

func TestTokensCoverTheText(t *testing.T) {
	for _, src := range append(corpusPrograms, generated(3, 40)...) {
		checkCover(t, src)
		for i := range len(src) {
			checkCover(t, src[:i])
		}
	}
}

func FuzzTokens(f *testing.F) {
	for _, src := range corpusPrograms {
		f.Add(src)
	}
	f.Fuzz(checkCover)
}

// FuzzParse holds our lexemes and places against gojq's parser: what it takes must
// align, and what it refuses must be explained.
func FuzzParse(f *testing.F) {
	for _, src := range corpusPrograms {
		f.Add(src)
		f.Add(src[:len(src)/2])
	}
	f.Fuzz(func(t *testing.T, src string) {
		if !utf8.ValidString(src) {
			return
		}
		aligned, bad := parse(src)
		if bad == nil {
			if len(aligned.spans) == 0 {
				t.Fatalf("%q does not align", src)
			}
			return
		}
		if bad.What == "" || bad.Offset < 0 || bad.Offset > bad.End || bad.End > len(src) || bad.Line < 1 || bad.Column < 1 {
			t.Fatalf("%q: %+v", src, bad)
		}
	})
}

func TestEveryPartOfEveryProgramHasItsPlace(t *testing.T) {
	for _, src := range append(corpusPrograms, generated(4, 2000)...) {
		q, err := gojq.Parse(src)
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		tr, err := newTree(src, q)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		// A part's text alone is a program with the same tree.
		for part, at := range tr.spans {
			sub, ok := part.(*gojq.Query)
			if !ok || strings.HasPrefix(at.text(src), `\(`) {
				continue
			}
			again, err := gojq.Parse(at.text(src))
			if err != nil || again.String() != sub.String() {
				t.Errorf("%s: the place of %s is %q", src, sub, at.text(src))
			}
		}
	}
}
