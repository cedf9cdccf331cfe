package flow

import "strings"

// slugMost is the greatest length of a slug.
const slugMost = 40

// Slug makes an ID of a name: a-z, 0-9 and single hyphens, never empty.
func Slug(name string) ID {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(name) {
		plain := string(r)
		if folded, ok := fold(r); ok {
			plain = folded
		}
		if plain[0] < '0' || plain[0] > '9' && plain[0] < 'a' || plain[0] > 'z' {
			gap = b.Len() > 0
			continue
		}
		if b.Len()+len(plain)+1 > slugMost {
			break
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		b.WriteString(plain)
	}
	if b.Len() == 0 {
		return "flow"
	}
	return ID(b.String())
}

// fold writes a Latin letter with a mark as a reader of its language would without.
func fold(r rune) (string, bool) {
	for _, f := range folds {
		if strings.ContainsRune(f.of, r) {
			return f.to, true
		}
	}
	return "", false
}

var folds = []struct{ of, to string }{
	{"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"ß", "ss"}, {"æ", "ae"}, {"œ", "oe"}, {"ø", "o"}, {"å", "a"}, {"þ", "th"}, {"ð", "d"},
	{"àáâãāăą", "a"}, {"çćč", "c"}, {"ďđ", "d"}, {"èéêëēęě", "e"}, {"ğ", "g"}, {"ìíîïīı", "i"}, {"łľĺ", "l"}, {"ñńň", "n"},
	{"òóôõōő", "o"}, {"řŕ", "r"}, {"śšş", "s"}, {"ťţ", "t"}, {"ùúûūůű", "u"}, {"ýÿ", "y"}, {"źžż", "z"},
}
