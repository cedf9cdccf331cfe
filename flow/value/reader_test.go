package value

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

// readers gives the same text in pieces of different sizes.
func readers(text string) map[string]io.Reader {
	return map[string]io.Reader{
		"at once":        strings.NewReader(text),
		"byte by byte":   iotest.OneByteReader(strings.NewReader(text)),
		"halves":         iotest.HalfReader(strings.NewReader(text)),
		"end with bytes": iotest.DataErrReader(strings.NewReader(text)),
	}
}

func all(r *Reader) ([]any, error) {
	list := []any{}
	for {
		v, err := r.Next()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return list, err
		}
		list = append(list, v)
	}
}

func TestReaderGivesDocumentAfterDocument(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{name: "nothing", text: "", want: "[]"},
		{name: "space", text: " \n\n", want: "[]"},
		{name: "lines", text: "{\"a\":1}\n{\"a\":2}\r\n\n3\n", want: `[{"a":1},{"a":2},3]`},
		{name: "no last line break", text: "1\n23", want: "[1,23]"},
		{name: "concatenated", text: `{}[]"a""b"{"c":[{}]}`, want: `[{},[],"a","b",{"c":[{}]}]`},
		{name: "scalars and brackets", text: `1[2]true{"a":null}null"x"`, want: `[1,[2],true,{"a":null},null,"x"]`},
		{name: "pretty", text: "{\n  \"a\": [\n 1\n ]\n}\n{\n}\n", want: `[{"a":[1]},{}]`},
		{name: "byte order mark", text: "\ufeff1\n2", want: "[1,2]"},
		{name: "brackets in texts", text: `"[{\"" "]}\\"`, want: `["[{\"","]}\\"]`},
		{name: "surrogates and UTF-8", text: `"\ud83d\ude00ü" "\ud83d"`, want: `["😀ü","` + "\ufffd" + `"]`},
	}
	for _, tt := range tests {
		for how, src := range readers(tt.text) {
			t.Run(tt.name+" "+how, func(t *testing.T) {
				got, err := all(NewReader(src))
				if err != nil || string(Append(nil, got)) != tt.want {
					t.Errorf("got %s, %v, want %s", Append(nil, got), err, tt.want)
				}
			})
		}
	}
}

func TestReaderSaysWhereTheFaultIs(t *testing.T) {
	padding := strings.Repeat(" ", 100_000)
	tests := []struct {
		name, text   string
		good         int
		line, column int
		offset       int
		what         string
	}{
		{name: "third line", text: "{\"a\":1}\n{\"a\":2}\n{\"a\":x}\n", good: 2, line: 3, column: 6, offset: 21, what: `"x"`},
		{name: "cut off", text: "1\n{\"a\":", good: 1, line: 2, column: 6, offset: 7, what: "ends in the middle"},
		{name: "runes before it", text: "\"üü\" ,", good: 1, line: 1, column: 6, offset: 7, what: `","`},
		{name: "number run into a word", text: "1\n12x", good: 1, line: 2, column: 3, offset: 4, what: "the end of the value"},
		{name: "comma between", text: "1,2", good: 0, line: 1, column: 2, offset: 1, what: `","`},
		{name: "behind what was given up", text: "1\n" + padding + "\n \"é\" }", good: 2, line: 3, column: 6, offset: 100_009, what: `"}"`},
		{name: "inside a long value", text: "1\n[" + padding + "\n\"é\" 2]", good: 1, line: 3, column: 5, offset: 100_009, what: `"2"`},
	}
	for _, tt := range tests {
		for how, src := range readers(tt.text) {
			t.Run(tt.name+" "+how, func(t *testing.T) {
				r := NewReader(src)
				got, err := all(r)
				var e *SyntaxError
				if !errors.As(err, &e) || len(got) != tt.good {
					t.Fatalf("%d values, error %v", len(got), err)
				}
				if e.Line != tt.line || e.Column != tt.column || e.Offset != tt.offset || !strings.Contains(e.What, tt.what) {
					t.Errorf("got %d:%d at %d: %s", e.Line, e.Column, e.Offset, e.What)
				}
				if _, again := r.Next(); again != err {
					t.Errorf("then the error is %v", again)
				}
			})
		}
	}
}

