package transforms

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/itchyny/gojq"
)

// A wording says what failed at a spot in words for people.
type wording struct {
	*Program
	spot    spot
	input   any // of the spot
	message any // what gojq or error(…) said
}

// shownAt is how many characters of a value stand inside of a sentence.
const shownAt = 40

// described is a value with its kind: a number (12), a text ("x"), null.
func described(v any) string {
	switch v.(type) {
	case nil, bool:
		return clip(v, shownAt)
	}
	return kindWord(v) + " (" + clip(v, shownAt) + ")"
}

func kindWord(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a truth value"
	case string:
		return "a text"
	case []any:
		return "an array"
	case map[string]any:
		return "an object"
	}
	return "a number"
}

// value is what the spot was given.
func (w *wording) value() string {
	if w.spot.kind == operatorSpot {
		l, r := w.operands()
		return clip(l, clipAt/2-2) + " " + w.spot.op.String() + " " + clip(r, clipAt/2-2)
	}
	return clip(w.input, clipAt)
}

func (w *wording) operands() (l, r any) {
	if pair, ok := w.input.([]any); ok && len(pair) == 2 {
		return pair[0], pair[1]
	}
	return nil, nil
}

func (w *wording) words() (what, fix string) {
	said, isText := w.message.(string)
	if w.spot.kind == callSpot && w.spot.name == "error" {
		return w.raised()
	}
	if !isText {
		return reworded(clip(w.message, clipAt)), ""
	}
	said = strings.TrimPrefix(said, "error: ")
	if strings.Contains(said, "invalid path") {
		return w.noPath()
	}
	switch w.spot.kind {
	case indexSpot:
		what, fix = w.index(said)
	case iterateSpot:
		what, fix = w.iterate()
	case operatorSpot:
		what, fix = w.operator(said)
	case updateSpot:
		what, fix = w.update(said)
	case signSpot:
		what, fix = fmt.Sprintf("cannot put a sign before %s", described(w.input)), toNumberFix(w.input)
	case callSpot:
		what, fix = w.call(said)
	case formatSpot:
		what, fix = w.format(said)
	case keySpot:
		what, fix = w.key()
	case patternSpot:
		what = fmt.Sprintf("cannot take %s apart as %s", kindOfMessage(said), w.span(w.spot.part).text(w.src))
		fix = "look at what comes before as"
	}
	if what == "" {
		what = reworded(said)
	}
	return what, fix
}

// raised is what the program itself said with error(…).
func (w *wording) raised() (what, fix string) {
	switch v := w.message.(type) {
	case string:
		return v, ""
	case nil:
		return "the program called error with null", `write error("why")`
	default:
		return clip(v, clipAt), ""
	}
}

// before is the text of the expression that a .name or [] hangs on.
func (w *wording) before() string {
	if w.spot.term == nil {
		return "."
	}
	return strings.TrimSuffix(w.src[w.span(w.spot.term).start:w.span(w.spot.part).start], ".")
}

func (w *wording) index(said string) (what, fix string) {
	key := w.span(w.spot.part).text(w.src)
	if !strings.HasPrefix(key, ".") {
		key = "." + key
	}
	switch {
	case strings.HasPrefix(said, "expected an object"):
		what = fmt.Sprintf("cannot read %s of %s", key, described(w.input))
		switch v := w.input.(type) {
		case []any:
			before := w.before()
			if !isPathText(before) {
				before = "."
			}
			fix = fmt.Sprintf("write %s[]%s for each member, or %s[0]%s for the first", before, key, before, key)
		case string:
			fix = "a text has no fields"
			if t := strings.TrimSpace(v); strings.HasPrefix(t, "{") {
				fix = fmt.Sprintf("the text is JSON: write fromjson | %s", key)
			}
		default:
			fix = "look at what comes before it, or write ? behind it to skip such values"
		}
	case strings.HasPrefix(said, "expected an array"):
		what = fmt.Sprintf("cannot read %s of %s", key, described(w.input))
		if _, isObject := w.input.(map[string]any); isObject {
			fix = "fields of an object are read by name: .name; write [.[]] for an array of its values"
		}
	case strings.HasPrefix(said, "expected a number for indexing"):
		what = fmt.Sprintf("%s is read by numbers, not by %s", kindWord(w.input), kindOfMessage(said))
		if strings.Contains(said, "boolean") {
			fix = "to choose members, write .[] | select(…)"
		}
	case strings.HasPrefix(said, "expected a string for object key"):
		what = fmt.Sprintf("%s is read by texts, not by %s", kindWord(w.input), kindOfMessage(said))
		fix = "write | tostring behind the key"
	}
	return what, fix
}

func (w *wording) iterate() (what, fix string) {
	before := w.before()
	what = "cannot iterate over " + described(w.input)
	switch {
	case w.input == nil && before == ".":
		return what, "write .[]? to skip what is missing"
	case w.input == nil && isPathText(before):
		return what + ": " + before + " is missing", fmt.Sprintf("write %s[]? or (%s // [])[]", before, before)
	case w.input == nil:
		return what, "write []? to skip what is missing"
	}
	if t, ok := w.input.(string); ok && strings.HasPrefix(strings.TrimSpace(t), "[") {
		return what, "the text is JSON: write fromjson before it"
	}
	return what, "only arrays and objects have members; write []? to skip other values"
}

