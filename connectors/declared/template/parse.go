package template

import (
	"fmt"
	"strconv"
	"strings"
)

// node is a part of an expression.
type node interface{}

type (
	constant struct{ v any }
	name     struct {
		id string
		at int
	}
	member struct { // of.id
		of node
		id string
	}
	index struct{ of, by node }
	slice struct{ of, from, to node }
	call  struct {
		of    node // a name, or a member for a method
		args  []node
		named map[string]node
		at    int
	}
	filter struct {
		of    node
		id    string
		args  []node
		named map[string]node
		at    int
	}
	test struct { // of is id
		of   node
		id   string
		args []node
		not  bool
		at   int
	}
	unary struct {
		op string
		of node
	}
	binary struct {
		op          string
		left, right node
	}
	ternary struct{ when, then, other node }
	list    struct{ members []node }
	object  struct{ keys, values []node }
)

// lexeme is a word of an expression. kind is its first sort: n for a name, 0 for a
// number, s for a text, o for a sign, and e for the end.
type lexeme struct {
	kind byte
	text string
	at   int
}

// signs are the operators, longer ones first.
var signs = []string{"**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "(", ")", "[", "]", "{", "}", ".", ",", ":", "|", "="}

func lex(src string, base int) ([]lexeme, error) {
	var all []lexeme
next:
	for i := 0; i < len(src); {
		c := src[i]
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			i++
			continue
		case c == '"' || c == '\'':
			text, size, ok := quoted(src[i:])
			if !ok {
				return nil, &Error{What: "a text has no closing quote", Offset: base + i}
			}
			all = append(all, lexeme{'s', text, base + i})
			i += size
			continue
		case c >= '0' && c <= '9':
			j := i
			for j < len(src) && (src[j] >= '0' && src[j] <= '9' || src[j] == '_' || src[j] == '.' && j+1 < len(src) && src[j+1] >= '0' && src[j+1] <= '9' ||
				(src[j] == 'e' || src[j] == 'E') && j+1 < len(src) && (src[j+1] >= '0' && src[j+1] <= '9' || src[j+1] == '-')) {
				if src[j] == 'e' || src[j] == 'E' {
					j++
				}
				j++
			}
			all = append(all, lexeme{'0', strings.ReplaceAll(src[i:j], "_", ""), base + i})
			i = j
			continue
		case isName(string(c)):
			j := i
			for j < len(src) && isName("a"+string(src[j])) {
				j++
			}
			all = append(all, lexeme{'n', src[i:j], base + i})
			i = j
			continue
		}
		for _, s := range signs {
			if strings.HasPrefix(src[i:], s) {
				all = append(all, lexeme{'o', s, base + i})
				i += len(s)
				continue next
			}
		}
		return nil, &Error{What: fmt.Sprintf("%q means nothing in an expression", src[i:i+1]), Offset: base + i}
	}
	return append(all, lexeme{'e', "the end", base + len(src)}), nil
}

// quoted reads a Python text with its escapes.
func quoted(src string) (text string, size int, ok bool) {
	var out strings.Builder
	for i := 1; i < len(src); i++ {
		switch c := src[i]; {
		case c == src[0]:
			return out.String(), i + 1, true
		case c == '\\' && i+1 < len(src):
			i++
			switch src[i] {
			case 'n':
				out.WriteByte('\n')
			case 't':
				out.WriteByte('\t')
			case 'r':
				out.WriteByte('\r')
			case '\\', '\'', '"':
				out.WriteByte(src[i])
			case 'u', 'x':
				digits := map[byte]int{'u': 4, 'x': 2}[src[i]]
				if i+digits < len(src) {
					if n, err := strconv.ParseUint(src[i+1:i+1+digits], 16, 32); err == nil {
						out.WriteRune(rune(n))
						i += digits
						continue
					}
				}
				out.WriteByte('\\')
				out.WriteByte(src[i])
			default: // as Python leaves it: \d in a pattern
				out.WriteByte('\\')
				out.WriteByte(src[i])
			}
		default:
			out.WriteByte(c)
		}
	}
	return "", 0, false
}

// parser reads an expression by precedence.
type parser struct {
	words []lexeme
	i     int
	depth int
}

func parseExpression(src string, at int) (node, error) {
	words, err := lex(src, at)
	if err != nil {
		return nil, err
	}
	p := &parser{words: words}
	n, err := p.expression()
	if err != nil {
		return nil, err
	}
	if w := p.now(); w.kind != 'e' {
		return nil, p.unexpected()
	}
	return n, nil
}

