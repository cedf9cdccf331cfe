package value

import (
	"math/big"
	"reflect"
	"testing"
	"time"
)

func TestUnsortedIsTheSameInAnotherOrder(t *testing.T) {
	for _, v := range []any{
		nil, true, 1, 0.5, "text\n\xff",
		[]any{},
		map[string]any{},
		map[string]any(nil),
		[]any{1, []any{nil}, map[string]any{"a": "b"}},
		map[string]any{"c": 1, "a": []any{map[string]any{"z": 1, "y": 2.5}}, "b": new(big.Int).Lsh(big.NewInt(1), 70), "": nil},
		map[string]string{"x": "not normal", "a": ""},
		map[string]any{"at": time.Unix(0, 0).UTC(), "n": int64(3)},
	} {
		want, err := Decode(Append(nil, v))
		if err != nil {
			t.Fatal(err)
		}
		text := AppendUnsorted([]byte("before"), v)
		is, err := Decode(text[len("before"):])
		if err != nil || !reflect.DeepEqual(is, want) {
			t.Errorf("%#v became %s, %v", v, text, err)
		}
		if len(text) != len("before")+len(Append(nil, v)) {
			t.Errorf("%#v became %s, of another length than %s", v, text, Append(nil, v))
		}
	}
}

func BenchmarkAppendUnsorted(b *testing.B) {
	v := map[string]any{
		"id": 1, "number": "O-2026-0000001", "customer": "Ada Lovelace", "email": "ada@example.org", "street": "Main Street 1",
		"city": "Vienna", "zip": "1010", "country": "AT", "currency": "EUR", "total": 312.5, "paid": true, "note": nil,
	}
	for name, appendTo := range map[string]func([]byte, any) []byte{"sorted": Append, "unsorted": AppendUnsorted} {
		b.Run(name, func(b *testing.B) {
			var dst []byte
			for b.Loop() {
				dst = appendTo(dst[:0], v)
			}
		})
	}
}
