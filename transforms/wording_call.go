package transforms

import (
	"fmt"
	"slices"
	"strings"
)

// What a function wants to be given, for what is said when it was not.
var wants = map[string]string{
	"ascii_downcase": "a text", "ascii_upcase": "a text", "explode": "a text", "ltrimstr": "a text", "rtrimstr": "a text",
	"trimstr": "a text", "trim": "a text", "ltrim": "a text", "rtrim": "a text", "startswith": "a text", "endswith": "a text",
	"split": "a text", "splits": "a text", "test": "a text", "match": "a text", "capture": "a text", "scan": "a text",
	"sub": "a text", "gsub": "a text", "fromjson": "a text", "strptime": "a text", "utf8bytelength": "a text",
	"fromdate": "a text", "fromdateiso8601": "a text",
	"tonumber": "a text or a number", "toboolean": "a text or a truth value",
	"sort": "an array", "sort_by": "an array", "group_by": "an array", "unique": "an array", "unique_by": "an array",
	"min": "an array", "min_by": "an array", "max": "an array", "max_by": "an array", "reverse": "an array", "transpose": "an array",
	"implode": "an array", "bsearch": "an array", "mktime": "an array", "INDEX": "an array",
	"add": "an array or an object", "join": "an array", "flatten": "an array", "keys": "an array or an object", "map": "an array or an object",
	"map_values": "an array or an object", "to_entries": "an object", "with_entries": "an object", "from_entries": "an array",
	"any": "an array", "all": "an array", "first": "an array", "last": "an array", "has": "an array or an object",
	"todate": "a number", "todateiso8601": "a number", "date": "a number", "strftime": "a number or an array", "strflocaltime": "a number or an array",
	"gmtime": "a number", "localtime": "a number", "range": "numbers", "length": "null, a number, a text, an array or an object",
	"abs": "a number",
}

// call says what was wrong with a call of a function that every program has.
func (w *wording) call(said string) (what, fix string) {
	name := w.spot.name
	switch {
	case strings.HasPrefix(said, "invalid regular expression"):
		return expressionWords(said)
	case strings.HasPrefix(said, "unsupported regular expression flag"):
		return "there is no such flag: " + said[strings.LastIndex(said, ": ")+2:], "the flags are g for all, i for capitals alike, m for . to match line breaks"
	case strings.HasPrefix(said, "format not defined"):
		return "jq knows no " + said[strings.LastIndex(said, ": ")+2:], "there are " + strings.Join(formats, " ")
	}
	switch name {
	case "tonumber":
		if s, ok := w.input.(string); ok {
			return fmt.Sprintf("%q is not a number", clipText(s)), `write (tonumber? // null) for null in place of it`
		}
	case "toboolean":
		if s, ok := w.input.(string); ok {
			return fmt.Sprintf("%q is neither true nor false", clipText(s)), `write . == "yes" or the like`
		}
	case "fromjson":
		if s, ok := w.input.(string); ok {
			return fmt.Sprintf("%q is not JSON", clipText(s)), "write (fromjson? // null) for null in place of it"
		}
	case "strptime", "fromdate", "fromdateiso8601":
		if s, ok := w.input.(string); ok {
			return w.dateWords(s)
		}
	case "contains", "inside":
		return fmt.Sprintf("%s compares two values of one kind; this one is %s", name, described(w.input)), "write index(…) or IN(…) to look for a member"
	case "has", "in":
		return w.hasWords()
	case "from_entries":
		if strings.Contains(said, "object key") {
			return "a key of an object is a text, not " + kindOfMessage(said), "each entry needs a text as key or name: write {key: (… | tostring), value: …}"
		}
	case "limit", "skip", "nth":
		return name + " takes a number from 0 on", ""
	}
	if want, ok := wants[name]; ok && !fits(w.input, want) {
		return w.unwanted(want)
	}
	if strings.Contains(said, "cannot iterate") && w.input != nil {
		return fmt.Sprintf("%s cannot iterate over %s", name, kindOfMessage(said)), ""
	}
	if i := strings.Index(said, "cannot add: "); i >= 0 {
		return fmt.Sprintf("%s cannot add %s", name, bothKinds(said[i+len("cannot add: "):])), "its members must be of one kind"
	}
	if i := strings.Index(said, ") cannot be applied to: "); i >= 0 && strings.Contains(said[:i], "(") {
		argument := said[strings.Index(said, "(")+1 : i]
		return fmt.Sprintf("%s cannot work on %s with %s", name, described(w.input), argument), w.signatureFix()
	}
	if i := strings.Index(said, "cannot be applied to: "); i >= 0 {
		return fmt.Sprintf("%s cannot take %s", name, kinds(said[i+len("cannot be applied to: "):])), w.signatureFix()
	}
	return "", ""
}

