// Package value reads and writes JSON straight to and from the values that jq
// knows, and makes other Go values into them. It is the hot path of every connector
// and of the history.
//
// The kinds are nil, bool, int, float64, *big.Int, string, []any and
// map[string]any: a value made of these alone is normal. A whole number is an int
// where it fits and a *big.Int where it does not; a *big.Int is never changed once
// it is in a value.
//
// Its rules: every function is pure but for Decoder and Reader, which hold buffers
// and serve one goroutine; what is read agrees with encoding/json; what is written
// agrees with jq.
package value

// maxDepth is how deep arrays and objects may nest; encoding/json has the same limit.
const maxDepth = 10_000

// maxDigits is how long a whole number may be. Reading one takes time that grows
// with the square of its digits: 16 ms at this length.
const maxDigits = 100_000
