package template

import (
	"crypto/rand"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// arguments are what a function or filter is called with.
type arguments struct {
	all   []any
	named map[string]any
}

// arg is one by its place or its name; missing where it is not given.
func (a arguments) arg(i int, name string) any {
	if v, ok := a.named[name]; ok {
		return v
	}
	if i < len(a.all) {
		return a.all[i]
	}
	return missing{}
}

func (a arguments) text(i int, name, other string) string {
	switch v := a.arg(i, name).(type) {
	case missing, nil:
		return other
	default:
		return render(v)
	}
}

func (a arguments) has(i int, name string) bool {
	_, absent := a.arg(i, name).(missing)
	return !absent
}

func (s *state) arguments(args []node, named map[string]node) (a arguments, err error) {
	if a.all, err = s.all(args); err != nil {
		return a, err
	}
	a.named = make(map[string]any, len(named))
	for k, n := range named {
		if a.named[k], err = s.eval(n); err != nil {
			return a, err
		}
	}
	return a, nil
}

// call performs a function or a method.
func (s *state) call(n call) (any, error) {
	a, err := s.arguments(n.args, n.named)
	if err != nil {
		return nil, err
	}
	switch of := n.of.(type) {
	case name:
		f, ok := functions()[of.id]
		if !ok {
			return nil, &Error{What: fmt.Sprintf("the function %q is not known here", of.id), Offset: of.at}
		}
		return f(s, a)
	case member:
		v, err := s.eval(of.of)
		if err != nil {
			return nil, err
		}
		return s.method(v, of.id, a, n.at)
	}
	return nil, &Error{What: "this cannot be called", Offset: n.at}
}

// method performs a method of a value, as Python has it.
func (s *state) method(v any, id string, a arguments, at int) (any, error) {
	switch of := v.(type) {
	case missing, nil:
		return nil, errUndefined
	case map[string]any:
		if r, ok := ofObject(of, id, a); ok {
			return r, nil
		}
	case string:
		if r, ok, err := ofText(of, id, a); ok || err != nil {
			return r, err
		}
	case Moment:
		if r, ok := ofMoment(of, id, a); ok {
			return r, nil
		}
	case Span:
		if id == "total_seconds" {
			return of.rough().Seconds(), nil
		}
	case []any:
		switch id {
		case "count":
			n := 0
			for _, one := range of {
				if equal(one, a.arg(0, "value")) {
					n++
				}
			}
			return n, nil
		case "index":
			for i, one := range of {
				if equal(one, a.arg(0, "value")) {
					return i, nil
				}
			}
			return nil, errUndefined
		case "append":
			return nil, errUndefined
		}
	}
	return nil, &Error{What: fmt.Sprintf("the method %q is not known here", id), Offset: at}
}

func ofObject(of map[string]any, id string, a arguments) (any, bool) {
	switch id {
	case "get":
		if v, ok := of[render(a.arg(0, "key"))]; ok {
			return v, true
		}
		if a.has(1, "default") {
			return a.arg(1, "default"), true
		}
		return nil, true
	case "keys":
		keys := []any{}
		for _, k := range sortedKeys(of) {
			keys = append(keys, k)
		}
		return keys, true
	case "values":
		values := []any{}
		for _, k := range sortedKeys(of) {
			values = append(values, of[k])
		}
		return values, true
	case "items":
		return pairsOf(of), true
	}
	return nil, false
}

func pairsOf(of map[string]any) []any {
	pairs := []any{}
	for _, k := range sortedKeys(of) {
		pairs = append(pairs, []any{k, of[k]})
	}
	return pairs
}

func ofText(of, id string, a arguments) (any, bool, error) {
	cut := a.text(0, "chars", " \t\r\n\v\f")
	switch id {
	case "lower":
		return strings.ToLower(of), true, nil
	case "upper":
		return strings.ToUpper(of), true, nil
	case "title":
		return title(of), true, nil
	case "capitalize":
		return capital(of), true, nil
	case "strip":
		return strings.Trim(of, cut), true, nil
	case "lstrip":
		return strings.TrimLeft(of, cut), true, nil
	case "rstrip":
		return strings.TrimRight(of, cut), true, nil
	case "replace":
		return replaced(of, a)
	case "startswith":
		return strings.HasPrefix(of, a.text(0, "prefix", "")), true, nil
	case "endswith":
		return strings.HasSuffix(of, a.text(0, "suffix", "")), true, nil
	case "find":
		return strings.Index(of, a.text(0, "sub", "")), true, nil
	case "count":
		return strings.Count(of, a.text(0, "sub", "")), true, nil
	case "isdigit":
		return of != "" && strings.IndexFunc(of, func(r rune) bool { return !unicode.IsDigit(r) }) < 0, true, nil
	case "split", "rsplit":
		return split(of, id, a), true, nil
	case "splitlines":
		out := []any{}
		for line := range strings.Lines(of) {
			out = append(out, strings.TrimRight(line, "\r\n"))
		}
		return out, true, nil
	case "join":
		list, err := sequence(a.arg(0, "iterable"))
		if err != nil {
			return nil, true, err
		}
		all := make([]string, len(list))
		for i, one := range list {
			all[i] = render(one)
		}
		return strings.Join(all, of), true, nil
	case "encode", "decode":
		return of, true, nil
	case "zfill":
		n, _ := whole(a.arg(0, "width"))
		return strings.Repeat("0", max(0, min(n, 1000)-len(of))) + of, true, nil
	case "removeprefix":
		return strings.TrimPrefix(of, a.text(0, "prefix", "")), true, nil
	case "removesuffix":
		return strings.TrimSuffix(of, a.text(0, "suffix", "")), true, nil
	case "format":
		return formatted(of, a), true, nil
	}
	return nil, false, nil
}

func replaced(of string, a arguments) (any, bool, error) {
	n := -1
	if k, ok := whole(a.arg(2, "count")); ok {
		n = k
	}
	old, fresh := a.text(0, "old", ""), a.text(1, "new", "")
	if strings.Count(of, old)*len(fresh) > mostText {
		return nil, true, fmt.Errorf("the text grows too long")
	}
	return strings.Replace(of, old, fresh, n), true, nil
}

func split(of, id string, a arguments) []any {
	var parts []string
	most := -1
	if k, ok := whole(a.arg(1, "maxsplit")); ok && k >= 0 {
		most = k + 1
	}
	switch by := a.arg(0, "sep").(type) {
	case string:
		if parts = strings.SplitN(of, by, most); id == "rsplit" && most > 0 {
			all := strings.Split(of, by)
			keep := max(len(all)-most+1, 1)
			parts = append([]string{strings.Join(all[:keep], by)}, all[keep:]...)
		}
	default:
		parts = strings.Fields(of)
	}
	out := make([]any, len(parts))
	for i, one := range parts {
		out[i] = one
	}
	return out
}

var placeholder = regexp.MustCompile(`\{(\w*)\}`)

// formatted fills the places {} and {name} of a text.
func formatted(of string, a arguments) string {
	next := 0
	return placeholder.ReplaceAllStringFunc(of, func(place string) string {
		id := place[1 : len(place)-1]
		if v, ok := a.named[id]; ok {
			return render(v)
		}
		i := next
		if k, ok := whole(id); ok {
			i = k
		} else {
			next++
		}
		return a.text(i, "", place)
	})
}

func title(s string) string {
	before := ' '
	return strings.Map(func(r rune) rune {
		was := before
		before = r
		if unicode.IsLetter(was) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, s)
}

func capital(s string) string {
	letters := []rune(strings.ToLower(s))
	if len(letters) > 0 {
		letters[0] = unicode.ToUpper(letters[0])
	}
	return string(letters)
}

func ofMoment(of Moment, id string, a arguments) (any, bool) {
	switch id {
	case "strftime":
		return FormatTime(of.Time, a.text(0, "format", "%Y-%m-%d")), true
	case "isoformat":
		if of.Date {
			return of.Format(time.DateOnly), true
		}
		return of.Format("2006-01-02T15:04:05") + fraction(of.Time, "", ".") + of.Format("-07:00"), true
	case "timestamp":
		return float64(of.UnixMicro()) / 1e6, true
	case "date":
		return Moment{time.Date(of.Year(), of.Month(), of.Day(), 0, 0, 0, 0, of.Location()), true}, true
	case "weekday":
		return (int(of.Weekday()) + 6) % 7, true
	case "isoweekday":
		return (int(of.Weekday())+6)%7 + 1, true
	case "astimezone":
		return of, true
	case "replace":
		part := func(name string, other int) int {
			if k, ok := whole(a.named[name]); ok {
				return k
			}
			return other
		}
		return Moment{time.Date(part("year", of.Year()), time.Month(part("month", int(of.Month()))), part("day", of.Day()), part("hour", of.Hour()),
			part("minute", of.Minute()), part("second", of.Second()), part("microsecond", of.Nanosecond()/1000)*1000, of.Location()), of.Date}, true
	}
	return nil, false
}

// uuid is a random one (RFC 9562, 5.4).
func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails, says crypto/rand
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