func (p *parser) now() lexeme { return p.words[p.i] }

func (p *parser) unexpected() error {
	w := p.now()
	if w.kind == 'e' {
		return &Error{What: "the expression ends too early", Offset: w.at}
	}
	return &Error{What: fmt.Sprintf("%q is not expected here", w.text), Offset: w.at}
}

// takes goes past a sign or a word, if it is there.
func (p *parser) takes(text string) bool {
	if w := p.now(); (w.kind == 'o' || w.kind == 'n') && w.text == text {
		p.i++
		return true
	}
	return false
}

func (p *parser) wants(text string) error {
	if !p.takes(text) {
		return p.unexpected()
	}
	return nil
}

func (p *parser) expression() (node, error) {
	if p.depth++; p.depth > deepest {
		return nil, &Error{What: "the expression is nested too deep", Offset: p.now().at}
	}
	defer func() { p.depth-- }()
	n, err := p.or()
	for err == nil && p.takes("if") {
		t := ternary{then: n}
		if t.when, err = p.or(); err != nil {
			break
		}
		if p.takes("else") {
			if t.other, err = p.expression(); err != nil {
				break
			}
		}
		n = t
	}
	return n, err
}

// level parses operators of one precedence, from the left.
func (p *parser) level(next func() (node, error), ops ...string) (node, error) {
	n, err := next()
	for err == nil {
		w, found := p.now(), ""
		for _, op := range ops {
			if (w.kind == 'o' || w.kind == 'n') && w.text == op {
				found = op
			}
		}
		if found == "" {
			break
		}
		p.i++
		var right node
		if right, err = next(); err == nil {
			n = binary{found, n, right}
		}
	}
	return n, err
}

func (p *parser) or() (node, error)  { return p.level(p.and, "or") }
func (p *parser) and() (node, error) { return p.level(p.not, "and") }

func (p *parser) not() (node, error) {
	if p.takes("not") {
		n, err := p.not()
		return unary{"not", n}, err
	}
	return p.comparison()
}

// comparison reads chains as Python does: a < b < c.
func (p *parser) comparison() (node, error) {
	left, err := p.concat()
	if err != nil {
		return nil, err
	}
	var all node
	for {
		op := p.comparing()
		if op == "" {
			break
		}
		right, err := p.concat()
		if err != nil {
			return nil, err
		}
		one := node(binary{op, left, right})
		if all == nil {
			all = one
		} else {
			all = binary{"and", all, one}
		}
		left = right
	}
	if all == nil {
		all = left
	}
	return all, nil
}

func (p *parser) comparing() string {
	for _, op := range []string{"==", "!=", "<=", ">=", "<", ">", "in"} {
		if p.takes(op) {
			return op
		}
	}
	if w := p.now(); w.kind == 'n' && w.text == "not" && p.words[p.i+1].text == "in" {
		p.i += 2
		return "not in"
	}
	return ""
}

func (p *parser) concat() (node, error)  { return p.level(p.sum, "~") }
func (p *parser) sum() (node, error)     { return p.level(p.product, "+", "-") }
func (p *parser) product() (node, error) { return p.level(p.sign, "*", "//", "/", "%") }

func (p *parser) sign() (node, error) { return p.signed(true) }

// signed reads a value with its signs. Filters and tests take the value with them, as Jinja
// has it.
func (p *parser) signed(filtered bool) (n node, err error) {
	op := ""
	for _, one := range []string{"-", "+"} {
		if op == "" && p.takes(one) {
			op = one
		}
	}
	if op == "" {
		n, err = p.primary()
	} else if n, err = p.signed(false); err == nil {
		n = unary{op, n}
	}
	if err == nil {
		n, err = p.postfixed(n, filtered)
	}
	if err == nil && p.takes("**") {
		var right node
		if right, err = p.sign(); err == nil {
			n = binary{"**", n, right}
		}
	}
	return n, err
}

