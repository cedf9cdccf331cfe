package value

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// reference reads a document with encoding/json and makes its numbers normal by the
// letter of this package's rules.
func reference(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the value")
	}
	return numbers(v), nil
}

func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if strings.ContainsAny(string(v), ".eE") {
			f, _ := strconv.ParseFloat(string(v), 64)
			return f
		}
		if n, err := strconv.Atoi(string(v)); err == nil {
			return n
		}
		n, _ := new(big.Int).SetString(string(v), 10)
		return n
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = numbers(v[k])
		}
	}
	return v
}

var documents = []string{
	`null`, `true`, `false`, ` 1 `, `-0`, `-0.0`, `0.1`, `1.0`, `1e17`, `1E+2`, `1e-7`, `1e400`, `-1e400`, `1e-400`,
	`9223372036854775807`, `9223372036854775808`, `-9223372036854775808`, `-9223372036854775809`,
	`123456789012345678`, `999999999999999999`, `1000000000000000000`, `123456789012345678901234567890`,
	`""`, `"a"`, `"ü €"`, `"😀"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ude00"`, `"\ud83d\u0041"`, `"\ud83d\ud83d\ude00"`, `"\ud83dx"`,
	`"\b\f\n\r\t\"\\\/"`, "\"\u2028\x7f\"", "\"\xff\"", "\"a\xc3\"", "\"\xed\xa0\x80\"", "\"a\xffb\\n\xfe\"",
	`[]`, `[ ]`, `[1,2,[3,[]]]`, `{}`, `{"a":1}`, `{"a":1,"a":2}`, `{"":{}}`, `{"a":{"b":[{"c":null}]}}`, "{\"\xff\":1}", "{\"\\u0061\":1,\"a\":2}",
	"\t\r\n {\n\"a\" : [ 1 , 2 ] }\n",
	``, ` `, `nul`, `nulll`, `tru e`, `01`, `-`, `+1`, `.5`, `1.`, `1e`, `1e+`, `0x10`, `1_000`, `Infinity`, `NaN`,
	`"`, `"a`, `"\`, `"\x"`, `"\u12"`, `"\u12g4"`, `"\ud83d\u12"`, "\"\n\"", "\"\x00\"", `'a'`,
	`[`, `[1`, `[1,`, `[1,]`, `[,]`, `[1 2]`, `]`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{a:1}`, `{1:1}`, `{"a" 1}`, `{,}`, `}`,
	`1 2`, `{} {}`, `[]]`, "\ufeff{}", `/* c */ 1`, "1\x00",
}

func TestDecodeAgreesWithEncodingJSON(t *testing.T) {
	var d Decoder
	for _, doc := range documents {
		agree(t, &d, []byte(doc))
	}
}

func agree(t *testing.T, d *Decoder, data []byte) {
	t.Helper()
	want, wantErr := reference(data)
	for name, decode := range map[string]func([]byte) (any, error){"Decode": Decode, "Decoder": d.Decode} {
		got, err := decode(data)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%s(%q): error %v, encoding/json has %v", name, data, err, wantErr)
		}
		if err == nil && !same(got, want) {
			t.Fatalf("%s(%q) = %#v, encoding/json has %#v", name, data, got, want)
		}
		if err != nil && (got != nil || !wellPlaced(data, err)) {
			t.Fatalf("%s(%q) = %v, %#v", name, data, got, err)
		}
	}
}

// same is deep equality that keeps 1 and 1.0 apart, and 0 and -0.
func same(a, b any) bool {
	if x, ok := a.(float64); ok {
		y, ok := b.(float64)
		return ok && math.Float64bits(x) == math.Float64bits(y)
	}
	return reflect.DeepEqual(a, b)
}

func wellPlaced(data []byte, err error) bool {
	var e *SyntaxError
	return errors.As(err, &e) && e.What != "" && 0 <= e.Offset && e.Offset <= len(data) && e.Line >= 1 && e.Column >= 1
}

func FuzzDecodeAgreesWithEncodingJSON(f *testing.F) {
	for _, doc := range documents {
		f.Add([]byte(doc))
	}
	var d Decoder
	f.Fuzz(func(t *testing.T, data []byte) { agree(t, &d, data) })
}

func TestDecodeSaysWhereTheFaultIs(t *testing.T) {
	tests := []struct {
		name, data           string
		offset, line, column int
		what                 string
	}{
		{name: "nothing", data: "", offset: 0, line: 1, column: 1, what: "there is no value"},
		{name: "cut off", data: `{"a":`, offset: 5, line: 1, column: 6, what: "ends in the middle"},
		{name: "column counts runes", data: "{\n \"ü\": x}", offset: 9, line: 2, column: 7, what: `"x", where a value should be`},
		{name: "no comma", data: "[1\n2]", offset: 3, line: 2, column: 1, what: `where "," or "]" should be`},
		{name: "single quotes", data: `{'a':1}`, offset: 1, line: 1, column: 2, what: "JSON wants double quotes"},
		{name: "rubbish behind", data: `{} x`, offset: 3, line: 1, column: 4, what: "where the end should be"},
		{name: "line break in a text", data: "[\"a\nb\"]", offset: 3, line: 1, column: 4, what: "control character 0x0a"},
		{name: "escape", data: `"\q"`, offset: 2, line: 1, column: 3, what: `"q", where one of`},
		{name: "not UTF-8", data: "[\xff]", offset: 1, line: 1, column: 2, what: "the byte 0xff, which is not UTF-8"},
		{name: "byte order mark", data: "\ufeff{}", offset: 0, line: 1, column: 1, what: "a byte order mark"},
		{name: "word", data: `[trua]`, offset: 4, line: 1, column: 5, what: `"a", where the rest of true should be`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decode([]byte(tt.data))
			var e *SyntaxError
			if !errors.As(err, &e) {
				t.Fatalf("error is %v", err)
			}
			if e.Offset != tt.offset || e.Line != tt.line || e.Column != tt.column || !strings.Contains(e.What, tt.what) {
				t.Errorf("got %d (%d:%d) %s; want %d (%d:%d) …%s…", e.Offset, e.Line, e.Column, e.What,
					tt.offset, tt.line, tt.column, tt.what)
			}
		})
	}
}

