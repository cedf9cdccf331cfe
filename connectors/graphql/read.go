package graphql

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// The styles of paging.
const (
	relayPaging  = "relay"  // connections with pageInfo (GraphQL Cursor Connections)
	offsetPaging = "offset" // a variable counts the items before the page
	noPaging     = "none"
)

// list reads a list page by page.
type list struct {
	inquiry
	web.News
	Entity    string
	Items     string
	Style     string
	AfterVar  string
	SizeVar   string
	OffsetVar string
	PageSize  int
	MaxPages  int
}

func newRead(w *shared) *list {
	return &list{
		inquiry: newInquiry(w), News: web.NewNews(), Style: relayPaging,
		AfterVar: "after", SizeVar: "first", OffsetVar: "offset", PageSize: 100,
	}
}

func (q *list) Fields() kit.Fields {
	own := q.serviceFields()
	written := func() bool { return q.Entity == "" }
	paged := func() bool { return q.Style != noPaging }
	is := func(style string) func() bool { return func() bool { return q.Style == style } }
	fields := kit.Fields{
		own[0],
		kit.Text(&q.Entity, "entity", "List").Ask(q.lists).Help("One of the lists that the service names; its query is then made here. Empty where you write the query."),
		q.textField("query", "Query", ast.Query).OnlyIf(written).Eg("query ($first: Int, $after: String) { orders(first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }"),
		kit.Value(&q.Variables, "variables", "Variables").Eg(`{"status": "open"}`).Help("Names, without the dollar sign, with values; those of paging are set by themselves."),
		kit.Text(&q.Items, "items", "Where the list is").OnlyIf(written).Eg("customer.orders").
			Help("Its path in the data, with dots: of the list, or of the connection that holds it. Empty where the query asks for nothing else."),
		kit.Pick(&q.Style, "paging", "Paging",
			kit.Choice{Value: relayPaging, Label: "Cursor (pageInfo)"}, kit.Choice{Value: offsetPaging, Label: "Offset"},
			kit.Choice{Value: noPaging, Label: "One answer holds all"}).OnlyIf(written),
		kit.Int(&q.PageSize, "page_size", "Items a page").OnlyIf(paged).Help("Sent where the query has the variable for it; 0 leaves it to the service."),
		kit.Text(&q.AfterVar, "after_variable", "Variable of the cursor").OnlyIf(is(relayPaging)).More(),
		kit.Text(&q.OffsetVar, "offset_variable", "Variable of the offset").OnlyIf(is(offsetPaging)).More(),
		kit.Text(&q.SizeVar, "size_variable", "Variable of the page size").OnlyIf(paged).More(),
		kit.Int(&q.MaxPages, "max_pages", "Most pages").OnlyIf(paged).More().Help("A list that is longer is an error; 0 sets no limit."),
	}
	fields = append(fields, q.NewsFields("Write {since} as the value of a variable where the service is to be told from where on; the first run leaves that variable out.")...)
	return append(append(fields, q.moreFields()...), web.Folded(own[1:])...)
}

// Read gives one page of the list.
func (q *list) Read(ctx context.Context, env kit.Env, after flow.Cursor) (kit.Page, error) {
	one := *q
	if err := one.choose(ctx, env); err != nil {
		return kit.Page{}, err
	}
	d, schema, err := one.ready(ctx, env, ast.Query, "query")
	if err != nil {
		return kit.Page{}, err
	}
	given, err := one.variables()
	if err != nil {
		return kit.Page{}, err
	}
	of := one.name(d)
	return one.Page(env, of, after, func(t web.Turn, at web.Place) ([]any, web.Place, bool, error) {
		filled, _ := t.Filled(given, true).(map[string]any)
		variables, err := one.paged(d, filled, at)
		if err != nil {
			return nil, at, false, err
		}
		if err := d.takes(schema, variables); err != nil {
			return nil, at, false, err
		}
		return one.page(ctx, env, variables, at)
	})
}

// name says what is read, for the cursor.
func (q *list) name(d document) string {
	if q.Items != "" || len(d.op.SelectionSet) != 1 {
		return q.Items
	}
	if f, ok := d.op.SelectionSet[0].(*ast.Field); ok {
		return f.Alias
	}
	return ""
}

// paged adds what names the page.
func (q *list) paged(d document, given map[string]any, at web.Place) (map[string]any, error) {
	variables := maps.Clone(given)
	if variables == nil {
		variables = map[string]any{}
	}
	if q.Style == noPaging {
		return variables, nil
	}
	names := map[string]string{relayPaging: q.AfterVar, offsetPaging: q.OffsetVar}
	if name := names[q.Style]; !d.declares(name) {
		return nil, kit.Fail(kit.Invalid, "the query has no variable $%s, so it gives the same page for ever", name).On("query").
			Hint("declare $%s and use it, or set \"paging\" to none", name)
	}
	if q.PageSize > 0 && d.declares(q.SizeVar) {
		variables[q.SizeVar] = q.PageSize
	}
	switch {
	case q.Style == relayPaging && at.Cursor != "":
		variables[q.AfterVar] = at.Cursor
	case q.Style == offsetPaging:
		variables[q.OffsetVar] = at.Offset
	}
	return variables, nil
}

// page asks for one page and takes its answer apart.
func (q *list) page(ctx context.Context, env kit.Env, variables map[string]any, at web.Place) (items []any, next web.Place, more bool, err error) {
	o, err := q.ask(ctx, env, "", "", q.Document, q.Operation, variables)
	if err != nil {
		return nil, at, false, err
	}
	if err := q.judge(env, "", o); err != nil {
		return nil, at, false, err
	}
	holder, items, err := q.found(o)
	if err != nil {
		return nil, at, false, err
	}
	switch q.Style {
	case offsetPaging:
		next.Offset, more = at.Offset+len(items), len(items) > 0
	case relayPaging:
		if next.Cursor, more, err = turn(o, holder); err != nil {
			return nil, at, false, err
		}
	}
	next, more, err = web.Onward(at, next, o.reply, len(items), q.MaxPages, more)
	return items, next, more, err
}

