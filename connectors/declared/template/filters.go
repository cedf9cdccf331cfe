package template

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// filter applies one to a value.
func (s *state) filter(n filter) (any, error) {
	of, err := s.eval(n.of)
	if err != nil && (err != errUndefined || n.id != "default" && n.id != "d") {
		return nil, err
	}
	if err != nil {
		of = missing{}
	}
	a, err := s.arguments(n.args, n.named)
	if err != nil {
		return nil, err
	}
	if n.id == "map" {
		return listed(mapped)(of, a)
	}
	f, ok := filters()[n.id]
	if !ok {
		return nil, &Error{What: fmt.Sprintf("the filter %q is not known here", n.id), Offset: n.at}
	}
	return f(of, a)
}

type filtering func(of any, a arguments) (any, error)

// textual is a filter of texts.
func textual(f func(string, arguments) any) filtering {
	return func(of any, a arguments) (any, error) { return f(render(of), a), nil }
}

// listed is a filter of lists.
func listed(f func([]any, arguments) (any, error)) filtering {
	return func(of any, a arguments) (any, error) {
		list, err := sequence(of)
		if err != nil {
			return nil, err
		}
		return f(list, a)
	}
}

var filters = sync.OnceValue(func() map[string]filtering {
	defaulted := func(of any, a arguments) (any, error) {
		if _, undefined := of.(missing); undefined || truth(a.arg(1, "boolean")) && !truth(of) {
			if a.has(0, "default_value") {
				return a.arg(0, "default_value"), nil
			}
			return "", nil
		}
		return of, nil
	}
	size := func(of any, _ arguments) (any, error) { return length(of) }
	return map[string]filtering{
		"default": defaulted, "d": defaulted, "length": size, "count": size,
		"int": func(of any, a arguments) (any, error) { return toInt(of, toInt(a.arg(0, "default"), 0).(int)), nil },
		"float": func(of any, a arguments) (any, error) {
			return toFloat(of, toFloat(a.arg(0, "default"), 0).(float64)), nil
		},
		"string":     textual(func(s string, _ arguments) any { return s }),
		"lower":      textual(func(s string, _ arguments) any { return strings.ToLower(s) }),
		"upper":      textual(func(s string, _ arguments) any { return strings.ToUpper(s) }),
		"title":      textual(func(s string, _ arguments) any { return title(s) }),
		"capitalize": textual(func(s string, _ arguments) any { return capital(s) }),
		"trim":       textual(func(s string, a arguments) any { return strings.Trim(s, a.text(0, "chars", " \t\r\n")) }),
		"escape":     textual(escaped), "e": textual(escaped),
		"safe":                  func(of any, _ arguments) (any, error) { return of, nil },
		"replace":               func(of any, a arguments) (any, error) { v, _, err := replaced(render(of), a); return v, err },
		"urlencode":             func(of any, _ arguments) (any, error) { return urlencoded(of), nil },
		"base64encode":          textual(func(s string, _ arguments) any { return base64.StdEncoding.EncodeToString([]byte(s)) }),
		"base64decode":          textual(func(s string, _ arguments) any { return decoded(s) }),
		"base64binascii_decode": textual(func(s string, _ arguments) any { return decoded(s) }),
		"hash":                  hashed,
		"hmac":                  signed,
		"regex_search":          searched,
		"regex_replace":         regexReplaced,
		"tojson":                func(of any, _ arguments) (any, error) { return toJSON(of) },
		"join": listed(func(list []any, a arguments) (any, error) {
			all := make([]string, len(list))
			for i, one := range list {
				if field := a.arg(1, "attribute"); a.has(1, "attribute") {
					v, err := at(one, field)
					if err != nil {
						return nil, err
					}
					one = v
				}
				all[i] = render(one)
			}
			return strings.Join(all, a.text(0, "d", "")), nil
		}),
		"first": listed(func(list []any, _ arguments) (any, error) { return at(list, 0) }),
		"last":  listed(func(list []any, _ arguments) (any, error) { return at(list, -1) }),
		"list":  listed(func(list []any, _ arguments) (any, error) { return append([]any{}, list...), nil }),
		"reverse": func(of any, _ arguments) (any, error) {
			list, err := sequence(of)
			list = slices.Clone(list)
			slices.Reverse(list)
			if _, is := of.(string); is {
				return render(strings.Join(texts(list), "")), err
			}
			return list, err
		},
		"sort": listed(sorted),
		"unique": listed(func(list []any, _ arguments) (any, error) {
			out := []any{}
			for _, one := range list {
				if is, _ := contains(out, one); !is {
					out = append(out, one)
				}
			}
			return out, nil
		}),
		"sum": listed(func(list []any, _ arguments) (any, error) {
			total := any(0)
			for _, one := range list {
				var err error
				if total, err = arithmetic("+", total, one); err != nil {
					return nil, err
				}
			}
			return total, nil
		}),
		"max": listed(func(list []any, _ arguments) (any, error) { return extreme(arguments{all: []any{list}}, 1) }),
		"min": listed(func(list []any, _ arguments) (any, error) { return extreme(arguments{all: []any{list}}, -1) }),
		"abs": func(of any, _ arguments) (any, error) { return absolute(of) },
		"round": func(of any, a arguments) (any, error) {
			f, ok := float(of)
			if !ok {
				return nil, errUndefined
			}
			digits, _ := whole(a.arg(0, "precision"))
			unit := math.Pow(10, float64(digits))
			return math.RoundToEven(f*unit) / unit, nil
		},
		"items": func(of any, _ arguments) (any, error) {
			m, _ := of.(map[string]any)
			return pairsOf(m), nil
		},
		"selectattr": listed(func(list []any, a arguments) (any, error) { return selected(list, a, true) }),
		"rejectattr": listed(func(list []any, a arguments) (any, error) { return selected(list, a, false) }),
	}
})

