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

// A frame is a bracket or a word that is open at the caret, with what stands inside
// of it before the caret.
type frame struct {
	open   string // "", (, [, {, \(, if, def
	caller string // the function whose arguments these are
	fold   bool   // of reduce and foreach: the input is the state so far
	start  int    // where the part with the caret begins, in bytes
	pipe   int    // where its last | stands; -1 for none
	word   int    // index of the lexeme that the part begins with
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

func openFrames(src string, words []lexeme) []frame {
	frames := []frame{{pipe: -1}}
	folds := 0
	for i, x := range words {
		text := src[x.start:x.end]
		top := &frames[len(frames)-1]
		part := func() { top.start, top.pipe, top.word = x.end, -1, i+1 }
		push := func(f frame) {
			f.open, f.start, f.pipe, f.word = text, x.end, -1, i+1
			frames = append(frames, f)
		}
		pop := func(open ...string) {
			if len(frames) > 1 && slices.Contains(open, top.open) {
				frames = frames[:len(frames)-1]
			}
		}
		switch {
		case x.kind == lexInsert:
			push(frame{})
		case x.kind == lexKeyword:
			switch text {
			case "if":
				push(frame{})
			case "def":
				push(frame{})
			case "then", "elif", "else":
				if top.open == "if" {
					part()
				}
			case "end":
				pop("if")
			case "reduce", "foreach":
				folds++
			}
		case x.kind != lexOp:
		case text == "(":
			f := frame{}
			if i > 0 {
				switch previous := words[i-1]; {
				case previous.kind == lexName:
					f.caller = src[previous.start:previous.end]
				case folds > 0 && (previous.kind == lexVariable || src[previous.start:previous.end] == "]" || src[previous.start:previous.end] == "}"):
					f.fold = true
					folds--
				}
			}
			push(f)
		case text == "[" || text == "{":
			push(frame{})
		case text == ")":
			pop("(", `\(`)
		case text == "]":
			pop("[")
		case text == "}":
			pop("{")
		case text == ";":
			if top.open == "def" {
				pop("def")
			} else {
				part()
			}
		case text == "," && top.open == "{", text == ":" && (top.open == "{" || top.open == "def" || top.open == "["):
			part()
		case text == "|":
			top.pipe = x.start
		}
	}
	return frames
}

// atKey says whether the caret stands where a key of an object does.
func (c *completer) atKey() bool {
	top := c.frames[len(c.frames)-1]
	if top.open != "{" || top.word != len(c.before) {
		return false
	}
	last := c.before[len(c.before)-1]
	return c.src[last.start:last.end] != ":"
}

// memberwise are the functions whose argument is applied to each member.
var memberwise = map[string]string{
	"map": ".[]?", "map_values": ".[]?", "sort_by": ".[]?", "group_by": ".[]?", "unique_by": ".[]?",
	"min_by": ".[]?", "max_by": ".[]?", "any": ".[]?", "all": ".[]?", "INDEX": ".[]?", "walk": "..",
	"with_entries": "to_entries[]?",
}

// pipeline is the jq that leads from the record to the input of the part with the
// caret; "" where that is not known.
func (c *completer) pipeline() string {
	stages := []string{"."}
	for _, f := range c.frames {
		if f.open == "def" || f.fold {
			return ""
		}
		if step, ok := memberwise[f.caller]; ok && f.open == "(" {
			stages = append(stages, step)
		}
		if f.pipe >= 0 {
			stages = append(stages, c.src[f.start:f.pipe])
		} else if defs := c.definitions(f); defs != "" {
			stages = append(stages, defs+" .")
		}
	}
	return strings.Join(stages, "\n| ")
}

// definitions is the text of the functions that a part begins with.
func (c *completer) definitions(f frame) string {
	if f.word >= len(c.before) || c.src[c.before[f.word].start:c.before[f.word].end] != "def" {
		return ""
	}
	end, depth := -1, 0
	for _, x := range c.before[f.word:] {
		switch text := c.src[x.start:x.end]; {
		case x.kind == lexKeyword && text == "def", x.kind == lexOp && (text == "(" || text == "["):
			depth++
		case x.kind == lexOp && (text == ")" || text == "]"):
			depth--
		case x.kind == lexOp && text == ";" && depth == 1:
			depth--
			end = x.end
		}
	}
	if end < 0 {
		return ""
	}
	return c.src[f.start:end]
}

// chain is the text of the term that a dot at a place hangs on: .a[0] of .a[0].na
func (c *completer) chain(dot int) string {
	i := len(c.before) - 1
	if i >= 0 && c.before[i].start == dot { // the dot itself
		i--
	}
	begin := dot
	for i >= 0 && c.before[i].end == begin {
		x := c.before[i]
		text := c.src[x.start:x.end]
		switch {
		case x.kind == lexField, text == "?", text == ".":
			begin, i = x.start, i-1
		case text == "]":
			j := c.opening(i)
			if j < 0 {
				return ""
			}
			begin, i = c.before[j].start, j-1
		case text == ")" || text == "}":
			j := c.opening(i)
			if j < 0 {
				return ""
			}
			if j > 0 && c.before[j-1].kind == lexName && c.before[j-1].end == c.before[j].start {
				j--
			}
			return c.src[c.before[j].start:dot]
		case x.kind == lexVariable, x.kind == lexName, x.kind == lexString:
			return c.src[x.start:dot]
		default:
			return c.src[begin:dot]
		}
	}
	return c.src[begin:dot]
}

// opening is the index of the bracket that the one at i closes.
func (c *completer) opening(i int) int {
	depth := 0
	for ; i >= 0; i-- {
		if x := c.before[i]; x.kind == lexOp || x.kind == lexInsert {
			switch c.src[x.start:x.end] {
			case ")", "]", "}":
				depth++
			case "(", "[", "{", `\(`:
				if depth--; depth == 0 {
					return i
				}
			}
		}
	}
	return -1
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
