package flow

import (
	"strings"
	"unicode"
)

// longestSlug bounds a flow's id, so that it fits paths and columns.
const longestSlug = 40

// Slug makes a flow's id of its name: a-z, 0-9 and dashes, at most 40 of them, never
// none. Letters with marks lose them; German umlauts become two letters.
func Slug(name string) ID {
	var b strings.Builder
	for _, c := range strings.ToLower(name) {
		switch {
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			b.WriteRune(c)
		case c == '\u0308' && endsInVowel(b.String()): // an umlaut in two runes
			b.WriteByte('e')
		case unicode.Is(unicode.Mn, c) || c == '\'' || c == '’':
		default:
			if plain, ok := folded(c); ok {
				b.WriteString(plain)
			} else if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
				b.WriteByte('-')
			}
		}
		if b.Len() >= longestSlug {
			break
		}
	}
	slug := b.String()
	slug = strings.Trim(slug[:min(len(slug), longestSlug)], "-")
	if slug == "" {
		return "flow"
	}
	return ID(slug)
}

func endsInVowel(s string) bool {
	return strings.HasSuffix(s, "a") || strings.HasSuffix(s, "o") || strings.HasSuffix(s, "u")
}

// folded writes a small Latin letter with a mark, or one of two letters grown
// together, in plain letters.
func folded(c rune) (string, bool) {
	for _, pair := range [...]struct{ plain, marked string }{
		{"ae", "äæ"},
		{"oe", "öœ"},
		{"ue", "ü"},
		{"ss", "ß"},
		{"th", "þ"},
		{"a", "àáâãåāăą"},
		{"c", "çćĉċč"},
		{"d", "ďđð"},
		{"e", "èéêëēĕėęě"},
		{"g", "ĝğġģ"},
		{"h", "ĥħ"},
		{"i", "ìíîïĩīĭįı"},
		{"j", "ĵ"},
		{"k", "ķ"},
		{"l", "ĺļľŀł"},
		{"n", "ñńņňŋ"},
		{"o", "òóôõøōŏő"},
		{"r", "ŕŗř"},
		{"s", "śŝşšș"},
		{"t", "ţťŧț"},
		{"u", "ùúûũūŭůűų"},
		{"w", "ŵ"},
		{"y", "ýÿŷ"},
		{"z", "źżž"},
	} {
		if strings.ContainsRune(pair.marked, c) {
			return pair.plain, true
		}
	}
	return "", false
}
