package value

import (
	"fmt"
	"math/big"
	"testing"
)

func TestAppenderWritesWhatAppendWrites(t *testing.T) {
	many := map[string]any{}
	for i := range 2 * mostOutlined {
		many[fmt.Sprint(i)] = i
	}
	values := []any{
		nil, 1, "a",
		[]any{},
		map[string]any{},
		many, new(big.Int).Lsh(big.NewInt(1), 90),
		map[string]any{"b": 1, "a": "x"},
		map[string]any{"b": "\n", "a": nil},
		map[string]any{"b": 1, "c": 2},
		map[string]any{"\"\xff": 1, "a": map[string]any{"z": 1.5, "y": []any{map[string]any{"q": 1}, map[string]any{"q": 2, "p": 3}, "t"}}},
		map[string]any{"\"\xff": 1, "a": map[string]any{"z": true}},
		map[string]any{"\"\xff": 1, "a": "no object"},
		[]any{map[string]any{"a": 1}, map[string]any{"a": map[string]any{"a": 2}}, []any{[]any{map[string]any{"a": 3}}}},
		map[string]any{"a": 1, "b": []byte("abc")},
	}
	var a Appender
	dst := []byte("before ")
	want := string(dst)
	for i := range 40 * len(values) { // each behind each, and more often than it forgives
		v := values[i*i%len(values)]
		if i%3 > 0 {
			v = values[i%len(values)]
		}
		dst, want = a.Append(dst, v), string(Append([]byte(want), v))
		if string(dst) != want {
			t.Fatalf("after %d it has written %s\nnot %s", i, dst, want)
		}
	}
}

func FuzzAppender(f *testing.F) {
	f.Add(`{"b":1,"a":[{"x":1},{"y":2}]}`, `{"b":[],"c":{}}`, `{"a":{"a":{"a":1}},"b":"ä"}`)
	f.Fuzz(func(t *testing.T, one, two, three string) {
		var a Appender
		for range 2 * mostMissed {
			for _, text := range []string{one, two, three, two} {
				v, err := Decode([]byte(text))
				if err != nil {
					return
				}
				if got, want := string(a.Append(nil, v)), string(Append(nil, v)); got != want {
					t.Fatalf("%s, not %s", got, want)
				}
			}
		}
	})
}
