package graphql

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// described is a service whose schema is known.
type described struct {
	schema *ast.Schema
	at     time.Time
}

// errUndescribed says that a service does not tell its schema.
var errUndescribed = errors.New("the service does not describe itself")

// believed is how long what a service says of itself is taken for true.
const believed = 10 * time.Minute

// schemas keeps what services say of themselves, by their addresses.
type schemas struct {
	mu  sync.Mutex
	all map[string]*entry
}

type entry struct {
	asking chan struct{} // full while somebody asks
	known  *described
	err    error // errUndescribed
	until  time.Time
}

func (s *schemas) of(address string) *entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]*entry{}
	}
	if s.all[address] == nil {
		s.all[address] = &entry{asking: make(chan struct{}, 1)}
	}
	return s.all[address]
}

// described asks the service for its schema, unless that is known; anew where a person or
// a document that does not fit wants that.
func (s *service) described(ctx context.Context, env kit.Env, anew bool) (*described, error) {
	at, err := s.Base(ctx)
	if err != nil {
		return nil, err
	}
	e := s.shared.schemas.of(at.Redacted())
	select {
	case e.asking <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-e.asking }()
	if !anew && time.Now().Before(e.until) {
		return e.known, e.err
	}
	o, err := s.ask(ctx, env, "", "", introspection, "", nil)
	if err != nil && ctx.Err() != nil {
		return nil, err
	}
	if f := kit.AsFailure(cmp.Or(err, errNone)); err != nil && (f.Passing() || f.Kind == kit.Denied) {
		return nil, err
	}
	e.known, e.err, e.until = nil, errUndescribed, time.Now().Add(believed)
	if err != nil || len(o.errors) > 0 {
		return nil, e.err
	}
	schema, err := schemaOf(o.data)
	if err != nil {
		env.Log(flow.Warn, "", "what the service says of itself cannot be used: %v", err)
		return nil, e.err
	}
	e.known, e.err = &described{schema: schema, at: time.Now()}, nil
	return e.known, nil
}

var errNone = errors.New("none")

// introspection asks a service for its schema (GraphQL, 4).
const introspection = `query {
  __schema {
    queryType { name } mutationType { name }
    types {
      kind name description
      fields(includeDeprecated: true) { name description args { ...input } type { ...type } }
      inputFields { ...input }
      interfaces { name }
      enumValues(includeDeprecated: true) { name }
      possibleTypes { name }
    }
    directives { name locations args { ...input } }
  }
}
fragment input on __InputValue { name description type { ...type } defaultValue }
fragment type on __Type {
  kind name
  ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } }
}`

// schemaOf makes a schema of what introspection gives.
func schemaOf(data map[string]any) (*ast.Schema, error) {
	root := member(data, "__schema")
	if root == nil {
		return nil, errors.New("there is no __schema")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "schema { query: %s", text(member(root, "queryType"), "name"))
	if name := text(member(root, "mutationType"), "name"); name != "" {
		fmt.Fprintf(&b, " mutation: %s", name)
	}
	b.WriteString(" }\n")
	for _, d := range members(root, "directives") {
		if !slices.Contains(ownDirectives, text(d, "name")) {
			fmt.Fprintf(&b, "directive @%s%s on %s\n", text(d, "name"), arguments(d, "args"), strings.Join(texts(d, "locations"), " | "))
		}
	}
	for _, t := range members(root, "types") {
		writeType(&b, t)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "introspection", Input: b.String()})
	if err != nil {
		return nil, errors.New(inWords(err))
	}
	return schema, nil
}

// The parser knows these by itself.
var (
	ownDirectives = []string{"include", "skip", "deprecated", "specifiedBy", "defer", "oneOf"}
	ownScalars    = []string{"Int", "Float", "String", "Boolean", "ID"}
)

func writeType(b *strings.Builder, t map[string]any) {
	name := text(t, "name")
	if strings.HasPrefix(name, "__") || slices.Contains(ownScalars, name) {
		return
	}
	if said := text(t, "description"); said != "" {
		fmt.Fprintf(b, "%s\n", quoted(said))
	}
	switch text(t, "kind") {
	case "SCALAR":
		fmt.Fprintf(b, "scalar %s\n", name)
	case "UNION":
		fmt.Fprintf(b, "union %s = %s\n", name, strings.Join(names(t, "possibleTypes"), " | "))
	case "ENUM":
		fmt.Fprintf(b, "enum %s { %s }\n", name, strings.Join(names(t, "enumValues"), " "))
	case "INPUT_OBJECT":
		fmt.Fprintf(b, "input %s {\n", name)
		for _, f := range members(t, "inputFields") {
			fmt.Fprintf(b, "  %s\n", input(f))
		}
		b.WriteString("}\n")
	case "OBJECT", "INTERFACE":
		word := strings.ToLower(text(t, "kind"))
		fmt.Fprintf(b, "%s %s", strings.Replace(word, "object", "type", 1), name)
		if all := names(t, "interfaces"); len(all) > 0 {
			fmt.Fprintf(b, " implements %s", strings.Join(all, " & "))
		}
		b.WriteString(" {\n")
		for _, f := range members(t, "fields") {
			if said := text(f, "description"); said != "" {
				fmt.Fprintf(b, "  %s\n", quoted(said))
			}
			fmt.Fprintf(b, "  %s%s: %s\n", text(f, "name"), arguments(f, "args"), typeText(member(f, "type")))
		}
		b.WriteString("}\n")
	}
}

func arguments(of map[string]any, name string) string {
	var all []string
	for _, a := range members(of, name) {
		all = append(all, input(a))
	}
	if len(all) == 0 {
		return ""
	}
	return "(" + strings.Join(all, ", ") + ")"
}

func input(v map[string]any) string {
	out := text(v, "name") + ": " + typeText(member(v, "type"))
	if def := text(v, "defaultValue"); def != "" {
		out += " = " + def
	}
	return out
}

func typeText(t map[string]any) string {
	switch text(t, "kind") {
	case "NON_NULL":
		return typeText(member(t, "ofType")) + "!"
	case "LIST":
		return "[" + typeText(member(t, "ofType")) + "]"
	}
	return text(t, "name")
}

// quoted is a text as a description, in a string of one line.
func quoted(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func member(v map[string]any, name string) map[string]any {
	m, _ := v[name].(map[string]any)
	return m
}

func members(v map[string]any, name string) []map[string]any {
	list, _ := v[name].([]any)
	var all []map[string]any
	for _, one := range list {
		if m, ok := one.(map[string]any); ok {
			all = append(all, m)
		}
	}
	return all
}

func text(v map[string]any, name string) string {
	s, _ := v[name].(string)
	return s
}

func texts(v map[string]any, name string) []string {
	list, _ := v[name].([]any)
	var all []string
	for _, one := range list {
		if s, ok := one.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

func names(v map[string]any, name string) []string {
	var all []string
	for _, m := range members(v, name) {
		all = append(all, text(m, "name"))
	}
	return all
}