func TestDecodeHoldsTheDepthLimit(t *testing.T) {
	nest := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	if _, err := Decode(nest(10_000)); err != nil {
		t.Errorf("10,000 levels: %v", err)
	}
	if _, err := Decode(nest(10_001)); err == nil || !strings.Contains(err.Error(), "deeper") {
		t.Errorf("10,001 levels: %v", err)
	}
	if _, err := Decode([]byte(strings.Repeat(`{"a":`, 1_000_000))); err == nil || !strings.Contains(err.Error(), "deeper") {
		t.Errorf("a million levels: %v", err)
	}
}

func TestDecodeRefusesNumbersThatTakeTooLong(t *testing.T) {
	digits := strings.Repeat("7", 1_000_000)
	if _, err := Decode([]byte(digits)); err == nil || !strings.Contains(err.Error(), "100,000 digits") {
		t.Errorf("got %v", err)
	}
}

func TestDecoderHoldsNothingOfItsInput(t *testing.T) {
	var d Decoder
	data := []byte(`{"name":"Ada","list":["x","a\nb"]}`)
	v, err := d.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		data[i] = '#'
	}
	if _, err := d.Decode([]byte(`{"name":"Bob","list":["y","c\nd"]}`)); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"name": "Ada", "list": []any{"x", "a\nb"}}
	if !reflect.DeepEqual(v, want) {
		t.Errorf("got %v", v)
	}
}

func TestDecodersNeverMixUpNames(t *testing.T) {
	var d Decoder
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		name := randomText(rnd)
		v, err := d.Decode(Append(nil, map[string]any{name: 1}))
		if _, ok := v.(map[string]any)[name]; err != nil || !ok {
			t.Fatalf("%q became %v, %v", name, v, err)
		}
	}
}

func TestDecoderLeavesItsBuffersClean(t *testing.T) {
	var d Decoder
	if _, err := d.Decode([]byte(`{"a":1,"b":{"c":`)); err == nil {
		t.Fatal("no error")
	}
	v, err := d.Decode([]byte(`{"x":{}}`))
	if err != nil || !reflect.DeepEqual(v, map[string]any{"x": map[string]any{}}) {
		t.Errorf("got %v, %v", v, err)
	}
}

// randomValue makes a normal value of any shape.
func randomValue(rnd *rand.Rand, depth int) any {
	kinds := 10
	if depth == 0 {
		kinds = 8
	}
	switch rnd.IntN(kinds) {
	case 0:
		return nil
	case 1:
		return rnd.IntN(2) == 0
	case 2:
		return int(rnd.Uint64())
	case 3:
		return rnd.IntN(2000) - 1000
	case 4:
		return randomFloat(rnd)
	case 5:
		n := new(big.Int).Lsh(big.NewInt(int64(rnd.Uint64()>>1|1)), uint(64+rnd.IntN(100)))
		return n
	case 6, 7:
		return randomText(rnd)
	case 8:
		list := make([]any, rnd.IntN(5))
		for i := range list {
			list[i] = randomValue(rnd, depth-1)
		}
		return list
	}
	m := map[string]any{}
	for range rnd.IntN(12) {
		m[randomText(rnd)] = randomValue(rnd, depth-1)
	}
	return m
}

// randomFloat leaves out the numbers that jq writes with more digits than a float
// has, so that they come back as the whole number that was written.
func randomFloat(rnd *rand.Rand) float64 {
	for {
		f := math.Float64frombits(rnd.Uint64())
		if rnd.IntN(2) == 0 {
			f = math.Trunc(rnd.NormFloat64()*1e6) / 100
		}
		if size := math.Abs(f); size < 1<<53 || 1e21 <= size && size <= math.MaxFloat64 {
			return f
		}
	}
}

func randomText(rnd *rand.Rand) string {
	const alphabet = "abcdefghijklmnop\"\\/<>&\x00\b\f\n\r\t\x1b\x7fäß€\u2028\ufffd😀 "
	runes := []rune(alphabet)
	text := make([]rune, rnd.IntN(12))
	for i := range text {
		text[i] = runes[rnd.IntN(len(runes))]
	}
	return string(text)
}
