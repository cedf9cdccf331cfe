package value

import (
	"math"
	"math/big"
	"testing"
)

func TestSumIsOfWhatIsWritten(t *testing.T) {
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	values := []any{
		nil, true, false, 0, 1, -1, 0.5, -0.5, math.MaxInt, math.MaxFloat64, huge, "", "a", "b", "ab", "12345678", "123456789", "12345678\x00",
		[]any{},
		[]any{nil},
		[]any{"a", "b"},
		[]any{"b", "a"},
		[]any{"ab"},
		[]any{[]any{"a"}, "b"},
		map[string]any{},
		map[string]any{"a": nil},
		map[string]any{"a": "b"},
		map[string]any{"b": "a"},
		map[string]any{"a": 1, "b": 2},
		map[string]any{"a": 2, "b": 1},
		map[string]any{"a": map[string]any{"b": 1}},
		map[string]any{"ab": 1},
		"{}", "[]", "null", "1",
	}
	seen := map[uint64]string{}
	for _, v := range values {
		sum, size := Sum(v)
		text := string(Append(nil, v))
		if other, twice := seen[sum]; twice {
			t.Errorf("%s and %s have the same sum", text, other)
		}
		seen[sum] = text
		if size < 1 || size > 64 {
			t.Errorf("%s is said to have %d bytes", text, size)
		}
		again, err := Decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if same, _ := Sum(again); same != sum {
			t.Errorf("%s has another sum when it is read again", text)
		}
	}
	for _, pair := range [][2]any{{1, 1.0}, {nil, math.NaN()}, {math.Inf(1), math.MaxFloat64}, {0, 0.0}} {
		a, _ := Sum(pair[0])
		if b, _ := Sum(pair[1]); a != b {
			t.Errorf("%v and %v are written alike and have other sums", pair[0], pair[1])
		}
	}
}

func BenchmarkSum(b *testing.B) {
	var values []any
	for _, text := range orders() {
		v, _ := Decode(text)
		values = append(values, v)
	}
	for i := 0; b.Loop(); i++ {
		Sum(values[i%len(values)])
	}
}