// unwanted says that the function was given something of another kind.
func (w *wording) unwanted(want string) (what, fix string) {
	what = fmt.Sprintf("%s takes %s, not %s", w.spot.name, want, described(w.input))
	instead := "0"
	switch {
	case strings.Contains(want, "text"):
		instead = `""`
	case strings.Contains(want, "array"):
		instead = "[]"
	case strings.Contains(want, "object"):
		instead = "{}"
	}
	switch v := w.input.(type) {
	case nil:
		fix = fmt.Sprintf("the value is missing: write // %s before it", instead)
	case string:
		if want == "a number" && isNumberText(v) {
			fix = "write tonumber before it"
		} else if want == "a number" && strings.Contains(w.spot.name, "date") {
			fix = "a text is no time yet: write strptime(…) | mktime before it"
		}
	case map[string]any:
		if want == "an array" {
			fix = "write [.[]] before it for the values, or to_entries for keys and values"
		}
	case []any:
		if want == "a text" || want == "a number" {
			fix = fmt.Sprintf("write map(%s) for each member", w.span(w.spot.part).text(w.src))
		}
	default:
		if want == "a text" {
			fix = "write tostring before it"
		}
	}
	return what, fix
}

// fits says whether v is of a kind that want names.
func fits(v any, want string) bool {
	switch v.(type) {
	case nil:
		return strings.HasPrefix(want, "null")
	case bool:
		return strings.Contains(want, "truth value")
	case string:
		return strings.Contains(want, "text")
	case []any:
		return strings.Contains(want, "array")
	case map[string]any:
		return strings.Contains(want, "object")
	}
	return strings.Contains(want, "number")
}

func (w *wording) signatureFix() string {
	f := w.span(w.spot.part)
	arity := 0
	if i := slices.IndexFunc(w.uses, func(u use) bool { return u.at == f }); i >= 0 {
		arity = w.uses[i].arity
	}
	for _, b := range builtinList() {
		if b.Name == w.spot.name && b.Arity == arity {
			return "for example " + b.Example
		}
	}
	return ""
}

func (w *wording) dateWords(s string) (what, fix string) {
	if w.spot.name != "strptime" {
		return fmt.Sprintf("%q is no time of the form 2026-10-07T09:30:00Z", clipText(s)), "write strptime(…) | mktime for other forms"
	}
	return fmt.Sprintf("%q does not fit the format of %s", clipText(s), w.span(w.spot.part).text(w.src)),
		`for example "%Y-%m-%d %H:%M:%S"`
}

func (w *wording) hasWords() (what, fix string) {
	switch w.input.(type) {
	case []any:
		return "an array has places, no keys", "write any(. == …) or index(…) to look for a member"
	case map[string]any:
		return "an object has keys that are texts", `write has("name")`
	}
	return fmt.Sprintf("%s takes an array or an object, not %s", w.spot.name, described(w.input)), ""
}

// expressionWords says why a regular expression is not valid.
func expressionWords(said string) (what, fix string) {
	quoted, why, _ := strings.Cut(strings.TrimPrefix(said, "invalid regular expression "), ": error parsing regexp: ")
	what = fmt.Sprintf("the expression %s is not valid: %s", quoted, why)
	for _, ahead := range []string{"(?=", "(?!", "(?<=", "(?<!"} {
		if strings.Contains(quoted, ahead) {
			return what, "looking ahead and behind is not possible here; capture more and use a part of it"
		}
	}
	return what, `a sign with a meaning of its own needs two backslashes: "\\["`
}

func clipText(s string) string {
	r := []rune(s)
	if len(r) > shownAt {
		return string(r[:shownAt-1]) + "…"
	}
	return s
}

// reworded says a message of gojq with the words for kinds that people read.
func reworded(said string) string {
	for _, change := range [][2]string{
		{"cannot be applied to: ", "cannot take "},
		{"cannot iterate over: ", "cannot iterate over "},
		{"expected an object but got: ", "an object is needed, not "},
		{"expected an array but got: ", "an array is needed, not "},
		{"expected a string for object key but got: ", "a key is a text, not "},
		{"expected a number for indexing an array but got: ", "an array is read by numbers, not by "},
		{"cannot be applied to ", "cannot take "},
		{"array index too large", "the place in the array is too far"},
		{"array index should not be negative", "the array has no such place from its end"},
		{"flatten depth should not be negative", "the depth of flatten is 0 or more"},
	} {
		before, after, found := strings.Cut(said, change[0])
		if found {
			return before + change[1] + kinds(after)
		}
	}
	return said
}

// kindOfMessage is the kind that stands behind the last "but got: " and the like.
func kindOfMessage(said string) string {
	for _, mark := range []string{"but got: ", "including: ", "over: ", "applied to: "} {
		if i := strings.LastIndex(said, mark); i >= 0 {
			return kinds(said[i+len(mark):])
		}
	}
	return said
}

// kinds rewords "string (…)" as gojq writes it to "a text (…)".
func kinds(said string) string {
	for word, kind := range map[string]string{
		"number (": "a number (", "string (": "a text (", "object (": "an object (", "array (": "an array (",
	} {
		if strings.HasPrefix(said, word) {
			return kind + said[len(word):]
		}
	}
	if rest, ok := strings.CutPrefix(said, "boolean ("); ok {
		return strings.TrimSuffix(rest, ")")
	}
	return said
}

// bothKinds rewords "object (…) and array (…)".
func bothKinds(said string) string {
	for _, word := range []string{") and number (", ") and string (", ") and object (", ") and array (", ") and boolean (", ") and null"} {
		if i := strings.LastIndex(said, word); i >= 0 {
			return kinds(said[:i+1]) + " and " + kinds(said[i+len(") and "):])
		}
	}
	return kinds(said)
}
