package filter

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// LDAP writes conditions as search filters (RFC 4515).
type LDAP struct {
	Attributes map[string]Attribute // by the field's name
}

// Attribute is an attribute that a directory may be searched by. Most ignore the case of
// letters and may have several values, so what the directory gives is looked at again
// here, unless the attribute is Exact.
type Attribute struct {
	Name    string
	Exact   bool // one value, compared letter by letter
	Ordered bool // it has an ordering rule that is ours: numbers by value, times
	Time    bool // generalized time
}

// Able says what a directory can search for.
func (l LDAP) Able() Able {
	return Able{Takes: l.takes, And: true, Or: true, Not: true, Mixed: true}
}

// Split takes f apart into what the directory searches and what is filtered here.
func (l LDAP) Split(f Filter) (pushed, rest Filter) { return Split(f, l.Able()) }

func (l LDAP) takes(x Compare) Grade {
	a, ok := l.Attributes[x.Field]
	if !ok || !attributeName(a.Name) {
		return Never
	}
	v := x.Values[0]
	if v.Kind == Null {
		if x.Op == Equal || x.Op == NotEqual {
			return Exactly
		}
		return Never
	}
	if _, ok := a.assertion(v); !ok {
		return Never
	}
	switch x.Op {
	case Equal:
		return a.grade()
	case Contains:
		if a.Time || v.Text == "" {
			return Never
		}
		return a.grade()
	case NotEqual:
		if a.Exact {
			return Exactly
		}
	case GreaterEqual, LessEqual:
		if a.Ordered {
			return a.grade()
		}
	}
	return Never
}

func (a Attribute) grade() Grade {
	if a.Exact {
		return Exactly
	}
	return Roughly
}

// Filter writes a condition that Split pushed; "" for none.
func (l LDAP) Filter(x Expr) (string, error) {
	switch x := x.(type) {
	case nil:
		return "", nil
	case And:
		return l.all("&", x)
	case Or:
		return l.all("|", x)
	case Not:
		inner, err := l.Filter(x.Expr)
		return "(!" + inner + ")", err
	case Compare:
		if l.takes(x) != Never {
			return l.test(x), nil
		}
	}
	return "", fmt.Errorf("a directory cannot search for %s", Print(Filter{Where: x}))
}

func (l LDAP) all(word string, parts []Expr) (string, error) {
	text := "(" + word
	for _, x := range parts {
		part, err := l.Filter(x)
		if err != nil {
			return "", err
		}
		text += part
	}
	return text + ")", nil
}

// test writes one comparison. A directory that does not know whether something holds says
// so and takes not of it for unknown too, so that not asks for the attribute first.
func (l LDAP) test(x Compare) string {
	a := l.Attributes[x.Field]
	present := "(" + a.Name + "=*)"
	if x.Values[0].Kind == Null {
		if x.Op == Equal {
			return "(!" + present + ")"
		}
		return present
	}
	value, _ := a.assertion(x.Values[0])
	switch x.Op {
	case NotEqual:
		return "(&" + present + "(!(" + a.Name + "=" + value + ")))"
	case Contains:
		value = "*" + value + "*"
	}
	op := strings.TrimSuffix(string(x.Op), "=")
	if x.Op == Contains {
		op = ""
	}
	test := "(" + a.Name + op + "=" + value + ")"
	if a.Exact {
		return "(&" + present + test + ")"
	}
	return test
}

// assertion is a value as a directory compares it.
func (a Attribute) assertion(v Value) (string, bool) {
	if a.Time {
		i, ok := instantOf(v.Text)
		if !ok || i.fraction != "" || v.Kind == Number || v.Kind == Bool {
			return "", false
		}
		return i.time().Format("20060102150405Z"), true
	}
	switch v.Kind {
	case Bool:
		return strings.ToUpper(v.Text), true
	case String, Number:
		return EscapeLDAP(v.Text), true
	}
	return "", false
}

// EscapeLDAP writes a text as the value of a search filter (RFC 4515, section 3): what has
// a meaning there, and what is no UTF-8, as the two hexadecimal digits of its bytes.
func EscapeLDAP(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == 0 || strings.ContainsRune(`*()\`, r) || r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\%02x`, s[i])
		} else {
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

// attributeName says whether a name may stand in a search filter as it is (RFC 4512,
// section 2.5).
func attributeName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && !isDigit(c) && c != '-' && c != '.' && c != ';' {
			return false
		}
	}
	return s != ""
}
