package transforms

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/itchyny/gojq"

	"jackfield/flow"
)

// checkClosed finds functions that jq has and that are closed here.
func (s *scope) checkClosed() *SyntaxError {
	for _, u := range s.uses {
		if u.kind != unknownUse {
			continue
		}
		if strings.HasPrefix(u.name, "$__") {
			return s.explainUnknown(u)
		}
		if why, ok := closedFunctions[signed(u.name, u.arity)]; ok {
			return newSyntaxError(s.src, u.at, why[0], why[1])
		}
	}
	return nil
}

// checkFormats finds @words that jq does not know: gojq would say so only when they
// are used.
func (s *scope) checkFormats() *SyntaxError {
	for _, w := range s.words {
		if text := s.src[w.start:w.end]; w.kind == lexFormat && !slices.Contains(formats, text) {
			fix := "there are " + strings.Join(formats, " ")
			if near, ok := flow.Nearest(text, formats); ok {
				fix = "did you mean " + near + "?"
			}
			return newSyntaxError(s.src, span{w.start, w.end}, "jq knows no "+text, fix)
		}
	}
	return nil
}

// unknown explains the first name that stands for nothing. err is what the compiler
// said.
func (s *scope) unknown(err error) *SyntaxError {
	for _, u := range s.uses {
		if u.kind == unknownUse {
			return s.explainUnknown(u)
		}
	}
	return newSyntaxError(s.src, span{0, len(s.src)}, err.Error(), "")
}

func (s *scope) explainUnknown(u use) *SyntaxError {
	what, fix := s.unknownName(u)
	return newSyntaxError(s.src, s.nameOf(u), what, fix)
}

// nameOf is the place of the name alone, without its arguments.
func (s *scope) nameOf(u use) span {
	if u.call != nil && strings.HasPrefix(s.src[u.at.start:], u.name) {
		return span{u.at.start, u.at.start + len(u.name)}
	}
	return u.at
}

func (s *scope) unknownName(u use) (what, fix string) {
	switch {
	case strings.HasPrefix(u.name, "$*"):
		return "there is no label " + u.name[2:], "write label " + u.name[2:] + " | … around it"
	case u.name[0] == '$':
		return s.unknownVariable(u.name)
	case strings.Contains(u.name, "::"):
		return moduleClosed, "write the definition into the program: def name: …;"
	}
	if have := s.aritiesOf(u.name); len(have) > 0 {
		return s.wrongArity(u, have)
	}
	return "there is no function " + signed(u.name, u.arity), s.correction(u)
}

func (s *scope) unknownVariable(name string) (what, fix string) {
	what = "there is no variable " + name
	switch name {
	case "$json", "$input", "$record", "$data", "$node", "$this", "$msg", "$payload", "$body":
		return what, "the record is the dot: write . or .name"
	case "$now":
		return what, "write now, the start of the run in seconds"
	case "$env", "$vars":
		return what, "the environment is closed here; use the step's settings or a connection"
	}
	if near, ok := flow.Nearest(name, s.known(true)); ok {
		return what, "did you mean " + near + "?"
	}
	return what, "there are $run, $flow, $steps, $trigger, $problem and, inside a container, $loop; name one of your own with … as " + name + " | …"
}

// aritiesOf lists with how many arguments a function of this name is known.
func (s *scope) aritiesOf(name string) []int {
	have := arities(name)
	for _, u := range s.uses {
		if u.name == name && (u.kind == localUse || u.kind == parameterUse) && !slices.Contains(have, u.arity) {
			have = append(have, u.arity)
		}
	}
	for _, d := range s.defs {
		if d.Name == name && !slices.Contains(have, len(d.Args)) {
			have = append(have, len(d.Args))
		}
	}
	slices.Sort(have)
	return have
}

func (s *scope) wrongArity(u use, have []int) (what, fix string) {
	what = fmt.Sprintf("%s takes %s, not %d", u.name, countWords(have), u.arity)
	if u.arity == 1 && hasComma(u) {
		return what, "arguments are parted by ; here, not by commas"
	}
	if have[0] == 0 && u.arity == 1 && u.call != nil {
		return what, fmt.Sprintf("the value goes in front: %s | %s", s.span(u.call.Args[0]).text(s.src), u.name)
	}
	for _, b := range builtinList() {
		if b.Name == u.name && b.Arity == have[0] {
			return what, "write " + b.Signature
		}
	}
	for _, d := range s.defs {
		if d.Name == u.name && len(d.Args) == have[0] && len(d.Args) > 0 {
			return what, fmt.Sprintf("write %s(%s)", d.Name, strings.Join(d.Args, "; "))
		}
	}
	return what, ""
}

func hasComma(u use) bool {
	return u.call != nil && len(u.call.Args) == 1 && u.call.Args[0].Op == gojq.OpComma
}

func countWords(counts []int) string {
	words := make([]string, len(counts))
	for i, n := range counts {
		words[i] = strconv.Itoa(n)
	}
	last := counts[len(counts)-1]
	if last == 0 {
		return "no argument"
	}
	plural := "s"
	if last == 1 {
		plural = ""
	}
	if len(words) > 1 {
		return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1] + " argument" + plural
	}
	return words[0] + " argument" + plural
}

// signed is a function's name with its number of arguments, as jq writes it.
func signed(name string, arity int) string {
	return name + "/" + strconv.Itoa(arity)
}

