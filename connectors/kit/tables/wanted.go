package tables

import (
	"context"
	"errors"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/filter"
)

// sifting is which rows a person wants: what the database picks by itself, and what is
// left to be told here.
type sifting struct {
	written      string // SQL
	sql          filter.SQL
	pushed, rest filter.Filter
	match        *filter.Matcher // nil takes all
}

func (r *Read) checkFilter() error {
	if r.Filter.Limit > 0 {
		return errors.New("a page ends where it ends: leave the limit out, and set it on the run")
	}
	return nil
}

// sift takes the filter apart.
func (r *Read) sift(t *Table) (*sifting, error) {
	w := &sifting{written: "true"}
	if strings.TrimSpace(r.Where) != "" {
		w.written = "(" + r.Where + "\n)"
	}
	if r.Filter.Empty() {
		return w, nil
	}
	if err := r.entity(t, t.Columns).CheckFilter(r.Filter, "filter"); err != nil {
		return nil, err
	}
	w.sql = filter.SQL{Dialect: r.d.Filter, Columns: map[string]filter.Column{}}
	for _, c := range t.Columns {
		w.sql.Columns[c.Name] = filter.Column{Name: c.Name, Kind: c.Filter, Zoneless: c.Zoneless, Plain: c.Plain}
	}
	w.pushed, w.rest = w.sql.Split(r.Filter)
	if w.rest.Empty() {
		return w, nil
	}
	picked := r.picked(t)
	if err := r.entity(t, picked).CheckFilter(w.rest, "filter"); err != nil {
		return nil, kit.Fail(kit.Invalid, "%s cannot filter all of it, and what is left to be filtered here names what is not among the columns: %s", r.d.Name, w.rest).On("columns").
			Hint("add it to the columns, or let them be all")
	}
	w.match = w.rest.Matcher(shape(picked))
	return w, nil
}

func (r *Read) entity(t *Table, columns []Column) kit.Entity {
	e := kit.Entity{}
	for _, c := range columns {
		e.Fields = append(e.Fields, c.field(t))
	}
	return e
}

// only adds the condition that the database looks at.
func (w *sifting) only(c *clause) error {
	c.add("%s", w.written)
	text, args, err := w.sql.Where(w.pushed.Where, c.args...)
	if text != "" && err == nil {
		c.args = args
		c.add(" and %s", text)
	}
	return err
}

// takes says whether a row is wanted that the database gave.
func (w *sifting) takes(row map[string]any) bool { return w.match == nil || w.match.Match(row) }

// fields are what a filter may name.
func (r *Read) fields(ctx context.Context, env kit.Env) ([]kit.Choice, error) {
	var choices []kit.Choice
	err := r.base.Look(ctx, env, func(s Session) error {
		t, err := find(ctx, s, r.d, r.Table)
		if t != nil {
			choices = r.entity(t, t.Columns).FilterChoices()
		}
		return err
	})
	return choices, err
}

// filterable are the comparisons of a column that the database makes by itself.
func (c Column) filterable() []filter.Operator {
	if c.Filter == "" {
		return nil
	}
	all := []filter.Operator{filter.Equal, filter.NotEqual, filter.Greater, filter.GreaterEqual, filter.Less, filter.LessEqual, filter.Between, filter.In}
	if c.Filter == filter.TextColumn {
		all = append(all, filter.Contains)
	}
	return all
}

// ExactDecimal is the kind of column that holds decimals of up to so many digits: up to 15
// they are numbers here too, and the same ones.
func ExactDecimal(digits int) filter.ColumnKind {
	if digits > 0 && digits <= 15 {
		return filter.DecimalColumn
	}
	return ""
}

// OfSchema is the kind of column for values that are no texts.
func OfSchema(s flow.Schema) filter.ColumnKind {
	if len(s.Types) != 1 {
		return ""
	}
	switch s.Types[0] {
	case flow.Boolean:
		return filter.BoolColumn
	case flow.Integer:
		return filter.IntegerColumn
	}
	return ""
}
