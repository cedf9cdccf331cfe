package filter

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"jackfield/flow"
)

// deepest is how deep conditions may lie in each other.
const deepest = 500

// Parse reads a filter. An error is a flow.Problem with line and column. What stands where
// it need not (brackets that change nothing, capitals, spaces) is not kept.
func Parse(src string) (Filter, error) {
	p := &parser{lexer: lexer{src: src}}
	f, err := p.filter()
	if err != nil {
		return Filter{}, err
	}
	return f, nil
}

// ParseValue reads one value as it stands in a filter: 'open', 12, 2024-05-01, null, true.
func ParseValue(src string) (Value, error) {
	p := &parser{lexer: lexer{src: src}}
	if err := p.advance(); err != nil {
		return Value{}, err
	}
	v, err := p.value(true)
	if err != nil {
		return Value{}, err
	}
	if p.t.kind != endToken {
		return Value{}, p.wrong("one value is wanted, and behind it is "+p.t.shown(), "put a text in quotes")
	}
	return v, nil
}

// parser reads by the grammar; t is the word that it is at.
type parser struct {
	lexer
	t     token
	depth int
}

func (p *parser) advance() error {
	t, err := p.next()
	p.t = t
	return err
}

func (p *parser) wrong(what, fix string) flow.Problem { return p.problem(p.t.at, what, fix) }

func (p *parser) is(kind tokenKind, text string) bool { return p.t.kind == kind && p.t.text == text }

// take goes on behind a word if it is the one that is meant.
func (p *parser) take(kind tokenKind, text string) (bool, error) {
	if !p.is(kind, text) {
		return false, nil
	}
	return true, p.advance()
}

// filter = ( or [ limit ] | limit ) end
func (p *parser) filter() (f Filter, err error) {
	if err = p.advance(); err != nil {
		return f, err
	}
	if p.t.kind == endToken {
		return f, p.wrong("there is no condition", "write one, such as status = 'open'")
	}
	if !p.is(keyword, "limit") {
		if f.Where, err = p.or(); err != nil {
			return f, err
		}
	}
	limited, err := p.take(keyword, "limit")
	if err == nil && limited {
		f.Limit, err = p.limit()
	}
	if err == nil && p.t.kind != endToken {
		err = p.leftover(limited)
	}
	return f, err
}

func (p *parser) limit() (int, error) {
	whole := p.t.kind == posInt || p.t.kind == decimal && digits(p.t.text, 0) == len(p.t.text)
	if !whole {
		return 0, p.wrong("limit is followed by "+p.t.shown(), "write a whole number, such as limit 100")
	}
	n, err := strconv.Atoi(p.t.text)
	switch {
	case err != nil:
		return 0, p.wrong("the limit is too great", "leave it out")
	case n == 0:
		return 0, p.wrong("a limit of 0 would give nothing", "write 1 or more")
	}
	return n, p.advance()
}

// or = and { OR and }
func (p *parser) or() (Expr, error) {
	parts, err := p.chain("or", p.and)
	if len(parts) == 1 || err != nil {
		return first(parts), err
	}
	return Or(parts), nil
}

// and = unary { AND unary }
func (p *parser) and() (Expr, error) {
	parts, err := p.chain("and", p.unary)
	if len(parts) == 1 || err != nil {
		return first(parts), err
	}
	return And(parts), nil
}

func first(parts []Expr) Expr {
	if len(parts) == 0 {
		return nil
	}
	return parts[0]
}

func (p *parser) chain(word string, part func() (Expr, error)) ([]Expr, error) {
	var parts []Expr
	for {
		x, err := part()
		if err != nil {
			return nil, err
		}
		parts = append(parts, x)
		if more, err := p.take(keyword, word); !more || err != nil {
			return parts, err
		}
	}
}

