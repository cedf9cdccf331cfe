package value

import (
	"bytes"
	"math"
	"math/big"
	"testing"
)

// ascending holds values in jq's order; those in one row are the same to it.
func ascending(t testing.TB) [][]any {
	rows := [][]string{
		{"null"},
		{"false"},
		{"true"},
		{"-1e400", "-1e1000"},
		{"-1" + digits(400)},
		{"-1" + digits(310)},
		{"-1.7976931348623157e308"},
		{"-9223372036854775809"},
		{"-9223372036854775808"},
		{"-9007199254740993"},
		{"-9007199254740992", "-9007199254740992.0"},
		{"-2"},
		{"-1.5"},
		{"-1", "-1.0"},
		{"-5e-324"},
		{"0", "-0.0", "0.0"},
		{"5e-324"},
		{"0.1"},
		{"1", "1.0", "1e0"},
		{"2"},
		{"10"},
		{"9007199254740992", "9007199254740992.0"},
		{"9007199254740993"},
		{"9007199254740994"},
		{"9223372036854775807"},
		{"9223372036854775808", "9223372036854775808.0"},
		{"9223372036854775809"},
		{"18446744073709551615"},
		{"18446744073709551616", "18446744073709551616.0"},
		{"1e22", "10000000000000000000000"},
		{"10000000000000000000001"},
		{"1.7976931348623157e308"},
		{"1" + digits(310)},
		{"1" + digits(400)},
		{"1e400"},
		{`""`},
		{`"\u0000"`},
		{`"\u0000\u0000"`},
		{`"\u0000a"`},
		{`"\u0001"`},
		{`"A"`},
		{`"a"`},
		{`"a\u0000"`},
		{`"a\u0000b"`},
		{`"a\u0001"`},
		{`"aa"`},
		{`"b"`},
		{`"é"`},
		{`"\uffff"`},
		{`"😀"`},
		{"[]"},
		{"[null]"},
		{"[null,null]"},
		{"[false]"},
		{"[1]", "[1.0]"},
		{"[1,2]"},
		{"[2]"},
		{`["a"]`},
		{`["a",1]`},
		{`["a\u0000"]`},
		{"[[]]"},
		{"[[],null]"},
		{"[{}]"},
		{"{}"},
		{`{"":0}`},
		{`{"a":0}`},
		{`{"a":1}`},
		{`{"a":1,"b":0}`, `{"b":0,"a":1}`},
		{`{"a":1,"b":1}`},
		{`{"a":2,"b":0}`},
		{`{"a":0,"c":0}`},
		{`{"b":null}`},
		{`{"b":[]}`},
	}
	var values [][]any
	for _, row := range rows {
		var same []any
		for _, text := range row {
			v, err := Decode([]byte(text))
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			same = append(same, v)
		}
		values = append(values, same)
	}
	return values
}

func digits(n int) string { return string(bytes.Repeat([]byte{'0'}, n)) }

func TestValuesAreOrderedAsJqDoes(t *testing.T) {
	rows := ascending(t)
	for i, row := range rows {
		for j, other := range rows {
			for _, a := range row {
				for _, b := range other {
					want := min(max(i-j, -1), 1)
					if got := Compare(a, b); got != want {
						t.Errorf("Compare(%s, %s) = %d, want %d", Append(nil, a), Append(nil, b), got, want)
					}
					checkKeys(t, a, b, want)
				}
			}
		}
	}
}

// checkKeys wants that keys are ordered like what they stand for, alone, one behind the
// other, and turned round.
func checkKeys(t testing.TB, a, b any, want int) {
	t.Helper()
	k, l := AppendKey(nil, a), AppendKey(nil, b)
	if got := bytes.Compare(k, l); got != want {
		t.Errorf("the keys of %s and %s compare as %d, want %d", Append(nil, a), Append(nil, b), got, want)
	}
	second := map[bool]any{true: "z", false: nil}
	k, l = AppendKey(k, second[want < 0]), AppendKey(l, second[want > 0])
	if got := bytes.Compare(k, l); want != 0 && got != want {
		t.Errorf("with others behind them the keys of %s and %s compare as %d, want %d", Append(nil, a), Append(nil, b), got, want)
	}
	k, l = AppendKey(nil, a), AppendKey(nil, b)
	Descending(k)
	Descending(l)
	for _, behind := range []any{nil, "z", []any{}} {
		n := AppendKey(nil, behind)
		m := append([]byte{}, n...)
		Descending(m)
		for _, next := range [][]byte{n, m} {
			if got := bytes.Compare(append(k[:len(k):len(k)], next...), append(l[:len(l):len(l)], next...)); got != -want {
				t.Errorf("turned round the keys of %s and %s compare as %d, want %d", Append(nil, a), Append(nil, b), got, -want)
			}
		}
	}
}

func TestNaNIsTheLeastNumberAndTheSameAsItself(t *testing.T) {
	nan := math.NaN()
	for _, tt := range []struct {
		a, b any
		want int
	}{
		{nan, nan, 0},
		{nan, math.Inf(-1), -1},
		{math.Inf(-1), nan, 1},
		{true, nan, -1},
		{nan, "", -1},
		{nan, -1, -1},
		{nan, new(big.Int).Lsh(big.NewInt(-1), 2000), -1},
	} {
		if got := Compare(tt.a, tt.b); got != tt.want {
			t.Errorf("Compare(%v, %v) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := bytes.Compare(AppendKey(nil, tt.a), AppendKey(nil, tt.b)); got != tt.want {
			t.Errorf("the keys of %v and %v compare as %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func FuzzKeysAreOrderedLikeTheirValues(f *testing.F) {
	var texts []string
	for _, row := range ascending(f) {
		for _, v := range row {
			texts = append(texts, string(Append(nil, v)))
		}
	}
	for i, text := range texts {
		f.Add(text, texts[(i+1)%len(texts)])
	}
	f.Fuzz(func(t *testing.T, x, y string) {
		a, errA := Decode([]byte(x))
		b, errB := Decode([]byte(y))
		if errA != nil || errB != nil {
			return
		}
		if Equal(a, b) != (Compare(a, b) == 0) {
			t.Errorf("%s and %s: Equal says %v, Compare %d", x, y, Equal(a, b), Compare(a, b))
		}
		if Compare(a, b) != -Compare(b, a) {
			t.Errorf("%s and %s compare as %d, the other way round as %d", x, y, Compare(a, b), Compare(b, a))
		}
		checkKeys(t, a, b, Compare(a, b))
	})
}