func TestReaderPassesOnTheErrorOfItsSource(t *testing.T) {
	broken := errors.New("cable cut")
	for _, text := range []string{"1\n", "1\n{\"a\":", "1\n2"} {
		r := NewReader(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)))
		_, err := all(r)
		if !errors.Is(err, broken) {
			t.Errorf("%q: error %v", text, err)
		}
	}
	r := NewReader(io.MultiReader(strings.NewReader(`{"a":[1`), iotest.ErrReader(broken)))
	if err := r.Elements("a"); err != nil {
		t.Fatal(err)
	}
	if got, err := all(r); !errors.Is(err, broken) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestReaderGivesUpOnASourceThatGivesNothing(t *testing.T) {
	_, err := NewReader(idle{}).Next()
	if !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error is %v", err)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

func TestElementsStreamsOneArray(t *testing.T) {
	tests := []struct{ name, text, pointer, want string }{
		{name: "the document", text: `[1,{"a":2},[3]]`, pointer: "", want: `[1,{"a":2},[3]]`},
		{name: "empty", text: ` [ ] `, pointer: "", want: `[]`},
		{name: "dotted", text: `{"x":[{"y":1}],"data":{"items":[1,2],"n":2},"z":null}`, pointer: "data.items", want: `[1,2]`},
		{name: "with a leading dot", text: `{"items":[1]}`, pointer: ".items", want: `[1]`},
		{name: "JSON pointer", text: `{"a/b":{"c~d":[true]}}`, pointer: "/a~1b/c~0d", want: `[true]`},
		{name: "through an array", text: `{"pages":[{"items":[1]},{"items":[2,3]}]}`, pointer: "pages[1].items", want: `[2,3]`},
		{name: "number as a step", text: `[[1],[2]]`, pointer: "/1", want: `[2]`},
		{name: "empty objects around", text: `{"a":{},"b":[],"c":[ {} , [] ],"d":{"e":{}}}`, pointer: "c", want: `[{},[]]`},
		{name: "escaped name", text: `{"\u0061":[1]}`, pointer: "a", want: `[1]`},
	}
	for _, tt := range tests {
		for how, src := range readers(tt.text) {
			t.Run(tt.name+" "+how, func(t *testing.T) {
				r := NewReader(src)
				if err := r.Elements(tt.pointer); err != nil {
					t.Fatal(err)
				}
				got, err := all(r)
				if err != nil || string(Append(nil, got)) != tt.want {
					t.Errorf("got %s, %v, want %s", Append(nil, got), err, tt.want)
				}
				if r.Place().Open != "" {
					t.Errorf("place at the end is %+v", r.Place())
				}
			})
		}
	}
}

func TestElementsSaysWhatStandsInTheWay(t *testing.T) {
	tests := []struct{ name, text, pointer, want string }{
		{name: "no such name", text: `{"data":{"items":[],"total":0}}`, pointer: "data.rows", want: `there is no "rows" in "data", which has items, total`},
		{name: "empty object", text: `{}`, pointer: "a", want: `there is no "a" in the document, which has nothing in it`},
		{name: "not a list", text: `{"a":{}}`, pointer: "a", want: `"a" is an object, not a list`},
		{name: "not nested", text: `{"a":7}`, pointer: "a.b", want: `"a" is a number, so there is no "b" in it`},
		{name: "name in a list", text: `[{"a":[]}]`, pointer: "a", want: `the document is a list, so there is no "a" in it`},
		{name: "short list", text: `[1,2]`, pointer: "/5", want: `the document has only 2 elements, so there is no number 5`},
		{name: "fault before it", text: `{"x":tru,"a":[]}`, pointer: "a", want: `line 1, column 9: ",", where the rest of true should be`},
		{name: "nothing", text: ``, pointer: "a", want: `line 1, column 1: the text ends`},
		{name: "no colon", text: `{"a" []}`, pointer: "a", want: `where ":" should be`},
		{name: "no name", text: `{1:2}`, pointer: "a", want: `where a name in double quotes should be`},
		{name: "no comma", text: `{"b":1 "a":[]}`, pointer: "a", want: `where "," or "}" should be`},
		{name: "too deep", text: strings.Repeat("[", 20_000), pointer: "/1", want: `nested deeper`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := NewReader(strings.NewReader(tt.text))
			err := r.Elements(tt.pointer)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want …%s…", err, tt.want)
			}
			if _, next := r.Next(); next != err {
				t.Errorf("then Next gives %v", next)
			}
		})
	}
}