// foreign are functions of other languages and what jq has in their place.
var foreign = map[string]string{
	"len": "length", "size": "length", "count": "length", "strlen": "length",
	"lower": "ascii_downcase", "lowercase": "ascii_downcase", "toLowerCase": "ascii_downcase", "downcase": "ascii_downcase",
	"upper": "ascii_upcase", "uppercase": "ascii_upcase", "toUpperCase": "ascii_upcase", "upcase": "ascii_upcase",
	"filter": "map(select(…))", "where": "map(select(…))", "collect": "map(…)", "forEach": "map(…)",
	"concat": "+ or add", "sum": "add", "merge": "+ or *", "extend": "+ or *",
	"toString": "tostring", "string": "tostring", "str": "tostring", "String": "tostring",
	"toNumber": "tonumber", "number": "tonumber", "int": "tonumber | floor", "parseInt": "tonumber | floor", "Number": "tonumber", "float": "tonumber", "parseFloat": "tonumber",
	"replace": `gsub("from"; "to")`, "replaceAll": `gsub("from"; "to")`, "matches": "test(…)", "regex": "test(…)",
	"substring": ".[from:to]", "substr": ".[from:to]", "slice": ".[from:to]", "take": ".[:n]", "drop": ".[n:]",
	"includes": `contains("…")`, "exists": `has("…")`, "isNull": ". == null", "is_null": ". == null", "isnull": ". == null",
	"coalesce": "a // b", "default": "a // b", "ifnull": "a // b", "orElse": "a // b",
	"uniq": "unique", "distinct": "unique", "order_by": "sort_by(…)", "orderBy": "sort_by(…)", "sortBy": "sort_by(…)", "groupBy": "group_by(…)",
	"stringify": "tojson", "parse": "fromjson", "parseJson": "fromjson", "parseJSON": "fromjson", "json": "tojson",
	"date_now": "now", "today": "now | todate", "timestamp": "now", "formatDate": `strftime("%Y-%m-%d")`, "formatTime": `strftime("%H:%M")`, "parseDate": `strptime("%Y-%m-%d")`,
	"mod": "a % b", "ceiling": "ceil", "entries": "to_entries", "throw": "error(…)", "raise": "error(…)", "fail": "error(…)",
	"undefined": "null", "nil": "null", "None": "null", "True": "true", "False": "false", "NULL": "null", "TRUE": "true", "FALSE": "false",
	"ascii_lower": "ascii_downcase", "ascii_upper": "ascii_upcase", "tolower": "ascii_downcase", "toupper": "ascii_upcase",
	"this": ".", "item": ".", "record": ".", "self": ".", "it": ".", "root": ".", "input_record": ".",
	"base64": "@base64", "urlencode": "@uri", "encodeURIComponent": "@uri", "csv": "@csv", "html": "@html",
}

// correction says what a name that is no function was most likely meant to be.
func (s *scope) correction(u use) string {
	if field := s.dashedField(u); field != "" {
		return fmt.Sprintf("a name with a - stands in quotes: .[%q]", field)
	}
	if u.name == "return" {
		return "the last expression is the result: take return away"
	}
	if other, ok := foreign[u.name]; ok {
		return "in jq this is " + other
	}
	near, ok := s.nearFunction(u)
	ok = ok && near[0] == u.name[0]
	if u.arity > 0 {
		if ok {
			return "did you mean " + near + "?"
		}
		return fmt.Sprintf("define it before: def %s(…): …;", u.name)
	}
	if ok && len(u.name) > 5 {
		return "did you mean " + near + "?"
	}
	fix := fmt.Sprintf("a field begins with a dot: .%s, a text stands in quotes: %q", u.name, u.name)
	if ok {
		fix += ", or did you mean " + near + "?"
	}
	return fix
}

// nearFunction finds the function most like a name, one with as many arguments
// before others, as name/arguments.
func (s *scope) nearFunction(u use) (string, bool) {
	var same, all []string
	add := func(name string, arity int) {
		all = append(all, name)
		if arity == u.arity {
			same = append(same, name)
		}
	}
	for _, b := range builtinList() {
		add(b.Name, b.Arity)
	}
	for _, d := range s.defs {
		add(d.Name, len(d.Args))
	}
	if near, ok := flow.Nearest(u.name, same); ok {
		return signed(near, u.arity), true
	}
	if near, ok := flow.Nearest(u.name, all); ok {
		return signed(near, s.aritiesOf(near)[0]), true
	}
	return "", false
}

// dashedField is first-name where the program has .first-name, and name is the
// unknown function.
func (s *scope) dashedField(u use) string {
	for i, w := range s.words {
		if w.start != u.at.start || i < 2 {
			continue
		}
		first, last := i, i
		for first >= 2 && s.src[s.words[first-1].start:s.words[first-1].end] == "-" &&
			s.words[first-1].end == s.words[first].start && s.words[first-2].end == s.words[first-1].start {
			first -= 2
		}
		for last+2 < len(s.words) && s.src[s.words[last+1].start:s.words[last+1].end] == "-" &&
			s.words[last+2].kind == lexName &&
			s.words[last].end == s.words[last+1].start && s.words[last+1].end == s.words[last+2].start {
			last += 2
		}
		if first < i && s.words[first].kind == lexField {
			return s.src[s.words[first].start+1 : s.words[last].end]
		}
	}
	return ""
}
