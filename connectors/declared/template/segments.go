package template

import (
	"fmt"
	"strings"
)

// words is text outside of expressions.
type words string

func (w words) render(_ *state, out *strings.Builder) error {
	out.WriteString(string(w))
	return nil
}

// shown is an expression whose value is written.
type shown struct{ of node }

func (p shown) render(s *state, out *strings.Builder) error {
	v, err := s.eval(p.of)
	if err == nil {
		out.WriteString(render(v))
	}
	return err
}

// branches is an {% if %} with what follows.
type branches struct {
	when []node // nil at the end is else
	then [][]part
}

func (p branches) render(s *state, out *strings.Builder) error {
	for i, when := range p.when {
		if when != nil {
			v, err := s.eval(when)
			if err != nil {
				return err
			}
			if !truth(v) {
				continue
			}
		}
		return renderAll(p.then[i], s, out)
	}
	return nil
}

func renderAll(parts []part, s *state, out *strings.Builder) error {
	for _, one := range parts {
		if err := one.render(s, out); err != nil {
			return err
		}
	}
	return nil
}

// assignment is {% set name = value %}.
type assignment struct {
	name string
	to   node
}

func (p assignment) render(s *state, _ *strings.Builder) error {
	v, err := s.eval(p.to)
	if err == nil {
		s.set(p.name, v)
	}
	return err
}

// loop is {% for name in list %}.
type loop struct {
	name   string
	over   node
	inside []part
}

func (p loop) render(s *state, out *strings.Builder) error {
	v, err := s.eval(p.over)
	if err != nil {
		return err
	}
	list, err := sequence(v)
	if err != nil {
		return err
	}
	was, had := s.own[p.name]
	for _, one := range list {
		if s.steps++; s.steps > s.most || out.Len() > mostText {
			return errEndless
		}
		s.set(p.name, one)
		if err := renderAll(p.inside, s, out); err != nil {
			return err
		}
	}
	if delete(s.own, p.name); had {
		s.own[p.name] = was
	}
	return nil
}

// segments parts a text into words, expressions and statements.
type segments struct {
	src   string
	at    int
	depth int
	rest  string // of the statement that ended a block, and where it stands
	where int
}

// deepest is how deep statements and expressions may be nested.
const deepest = 200

// until reads parts up to a statement that ends a block, which it names; "" is the end.
func (p *segments) until() (parts []part, end string, err error) {
	if p.depth++; p.depth > deepest {
		return nil, "", &Error{What: "the statements are nested too deep", Offset: p.at}
	}
	defer func() { p.depth-- }()
	for p.at < len(p.src) {
		open := p.next()
		if open > p.at {
			parts = append(parts, words(p.src[p.at:open]))
			p.at = open
		}
		if p.at >= len(p.src) {
			break
		}
		kind := p.src[p.at : p.at+2]
		if kind == "{#" {
			_, behind, closed := strings.Cut(p.src[p.at:], "#}")
			if !closed {
				return nil, "", &Error{What: "the comment {# has no #}", Offset: p.at}
			}
			p.at = len(p.src) - len(behind)
			continue
		}
		inside, offset, trim, err := p.body(kind)
		if err != nil {
			return nil, "", err
		}
		if trim && len(parts) > 0 {
			if w, is := parts[len(parts)-1].(words); is {
				parts[len(parts)-1] = words(strings.TrimRight(string(w), " \t\r\n"))
			}
		}
		if kind == "{{" {
			n, err := parseExpression(inside, offset)
			if err != nil {
				return nil, "", err
			}
			parts = append(parts, shown{n})
			continue
		}
		one, end, err := p.statement(inside, offset)
		if err != nil || end != "" {
			return parts, end, err
		}
		parts = append(parts, one)
	}
	return parts, "", nil
}