// unary = NOT unary | primary
func (p *parser) unary() (Expr, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > deepest {
		return nil, p.wrong(fmt.Sprintf("conditions lie more than %d deep in each other", deepest), "take it apart")
	}
	negated, err := p.take(keyword, "not")
	if err != nil {
		return nil, err
	}
	if !negated {
		return p.primary()
	}
	x, err := p.unary()
	if err != nil {
		return nil, err
	}
	return Not{x}, nil
}

// primary = "(" or ")" | name … | value
func (p *parser) primary() (Expr, error) {
	open := p.t
	group, err := p.take(mark, "(")
	switch {
	case err != nil:
		return nil, err
	case group:
		x, err := p.or()
		if err != nil {
			return nil, err
		}
		closed, err := p.take(mark, ")")
		if err == nil && !closed {
			at := place(p.src, open.at)
			err = p.wrong(fmt.Sprintf("%s stands where the bracket of line %d, column %d should close", p.t.shown(), at.Line, at.Column), p.joinFix("add )"))
		}
		return x, err
	case p.t.kind == name:
		return p.comparison()
	}
	at := place(p.src, p.t.at)
	if !p.atValue() {
		return nil, p.noCondition()
	}
	v, err := p.value(false)
	if err != nil {
		return nil, err
	}
	return Constant{Value: v, At: at}, nil
}

