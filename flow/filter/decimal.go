package filter

import (
	"cmp"
	"math"
	"math/big"
	"strconv"
	"strings"

	"jackfield/flow/value"
)

// decimal10 is a number that was read from a text, exact however long it is: 0.digits times
// ten to the power.
type decimal10 struct {
	negative bool
	digits   string // without zeros at either end; "" is 0
	power    int
}

// decimalOf reads a number as JSON writes it; zeros in front do no harm.
func decimalOf(s string) (d decimal10, ok bool) {
	rest, negative := strings.CutPrefix(s, "-")
	whole := digits(rest, 0)
	if whole == 0 {
		return d, false
	}
	all, end := rest[:whole], whole
	if end < len(rest) && rest[end] == '.' {
		end = digits(rest, end+1)
		if end == whole+1 {
			return d, false
		}
		all += rest[whole+1 : end]
	}
	power := whole
	if end < len(rest) {
		if rest[end]|0x20 != 'e' {
			return d, false
		}
		n, err := strconv.Atoi(rest[end+1:])
		if err != nil || n > 1e9 || n < -1e9 {
			return d, false
		}
		power += n
	}
	trimmed := strings.TrimLeft(all, "0")
	power -= len(all) - len(trimmed)
	if trimmed = strings.TrimRight(trimmed, "0"); trimmed == "" {
		return d, true
	}
	return decimal10{negative: negative, digits: trimmed, power: power}, true
}

func (d decimal10) sign() int {
	switch {
	case d.digits == "":
		return 0
	case d.negative:
		return -1
	}
	return 1
}

func (d decimal10) compare(other decimal10) int {
	if c := cmp.Compare(d.sign(), other.sign()); c != 0 {
		return c
	}
	c := cmp.Compare(d.power, other.power)
	if c == 0 {
		c = strings.Compare(d.digits, other.digits)
	}
	if d.negative {
		return -c
	}
	return c
}

// whole says whether d has nothing behind the point.
func (d decimal10) whole() bool { return d.digits == "" || len(d.digits) <= d.power }

// figures counts the digits before and behind the point.
func (d decimal10) figures() (before, behind int) {
	return max(d.power, 0), max(len(d.digits)-d.power, 0)
}

// numeral is a number of a filter, as both kinds of field need it.
type numeral struct {
	exact decimal10
	jq    any // as jq reads it: int, *big.Int or float64
}

func numeralOf(s string) (numeral, bool) {
	d, ok := decimalOf(s)
	if !ok {
		return numeral{}, false
	}
	n := numeral{exact: d}
	if strings.ContainsAny(s, ".eE") {
		f, _ := strconv.ParseFloat(s, 64)
		n.jq = f
	} else if i, err := strconv.Atoi(s); err == nil {
		n.jq = i
	} else if b, ok := new(big.Int).SetString(s, 10); ok {
		n.jq = b
	}
	return n, true
}

// against compares what a record holds with n: a number as jq does, a text that is a
// number by its digits. ok is false for anything else.
func (n numeral) against(v any) (c int, ok bool) {
	switch v := v.(type) {
	case int, *big.Int:
		return value.Compare(v, n.jq), true
	case float64:
		return value.Compare(min(max(v, -math.MaxFloat64), math.MaxFloat64), n.jq), true
	case string:
		d, ok := decimalOf(v)
		return d.compare(n.exact), ok
	}
	return 0, false
}
