package graphql

import (
	"context"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// entity is a list that the service has at the top of its queries.
type entity struct {
	schema *ast.Schema
	field  *ast.FieldDefinition
	item   *ast.Definition
	holder string // "nodes" or "edges" of a connection; "" where the field is the list
}

// Entities are the lists that queries can begin with.
func (c *connection) Entities(ctx context.Context, env kit.Env, _, _ string) (kit.EntityPage, error) {
	known, err := c.described(ctx, env, true)
	if err != nil {
		return kit.EntityPage{}, err
	}
	page := kit.EntityPage{Fresh: believed}
	for _, name := range listNames(known.schema) {
		e, _ := listOf(known.schema, name)
		page.Entities = append(page.Entities, kit.Entity{Path: name, Title: name, Kind: e.item.Name, Holds: true})
	}
	return page, nil
}

// Entity tells the fields of a list's items.
func (c *connection) Entity(ctx context.Context, env kit.Env, path string) (kit.Entity, error) {
	known, err := c.described(ctx, env, false)
	if err != nil {
		return kit.Entity{}, err
	}
	e, ok := listOf(known.schema, path)
	if !ok {
		return kit.Entity{}, kit.Fail(kit.Missing, "the service has no list %q", path).Hint("it has %s", strings.Join(listNames(known.schema), ", "))
	}
	told := kit.Entity{Path: path, Title: path, Kind: e.item.Name, Holds: true, Fresh: believed}
	for _, f := range e.item.Fields {
		if asksForMore(f) {
			continue
		}
		told.Fields = append(told.Fields, kit.EntityField{
			Name: f.Name, Title: f.Description, Native: f.Type.String(), Key: f.Type.NamedType == "ID" && f.Name == "id",
			Schema: nullable(leaf(known.schema, f.Type.Name(), nil), f.Type),
		})
	}
	return told, nil
}

func nullable(s flow.Schema, t *ast.Type) flow.Schema {
	if t.Elem != nil {
		s = flow.ListOf(s)
	}
	if !t.NonNull && len(s.Types) > 0 {
		s.Types = append(s.Types, flow.Null)
	}
	return s
}

// listNames names the lists in order.
func listNames(schema *ast.Schema) []string {
	var all []string
	if schema.Query != nil {
		for _, f := range schema.Query.Fields {
			if _, ok := listOf(schema, f.Name); ok {
				all = append(all, f.Name)
			}
		}
	}
	return sorted(all)
}

// listOf finds a list by the name of its field.
func listOf(schema *ast.Schema, name string) (entity, bool) {
	if schema.Query == nil || strings.HasPrefix(name, "__") {
		return entity{}, false
	}
	f := schema.Query.Fields.ForName(name)
	if f == nil {
		return entity{}, false
	}
	e := entity{schema: schema, field: f}
	if f.Type.Elem != nil {
		e.item = schema.Types[f.Type.Name()]
		return e, e.item != nil && e.item.IsCompositeType()
	}
	holder := schema.Types[f.Type.NamedType]
	if holder == nil || holder.Fields.ForName("pageInfo") == nil {
		return e, false
	}
	if nodes := holder.Fields.ForName("nodes"); nodes != nil && nodes.Type.Elem != nil {
		e.holder, e.item = "nodes", schema.Types[nodes.Type.Name()]
	} else if edges := holder.Fields.ForName("edges"); edges != nil {
		if edge := schema.Types[edges.Type.Name()]; edge != nil && edge.Fields.ForName("node") != nil {
			e.holder, e.item = "edges", schema.Types[edge.Fields.ForName("node").Type.Name()]
		}
	}
	return e, e.item != nil
}

// style is how the list is divided, from the arguments that it takes.
func (e entity) style(q *list) string {
	takes := func(name string) bool { return e.field.Arguments.ForName(name) != nil }
	switch {
	case e.holder != "" && takes(q.AfterVar):
		return relayPaging
	case e.holder == "" && takes(q.OffsetVar):
		return offsetPaging
	}
	return noPaging
}

// selection names the plain fields of the items, and those of objects in them.
func (e entity) selection() string {
	parts := plain(e.schema, e.item)
	for _, f := range e.item.Fields {
		inner := e.schema.Types[f.Type.Name()]
		if asksForMore(f) || inner == nil || inner.Kind != ast.Object || strings.HasSuffix(inner.Name, "Connection") {
			continue
		}
		if some := plain(e.schema, inner); len(some) > 0 {
			parts = append(parts, f.Name+" { "+strings.Join(some, " ")+" }")
		}
	}
	if len(parts) == 0 {
		return "__typename"
	}
	return strings.Join(parts, " ")
}

// plain names the fields that are no objects.
func plain(schema *ast.Schema, of *ast.Definition) []string {
	var all []string
	for _, f := range of.Fields {
		if d := schema.Types[f.Type.Name()]; d != nil && d.IsLeafType() && !asksForMore(f) {
			all = append(all, f.Name)
		}
	}
	return all
}

// asksForMore says whether a field needs arguments, or is of the schema itself.
func asksForMore(f *ast.FieldDefinition) bool {
	return strings.HasPrefix(f.Name, "__") || slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool {
		return a.Type.NonNull && a.DefaultValue == nil
	})
}
