package transforms

import (
	"fmt"
	"strings"
)

// misplaced explains a word that does not fit where it stands, by the habit of
// another language that it most likely comes from.
func (f *parseFailure) misplaced() *SyntaxError {
	open := f.open()
	in := ""
	if len(open) > 0 {
		in = open[len(open)-1].text
	}
	for _, try := range []func(string) *SyntaxError{f.bracket, f.comma, f.twice, f.key, f.word, f.operand} {
		if e := try(in); e != nil {
			return e
		}
	}
	text, before := f.text(0), f.text(-1)
	if before == "" {
		return f.error(fmt.Sprintf("a program cannot begin with %s", text), "write . for the record")
	}
	fix := "look for what is missing or too much between the two"
	if len(open) > 0 && closers[in] != "" {
		fix = fmt.Sprintf("is the %s %s closed?", in, f.where(open[len(open)-1]))
	}
	return f.error(fmt.Sprintf("%s cannot stand behind %s", text, before), fix)
}

// bracket explains a closing bracket without its partner.
func (f *parseFailure) bracket(in string) *SyntaxError {
	text := f.text(0)
	if text != ")" && text != "]" && text != "}" || f.text(-1) == "," {
		return nil
	}
	open := f.open()
	if in == "" {
		return f.error(fmt.Sprintf("this %s closes nothing", text), "take it away, or open the bracket before it")
	}
	o := open[len(open)-1]
	want, isBracket := closers[in]
	switch {
	case in == "if":
		return f.error(fmt.Sprintf("the if %s has no end before this %s", f.where(o), text), "write end before it")
	case isBracket && want != text:
		return f.error(fmt.Sprintf("this %s does not close the %s %s", text, in, f.where(o)), "write %s before it", want)
	}
	switch before := f.text(-1); {
	case before == "(":
		return f.error("there is nothing in these brackets", "take them away, or write what belongs inside")
	case f.kind(-1) == lexOp || f.kind(-1) == lexKeyword:
		return f.error(fmt.Sprintf("behind %s something is missing", before), "write what comes next, or take the %s away", before)
	}
	return nil
}

// comma explains a comma too many.
func (f *parseFailure) comma(string) *SyntaxError {
	text := f.text(0)
	switch {
	case f.text(-1) == "," && (text == "]" || text == ")" || text == "}"):
		f.at--
		return f.error("this comma has nothing behind it", "take it away")
	case text != ",":
		return nil
	case f.text(-2) == "(" && f.kind(-1) == lexName, f.text(-2) == ";" && f.kind(-1) == lexName:
		return f.error("arguments are parted by ; here", "write ; in place of the comma")
	case f.kind(-1) == lexOp && !closes(f.text(-1)), f.kind(-1) == lexKeyword, f.text(-1) == "":
		return f.error("this comma has nothing before it", "take it away")
	}
	return nil
}

func closes(text string) bool {
	return text == ")" || text == "]" || text == "}" || text == "?" || text == "."
}

// twice explains operators of other languages that jq reads as two.
func (f *parseFailure) twice(string) *SyntaxError {
	before, text := f.text(-1), f.text(0)
	if !f.touches(-1) {
		return nil
	}
	join := func(what, fix string) *SyntaxError {
		f.words[f.at].start = f.words[f.at-1].start
		return f.error("jq has no "+what, fix)
	}
	switch before + text {
	case "||":
		return join("||", "write or: .a or .b")
	case "===", "!==", "==>":
		return join(before+text, "write "+before)
	case "=>":
		return join("=>", `write >= to compare, or "expression as $x | …" to name a value`)
	case "<>":
		return join("<>", "write !=")
	case "++", "--":
		return join(before+text, "write .n + 1, or .n += 1 to change it")
	case "**":
		return join("**", "write pow(a; b)")
	case "->":
		return join("->", `write "expression as $x | …" to name a value`)
	case "{{":
		return join("{{ }}", "all of this text is jq: write .name where a template has {{ name }}")
	case "[*":
		return join("[*]", "write [] for every member: .items[]")
	case ".*":
		return join(".*", "write .[] for every member")
	case "[?":
		return join("[?( )]", "write .[] | select(…)")
	}
	return nil
}

// key explains what is wrong between the braces of an object.
func (f *parseFailure) key(in string) *SyntaxError {
	text, before := f.text(0), f.text(-1)
	if in != "{" {
		if text == ":" && (f.kind(-1) == lexName || f.kind(-1) == lexString) {
			return f.error("a key with its value stands in braces", "write {%s: …}", before)
		}
		return nil
	}
	if before == "{" || before == "," {
		switch f.kind(0) {
		case lexField:
			return f.error("a key has no dot", "write %s: %s, or %s alone for both", text[1:], text, text[1:])
		case lexNumber:
			return f.error("a key is a text", `write "%s": …`, text)
		}
		if text == "." || text == ".." || text == "[" {
			return f.error("a key comes first here", "write name: %s…, or ( … ): for a key that is computed", text)
		}
		return f.error(fmt.Sprintf("%s cannot be a key", text), "write a name, a text in quotes, or ( … ): for a key that is computed")
	}
	isName := f.kind(-1) == lexName || f.kind(-1) == lexKeyword || f.kind(-1) == lexString
	begins := f.text(-2) == "{" || f.text(-2) == ","
	switch {
	case text == "=" && isName && begins:
		return f.error("between a key and its value stands a colon", "write %s: …", before)
	case text == "-" && isName && begins && f.kind(1) == lexName:
		return f.error("a key with a - stands in quotes", `write "%s-%s": …`, before, f.text(1))
	case f.kind(0) == lexField && isName && begins && !f.touches(-1):
		return f.error("there is no colon behind the key", "write %s: %s", before, text)
	case f.kind(0) == lexField && isName && begins:
		return f.error("a key with a dot stands in quotes", `write "%s%s": …, or %s: {%s: …} for an object inside`, strings.Trim(before, `"`), text, before, text[1:])
	case text == ";":
		return f.error("members of an object are parted by commas", "write a comma")
	case text == "as":
		return f.error("a value with as needs brackets inside an object", "write name: (… as $x | …)")
	case text == ":" && f.text(-2) != "{" && f.text(-2) != ",":
		return f.error("there is a second colon", "write a comma before the key, or brackets round the value")
	case f.kind(0) == lexName || f.kind(0) == lexString || f.kind(0) == lexOpen:
		return f.error(fmt.Sprintf("there is no comma before %s", text), "write a comma before it")
	}
	return nil
}

