package flow

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// The forms of numbers in YAML 1.2, section 10.3.2, the core schema.
var (
	yamlInt   = regexp.MustCompile(`^[-+]?[0-9]+$`)
	yamlOctal = regexp.MustCompile(`^0o[0-7]+$`)
	yamlHex   = regexp.MustCompile(`^0x[0-9a-fA-F]+$`)
	yamlFloat = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
)

// mostDigits is how long a whole number may be; value.Decode has the same limit.
const mostDigits = 100_000

// plain gives the value of a text without quotes by the core schema of YAML 1.2: yes
// and no, dates and 1_000 are texts. An error says why the number cannot be.
func plain(s string) (any, error) {
	switch s {
	case "", "~", "null", "Null", "NULL":
		return nil, nil
	case "true", "True", "TRUE":
		return true, nil
	case "false", "False", "FALSE":
		return false, nil
	case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF":
		return math.Inf(1), nil
	case "-.inf", "-.Inf", "-.INF":
		return math.Inf(-1), nil
	case ".nan", ".NaN", ".NAN":
		return math.NaN(), nil
	}
	if !strings.ContainsAny(s[:1], "+-.0123456789") {
		return s, nil
	}
	switch {
	case yamlInt.MatchString(s):
		return wholeNumber(s, 10)
	case yamlOctal.MatchString(s):
		return wholeNumber(s[2:], 8)
	case yamlHex.MatchString(s):
		return wholeNumber(s[2:], 16)
	case yamlFloat.MatchString(s):
		f, _ := strconv.ParseFloat(s, 64) // what is too great is infinite, as in JSON
		return f, nil
	}
	return s, nil
}

func wholeNumber(s string, base int) (any, error) {
	if n, err := strconv.ParseInt(s, base, strconv.IntSize); err == nil {
		return int(n), nil
	}
	if len(s) > mostDigits {
		return nil, fmt.Errorf("this whole number has more than %d digits", mostDigits)
	}
	n, _ := new(big.Int).SetString(s, base)
	return n, nil
}

// losesZeros says whether a whole number is written with zeros in front that only a
// text would keep, as in a post code.
func losesZeros(s string) bool {
	digits := strings.TrimLeft(s, "+-")
	return len(digits) > 1 && digits[0] == '0' && yamlInt.MatchString(s)
}