var pathText = regexp.MustCompile(`^(\$[a-z]+)?(\.[A-Za-z_][A-Za-z0-9_]*|\[[0-9]+\]|\.?\["[^"]*"\])+$`)

func isPathText(s string) bool { return pathText.MatchString(s) }

func (w *wording) operator(said string) (what, fix string) {
	l, r := w.operands()
	a, b := described(l), described(r)
	switch w.spot.op {
	case gojq.OpAdd:
		what = fmt.Sprintf("cannot add %s and %s", a, b)
	case gojq.OpSub:
		what = fmt.Sprintf("cannot subtract %s from %s", b, a)
	case gojq.OpMul:
		what = fmt.Sprintf("cannot multiply %s by %s", a, b)
	case gojq.OpDiv:
		what = fmt.Sprintf("cannot divide %s by %s", a, b)
	case gojq.OpMod:
		what = fmt.Sprintf("cannot take the remainder of %s by %s", a, b)
	}
	if !strings.HasPrefix(said, "cannot") {
		return reworded(said), ""
	}
	left, right := w.sides()
	switch {
	case isNumber(parsed(l)) && isNumber(parsed(r)): // by zero
		return what, fmt.Sprintf("write if %s == 0 then null else … end", right)
	case l == nil:
		return what + ": " + left + " is missing", fmt.Sprintf("write (%s // 0)", left)
	case r == nil:
		return what + ": " + right + " is missing", fmt.Sprintf("write (%s // 0)", right)
	}
	return what, w.mixedFix(l, r, left, right)
}

// mixedFix says how a text and a number come together.
func (w *wording) mixedFix(l, r any, left, right string) string {
	s, ok := l.(string)
	textSide, numberSide, other := left, right, r
	if !ok {
		if s, ok = r.(string); !ok {
			return ""
		}
		textSide, numberSide, other = right, left, l
	}
	if !isNumber(parsed(other)) {
		if _, isBool := other.(bool); isBool && w.spot.op == gojq.OpAdd {
			return fmt.Sprintf("write (%s | tostring) to join texts", numberSide)
		}
		return ""
	}
	if isNumberText(s) {
		return fmt.Sprintf("write (%s | tonumber)", textSide)
	}
	if w.spot.op == gojq.OpAdd {
		return fmt.Sprintf("write (%s | tostring) to join texts", numberSide)
	}
	return fmt.Sprintf("mend the data, or write (%s | tonumber? // 0) to count as 0 what is no number", textSide)
}

var numberText = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

func isNumberText(s string) bool { return numberText.MatchString(s) }

// sides are the texts of both operands.
func (w *wording) sides() (left, right string) {
	q, ok := w.spot.part.(*gojq.Query)
	if !ok || q.Left == nil {
		return "the left side", "the right side"
	}
	return w.side(q.Left), w.side(q.Right)
}

func (w *wording) side(q *gojq.Query) string {
	text := w.span(q).text(w.src)
	if len(text) > shownAt || strings.Contains(text, "\n") {
		return "…"
	}
	return text
}

func (w *wording) key() (what, fix string) {
	q := w.side(w.spot.part.(*gojq.Query))
	what = "a key of an object is a text, not " + described(w.input)
	if w.input == nil {
		return what + ": " + q + " is missing", fmt.Sprintf(`write (%s // "…")`, q)
	}
	return what, fmt.Sprintf("write (%s | tostring)", q)
}

func (w *wording) noPath() (what, fix string) {
	if w.spot.kind == updateSpot {
		return "what stands left of the sign cannot be written to", "write a path there, such as .name or .items[].price"
	}
	return "this is no part of the value that is to be changed, but a new one",
		"only what is read from the value can be written to: .name, .[0], .[], select(…), getpath(…)"
}

func (w *wording) format(said string) (what, fix string) {
	switch {
	case strings.Contains(said, "cannot format an array"):
		return fmt.Sprintf("%s writes texts, numbers, true, false and null, not %s", w.spot.name, kindOfMessage(said)), "write | tojson behind that member"
	case strings.Contains(said, "cannot be applied to:"):
		return fmt.Sprintf("%s takes an array, not %s", w.spot.name, described(w.input)), "write [ … ] around the members of a row"
	case w.spot.name == "@base64d":
		return fmt.Sprintf("%s is not base64", described(w.input)), ""
	case w.spot.name == "@urid":
		return fmt.Sprintf("%s is not written for an address", described(w.input)), ""
	}
	return "", ""
}

// update says why what stands left of an assignment could not be written to.
func (w *wording) update(said string) (what, fix string) {
	path := "the path"
	if q, ok := w.spot.part.(*gojq.Query); ok && q.Left != nil {
		path = w.side(q.Left)
	}
	switch {
	case strings.Contains(said, "expected an object but got: "):
		return fmt.Sprintf("cannot write to %s: %s has no fields", path, kindOfMessage(said)), "look at what the record has there"
	case strings.Contains(said, "expected an array but got: "):
		return fmt.Sprintf("cannot write to %s: %s has no places", path, kindOfMessage(said)), "fields of an object are written by name: .name"
	}
	return "", ""
}

func toNumberFix(v any) string {
	switch v := v.(type) {
	case nil:
		return "the value is missing: write (… // 0)"
	case string:
		if isNumberText(v) {
			return "write | tonumber behind the value"
		}
	}
	return ""
}
