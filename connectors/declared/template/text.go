package template

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// render writes a value as Python's str does.
func render(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case missing:
		return ""
	}
	return repr(v)
}

// repr writes a value as Python's repr does.
func repr(v any) string {
	switch v := v.(type) {
	case nil, missing:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case int:
		return strconv.Itoa(v)
	case *big.Int:
		return v.String()
	case float64:
		return floatText(v)
	case string:
		return quote(v)
	case Moment:
		return v.String()
	case Span:
		return v.String()
	case []any:
		all := make([]string, len(v))
		for i, m := range v {
			all[i] = repr(m)
		}
		return "[" + strings.Join(all, ", ") + "]"
	case map[string]any:
		keys := sortedKeys(v)
		all := make([]string, len(keys))
		for i, k := range keys {
			all[i] = quote(k) + ": " + repr(v[k])
		}
		return "{" + strings.Join(all, ", ") + "}"
	}
	return fmt.Sprint(v)
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func floatText(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case math.IsNaN(f):
		return "nan"
	}
	if abs := math.Abs(f); abs != 0 && (abs < 1e-4 || abs >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

func quote(s string) string {
	mark := "'"
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		mark = `"`
	}
	return mark + strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`, mark, `\`+mark).Replace(s) + mark
}

// literal reads a text as Python's ast.literal_eval does; where it is none, the text
// itself is the value.
func literal(text string) any {
	p := &literals{src: text}
	p.space()
	if p.i > 0 && !strings.HasPrefix(strings.TrimLeft(text, " \t"), text[p.i:]) {
		return text // a line break before it: Python refuses an indent
	}
	v, ok := p.value(0)
	p.space()
	if !ok || p.i != len(p.src) {
		return text
	}
	return v
}

// literals reads Python's literals.
type literals struct {
	src string
	i   int
}

func (p *literals) space() {
	for p.i < len(p.src) && strings.IndexByte(" \t\r\n", p.src[p.i]) >= 0 {
		p.i++
	}
}

func (p *literals) takes(c byte) bool {
	p.space()
	if p.i < len(p.src) && p.src[p.i] == c {
		p.i++
		return true
	}
	return false
}

func (p *literals) value(depth int) (any, bool) {
	p.space()
	if p.i >= len(p.src) || depth > deepest {
		return nil, false
	}
	switch c := p.src[p.i]; {
	case c == '\'' || c == '"':
		if strings.HasPrefix(p.src[p.i:], `"""`) || strings.HasPrefix(p.src[p.i:], "'''") {
			return nil, false
		}
		text, size, ok := quoted(p.src[p.i:])
		if !ok || strings.ContainsAny(p.src[p.i:p.i+size], "\n\r") || !utf8.ValidString(text) {
			return nil, false
		}
		p.i += size
		return text, true
	case c == '[' || c == '(':
		p.i++
		return p.list(map[byte]byte{'[': ']', '(': ')'}[c], depth)
	case c == '{':
		p.i++
		return p.object(depth)
	case c == '-' || c == '+' || c == '.' || c >= '0' && c <= '9':
		return p.number()
	}
	for _, word := range []struct {
		text string
		v    any
	}{{"True", true}, {"False", false}, {"None", nil}} {
		rest := p.src[p.i:]
		if strings.HasPrefix(rest, word.text) && (len(rest) == len(word.text) || !isName("a"+rest[len(word.text):len(word.text)+1])) {
			p.i += len(word.text)
			return word.v, true
		}
	}
	return nil, false
}

func (p *literals) list(end byte, depth int) (any, bool) {
	all := []any{}
	for commas := 0; !p.takes(end); commas++ {
		v, ok := p.value(depth + 1)
		if !ok {
			return nil, false
		}
		all = append(all, v)
		if p.takes(',') {
			continue
		}
		if !p.takes(end) {
			return nil, false
		}
		if end == ')' && commas == 0 {
			return v, true // parentheses alone make no tuple
		}
		return all, true
	}
	return all, true
}

func (p *literals) object(depth int) (any, bool) {
	all := map[string]any{}
	for !p.takes('}') {
		k, ok := p.value(depth + 1)
		if !ok || !p.takes(':') {
			return nil, false
		}
		v, ok := p.value(depth + 1)
		if !ok {
			return nil, false
		}
		all[render(k)] = v
		if !p.takes(',') {
			return all, p.takes('}')
		}
	}
	return all, true
}

// number reads one as Python writes it: 007 is none.
func (p *literals) number() (any, bool) {
	begin := p.i
	for p.i < len(p.src) && strings.IndexByte("+-.0123456789eE_", p.src[p.i]) >= 0 {
		p.i++
	}
	text := p.src[begin:p.i]
	digits := strings.TrimLeft(text, "+-")
	if digits == "" || strings.ContainsAny(digits, "_") || len(text)-len(digits) > 1 {
		return nil, false
	}
	if !strings.ContainsAny(digits, ".eE") {
		if len(digits) > 1 && digits[0] == '0' && strings.Trim(digits, "0") != "" || strings.ContainsAny(digits, "+-") {
			return nil, false
		}
		if n, err := strconv.Atoi(text); err == nil {
			return n, true
		}
		n, ok := new(big.Int).SetString(text, 10)
		return n, ok
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}
