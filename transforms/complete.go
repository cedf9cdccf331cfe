package transforms

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Completion is something that could stand at the caret.
type Completion struct {
	Text       string    // what to put between Start and End
	Label      string    // what to show: the name of a field, test(re; flags)
	Kind       TokenKind // field, function, variable, keyword or format
	Detail     string    // one line: a value of the sample, what a function does
	Start, End int       // in bytes
}

// Complete lists what could stand at the caret, best first. sample is a record that
// comes to the program: the fields offered are those that it has at this place of the
// program, found by running what stands before on it. A nil sample offers none.
func Complete(src string, caret int, sample any, vars Vars) []Completion {
	c := completer{src: src, sample: sample, vars: vars}
	c.end = min(max(caret, 0), len(src))
	c.start = c.end
	for c.start > 0 && (isLetter(src[c.start-1]) || isDigit(src[c.start-1])) {
		c.start--
	}
	for c.end < len(src) && (isLetter(src[c.end]) || isDigit(src[c.end])) {
		c.end++
	}
	c.word = src[c.start:min(max(caret, c.start), c.end)]
	if !c.read() {
		return nil
	}
	switch c.sign() {
	case '.':
		return c.fields(c.chain(c.start-1), "", false)
	case '$':
		c.start--
		return c.variables()
	case '@':
		c.start--
		return c.formats()
	}
	if c.atKey() {
		return c.fields("", "", true)
	}
	out := c.fields("", ".", false)
	out = append(out, c.functions()...)
	if c.word == "" {
		out = append(out, c.variables()...)
	}
	return append(out, c.keywords()...)
}

type completer struct {
	src        string
	sample     any
	vars       Vars
	start, end int    // of the word at the caret
	word       string // the part of it before the caret
	before     []lexeme
	frames     []frame
}

// sign is the byte before the word, if it belongs to it.
func (c *completer) sign() byte {
	if c.start == 0 {
		return 0
	}
	return c.src[c.start-1]
}

// read cuts what stands before the word and finds what is open there. It says no
// where nothing can be completed: in a comment, a text or a number.
func (c *completer) read() bool {
	head := c.src[:c.start]
	for _, x := range lex(head) {
		switch x.kind {
		case lexComment:
			if x.end == len(head) {
				return false
			}
			continue
		case lexUnclosed:
			return false
		}
		c.before = append(c.before, x)
	}
	if n := len(c.before); n > 0 {
		last := c.before[n-1]
		if last.end == len(head) && (last.kind == lexNumber || last.kind == lexBad && isDigit(head[last.start])) {
			return false
		}
	}
	if c.word != "" && isDigit(c.word[0]) {
		return false
	}
	c.frames = openFrames(c.src, c.before)
	return true
}

// lookTime is how long a program may run to find what fields there are.
const lookTime = 50 * time.Millisecond

// look runs jq on the sample and gives the first few values.
func (c *completer) look(src string) []any {
	p, err := Compile(src)
	if err != nil {
		return nil
	}
	var out []any
	for v, err := range p.With(Limits{Time: lookTime}).Run(context.Background(), c.sample, c.vars) {
		if err != nil {
			break
		}
		if out = append(out, v); len(out) == 20 {
			break
		}
	}
	return out
}

// fields lists the members of what chain gives at the caret. dot is written before
// their names; asKey writes them as keys of an object.
func (c *completer) fields(chain, dot string, asKey bool) []Completion {
	pipeline := c.pipeline()
	if c.sample == nil || pipeline == "" {
		return nil
	}
	if chain != "" {
		pipeline += "\n| " + chain
	}
	found := map[string]any{}
	for _, v := range c.look(pipeline) {
		if m, ok := v.(map[string]any); ok {
			for name, value := range m {
				if found[name] == nil {
					found[name] = value
				}
			}
		}
	}
	var out []Completion
	for _, name := range c.ranked(slices.Collect(maps.Keys(found))) {
		out = append(out, Completion{Text: fieldText(name, dot, asKey), Label: name, Kind: FieldToken, Detail: clip(found[name], 60), Start: c.start, End: c.end})
	}
	return out
}

// fieldText is how a field is written behind a dot, with it, or as a key.
func fieldText(name, dot string, asKey bool) string {
	if step := fieldStep(name); step[0] == '.' {
		return dot + name
	}
	if asKey {
		return strconv.Quote(name)
	}
	return dot + "[" + strconv.Quote(name) + "]"
}

