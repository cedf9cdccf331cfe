package value

import (
	"bytes"
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"testing"
)

func TestAppendWritesWhatJQWrites(t *testing.T) {
	big1, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	tests := []struct {
		name string
		v    any
		want string
	}{
		{name: "null", v: nil, want: "null"},
		{name: "whole float", v: 1.0, want: "1"},
		{name: "negative zero", v: math.Copysign(0, -1), want: "-0"},
		{name: "fraction", v: 0.1, want: "0.1"},
		{name: "ten to the 17", v: 1e17, want: "100000000000000000"},
		{name: "ten to the 20", v: 1e20, want: "100000000000000000000"},
		{name: "ten to the 21", v: 1e21, want: "1e+21"},
		{name: "small", v: 1e-6, want: "0.000001"},
		{name: "smaller", v: 1e-7, want: "1e-7"},
		{name: "smaller and negative", v: -1.5e-9, want: "-1.5e-9"},
		{name: "two digits of exponent", v: 1e-10, want: "1e-10"},
		{name: "three digits of exponent", v: 5e-324, want: "5e-324"},
		{name: "not a number", v: math.NaN(), want: "null"},
		{name: "infinite", v: math.Inf(1), want: "1.7976931348623157e+308"},
		{name: "negative and infinite", v: math.Inf(-1), want: "-1.7976931348623157e+308"},
		{name: "big", v: big1, want: "123456789012345678901234567890"},
		{name: "text", v: "<a> & \"b\" \\ \u2028 \x7f \x00 \b\f\n\r\t ü😀", want: `"<a> & \"b\" \\ ` + "\u2028" + ` \u007f \u0000 \b\f\n\r\t ü😀"`},
		{name: "not UTF-8", v: "a\xffb\ufffd", want: `"a\ufffdb` + "\ufffd" + `"`},
		{name: "sorted", v: map[string]any{"b": 1, "a": []any{true, map[string]any{}}, "": nil, "ä": 2, "B": 3}, want: `{"":null,"B":3,"a":[true,{}],"b":1,"ä":2}`},
		{name: "nil array", v: []any(nil), want: "[]"},
		{name: "nil object", v: map[string]any(nil), want: "{}"},
		{name: "not normal", v: []any{int64(7), []string{"x"}}, want: `[7,["x"]]`},
		{name: "not possible", v: make(chan int), want: "null"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(Append([]byte("> "), tt.v)); got != "> "+tt.want {
				t.Errorf("got %s, want > %s", got, tt.want)
			}
		})
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var d Decoder
	for range 20_000 {
		v := randomValue(rnd, 4)
		for _, text := range [][]byte{Append(nil, v), Indent(nil, v)} {
			got, err := d.Decode(text)
			if err != nil || !Equal(got, v) {
				t.Fatalf("%s: got %#v, want %#v, error %v", text, got, v, err)
			}
		}
	}
}

// TestAppendAgreesWithEncodingJSON compares with the standard encoder, told not to
// escape HTML, on texts where jq and Go write alike.
func TestAppendAgreesWithEncodingJSON(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 20_000 {
		v := randomValue(rnd, 3)
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
		got := append(Append(nil, v), '\n')
		got = bytes.ReplaceAll(got, []byte(`\u007f`), []byte("\x7f"))
		got = bytes.ReplaceAll(got, []byte("\u2028"), []byte(`\u2028`))
		if !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("got %s, want %s", got, want.Bytes())
		}
	}
}

func FuzzTextsAreReadBack(f *testing.F) {
	f.Add("a\"\\\x00ü😀", "k")
	f.Add("\u2028\xed\xa0\x80", "\xff")
	f.Fuzz(func(t *testing.T, text, name string) {
		v := map[string]any{name: []any{text}}
		first, err := Decode(Append(nil, v))
		if err != nil {
			t.Fatal(err)
		}
		again, err := Decode(Indent(nil, first))
		if err != nil || !reflect.DeepEqual(first, again) {
			t.Fatalf("%#v became %#v, %v", first, again, err)
		}
	})
}

func TestIndentGivesEveryMemberItsLine(t *testing.T) {
	v := map[string]any{"b": []any{}, "a": []any{1, map[string]any{"x": "y"}}, "c": map[string]any{}, "d": []string{"z"}}
	want := `{
  "a": [
    1,
    {
      "x": "y"
    }
  ],
  "b": [],
  "c": {},
  "d": [
    "z"
  ]
}`
	if got := string(Indent(nil, v)); got != want {
		t.Errorf("got %s", got)
	}
}

func TestAppendAllocatesNothing(t *testing.T) {
	v, err := Decode(order(1))
	if err != nil {
		t.Fatal(err)
	}
	dst := Append(nil, v)
	if n := testing.AllocsPerRun(100, func() { dst = Append(dst[:0], v) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
