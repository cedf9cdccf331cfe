package tables

import (
	"context"
	"slices"
	"strings"

	"jackfield/connectors/kit"
)

// pageOfTables is how many tables a page of a list has.
const pageOfTables = 500

// Entities lists the schemas of a database, or the tables and views of one.
func Entities(ctx context.Context, env kit.Env, b Base, path, page string) (list kit.EntityPage, err error) {
	d := b.Dialect()
	err = b.Look(ctx, env, func(s Session) error {
		if path == "" && d.Schemas != nil {
			schemas, err := d.Schemas(ctx, s)
			for _, name := range schemas {
				list.Entities = append(list.Entities, kit.Entity{Path: d.Written("", name), Title: name, Kind: "schema", Within: true})
			}
			return err
		}
		schema := path
		if d.Split != nil {
			_, schema = d.Split(path)
		}
		listed, err := d.Tables(ctx, s, schema)
		for _, l := range listed {
			e := kit.Entity{Path: d.Written(l.Schema, l.Name), Title: l.Name, Kind: "table", Holds: true}
			if l.View {
				e.Kind = "view"
			}
			list.Entities = append(list.Entities, e)
		}
		return err
	})
	begin, _ := slices.BinarySearchFunc(list.Entities, page, func(e kit.Entity, p string) int {
		if p == "" {
			return 0
		}
		return strings.Compare(e.Title, p)
	})
	list.Entities = list.Entities[min(begin, len(list.Entities)):]
	if len(list.Entities) > pageOfTables {
		list.Next = list.Entities[pageOfTables].Title
		list.Entities = list.Entities[:pageOfTables]
	}
	return list, err
}

// Entity describes a table or view.
func Entity(ctx context.Context, env kit.Env, b Base, path string) (e kit.Entity, err error) {
	d := b.Dialect()
	err = b.Look(ctx, env, func(s Session) error {
		t, err := lookup(ctx, s, b, path)
		if err != nil {
			return err
		}
		e = kit.Entity{Path: d.Written(t.Schema, t.Name), Title: t.Name, Kind: "table", Holds: true}
		if t.View {
			e.Kind = "view"
		}
		for _, c := range t.Columns {
			e.Fields = append(e.Fields, c.field(t))
		}
		return nil
	})
	return e, err
}

func (c Column) field(t *Table) kit.EntityField {
	f := kit.EntityField{
		Name: c.Name, Schema: c.schema(), Native: c.Native, Key: t.among(c.Name, t.Key), Sortable: !c.Unsorted,
		Needed: !c.Null && !c.Filled && !c.Computed, Filter: c.filterable(),
	}
	if c.Computed {
		f.Fixed = []kit.WriteKind{kit.Insert, kit.Update, kit.Upsert}
	}
	return f
}

// Entities and Entity of an operation are those of its database.

func (r *Read) Entities(ctx context.Context, env kit.Env, path, page string) (kit.EntityPage, error) {
	return Entities(ctx, env, r.base, path, page)
}

func (r *Read) Entity(ctx context.Context, env kit.Env, path string) (kit.Entity, error) {
	return Entity(ctx, env, r.base, path)
}

func (w *Write) Entities(ctx context.Context, env kit.Env, path, page string) (kit.EntityPage, error) {
	return Entities(ctx, env, w.base, path, page)
}

func (w *Write) Entity(ctx context.Context, env kit.Env, path string) (kit.Entity, error) {
	return Entity(ctx, env, w.base, path)
}

func (r *Read) tables(ctx context.Context, env kit.Env) ([]kit.Choice, error) {
	return choices(ctx, env, r.base)
}

func (w *Write) tables(ctx context.Context, env kit.Env) ([]kit.Choice, error) {
	return choices(ctx, env, w.base)
}

// choices are the tables and views of the schema that is looked into first.
func choices(ctx context.Context, env kit.Env, b Base) (all []kit.Choice, err error) {
	d := b.Dialect()
	err = b.Look(ctx, env, func(s Session) error {
		listed, err := d.Tables(ctx, s, "")
		for _, l := range listed {
			c := kit.Choice{Value: d.Written(l.Schema, l.Name), Label: l.Name}
			if l.View {
				c.Label += " (view)"
			}
			all = append(all, c)
		}
		return err
	})
	return all, err
}

// columns are those of the table that is chosen.
func (r *Read) columns(ctx context.Context, env kit.Env) ([]kit.Choice, error) {
	var choices []kit.Choice
	err := r.base.Look(ctx, env, func(s Session) error {
		t, err := find(ctx, s, r.d, r.Table)
		if err != nil || t == nil {
			return err
		}
		for _, n := range t.Names() {
			choices = append(choices, kit.Choice{Value: n, Label: n})
		}
		return nil
	})
	return choices, err
}
