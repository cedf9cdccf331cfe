package flow

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"

	yaml "go.yaml.in/yaml/v3"
)

// text is a scalar that is read back as this text, in the plainest style that says
// so beyond doubt, to readers of YAML 1.1 too.
func text(s string) *yaml.Node {
	s = strings.ToValidUTF8(s, "\ufffd")
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Style: styleOf(s)}
}

// nameNode is a text in front of a colon, where a block cannot stand.
func nameNode(s string) *yaml.Node {
	n := text(s)
	if n.Style == yaml.LiteralStyle {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func styleOf(s string) yaml.Style {
	switch {
	case isMultiLine(s):
		if isBlock(s) {
			return yaml.LiteralStyle
		}
		return yaml.DoubleQuotedStyle
	case isPlain(s):
		return 0
	case strings.ContainsAny(s, `"\`) && !strings.Contains(s, "'") && isPrintable(s):
		return yaml.SingleQuotedStyle
	}
	return yaml.DoubleQuotedStyle
}

func isMultiLine(s string) bool { return strings.Contains(s, "\n") }

// isBlock says whether every line of a text can stand as it is in a literal block.
func isBlock(s string) bool {
	for line := range strings.SplitSeq(s, "\n") {
		if !isPrintable(strings.ReplaceAll(line, "\t", "")) {
			return false
		}
	}
	first := strings.TrimLeft(s, "\n ")
	return first != "" && first[0] != '\t' && s[0] != '\n'
}

func isPrintable(s string) bool {
	for _, c := range s {
		if !unicode.IsPrint(c) || c == '\ufffd' {
			return false
		}
	}
	return true
}

// isPlain says whether s can stand without quotes.
func isPlain(s string) bool {
	if s == "" || strings.TrimSpace(s) != s || !isPrintable(s) || strings.Contains(s, ": ") || strings.Contains(s, " #") || strings.HasSuffix(s, ":") {
		return false
	}
	first := rune(s[0])
	switch {
	case '0' <= first && first <= '9' || first == '.' && len(s) > 1 && '0' <= s[1] && s[1] <= '9':
		return isWordy(s) && !isNumber(s)
	case strings.ContainsRune(`._/$(<`, first), first >= 0x80, 'a' <= first|0x20 && first|0x20 <= 'z':
		return !isReserved(s)
	}
	return false
}

// isWordy says whether s is one word, such as 30s or 3com.txt: not a date, a time or
// an expression of cron, which look like numbers to some.
func isWordy(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c != '.' && !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}

func isNumber(s string) bool {
	if _, isText := mustPlain(s).(string); !isText {
		return true
	}
	_, err := strconv.ParseInt(s, 0, 64) // YAML 1.1 knows 0b1 and 0777
	return err == nil
}

// isReserved says whether s means something else than its letters, here or in YAML
// 1.1.
func isReserved(s string) bool {
	switch strings.ToLower(s) {
	case "yes", "no", "on", "off":
		return true
	}
	_, isText := mustPlain(s).(string)
	return !isText
}

func mustPlain(s string) any {
	v, err := plain(s)
	if err != nil {
		return nil
	}
	return v
}

// bare is a scalar that means what it says without quotes.
func bare(literal string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: literal}
}

// plainNode writes a value that is neither a text nor nested.
func plainNode(v any) *yaml.Node {
	switch v := v.(type) {
	case bool:
		return bare(strconv.FormatBool(v))
	case int:
		return bare(strconv.Itoa(v))
	case *big.Int:
		return bare(v.String())
	case float64:
		return bare(formatFloat(v))
	}
	return bare("null")
}

// formatFloat writes a float that is read back as a float, never as a whole number.
func formatFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return ".nan"
	case math.IsInf(f, 1):
		return ".inf"
	case math.IsInf(f, -1):
		return "-.inf"
	case f == math.Trunc(f) && math.Abs(f) < 1e15:
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}
