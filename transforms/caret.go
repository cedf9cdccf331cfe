package transforms

import (
	"slices"
	"strings"
)

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