func TestElementsChecksWhatStandsAroundTheArray(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{name: "cut off in the array", text: `{"a":[1,2`, want: "ends in the middle"},
		{name: "cut off behind a comma", text: `{"a":[1,`, want: "ends in the middle"},
		{name: "cut off behind it", text: `{"a":[1,2]`, want: "ends in the middle"},
		{name: "comma too many", text: `{"a":[1,]}`, want: `"]", where a value should be`},
		{name: "comma missing", text: `{"a":[1 2]}`, want: `"2", where "," or "]" should be`},
		{name: "wrong bracket", text: `{"a":[1]]`, want: `"]", where "," or "}" should be`},
		{name: "fault behind it", text: `{"a":[1],"b":{"c":tru}}`, want: "the rest of true"},
		{name: "second document", text: `{"a":[1]} {}`, want: "where the end should be"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := NewReader(strings.NewReader(tt.text))
			if err := r.Elements("a"); err != nil {
				t.Fatal(err)
			}
			if got, err := all(r); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestOffsetIsTheEndOfTheLastValue(t *testing.T) {
	text := "{\"a\":1}\n\n 22 \n[3]"
	for how, src := range readers(text) {
		r := NewReader(src)
		for _, want := range []int64{7, 12, 17} {
			if _, err := r.Next(); err != nil || r.Offset() != want {
				t.Fatalf("%s: offset %d, want %d, error %v", how, r.Offset(), want, err)
			}
		}
	}
}

// TestAnotherReaderGoesOnFromAPlace stops behind every value in turn, as a source
// does between pages.
func TestAnotherReaderGoesOnFromAPlace(t *testing.T) {
	tests := []struct{ name, text, pointer string }{
		{name: "lines", text: "1\n{\"ü\":2}\n\n\"x\"\n[4]\n"},
		{name: "elements", text: "{\"n\":0,\"a\":{\"b\":[1,\n {\"ü\":2} , \"x\"\n,[4]],\"c\":1}}", pointer: "a.b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := NewReader(strings.NewReader(tt.text))
			if tt.pointer != "" {
				if err := r.Elements(tt.pointer); err != nil {
					t.Fatal(err)
				}
			}
			want, err := all(r)
			if err != nil {
				t.Fatal(err)
			}
			end := r.Place()
			got := onePerReader(t, tt.text, tt.pointer, len(want))
			if !Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			if tt.pointer == "" && end.Line != 4 {
				t.Errorf("it ends at %+v", end)
			}
		})
	}
}

func onePerReader(t *testing.T, text, pointer string, most int) []any {
	t.Helper()
	var list []any
	var p Place
	for range most {
		r := Resume(strings.NewReader(text[p.Offset:]), p)
		if pointer != "" && p == (Place{}) {
			if err := r.Elements(pointer); err != nil {
				t.Fatal(err)
			}
		}
		v, err := r.Next()
		if err != nil {
			t.Fatalf("at %+v: %v", p, err)
		}
		list = append(list, v)
		p = r.Place()
	}
	r := Resume(strings.NewReader(text[p.Offset:]), p)
	if v, err := r.Next(); err != io.EOF {
		t.Errorf("behind the last there is %v, %v", v, err)
	}
	return list
}

func TestAResumedReaderCountsOn(t *testing.T) {
	text := "1\n22\n ü\n"
	r := NewReader(strings.NewReader(text))
	for range 2 {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	p := r.Place()
	if want := (Place{Offset: 4, Line: 1, Column: 2}); p != want {
		t.Errorf("place is %+v, want %+v", p, want)
	}
	_, err := Resume(strings.NewReader(text[p.Offset:]), p).Next()
	if err == nil || !strings.HasPrefix(err.Error(), "line 3, column 2: ") {
		t.Errorf("error is %v", err)
	}
}

func TestReaderHoldsOneValueAtATime(t *testing.T) {
	const elements = 50_000
	src := io.MultiReader(strings.NewReader(`{"skipped":[`), &repeat{unit: `"0123456789",`, left: elements},
		strings.NewReader(`0],"items":[`), &repeat{unit: `{"n":"0123456789"},`, left: elements}, strings.NewReader(`0]}`))
	r := NewReader(src)
	if err := r.Elements("items"); err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; ; n++ {
		if _, err := r.Next(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if n != elements+1 || cap(r.buf) > 1<<17 {
		t.Errorf("%d elements through a buffer of %d bytes", n, cap(r.buf))
	}
}

// repeat gives unit again and again.
type repeat struct {
	unit string
	left int
}

func (r *repeat) Read(p []byte) (int, error) {
	n := 0
	for r.left > 0 && n+len(r.unit) <= len(p) {
		n += copy(p[n:], r.unit)
		r.left--
	}
	if r.left == 0 && n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func TestReaderTakesLongValuesInSmallPieces(t *testing.T) {
	text := `{"a":"` + strings.Repeat("x\\\"]", 100_000) + `"}`
	r := NewReader(iotest.OneByteReader(strings.NewReader(text + text)))
	got, err := all(r)
	if err != nil || len(got) != 2 {
		t.Fatalf("%d values, %v", len(got), err)
	}
}

// FuzzReaderAgreesWithEncodingJSON compares streams with json.Decoder, whose own
// leniency it leaves out: that of values which touch.
func FuzzReaderAgreesWithEncodingJSON(f *testing.F) {
	for _, doc := range documents {
		f.Add([]byte(doc+"\n"+doc), uint64(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		var want []any
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		var wantErr error
		for wantErr == nil {
			var v any
			if wantErr = d.Decode(&v); wantErr == nil {
				want = append(want, numbers(v))
			}
		}
		r := NewReader(&pieces{data: data, rnd: rand.New(rand.NewPCG(seed, 0))})
		got, err := all(r)
		if bytes.HasPrefix(data, []byte("\ufeff")) {
			return
		}
		if (err == nil) == (wantErr == io.EOF) && len(got) == len(want) {
			for i := range got {
				if !same(got[i], want[i]) {
					t.Fatalf("value %d of %q is %#v, encoding/json has %#v", i, data, got[i], want[i])
				}
			}
			return
		}
		if err != nil && touching(data, err) {
			return
		}
		t.Fatalf("%q: %v and %v, encoding/json has %v and %v", data, got, err, want, wantErr)
	})
}

func touching(data []byte, err error) bool {
	var e *SyntaxError
	return errors.As(err, &e) && strings.Contains(e.What, "the end of the value") && e.Offset > 0 && !mayFollow(data[e.Offset])
}

// pieces gives data in pieces of random size.
type pieces struct {
	data []byte
	rnd  *rand.Rand
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.data) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), 1+p.rnd.IntN(5))], p.data)
	p.data = p.data[n:]
	return n, nil
}

// FuzzElementsAgreesWithDecode holds the streamed array against the whole document.
func FuzzElementsAgreesWithDecode(f *testing.F) {
	for _, doc := range documents {
		f.Add([]byte(fmt.Sprintf(`{"x":%s,"a":[%s,%s],"y":%s}`, doc, doc, doc, doc)), uint64(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		r := NewReader(&pieces{data: data, rnd: rand.New(rand.NewPCG(seed, 0))})
		got, err := []any(nil), r.Elements("a")
		if err == nil {
			got, err = all(r)
		}
		v, wantErr := Decode(data)
		m, _ := v.(map[string]any)
		want, isList := m["a"].([]any)
		switch {
		case bytes.HasPrefix(data, []byte("\ufeff")) || bytes.Count(data, []byte{'a'})+bytes.Count(data, []byte{'\\'}) > 1:
			// the mark is passed over; of two members with one name the first is taken
		case wantErr != nil && err == nil:
			t.Fatalf("%q: got %v, but Decode says %v", data, got, wantErr)
		case wantErr == nil && isList != (err == nil):
			t.Fatalf("%q: error %v, but Decode has %v", data, err, v)
		case wantErr == nil && isList && !same(got, want) && len(want) > 0:
			t.Fatalf("%q: got %v, want %v", data, got, want)
		}
	})
}

func BenchmarkReader(b *testing.B) {
	var lines []byte
	for _, o := range orders() {
		lines = append(append(lines, o...), '\n')
	}
	b.SetBytes(int64(len(lines)))
	b.ReportAllocs()
	for b.Loop() {
		r := NewReader(bytes.NewReader(lines))
		for {
			if _, err := r.Next(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}
