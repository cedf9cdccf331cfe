package tables

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"jackfield/connectors/kit"
)

// wanted is a column that the rows need.
type wanted struct{ name, kind string }

// fit makes the table where it is missing, and the columns that it lacks.
func (w *Write) fit(ctx context.Context, s Session, rows []*row) (*Table, error) {
	if w.kind == kit.Update || w.kind == kit.Delete {
		t, err := lookup(ctx, s, w.base, w.Table)
		if err != nil {
			return nil, err
		}
		return t, w.keysIn(t)
	}
	t, err := find(ctx, s, w.d, w.Table)
	if err != nil {
		return nil, err
	}
	if f, ok := s.(Forgetter); ok && t != nil && w.lacks(t, rows) {
		f.Forget() // somebody may have added the column just now
		if t, err = find(ctx, s, w.d, w.Table); err != nil {
			return nil, err
		}
	}
	var ddl []string
	switch {
	case t == nil:
		ddl = append(ddl, w.create(w.columnsFor(rows)))
	case w.AddColumns && w.lacks(t, rows):
		for _, c := range w.columnsFor(rows) {
			if _, there := t.Column(c.name); !there {
				ddl = append(ddl, strings.TrimSpace(fmt.Sprintf("alter table %s add column %s %s", w.d.Of(t), w.d.Quote(c.name), c.kind)))
			}
		}
	}
	for _, statement := range ddl {
		if _, err := s.Exec(ctx, statement); err != nil {
			return nil, err
		}
	}
	if len(ddl) > 0 {
		if t, err = lookup(ctx, s, w.base, w.Table); err != nil {
			return nil, err
		}
	}
	return t, w.keysIn(t)
}

// lacks says whether the rows have columns that the table has not.
func (w *Write) lacks(t *Table, rows []*row) bool {
	var before []string
	for _, r := range rows {
		if slices.Equal(r.columns, before) {
			continue
		}
		before = r.columns
		for _, name := range r.columns {
			if _, there := t.Column(name); !there {
				return true
			}
		}
	}
	return false
}

func (w *Write) keysIn(t *Table) error {
	for _, k := range w.Key {
		if _, ok := t.Column(k); !ok {
			return noColumn(t, k, "key")
		}
	}
	return nil
}

func (w *Write) create(columns []wanted) string {
	keyFirst := slices.SortedStableFunc(slices.Values(columns), func(a, b wanted) int {
		return cmp.Compare(w.keyPlace(a.name), w.keyPlace(b.name))
	})
	var parts []string
	for _, c := range keyFirst {
		part := strings.TrimSpace(w.d.Quote(c.name) + " " + c.kind)
		if w.keyPlace(c.name) < len(w.Key) {
			part += " not null"
		}
		parts = append(parts, part)
	}
	if len(w.Key) > 0 {
		parts = append(parts, "primary key ("+w.d.List(w.Key)+")")
	}
	t := &Table{Name: w.Table}
	if w.d.Split != nil {
		t.Schema, t.Name = w.d.Split(w.Table)
	}
	return fmt.Sprintf("create table %s (%s)", w.d.Of(t), strings.Join(parts, ", "))
}

// columnsFor lists the columns of the rows, each with the type that all its values fit.
func (w *Write) columnsFor(rows []*row) []wanted {
	var columns []wanted
	place := map[string]int{}
	for _, r := range rows {
		for _, name := range r.columns {
			known := name
			if w.d.Folds {
				known = strings.ToLower(name)
			}
			i, seen := place[known]
			if !seen {
				i = len(columns)
				place[known] = i
				columns = append(columns, wanted{name: name})
			}
			columns[i].kind = w.wider(columns[i].kind, w.d.Kind(r.values[name]))
		}
	}
	for i, c := range columns {
		kind := cmp.Or(c.kind, w.d.Untyped)
		turn := w.d.Loose
		if w.keyPlace(c.name) < len(w.Key) {
			turn = w.d.Keyed
		}
		if turn != nil {
			kind = turn(kind)
		}
		columns[i].kind = kind
	}
	return columns
}

func (w *Write) wider(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	}
	return w.d.Wider(a, b)
}
