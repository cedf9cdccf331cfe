package transforms

import "fmt"

// unclosedText points at the quote that is never closed.
func (f *parseFailure) unclosedText() *SyntaxError {
	depth := 0
	for i := f.at; i >= 0; i-- {
		w := f.words[i]
		switch w.kind {
		case lexClose:
			depth++
		case lexOpen:
			if depth--; depth < 0 {
				f.at = i
				return f.error("this text has no end", `close it with "`)
			}
		}
	}
	f.words[f.at].end = f.words[f.at].start + 1
	return f.error("this text has no end", `close it with "`)
}

// An opening is a bracket or a word that needs another one behind it.
type opening struct {
	index int
	text  string
}

var closers = map[string]string{"(": ")", "[": "]", "{": "}", `\(`: ")", "if": "end"}

// open lists the brackets, ifs and definitions that are not closed before the word
// that does not fit. A keyword behind "{" or a comma may be a key and is let go.
func (f *parseFailure) open() []opening {
	var stack []opening
	for i, w := range f.words[:f.at] {
		text := f.src[w.start:w.end]
		switch w.kind {
		case lexInsert:
			stack = append(stack, opening{i, text})
		case lexOp:
			switch text {
			case "(", "[", "{":
				stack = append(stack, opening{i, text})
			case ")", "]", "}":
				if n := len(stack); n > 0 && closers[stack[n-1].text] == text {
					stack = stack[:n-1]
				}
			case ";":
				if n := len(stack); n > 0 && stack[n-1].text == "def" {
					stack = stack[:n-1]
				}
			}
		case lexKeyword:
			if i > 0 && i+1 < len(f.words) && f.src[f.words[i+1].start] == ':' && len(stack) > 0 && stack[len(stack)-1].text == "{" {
				continue
			}
			switch text {
			case "if", "def":
				stack = append(stack, opening{i, text})
			case "end":
				if n := len(stack); n > 0 && stack[n-1].text == "if" {
					stack = stack[:n-1]
				}
			}
		}
	}
	return stack
}

// at tells in words where an opening stands.
func (f *parseFailure) where(o opening) string {
	line, column := place(f.src, f.words[o.index].start)
	if line == 1 {
		return fmt.Sprintf("in column %d", column)
	}
	return fmt.Sprintf("on line %d, column %d", line, column)
}

// unfinished explains a text that ends too early.
func (f *parseFailure) unfinished() *SyntaxError {
	last := f.text(-1)
	if open := f.open(); len(open) > 0 {
		o := open[len(open)-1]
		f.at = o.index
		switch o.text {
		case "if":
			for i := o.index; i+1 < len(f.words); i++ {
				if a, b := f.words[i], f.words[i+1]; f.src[a.start:a.end] == "else" && f.src[b.start:b.end] == "if" {
					return f.error("this if has no end", "write elif in place of else if, or end once more")
				}
			}
			return f.error("this if has no end", "write if … then … else … end")
		case "def":
			return f.error("this definition has no end", "write def name: …; and then what to do with it")
		case `\(`:
			return f.error(`this \( is not closed`, "add a )")
		}
		return f.error(fmt.Sprintf("this %s is not closed", o.text), "add a %s", closers[o.text])
	}
	switch f.kind(-1) {
	case lexOp, lexKeyword:
		return f.error(fmt.Sprintf("the program ends behind %s", last), "write what comes next, or take the %s away", last)
	}
	if f.text(-2) == "as" {
		for _, w := range f.words {
			if text := f.src[w.start:w.end]; w.kind == lexKeyword && (text == "reduce" || text == "foreach") {
				return f.error("what "+text+" does with "+last+" is missing", "write (start; next) behind it")
			}
		}
		return f.error("what to do with "+last+" is missing", "write | and the rest: … as %s | …", last)
	}
	return f.error("the program ends too early", "write the rest of it")
}
