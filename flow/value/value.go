// Package value reads and writes JSON straight to and from the values that jq
// knows: nil, bool, int, float64, *big.Int, string, []any and map[string]any. It is
// the hot path of every connector and of the history.
package value
