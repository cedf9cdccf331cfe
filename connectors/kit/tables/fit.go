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
	var ddl []string
	switch {
	case t == nil:
		ddl = append(ddl, w.create(w.columnsFor(rows)))
	case w.AddColumns:
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
		part := w.d.Quote(c.name) + " " + c.kind
		if w.keyPlace(c.name) < len(w.Key) {
			part = w.d.Quote(c.name) + " " + w.d.keyed(c.kind) + " not null"
		}
		parts = append(parts, strings.TrimSpace(part))
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

func (d *Dialect) keyed(kind string) string {
	if d.Keyed == nil {
		return kind
	}
	return d.Keyed(kind)
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
	for i := range columns {
		columns[i].kind = cmp.Or(columns[i].kind, w.d.Untyped)
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