// comparison = name [ cmp value | "=" bool | BETWEEN value AND value | IN "(" values ")" ]
func (p *parser) comparison() (Expr, error) {
	field := p.t
	at := place(p.src, field.at)
	if err := p.advance(); err != nil {
		return nil, err
	}
	op := Operator(p.t.text)
	switch {
	case p.t.kind == mark && strings.Contains("> >= < <= = !=", p.t.text):
	case p.t.kind == keyword && (op == Contains || op == Between || op == In):
	case p.t.kind == name, p.is(keyword, "not"), p.is(mark, "("):
		return nil, p.noOperator(field)
	default:
		return Truth{Field: field.text, At: at}, nil
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	values, err := p.values(op)
	if err != nil {
		return nil, err
	}
	return Compare{Field: field.text, Op: op, Values: values, At: at}, nil
}

func (p *parser) values(op Operator) ([]Value, error) {
	switch op {
	case In:
		return p.list()
	case Between:
		return p.bounds()
	}
	if p.t.kind == mark && !p.is(mark, "(") {
		return nil, p.doubleMark(op)
	}
	v, err := p.value(op == Equal || op == NotEqual)
	return []Value{v}, err
}

func (p *parser) bounds() ([]Value, error) {
	low, err := p.value(false)
	if err != nil {
		return nil, err
	}
	if ok, err := p.take(keyword, "and"); !ok || err != nil {
		if err == nil {
			err = p.wrong("between has one value, and "+p.t.shown()+" behind it", "write between 1 and 9")
		}
		return nil, err
	}
	high, err := p.value(false)
	return []Value{low, high}, err
}

func (p *parser) list() ([]Value, error) {
	if ok, err := p.take(mark, "("); !ok || err != nil {
		if err == nil {
			err = p.wrong("in is followed by "+p.t.shown(), "put its values in brackets: in (1, 2)")
		}
		return nil, err
	}
	if p.is(mark, ")") {
		return nil, p.wrong("the list is empty", "name at least one value: in (1, 2)")
	}
	var values []Value
	for {
		v, err := p.value(false)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
		if done, err := p.take(mark, ")"); done || err != nil {
			return values, err
		}
		if more, err := p.take(mark, ","); !more || err != nil {
			if err == nil {
				err = p.wrong(p.t.shown()+" stands where the list should go on or end", "part values by commas and close with )")
			}
			return nil, err
		}
	}
}

func (p *parser) atValue() bool {
	return p.t.kind >= posInt || p.is(keyword, "null")
}

// value = STRING | null | number | date | date-time, and true and false where they may be
func (p *parser) value(bools bool) (Value, error) {
	v := Value{Text: p.t.text}
	switch {
	case p.t.kind == text:
		v.Kind = String
	case p.t.kind == posInt, p.t.kind == decimal:
		v.Kind = Number
		if err := p.lookBehindNumber(); err != nil {
			return v, err
		}
	case p.t.kind == dateToken:
		v.Kind = Date
		if err := p.day(); err != nil {
			return v, err
		}
	case p.t.kind == dateTimeToken:
		v.Kind = DateTime
		if err := p.day(); err != nil {
			return v, err
		}
	case p.is(keyword, "null"):
		v.Kind = Null
	case p.is(keyword, "true"), p.is(keyword, "false"):
		if !bools {
			return v, p.wrong(p.t.raw+" goes only with = and !=", "write = "+p.t.text)
		}
		v.Kind = Bool
	default:
		return v, p.noValue()
	}
	return v, p.advance()
}

var (
	nearDate     = regexp.MustCompile(`^\d{4}-\d{1,2}-\d{1,2}`)
	nearDateTime = regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d)?(\.\d+)?([Zz]|[+-]\d\d:?\d\d)?`)
	exponent     = regexp.MustCompile(`^-?\d+(\.\d+)?[eE][+-]?\d+`)
)

// lookBehindNumber tells of what begins like a number and is none.
func (p *parser) lookBehindNumber() error {
	rest := p.src[p.t.at:]
	if m := exponent.FindString(rest); m != "" {
		return p.wrong(m+" has an exponent, which numbers here have not", p.plainNumber(m))
	}
	if near := nearDateTime.FindString(rest); near != "" {
		return p.nearlyDateTime(near)
	}
	if m := nearDate.FindString(rest); m != "" {
		return p.wrong(m+" is no date", "write year, month and day, such as 2024-05-01")
	}
	return nil
}

func (p *parser) plainNumber(m string) string {
	f, err := strconv.ParseFloat(m, 64)
	if err != nil {
		return "write all its digits"
	}
	return "write " + strconv.FormatFloat(f, 'f', -1, 64)
}

func (p *parser) nearlyDateTime(near string) error {
	const example = "write it in UTC with seconds, such as 2024-05-01T10:15:30Z"
	upper := strings.Replace(strings.ToUpper(near), " ", "T", 1)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, upper); err == nil {
			return p.wrong(near+" is not written as date-times are here", "write "+t.UTC().Format("2006-01-02T15:04:05.999999999Z"))
		}
	}
	return p.wrong(near+" is no date-time", example)
}

// day tells of days that no calendar has, which AppFlow's grammar lets through.
func (p *parser) day() error {
	if near := nearDateTime.FindString(p.src[p.t.at:]); p.t.kind == dateToken && near != "" {
		return p.nearlyDateTime(near)
	}
	if _, ok := instantOf(p.t.text); !ok {
		return p.wrong(p.t.raw+" is no day or time of the calendar", "write one that exists")
	}
	return nil
}

// noCondition tells what stands where a condition should begin.
func (p *parser) noCondition() error {
	switch {
	case p.is(mark, ")"):
		return p.wrong("there is nothing in the brackets, or one too many", "put a condition between ( and ), or delete )")
	case p.is(keyword, "limit"):
		return p.wrong("limit stands where a condition should", "limit goes to the very end, once")
	case p.is(keyword, "true"), p.is(keyword, "false"):
		return p.wrong(p.t.raw+" stands alone", "compare a field with it: active = "+p.t.text)
	case p.t.kind == mark:
		return p.wrong(p.t.shown()+" stands where a condition should begin", "begin with the name of a field: status = 'open'")
	case p.t.kind == endToken:
		return p.wrong("it ends where a condition should follow", "add one, such as status = 'open'")
	}
	return p.wrong(p.t.shown()+" stands where a condition should begin", "begin with the name of a field; one with this name stands in backquotes: `"+p.t.raw+"`")
}

// noOperator tells of a name with something behind it that is no comparison.
func (p *parser) noOperator(field token) error {
	word := p.t.raw
	switch lower := strings.ToLower(word); {
	case p.is(mark, "("):
		return p.wrong("there are no functions", "compare the field itself: "+field.raw+" = 'open'")
	case p.is(keyword, "not"):
		return p.wrong("not stands before the whole comparison", "write not "+field.raw+" in (…)")
	case lower == "is":
		return p.wrong("there is no is", "write "+field.raw+" = null, or != null")
	case lower == "like" || lower == "ilike" || lower == "matches" || lower == "startswith":
		return p.wrong("there is no "+word, "write "+field.raw+" contains 'text'")
	case lower == "eq" || lower == "ne" || lower == "gt" || lower == "ge" || lower == "lt" || lower == "le":
		op := map[string]string{"eq": "=", "ne": "!=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}[lower]
		return p.wrong("there is no "+word, "write "+op)
	case keywords[lower] != "":
		return p.wrong(word+" is no word of the language as it is written", "write "+lower)
	}
	if near, ok := flow.Nearest(word, []string{"and", "or", "contains", "between", "in", "limit"}); ok && len(word) > 1 {
		return p.wrong(fmt.Sprintf("%s stands behind the field %s", p.t.shown(), field.raw), "did you mean "+near+"?")
	}
	return p.wrong(fmt.Sprintf("%s stands behind the field %s", p.t.shown(), field.raw), "compare the field with something; a name with spaces stands in backquotes")
}

// noValue tells what stands where a value should.
func (p *parser) noValue() error {
	word := p.t.raw
	switch {
	case p.t.kind == endToken:
		return p.wrong("it ends where a value should follow", "add one: 'text', 12, 2024-05-01, null")
	case p.t.kind == name && keywords[strings.ToLower(word)] != "":
		return p.wrong(word+" is the name of a field as it is written", "write "+strings.ToLower(word))
	case p.t.kind == name:
		return p.wrong(word+" stands where a value should; a field is compared with values only", "put a text in quotes: "+string(appendText(nil, p.t.text)))
	case p.is(mark, ")"):
		return p.wrong("a value is missing before )", "add one, or delete the comma")
	}
	return p.wrong(p.t.shown()+" stands where a value should", "write 'text', 12, 2024-05-01 or null")
}

// doubleMark tells of operators of other languages.
func (p *parser) doubleMark(op Operator) error {
	both := string(op) + p.t.text
	fix, ok := map[string]string{"==": "=", "<>": "!=", "=>": ">=", "=<": "<=", "!==": "!=", "><": "!="}[both]
	if !ok {
		return p.noValue()
	}
	return p.wrong("there is no "+both, "write "+fix)
}

// leftover tells what stands behind a whole condition.
func (p *parser) leftover(limited bool) error {
	switch {
	case limited:
		return p.wrong(p.t.shown()+" stands behind the limit", "the limit is the last of a filter; delete what follows it, or put it before")
	case p.is(mark, ")"):
		return p.wrong("this bracket closes none", "delete it, or add ( before")
	}
	return p.wrong(p.t.shown()+" stands where and, or or the end should be", p.joinFix("put and or or before it"))
}

// joinFix is the way out where two parts stand beside each other.
func (p *parser) joinFix(otherwise string) string {
	switch lower := strings.ToLower(p.t.raw); {
	case p.t.kind == name && keywords[lower] != "":
		return "write " + lower
	case p.t.kind == text && p.t.at > 0 && p.t.raw != "" && p.src[p.t.at-1] == p.t.raw[0]:
		return `a quote in a text: use the other kind of quotes, "it's", or E'it\'s'`
	case p.is(mark, ","):
		return "write and"
	}
	return otherwise
}

// shown is a word as a person is told of it.
func (t token) shown() string {
	if t.kind == endToken {
		return "the end"
	}
	if r := []rune(t.raw); len(r) > 40 {
		return strconv.Quote(string(r[:40]) + "…")
	}
	return strconv.Quote(t.raw)
}

// ProblemOf is the problem in an error of Parse.
func ProblemOf(err error) (flow.Problem, bool) {
	var p flow.Problem
	return p, errors.As(err, &p)
}