// ranked keeps the names that fit the word: those that begin with it, then those
// that have it inside.
func (c *completer) ranked(names []string) []string {
	word := strings.ToLower(c.word)
	rank := func(name string) int { return strings.Index(strings.ToLower(name), word) }
	names = slices.DeleteFunc(names, func(n string) bool { return rank(n) < 0 })
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(min(rank(a), 1), min(rank(b), 1)), strings.Compare(a, b))
	})
	return slices.Compact(names)
}

func (c *completer) variables() []Completion {
	details := map[string]string{
		"$run": "the run: id, started, limit", "$flow": "the flow: id, name, version",
		"$trigger": "the record that the trigger gave", "$steps": "the records that this one descends from, by step",
		"$item": "the item of the container that the step is in", "$index": "the place of that item, from 0",
		"$loop":    "the item as {step, index, item, record}, record being what came to the container",
		"$loops":   "the items of all containers around the step, by container: $loops.orders.index",
		"$problem": "why the record failed, behind a failed outlet: what, fix, step, code",
	}
	var names []string
	for name := range details {
		names = append(names, name)
	}
	for _, x := range c.before {
		if name := c.src[x.start:x.end]; x.kind == lexVariable && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	var out []Completion
	for _, name := range c.ranked(names) {
		out = append(out, Completion{Text: name, Label: name, Kind: VariableToken, Detail: details[name], Start: c.start, End: c.end})
	}
	return out
}

func (c *completer) formats() []Completion {
	details := map[string]string{
		"@text": "as tostring", "@json": "as tojson", "@html": "with < > & and quotes escaped", "@uri": "escaped for an address",
		"@urid": "@uri undone", "@csv": "an array as a line of CSV", "@tsv": "an array as a line with tabs",
		"@sh": "quoted for a shell", "@base64": "in base64", "@base64d": "@base64 undone",
	}
	var out []Completion
	for _, name := range c.ranked(slices.Clone(formats)) {
		out = append(out, Completion{Text: name, Label: name, Kind: FormatToken, Detail: details[name], Start: c.start, End: c.end})
	}
	return out
}

func (c *completer) functions() []Completion {
	bySignature := map[string]Completion{}
	var names []string
	add := func(name, label, detail string, arity int) {
		text := name
		if arity > 0 {
			text += "("
		}
		if _, known := bySignature[label]; !known {
			names = append(names, label)
			bySignature[label] = Completion{Text: text, Label: label, Kind: FunctionToken, Detail: detail, Start: c.start, End: c.end}
		}
	}
	for i, x := range c.before {
		if x.kind == lexName && i > 0 && c.src[c.before[i-1].start:c.before[i-1].end] == "def" {
			name := c.src[x.start:x.end]
			arity := 0
			if i+1 < len(c.before) && c.src[c.before[i+1].start] == '(' {
				arity = 1
			}
			add(name, name, "defined in this program", arity)
		}
	}
	for _, b := range builtinList() {
		add(b.Name, b.Signature, b.Summary, b.Arity)
	}
	if c.word != "" { // only names count, not arguments
		names = slices.DeleteFunc(names, func(label string) bool {
			name, _, _ := strings.Cut(label, "(")
			return !strings.Contains(strings.ToLower(name), strings.ToLower(c.word))
		})
	}
	var out []Completion
	for _, label := range c.ranked(names) {
		out = append(out, bySignature[label])
	}
	return out
}

func (c *completer) keywords() []Completion {
	details := map[string]string{
		"if": "if … then … else … end", "then": "", "elif": "elif … then …", "else": "", "end": "", "and": "both hold", "or": "one of both holds",
		"reduce": "reduce .[] as $x (start; next)", "foreach": "foreach .[] as $x (start; next; give)", "def": "def name: …;",
		"try": "try … catch …", "catch": "", "as": "… as $name | …", "label": "label $out | …", "break": "break $out",
		"null": "", "true": "", "false": "",
	}
	var out []Completion
	for _, name := range c.ranked(slices.Collect(maps.Keys(details))) {
		out = append(out, Completion{Text: name, Label: name, Kind: KeywordToken, Detail: details[name], Start: c.start, End: c.end})
	}
	return out
}
