package filter

import (
	"fmt"
	"strings"
)

// OData writes conditions for the parameter $filter (OData 4.01, URL Conventions, section
// 5.1.1). In it too a comparison with null is false, but for ne, which asks here whether
// there is a value first.
type OData struct {
	Properties map[string]Property // by the field's name
}

// Property is a property that a service can filter by.
type Property struct {
	Path string // as it stands in $filter: CreatedAt, Customer/Name
	Kind ColumnKind
	// Folds says that the service ignores the case of letters, as many do against the
	// standard: what it gives is looked at again here.
	Folds bool
	// Lists says that the service knows in, which came with 4.01.
	Lists bool
}

// Able says what the service can filter.
func (o OData) Able() Able {
	return Able{Takes: o.takes, And: true, Or: true, Not: true, Mixed: true}
}

// Split takes f apart into what the service filters and what is filtered here.
func (o OData) Split(f Filter) (pushed, rest Filter) { return Split(f, o.Able()) }

func (o OData) takes(x Compare) Grade {
	if _, ok := o.test(x); !ok {
		return Never
	}
	p := o.Properties[x.Field]
	if p.Kind != TextColumn || !p.Folds || x.Values[0].Kind == Null {
		return Exactly
	}
	if x.Op == Equal || x.Op == Contains || x.Op == In {
		return Roughly
	}
	return Never
}

// Filter writes a condition that Split pushed; "" for none.
func (o OData) Filter(x Expr) (string, error) {
	switch x := x.(type) {
	case nil:
		return "", nil
	case And:
		return o.chain(x, " and ")
	case Or:
		return o.chain(x, " or ")
	case Not:
		inner, err := o.Filter(x.Expr)
		return "not (" + inner + ")", err
	case Compare:
		if text, ok := o.test(x); ok {
			return text, nil
		}
	}
	return "", fmt.Errorf("OData cannot filter %s", Print(Filter{Where: x}))
}

func (o OData) chain(parts []Expr, word string) (string, error) {
	texts := make([]string, len(parts))
	for i, x := range parts {
		text, err := o.Filter(x)
		if err != nil {
			return "", err
		}
		if x.strength() < 3 {
			text = "(" + text + ")"
		}
		texts[i] = text
	}
	return strings.Join(texts, word), nil
}

var odataOps = map[Operator]string{Equal: "eq", NotEqual: "ne", Greater: "gt", GreaterEqual: "ge", Less: "lt", LessEqual: "le"}

func (o OData) test(x Compare) (string, bool) {
	p, ok := o.Properties[x.Field]
	if !ok || p.Kind == "" {
		return "", false
	}
	if x.Values[0].Kind == Null && len(x.Values) == 1 {
		op := odataOps[x.Op]
		return p.Path + " " + op + " null", x.Op == Equal || x.Op == NotEqual
	}
	texts := make([]string, len(x.Values))
	for i, v := range x.Values {
		if texts[i], ok = p.literal(v); !ok {
			return "", false
		}
	}
	switch x.Op {
	case Contains:
		return fmt.Sprintf("(%[1]s ne null and contains(%[1]s,%s))", p.Path, texts[0]), p.Kind == TextColumn
	case In:
		return p.Path + " in (" + strings.Join(texts, ",") + ")", p.Lists && p.Kind != BoolColumn
	case Between:
		return "", false // as two comparisons
	case NotEqual:
		return fmt.Sprintf("(%[1]s ne null and %[1]s ne %s)", p.Path, texts[0]), true
	}
	if p.Kind == BoolColumn && x.Op != Equal || p.Kind == TextColumn && x.Op != Equal {
		return "", false // nobody says in what order texts are
	}
	return p.Path + " " + odataOps[x.Op] + " " + texts[0], true
}

// literal is a value in $filter.
func (p Property) literal(v Value) (string, bool) {
	switch p.Kind {
	case TextColumn:
		return "'" + strings.ReplaceAll(v.Text, "'", "''") + "'", v.Kind == String
	case BoolColumn:
		return v.Text, v.Kind == Bool
	case DateColumn, DateTimeColumn:
		if v.Kind == Number || v.Kind == Bool {
			return "", false
		}
		if p.Kind == DateColumn {
			return AsDate.write(v)
		}
		return AsRFC3339.write(v)
	}
	return v.Text, v.Kind == Number
}
