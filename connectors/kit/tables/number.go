package tables

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Decimal makes the text of an exact number into a value: a whole one is a number of any
// size, one with digits behind the point is a number where that holds all of its digits,
// else its text.
func Decimal(text string) any {
	short := text
	if strings.Contains(short, ".") {
		short = strings.TrimSuffix(strings.TrimRight(short, "0"), ".")
	}
	if !strings.Contains(short, ".") {
		if n, err := strconv.Atoi(short); err == nil {
			return n
		}
		if n, ok := new(big.Int).SetString(short, 10); ok {
			return n
		}
	}
	f, err := strconv.ParseFloat(short, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || strconv.FormatFloat(f, 'f', -1, 64) != normalDecimal(short) {
		return text
	}
	return f
}

// normalDecimal has a digit before the point.
func normalDecimal(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	if strings.HasPrefix(s, ".") {
		s = "0" + s
	}
	return sign + s
}