func texts(list []any) []string {
	all := make([]string, len(list))
	for i, one := range list {
		all[i] = render(one)
	}
	return all
}

func escaped(s string, _ arguments) any {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace(s)
}

// urlencoded escapes as Jinja does: a slash stays.
func urlencoded(of any) string {
	if m, is := of.(map[string]any); is {
		var pairs []string
		for _, k := range sortedKeys(m) {
			pairs = append(pairs, url.QueryEscape(k)+"="+url.QueryEscape(render(m[k])))
		}
		return strings.Join(pairs, "&")
	}
	return strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(render(of)), "+", "%20"), "%2F", "/")
}

func decoded(s string) any {
	data, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		if data, err = base64.URLEncoding.DecodeString(s); err != nil {
			return missing{}
		}
	}
	return string(data)
}

func hasher(name string) (func() hash.Hash, error) {
	switch strings.ToLower(name) {
	case "md5":
		return md5.New, nil
	case "sha1":
		return sha1.New, nil
	case "sha256":
		return sha256.New, nil
	case "sha384":
		return sha512.New384, nil
	case "sha512":
		return sha512.New, nil
	case "sha224":
		return sha256.New224, nil
	}
	return nil, fmt.Errorf("the hash %q is not known here", name)
}

// hashed is the filter hash(type, salt).
func hashed(of any, a arguments) (any, error) {
	make, err := hasher(a.text(0, "hash_type", "md5"))
	if err != nil {
		return nil, err
	}
	h := make()
	h.Write([]byte(render(of)))
	h.Write([]byte(a.text(1, "salt", "")))
	return hex.EncodeToString(h.Sum(nil)), nil
}

func signed(of any, a arguments) (any, error) {
	make, err := hasher(a.text(1, "hash_type", "sha256"))
	if err != nil {
		return nil, err
	}
	h := hmac.New(make, []byte(a.text(0, "key", "")))
	h.Write([]byte(render(of)))
	return hex.EncodeToString(h.Sum(nil)), nil
}

// pattern makes a pattern of Go of one of Python.
func pattern(text string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("the pattern %q does not read: %w", text, err)
	}
	return re, nil
}

// searched is the first group of the first match, as the filter regex_search has it.
func searched(of any, a arguments) (any, error) {
	re, err := pattern(a.text(0, "regex", ""))
	if err != nil {
		return nil, err
	}
	m := re.FindStringSubmatch(render(of))
	switch {
	case m == nil:
		return "", nil
	case len(m) > 1:
		return m[1], nil
	}
	return m[0], nil
}

func regexReplaced(of any, a arguments) (any, error) {
	re, err := pattern(a.text(0, "pattern", ""))
	if err != nil {
		return nil, err
	}
	return re.ReplaceAllLiteralString(render(of), a.text(1, "replacement", "")), nil
}

func toJSON(of any) (any, error) {
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(external(of)); err != nil {
		return nil, errors.New("this cannot be written as JSON")
	}
	return strings.TrimSpace(out.String()), nil
}

func sorted(list []any, a arguments) (any, error) {
	list = slices.Clone(list)
	by := func(v any) any {
		if !a.has(2, "attribute") {
			return v
		}
		v, _ = at(v, a.arg(2, "attribute"))
		return v
	}
	slices.SortStableFunc(list, func(x, y any) int {
		c, _ := compare(by(x), by(y))
		return c
	})
	if truth(a.arg(0, "reverse")) {
		slices.Reverse(list)
	}
	return list, nil
}

// mapped is map(attribute=…), or map of a filter.
func mapped(list []any, a arguments) (any, error) {
	out := make([]any, len(list))
	for i, one := range list {
		var err error
		if a.has(99, "attribute") {
			out[i], err = at(one, a.named["attribute"])
		} else {
			f, ok := filters()[a.text(0, "", "")]
			if !ok || len(a.all) == 0 {
				return nil, fmt.Errorf("the filter %q is not known here", a.text(0, "", ""))
			}
			out[i], err = f(one, arguments{all: a.all[1:]})
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func selected(list []any, a arguments, holds bool) (any, error) {
	out := []any{}
	for _, one := range list {
		v, err := at(one, a.arg(0, "attr"))
		if err != nil {
			return nil, err
		}
		is := truth(v)
		if a.has(1, "test") {
			is = equal(v, a.arg(2, "value"))
		}
		if is == holds {
			out = append(out, one)
		}
	}
	return out, nil
}
