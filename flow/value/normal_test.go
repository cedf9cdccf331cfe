package value

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

type address struct {
	Street string  `json:"street"`
	Zip    *string `json:"zip,omitempty"`
}

type word string

type shout string

func (s shout) MarshalText() ([]byte, error) { return []byte(strings.ToUpper(string(s))), nil }

func TestNormalMakesEveryKind(t *testing.T) {
	huge, _ := new(big.Int).SetString("18446744073709551615", 10)
	one := 1
	tests := []struct {
		name string
		v    any
		want any
	}{
		{name: "int64", v: int64(5), want: 5},
		{name: "uint8", v: uint8(5), want: 5},
		{name: "greatest uint64", v: uint64(math.MaxUint64), want: huge},
		{name: "float32", v: float32(0.1), want: 0.1},
		{name: "big that is small", v: big.NewInt(7), want: 7},
		{name: "big", v: huge, want: huge},
		{name: "no big", v: (*big.Int)(nil), want: nil},
		{name: "number", v: json.Number("12"), want: 12},
		{name: "number with a fraction", v: json.Number("1.50"), want: 1.5},
		{name: "empty number", v: json.Number(""), want: 0},
		{name: "texts", v: []string{"a", "b"}, want: []any{"a", "b"}},
		{name: "no texts", v: []string(nil), want: nil},
		{name: "names with texts", v: map[string]string{"a": "b"}, want: map[string]any{"a": "b"}},
		{name: "named kinds", v: map[word][]word{"a": {"b"}}, want: map[string]any{"a": []any{"b"}}},
		{name: "names are texts first", v: map[shout]int{"a": 1}, want: map[string]any{"a": 1}},
		{name: "numbers as names", v: map[int]bool{1: true}, want: map[string]any{"1": true}},
		{name: "bytes", v: []byte("\x00\xff"), want: "AP8="},
		{name: "raw JSON", v: json.RawMessage(`{"a":[1]}`), want: map[string]any{"a": []any{1}}},
		{name: "no raw JSON", v: json.RawMessage(nil), want: nil},
		{name: "time", v: time.Date(2024, 2, 29, 12, 30, 0, 5e8, time.FixedZone("", 3600)), want: "2024-02-29T12:30:00.5+01:00"},
		{name: "struct", v: address{Street: "Ring <1>"}, want: map[string]any{"street": "Ring <1>"}},
		{name: "pointer to struct", v: &address{Street: "x"}, want: map[string]any{"street": "x"}},
		{name: "pointer", v: &one, want: 1},
		{name: "nil pointer", v: (*address)(nil), want: nil},
		{name: "text marshaler", v: shout("hey"), want: "HEY"},
		{name: "error", v: errors.New("no paper"), want: "no paper"},
		{name: "array", v: [2]bool{true, false}, want: []any{true, false}},
		{name: "objects", v: []map[string]any{{"a": int64(1)}}, want: []any{map[string]any{"a": 1}}},
		{name: "deep", v: map[string]any{"a": []any{1, map[string]any{"b": int32(2)}}}, want: map[string]any{"a": []any{1, map[string]any{"b": 2}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Normal(tt.v)
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %#v, %v, want %#v", got, err, tt.want)
			}
		})
	}
}

func TestNormalNamesThePathOfWhatCannotBe(t *testing.T) {
	loop := map[string]any{}
	loop["again"] = []any{loop}
	tests := []struct {
		name string
		v    any
		want string
	}{
		{name: "channel", v: map[string]any{"a": []any{1, map[string]any{"b": make(chan int)}}}, want: ".a[1].b: a chan int has no form in JSON"},
		{name: "function at the top", v: func() {}, want: "a func() has no form in JSON"},
		{name: "in an array", v: []any{complex(1, 2)}, want: ".[0]: a complex128 has"},
		{name: "in named kinds", v: map[word][]chan int{"x": {nil}}, want: ".x[0]: a chan int has"},
		{name: "loop", v: loop, want: ".again[0].again[0].again[0].again[0]…: it is nested deeper"},
		{name: "struct", v: struct{ F func() }{}, want: "has no form in JSON"},
		{name: "no number", v: json.Number("1x"), want: `"1x" is not a number`},
		{name: "raw JSON", v: map[string]any{"r": json.RawMessage("{")}, want: ".r: line 1, column 2: the text ends"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := Normal(tt.v)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v, want …%s…", v, err, tt.want)
			}
		})
	}
}

func TestNormalCopiesOnlyWhatChanges(t *testing.T) {
	kept := map[string]any{"deep": []any{1, "x"}}
	v := map[string]any{"kept": kept, "changed": []any{int64(1)}}
	got, err := Normal(v)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := v["changed"].([]any)[0].(int64); !ok {
		t.Error("the value that was given has changed")
	}
	kept["new"] = true
	if got.(map[string]any)["kept"].(map[string]any)["new"] != true {
		t.Error("what was normal already was copied")
	}
}

func TestNormalAllocatesNothingForNormalValues(t *testing.T) {
	v, err := Decode(order(1))
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = Normal(v) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestEqualIsJQs(t *testing.T) {
	huge := new(big.Int).Lsh(big.NewInt(1), 80)
	tests := []struct {
		name string
		a, b any
		want bool
	}{
		{name: "int and float", a: 1, b: 1.0, want: true},
		{name: "int and fraction", a: 1, b: 1.5},
		{name: "beyond a float's reach", a: 1<<53 + 1, b: float64(1 << 53)},
		{name: "big and float", a: huge, b: math.Ldexp(1, 80), want: true},
		{name: "bigs", a: huge, b: new(big.Int).Set(huge), want: true},
		{name: "big and int", a: huge, b: 1},
		{name: "infinite", a: math.Inf(1), b: huge},
		{name: "both infinite", a: math.Inf(1), b: math.Inf(1), want: true},
		{name: "zeroes", a: 0.0, b: math.Copysign(0, -1), want: true},
		{name: "not a number", a: math.NaN(), b: math.NaN()},
		{name: "nulls", a: nil, b: nil, want: true},
		{name: "null and false", a: nil, b: false},
		{name: "number and text", a: 1, b: "1"},
		{name: "text and number", a: "1", b: 1},
		{name: "objects", a: map[string]any{"a": []any{1}}, b: map[string]any{"a": []any{1.0}}, want: true},
		{name: "object with more", a: map[string]any{"a": nil}, b: map[string]any{"b": nil}},
		{name: "shorter", a: []any{1}, b: []any{1, 2}},
		{name: "array and object", a: []any{}, b: map[string]any{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if Equal(tt.a, tt.b) != tt.want || Equal(tt.b, tt.a) != tt.want {
				t.Errorf("got %v and %v, want %v", Equal(tt.a, tt.b), Equal(tt.b, tt.a), tt.want)
			}
		})
	}
}

func TestClonesShareNothingThatCanChange(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	for range 200 {
		v := randomValue(rnd, 4)
		before := string(Append(nil, v))
		ruin(Clone(v))
		if after := string(Append(nil, v)); after != before {
			t.Fatalf("%s became %s", before, after)
		}
	}
}

// ruin changes whatever in v can be changed.
func ruin(v any) {
	switch v := v.(type) {
	case []any:
		for i := range v {
			ruin(v[i])
			v[i] = "ruined"
		}
	case map[string]any:
		for k := range v {
			ruin(v[k])
		}
		clear(v)
	}
}