// word explains words that stand wrong, most of them of other languages.
func (f *parseFailure) word(in string) *SyntaxError {
	text, before := f.text(0), f.text(-1)
	open := f.open()
	switch text {
	case "then", "elif", "else", "end":
		if in != "if" {
			return f.error(fmt.Sprintf("there is no if for this %s", text), "write if … then … else … end")
		}
		o := open[len(open)-1]
		if f.kind(-1) == lexOp || f.kind(-1) == lexKeyword {
			return f.error(fmt.Sprintf("between %s and %s something is missing", before, text), "write what belongs there, or . for the value itself")
		}
		return f.error(fmt.Sprintf("the if %s has no then before this %s", f.where(o), text), "write if … then … else … end")
	case "?":
		return nil
	case "=":
		return f.error("there is nothing for this = to compare or set", "write == to compare")
	case ";":
		if in == "" {
			return f.error("this ; parts nothing", "it stands between the arguments of a function and behind a definition; write | to go on")
		}
		if in == "[" {
			return f.error("members of an array are parted by commas", "write a comma")
		}
	case "elseif", "elsif":
		return f.error("jq has no "+text, "write elif … then …")
	case "{":
		if in == "if" && f.kind(-1) != lexOp {
			return f.error("jq writes no braces round what an if does", "write if … then … else … end")
		}
	}
	switch before {
	case "var", "let", "const":
		return f.error("jq has no "+before, "write … as $%s | … to name a value", text)
	case "return":
		return f.error("jq has no return", "the value of the last expression is the result: take return away")
	case "function":
		return f.error("jq has no function", "write def %s: …;", text)
	case "for", "foreach", "forEach", "each", "loop", "while":
		if before != "foreach" && before != "while" {
			return f.error("jq has no "+before, "write .items[] | … to go through the members")
		}
	case "as":
		if f.kind(0) == lexName {
			return f.error("a variable begins with $", "write as $%s | …", text)
		}
	case "?":
		if f.text(-2) == "?" {
			return f.error("jq has no ??", "write // for a value in place of null: .a // %s", text)
		}
		return f.error("jq has no a ? b : c", "write if … then %s else … end", text)
	}
	if f.text(-2) == "as" && f.kind(-1) == lexVariable {
		return f.error("what to do with "+before+" is missing", "write | and the rest: … as %s | …", before)
	}
	return nil
}

// operand explains two values with nothing between them, or an operator with
// nothing on one side.
func (f *parseFailure) operand(in string) *SyntaxError {
	text, before := f.text(0), f.text(-1)
	value := func(k lexKind, s string) bool {
		switch k {
		case lexName, lexVariable, lexField, lexNumber, lexFormat, lexString, lexOpen:
			return true
		}
		return s == "." || s == ".." || s == "null" || s == "true" || s == "false" || s == "if" ||
			s == "reduce" || s == "foreach" || s == "try"
	}
	ends := value(f.kind(-1), before) && f.kind(-1) != lexOpen || f.kind(-1) == lexClose ||
		before == ")" || before == "]" || before == "}" || before == "?" || before == "end"
	switch {
	case ends && f.kind(0) == lexNumber && text[0] == '.' && f.touches(-1):
		return f.error("members of an array are read in brackets", "write [%s]", text[1:])
	case ends && (value(f.kind(0), text) || text == "{" || text == "("):
		if f.kind(0) == lexName && (strings.EqualFold(text, "and") || strings.EqualFold(text, "or")) {
			return f.error(fmt.Sprintf("%s is written small", text), "write %s", strings.ToLower(text))
		}
		shown := text
		if f.kind(0) == lexOpen {
			shown = "the text"
		}
		return f.error(fmt.Sprintf("between %s and %s something is missing", before, shown), "write | to go on with the value, or an operator such as + or ==")
	case !ends && f.kind(0) == lexOp && f.kind(-1) == lexOp:
		switch text {
		case "|", "*", "/", "%", "==", "!=", ">", "<", ">=", "<=", "//", "|=", "+=", "-=", "*=", "/=", "%=", "//=", "?":
			return f.error(fmt.Sprintf("between %s and %s something is missing", before, text), "write what belongs there, or take one of them away")
		}
	case f.kind(0) == lexOp && before == "":
		return nil
	}
	return nil
}