// postfixed reads what hangs on a value: members, indexes, calls, and filters and tests.
func (p *parser) postfixed(n node, filtered bool) (_ node, err error) {
	for err == nil {
		at := p.now().at
		switch {
		case p.takes("."):
			w := p.now()
			if w.kind != 'n' && w.kind != '0' {
				return nil, p.unexpected()
			}
			p.i++
			n = member{n, w.text}
		case p.takes("["):
			n, err = p.subscript(n)
		case p.takes("("):
			c := call{of: n, at: at}
			c.args, c.named, err = p.arguments()
			n = c
		case filtered && p.takes("|"):
			f := filter{of: n, at: p.now().at}
			if p.now().kind != 'n' {
				return nil, p.unexpected()
			}
			f.id = p.now().text
			p.i++
			if p.takes("(") {
				f.args, f.named, err = p.arguments()
			}
			n = f
		case filtered && p.now().kind == 'n' && p.now().text == "is":
			p.i++
			n, err = p.test(n)
		default:
			return n, nil
		}
	}
	return nil, err
}

func (p *parser) test(of node) (node, error) {
	t := test{of: of, at: p.now().at}
	t.not = p.takes("not")
	if p.now().kind != 'n' {
		return nil, p.unexpected()
	}
	t.id = p.now().text
	p.i++
	var err error
	if p.takes("(") {
		t.args, _, err = p.arguments()
	}
	return t, err
}

func (p *parser) subscript(of node) (node, error) {
	var from, to node
	var err error
	if !p.takes(":") {
		if from, err = p.expression(); err != nil {
			return nil, err
		}
		if !p.takes(":") {
			return index{of, from}, p.wants("]")
		}
	}
	if p.now().text != "]" {
		if to, err = p.expression(); err != nil {
			return nil, err
		}
	}
	return slice{of, from, to}, p.wants("]")
}

func (p *parser) arguments() (args []node, named map[string]node, err error) {
	for !p.takes(")") {
		key := ""
		if w := p.now(); w.kind == 'n' && p.words[p.i+1].text == "=" && p.words[p.i+1].kind == 'o' {
			key = w.text
			p.i += 2
		}
		n, err := p.expression()
		if err != nil {
			return nil, nil, err
		}
		if key == "" {
			args = append(args, n)
		} else {
			if named == nil {
				named = map[string]node{}
			}
			named[key] = n
		}
		if !p.takes(",") && p.now().text != ")" {
			return nil, nil, p.unexpected()
		}
	}
	return args, named, nil
}

func (p *parser) primary() (node, error) {
	w := p.now()
	switch w.kind {
	case 's':
		text := ""
		for p.now().kind == 's' { // texts side by side are one
			text += p.now().text
			p.i++
		}
		return constant{text}, nil
	case '0':
		p.i++
		return constant{number(w.text)}, nil
	case 'n':
		switch w.text {
		case "and", "or", "not", "in", "is", "if", "else":
			return nil, p.unexpected()
		}
		p.i++
		switch w.text {
		case "true", "True":
			return constant{true}, nil
		case "false", "False":
			return constant{false}, nil
		case "none", "None", "null":
			return constant{nil}, nil
		}
		return name{w.text, w.at}, nil
	}
	switch {
	case p.takes("("):
		return p.grouped()
	case p.takes("["):
		members, err := p.members("]")
		return list{members}, err
	case p.takes("{"):
		return p.object()
	}
	return nil, p.unexpected()
}

// grouped reads what stands in parentheses; with a comma it is a list.
func (p *parser) grouped() (node, error) {
	if p.takes(")") {
		return list{}, nil
	}
	n, err := p.expression()
	if err != nil {
		return nil, err
	}
	if p.takes(",") {
		more, err := p.members(")")
		return list{append([]node{n}, more...)}, err
	}
	return n, p.wants(")")
}

func (p *parser) members(end string) (all []node, err error) {
	for !p.takes(end) {
		n, err := p.expression()
		if err != nil {
			return nil, err
		}
		all = append(all, n)
		if !p.takes(",") && p.now().text != end {
			return nil, p.unexpected()
		}
	}
	return all, nil
}

func (p *parser) object() (node, error) {
	var o object
	for !p.takes("}") {
		k, err := p.expression()
		if err != nil {
			return nil, err
		}
		if err := p.wants(":"); err != nil {
			return nil, err
		}
		v, err := p.expression()
		if err != nil {
			return nil, err
		}
		o.keys, o.values = append(o.keys, k), append(o.values, v)
		if !p.takes(",") && p.now().text != "}" {
			return nil, p.unexpected()
		}
	}
	return o, nil
}

func number(text string) any {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	f, _ := strconv.ParseFloat(text, 64) // what is too great is infinite
	return f
}