// found takes the items out of an answer, and what holds them.
func (q *list) found(o outcome) (holder map[string]any, items []any, err error) {
	path := q.Items
	if path == "" && len(o.data) == 1 {
		path = keys(o.data)[0]
	}
	v, found := web.Dig(o.data, path)
	if holder, is := v.(map[string]any); is {
		if nodes, is := holder["nodes"].([]any); is {
			return holder, nodes, nil
		}
		if edges, is := holder["edges"].([]any); is {
			return holder, ofEdges(edges), nil
		}
	}
	if list, is := v.([]any); is {
		holder, _ := web.Dig(o.data, parent(path))
		around, _ := holder.(map[string]any)
		return around, list, nil
	}
	if found && v == nil {
		return nil, nil, nil // a list that is not there
	}
	what := "holds " + web.KindOf(v)
	if !found {
		what = "is not there"
	}
	return nil, nil, kit.Fail(kit.Malformed, "no list in the answer of %s: %q %s", o.reply.Asked, path, what).On("items").
		Hint("name the path of the list; the data has %s", strings.Join(keys(o.data), ", "))
}

func ofEdges(edges []any) []any {
	items := make([]any, 0, len(edges))
	for _, e := range edges {
		if m, ok := e.(map[string]any); ok {
			items = append(items, m["node"])
		}
	}
	return items
}

func parent(path string) string {
	before, _, _ := cutLast(path, ".")
	return before
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

// turn finds where the next page of a connection begins (GraphQL Cursor Connections, 5).
func turn(o outcome, holder map[string]any) (cursor string, more bool, err error) {
	if holder == nil {
		return "", false, nil
	}
	info := member(holder, "pageInfo")
	if info == nil {
		return "", false, kit.Fail(kit.Malformed, "the answer of %s does not say where the next page is", o.reply.Asked).On("query").
			Hint("ask for pageInfo { hasNextPage endCursor } beside the items, or set \"paging\" to none")
	}
	cursor, _ = info["endCursor"].(string)
	has, told := info["hasNextPage"].(bool)
	return cursor, cursor != "" && (has || !told), nil
}

// Describe knows the items from the query and the schema.
func (q *list) Describe(ctx context.Context, env kit.Env) (in, out flow.Schema, err error) {
	one := *q
	if err := one.choose(ctx, env); err != nil {
		return in, out, err
	}
	d, schema, err := one.ready(ctx, env, ast.Query, "query")
	if err != nil || schema == nil {
		return in, out, err
	}
	s := at(shape(schema, d.op.SelectionSet), one.name(d))
	for _, way := range []string{"nodes", "edges"} {
		if inner := at(s, way); inner.Items != nil {
			s = inner
			if way == "edges" {
				node := at(*inner.Items, "node")
				s.Items = &node
			}
			break
		}
	}
	if s.Items == nil {
		return in, flow.Any(), nil
	}
	return in, *s.Items, nil
}

func sorted(all []string) []string { slices.Sort(all); return all }

// choose makes the query of a list that was chosen by its name.
func (q *list) choose(ctx context.Context, env kit.Env) error {
	if q.Entity == "" {
		if strings.TrimSpace(q.Document) == "" {
			return kit.Fail(kit.Invalid, "there is no query").On("query").Hint("write one, or choose a list")
		}
		return nil
	}
	known, err := q.described(ctx, env, false)
	if err != nil {
		return kit.AsFailure(err).On("entity").Hint("write the query yourself")
	}
	e, ok := listOf(known.schema, q.Entity)
	if !ok {
		return kit.Fail(kit.Missing, "the service has no list %q", q.Entity).On("entity").Hint("it has %s", strings.Join(listNames(known.schema), ", "))
	}
	q.Document, q.Items, q.Style, q.Operation = e.query(q), q.Entity, e.style(q), ""
	return nil
}

// lists offers what can be chosen.
func (q *list) lists(ctx context.Context, env kit.Env) ([]kit.Choice, error) {
	known, err := q.described(ctx, env, false)
	if err != nil {
		return nil, err
	}
	var choices []kit.Choice
	for _, name := range listNames(known.schema) {
		choices = append(choices, kit.Choice{Value: name, Label: name})
	}
	return choices, nil
}

// query is the document that reads a list: its plain fields, and those of objects in it.
func (e entity) query(q *list) string {
	var declared, used []string
	variables, _ := q.Variables.(map[string]any)
	for _, a := range e.field.Arguments {
		_, given := variables[a.Name]
		name := a.Name
		switch {
		case e.style(q) == relayPaging && (name == q.AfterVar || name == q.SizeVar), e.style(q) == offsetPaging && (name == q.OffsetVar || name == q.SizeVar), given, a.Type.NonNull && a.DefaultValue == nil:
			declared = append(declared, fmt.Sprintf("$%s: %s", name, a.Type))
			used = append(used, fmt.Sprintf("%s: $%s", name, name))
		}
	}
	list := func(all []string) string {
		if len(all) == 0 {
			return ""
		}
		return "(" + strings.Join(all, ", ") + ")"
	}
	selection := e.selection()
	switch e.holder {
	case "nodes":
		selection = "nodes { " + selection + " } pageInfo { hasNextPage endCursor }"
	case "edges":
		selection = "edges { node { " + selection + " } } pageInfo { hasNextPage endCursor }"
	}
	return fmt.Sprintf("query%s { %s%s { %s } }", list(declared), e.field.Name, list(used), selection)
}
