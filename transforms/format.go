package transforms

import (
	"errors"
	"strings"

	"github.com/itchyny/gojq"
)

// Format lays a program out: one way for each program, in lines of at most 80
// characters where that can be, with its comments kept. An object that begins a line
// behind its brace stays one member to a line. Formatting what is formatted changes
// nothing. The error is a *SyntaxError where src is no program.
func Format(src string) (string, error) {
	t, bad := parse(src)
	if bad != nil {
		return "", bad
	}
	if len(t.spans) == 0 {
		return "", errMisaligned
	}
	f := newFormatter(t)
	out := typeset(f.program())
	if err := sameProgram(src, out); err != nil {
		return "", err
	}
	return out, nil
}

// sameProgram makes sure that nothing was lost: a formatter must never change what a
// program does, whatever it meets.
func sameProgram(src, out string) error {
	before, err := gojq.Parse(src)
	if err != nil {
		return err
	}
	after, err := gojq.Parse(out)
	if err != nil {
		return err
	}
	if before.String() != after.String() || strings.Join(comments(src), "\n") != strings.Join(comments(out), "\n") {
		return errors.New("formatting would change the program")
	}
	return nil
}

func comments(src string) []string {
	var out []string
	for _, x := range lex(src) {
		if x.kind == lexComment {
			out = append(out, strings.TrimSpace(src[x.start:x.end]))
		}
	}
	return out
}

// A formatter walks the tree as the aligner does and makes a doc of each word that
// it takes.
type formatter struct {
	aligner
	before [][]ownDoc // by word: the comments on lines of their own before it
	behind []string   // by word: the comment behind it on its line
	last   []ownDoc   // the comments at the end
}

func newFormatter(t *tree) *formatter {
	f := &formatter{aligner: aligner{tree: t}}
	f.before = make([][]ownDoc, len(t.words))
	f.behind = make([]string, len(t.words))
	word, end := -1, 0 // the last word, and where the last lexeme ends
	for _, x := range lex(t.src) {
		gap := t.src[end:x.start]
		end = x.end
		if x.kind != lexComment {
			word++
			continue
		}
		text := strings.TrimSpace(t.src[x.start:x.end])
		switch {
		case word >= 0 && !strings.ContainsAny(gap, "\n\r") && f.behind[word] == "":
			f.behind[word] = text
		case word+1 < len(t.words):
			f.before[word+1] = append(f.before[word+1], ownDoc{text, hasBlank(gap)})
		default:
			f.last = append(f.last, ownDoc{text, hasBlank(gap)})
		}
	}
	return f
}

func hasBlank(gap string) bool { return strings.Count(gap, "\n") > 1 }

func (f *formatter) program() doc {
	out := join(f.query(f.tree.query))
	for _, c := range f.last {
		out = append(out, c)
	}
	return out
}

// word takes the next word as it stands in the source.
func (f *formatter) word() doc {
	x := f.words[f.next]
	return f.dressed(f.next, f.src[x.start:x.end])
}

// dressed is a word's text with the comments round it.
func (f *formatter) dressed(i int, text string) doc {
	f.next = i + 1
	if len(f.before[i]) == 0 && f.behind[i] == "" {
		return textDoc(text)
	}
	var out listDoc
	for _, c := range f.before[i] {
		out = append(out, c)
	}
	out = append(out, textDoc(text))
	if f.behind[i] != "" {
		out = append(out, tailDoc(f.behind[i]))
	}
	return out
}

// verbatim takes the words of a part as they stand in the source, as a text.
func (f *formatter) verbatim(part any) doc {
	at := f.spans[part]
	first := f.next
	for f.next < len(f.words) && f.words[f.next].end <= at.end {
		f.next++
	}
	last := f.next - 1
	out := f.dressed(first, at.text(f.src))
	if last > first && f.behind[last] != "" {
		out = join(out, tailDoc(f.behind[last]))
	}
	f.next = last + 1
	return out
}

func (f *formatter) query(q *gojq.Query) doc {
	if len(q.FuncDefs) == 0 {
		return f.body(q)
	}
	var out listDoc
	for _, d := range q.FuncDefs {
		end := f.spans[d].end
		out = append(out, f.definition(d))
		if f.next < len(f.words) {
			gap := f.src[end:f.words[f.next].start]
			if i := strings.IndexByte(gap, '#'); i >= 0 {
				gap = "" // the comments have their own blank lines
			}
			out = append(out, hardDoc{hasBlank(gap)})
		}
	}
	bare := *q
	bare.FuncDefs = nil
	return append(out, f.body(&bare))
}