// next is where the next part in braces begins.
func (p *segments) next() int {
	for i := p.at; i+1 < len(p.src); i++ {
		if p.src[i] == '{' && strings.IndexByte("{%#", p.src[i+1]) >= 0 {
			return i
		}
	}
	return len(p.src)
}

// body is what stands in braces, and where; it goes behind them. trim says that blanks
// before are to go; blanks behind go here.
func (p *segments) body(kind string) (inside string, offset int, trim bool, err error) {
	closing := map[string]string{"{{": "}}", "{%": "%}"}[kind]
	begin := p.at + 2
	quote, nested := byte(0), 0
	for i := begin; i+1 < len(p.src); i++ {
		c := p.src[i]
		switch {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{' || c == '[' || c == '(':
			nested++
		case nested > 0 && (c == '}' || c == ']' || c == ')'):
			nested--
		case p.src[i:i+2] == closing:
			inside, p.at = p.src[begin:i], i+2
			if strings.HasPrefix(inside, "-") {
				inside, begin, trim = inside[1:], begin+1, true
			}
			if strings.HasSuffix(inside, "-") {
				inside = inside[:len(inside)-1]
				p.at = len(p.src) - len(strings.TrimLeft(p.src[p.at:], " \t\r\n"))
			}
			return inside, begin, trim, nil
		}
	}
	return "", 0, false, &Error{What: fmt.Sprintf("%s has no %s", kind, closing), Offset: p.at}
}

// statement reads one, with its block. end is set for one that ends a block.
func (p *segments) statement(inside string, offset int) (one part, end string, err error) {
	text := strings.TrimSpace(inside)
	word, rest, _ := strings.Cut(text, " ")
	at := offset + strings.Index(inside, text) + len(text) - len(rest)
	switch word {
	case "set":
		name, value, ok := strings.Cut(rest, "=")
		name = strings.TrimSpace(name)
		if !ok || !isName(name) {
			return nil, "", &Error{What: "{% set %} is written like {% set name = value %}", Offset: offset}
		}
		to, err := parseExpression(value, at+len(rest)-len(value))
		return assignment{name, to}, "", err
	case "if":
		return p.conditional(rest, at)
	case "for":
		name, over, ok := strings.Cut(rest, " in ")
		name = strings.TrimSpace(name)
		if !ok || !isName(name) {
			return nil, "", &Error{What: "{% for %} is written like {% for one in list %}", Offset: offset}
		}
		n, err := parseExpression(over, at+len(rest)-len(over))
		if err != nil {
			return nil, "", err
		}
		parts, end, err := p.until()
		if err == nil && end != "endfor" {
			err = &Error{What: "{% for %} has no {% endfor %}", Offset: offset}
		}
		return loop{name, n, parts}, "", err
	case "elif", "else", "endif", "endfor":
		p.rest, p.where = rest, at
		return nil, word, nil
	}
	return nil, "", &Error{What: fmt.Sprintf("{%% %s %%} is not known here", word), Offset: offset}
}

// conditional reads the branches of an {% if %}.
func (p *segments) conditional(condition string, at int) (part, string, error) {
	var b branches
	begin := at
	for {
		when, err := parseExpression(condition, at)
		if condition == "" && len(b.when) > 0 {
			when, err = nil, nil
		}
		if err != nil {
			return nil, "", err
		}
		parts, end, err := p.until()
		if err != nil {
			return nil, "", err
		}
		b.when, b.then = append(b.when, when), append(b.then, parts)
		if end == "" {
			return nil, "", &Error{What: "{% if %} has no {% endif %}", Offset: begin}
		}
		switch end {
		case "endif":
			return b, "", nil
		case "else":
			condition = ""
		case "elif":
			condition, at = p.rest, p.where
		default:
			return nil, "", &Error{What: fmt.Sprintf("{%% %s %%} stands inside of {%% if %%}", end), Offset: p.where}
		}
	}
}

func isName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !(c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9') {
			return false
		}
	}
	return s != ""
}
