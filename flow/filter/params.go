package filter

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Params is what a service over HTTP can be asked for by parameters of its address, all of
// which have to hold.
type Params struct {
	List  []Param
	Limit string // the parameter that says how many records there should be at most; "" is none
}

// Param is one parameter: what it compares, and how the value is written.
type Param struct {
	Field   string
	Op      Operator
	Name    string    // created_after
	Format  string    // what surrounds the value, as {value}: "gt:{value}"; "" is the value alone
	As      ValueForm // how dates and times are written
	Between string    // what stands between the values of in; "" is a comma
	Rough   bool      // the service may give more than was asked for, so it is looked at again here
}

// ValueForm is how dates and times are written.
type ValueForm string

// The forms.
const (
	AsWritten ValueForm = ""        // 2024-05-01T10:15:30Z, and dates as dates
	AsDate    ValueForm = "date"    // 2024-05-01; only midnights
	AsRFC3339 ValueForm = "rfc3339" // dates too with a time
	AsUnix    ValueForm = "unix"    // seconds since 1970
)

// Split takes f apart into parameters and what is filtered here. Each parameter is used
// once: a second comparison that would need it stays here.
func (p Params) Split(f Filter) (query url.Values, rest Filter) {
	query = url.Values{}
	pushed, rest := Split(f, Able{And: true, Takes: p.takes})
	for _, x := range conjuncts(pushed.Where) {
		c := x.(Compare)
		one, value, _ := p.find(c)
		if query.Has(one.Name) {
			rest.Where = all([]Expr{rest.Where, x})
			continue
		}
		query.Set(one.Name, value)
	}
	if rest.Where == nil && p.Limit != "" && rest.Limit > 0 {
		query.Set(p.Limit, strconv.Itoa(rest.Limit)) // and counted here, for services that give pages of it
	}
	return query, rest
}

// conjuncts lists the parts that all have to hold.
func conjuncts(x Expr) []Expr {
	switch x := x.(type) {
	case nil:
		return nil
	case And:
		return x
	}
	return []Expr{x}
}

func (p Params) takes(c Compare) Grade {
	one, _, ok := p.find(c)
	switch {
	case !ok:
		return Never
	case one.Rough:
		return Roughly
	}
	return Exactly
}

// find is the parameter for a comparison, with the value written.
func (p Params) find(c Compare) (one Param, value string, ok bool) {
	for _, one := range p.List {
		if one.Field != c.Field || one.Op != c.Op || c.Op == Between {
			continue
		}
		if value, ok := one.write(c.Values); ok {
			return one, value, true
		}
	}
	return Param{}, "", false
}

func (p Param) write(values []Value) (string, bool) {
	between := p.Between
	if between == "" {
		between = ","
	}
	texts := make([]string, len(values))
	for i, v := range values {
		text, ok := p.As.write(v)
		if !ok || len(values) > 1 && strings.Contains(text, between) {
			return "", false
		}
		texts[i] = text
	}
	joined := strings.Join(texts, between)
	if p.Format == "" {
		return joined, true
	}
	return strings.ReplaceAll(p.Format, "{value}", joined), true
}

func (f ValueForm) write(v Value) (string, bool) {
	if v.Kind == Null {
		return "", false
	}
	if f == AsWritten {
		return v.Text, true
	}
	i, ok := instantOf(v.Text)
	switch {
	case !ok || v.Kind == Number || v.Kind == Bool:
		return "", false
	case f == AsDate:
		return i.time().Format(time.DateOnly), i.midnight()
	case f == AsUnix:
		return strconv.FormatInt(i.seconds, 10), i.fraction == ""
	}
	return i.time().Format(time.RFC3339Nano), len(i.fraction) <= 9
}