func (f *formatter) body(q *gojq.Query) doc {
	switch {
	case q.Term != nil && q.Term.Type == gojq.TermTypeLabel && len(q.Term.SuffixList) == 0, q.Op == gojq.OpPipe:
		return f.pipe(q)
	case q.Term != nil:
		return f.term(q.Term)
	case q.Op == gojq.OpComma:
		return group(f.commas(q))
	}
	return f.operation(q)
}

// pipe puts the stages of a pipeline on one line or each on its own.
func (f *formatter) pipe(q *gojq.Query) doc {
	stage := func(docs ...doc) doc { return join(docs...) } // the first is not indented
	var out listDoc
	for {
		switch {
		case len(q.FuncDefs) > 0 && len(out) > 0:
			return group(append(out, stage(f.query(q)))...)
		case q.Term != nil && q.Term.Type == gojq.TermTypeLabel && len(q.Term.SuffixList) == 0:
			out = append(out, stage(f.word(), textDoc(" "), f.word()))
			q = q.Term.Label.Body
		case q.Term == nil && q.Op == gojq.OpPipe:
			left := f.query(q.Left)
			if len(q.Patterns) > 0 {
				left = join(left, textDoc(" "), f.patterns(q.Patterns))
			}
			out = append(out, stage(left))
			q = q.Right
		default:
			return group(append(out, stage(f.body(q)))...)
		}
		out = append(out, space, f.word(), textDoc(" "))
		stage = nest
	}
}

func (f *formatter) commas(q *gojq.Query) doc {
	if q.Op != gojq.OpComma || q.Term != nil || len(q.FuncDefs) > 0 {
		return f.query(q)
	}
	left := f.commas(q.Left)
	return join(left, f.word(), space, f.query(q.Right))
}

// operation lays out operators; those of one level that follow each other break
// together.
func (f *formatter) operation(q *gojq.Query) doc {
	if q.Op >= gojq.OpAssign {
		left := f.query(q.Left)
		return group(left, textDoc(" "), f.word(), nest(space, f.query(q.Right)))
	}
	var first doc
	var rest listDoc
	var chain func(q *gojq.Query)
	chain = func(x *gojq.Query) {
		if x.Term == nil && len(x.FuncDefs) == 0 && sameLevel(x.Op, q.Op) {
			chain(x.Left)
			rest = append(rest, space, f.word(), textDoc(" "), f.right(x.Right, q.Op))
			return
		}
		first = f.query(x)
	}
	chain(q)
	return group(first, nest(rest))
}

// right takes what stands right of an operator; // chains that way.
func (f *formatter) right(q *gojq.Query, op gojq.Operator) doc {
	if q.Term == nil && len(q.FuncDefs) == 0 && op == gojq.OpAlt && q.Op == gojq.OpAlt {
		left := f.query(q.Left)
		return join(left, space, f.word(), textDoc(" "), f.right(q.Right, op))
	}
	return f.query(q)
}

func sameLevel(a, b gojq.Operator) bool {
	level := func(op gojq.Operator) int {
		switch op {
		case gojq.OpAdd, gojq.OpSub:
			return 1
		case gojq.OpMul, gojq.OpDiv, gojq.OpMod:
			return 2
		case gojq.OpEq, gojq.OpNe, gojq.OpGt, gojq.OpLt, gojq.OpGe, gojq.OpLe:
			return 3
		case gojq.OpAnd:
			return 4
		case gojq.OpOr:
			return 5
		case gojq.OpAlt:
			return 6
		}
		return 0
	}
	return level(a) == level(b) && level(a) > 0
}

func (f *formatter) definition(d *gojq.FuncDef) doc {
	head := join(f.word(), textDoc(" "), f.word())
	if len(d.Args) > 0 {
		head = append(head, f.word())
		for range d.Args {
			head = append(head, f.word(), f.word())
			if !f.closed(")") {
				head = append(head, textDoc(" "))
			}
		}
	}
	head = append(head, f.word()) // the colon
	body := f.query(d.Body)
	return group(head, nest(space, body), f.word())
}

// closed says whether the last word taken is this one.
func (f *formatter) closed(text string) bool {
	x := f.words[f.next-1]
	return f.src[x.start:x.end] == text
}
