package graphql

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// document is a text that was read, and the operation in it that is meant.
type document struct {
	all *ast.QueryDocument
	op  *ast.OperationDefinition
}

// parse reads a document and finds the operation by its name; "" is the only one. want is
// what kind it has to be, field which setting holds it.
func parse(text, operation string, want ast.Operation, field string) (document, error) {
	all, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		return document{}, kit.Fail(kit.Invalid, "the document does not read: %s", inWords(err)).On(field).Hint("mend it there")
	}
	var named []string
	for _, op := range all.Operations {
		named = append(named, op.Name)
	}
	op := all.Operations.ForName(operation)
	switch {
	case len(named) == 0:
		return document{}, kit.Fail(kit.Invalid, "the document holds no operation").On(field).Hint("write %s { … }", want)
	case op == nil && operation == "":
		return document{}, kit.Fail(kit.Invalid, "the document holds %d operations", len(named)).On("operation").Hint("name one of %s", strings.Join(named, ", "))
	case op == nil:
		return document{}, kit.Fail(kit.Invalid, "the document holds no operation %q", operation).On("operation").Hint("name one of %s", strings.Join(named, ", "))
	case op.Operation != want:
		return document{}, kit.Fail(kit.Invalid, "this is a %s, not a %s", op.Operation, want).On(field).Hint("use graphql.%s for it", map[ast.Operation]string{ast.Mutation: "mutation", ast.Query: "query", ast.Subscription: "query, if it can be asked"}[op.Operation])
	}
	return document{all: all, op: op}, nil
}

// inWords says where and why, without the names of files that are none.
func inWords(err error) string {
	var one *gqlerror.Error
	if !errors.As(err, &one) {
		return err.Error()
	}
	if len(one.Locations) == 0 {
		return one.Message
	}
	return fmt.Sprintf("line %d, column %d: %s", one.Locations[0].Line, one.Locations[0].Column, one.Message)
}

// fits checks the document against a schema, and fills in what its parts are.
func (d document) fits(schema *ast.Schema, field string) error {
	problems := validator.ValidateWithRules(schema, d.all, rules.NewDefaultRules())
	if len(problems) == 0 {
		return nil
	}
	says := inWords(problems[0])
	if len(problems) > 1 {
		says += fmt.Sprintf("; and %d more", len(problems)-1)
	}
	return kit.Fail(kit.Invalid, "the service does not understand it: %s", says).On(field).Hint("mend it there")
}

// declares says whether the operation has a variable.
func (d document) declares(name string) bool { return d.op.VariableDefinitions.ForName(name) != nil }

// takes checks variables against what the operation declares and, where the schema is
// known, against that.
func (d document) takes(schema *ast.Schema, variables map[string]any) error {
	var known []string
	for _, v := range d.op.VariableDefinitions {
		known = append(known, v.Variable)
		if _, given := variables[v.Variable]; !given && v.Type.NonNull && v.DefaultValue == nil {
			return kit.Fail(kit.Invalid, "the variable $%s is missing, of type %s", v.Variable, v.Type).On("variables").Hint("map it: {variables: {%s: …}}", v.Variable)
		}
	}
	for name := range variables {
		if slices.Contains(known, name) {
			continue
		}
		f := kit.Fail(kit.Invalid, "the document declares no variable $%s", name).On("variables").Hint("declare it, or leave it out in the mapping")
		if near, ok := flow.Nearest(name, known); ok {
			f = f.Hint("did you mean $%s?", near)
		}
		return f
	}
	if schema == nil {
		return nil
	}
	checked, _ := web.Numbers(variables, forChecking).(map[string]any)
	if _, err := validator.VariableValues(schema, d.op, checked); err != nil {
		var one *gqlerror.Error
		says := err.Error()
		if errors.As(err, &one) {
			says = strings.TrimSpace(one.Path.String() + " " + one.Message)
		}
		return kit.Fail(kit.Invalid, "the variables do not fit: %s", says).On("variables").Hint("map them to what the document declares")
	}
	return nil
}

// forChecking makes a number into one that the checker knows.
func forChecking(v any) any {
	if big, is := v.(*big.Int); is {
		return json.Number(big.String())
	}
	return v
}

// shape is what a selection gives, by a document that was checked.
func shape(schema *ast.Schema, selection ast.SelectionSet) flow.Schema {
	s := flow.Schema{Types: []flow.Kind{flow.Object}}
	addTo(&s, schema, selection, true)
	return s
}

// addTo adds what a selection gives to an object. What comes of a fragment on a narrower
// type may be missing.
func addTo(s *flow.Schema, schema *ast.Schema, selection ast.SelectionSet, always bool) {
	for _, one := range selection {
		switch one := one.(type) {
		case *ast.Field:
			if one.Definition == nil || slices.ContainsFunc(s.Properties, func(p flow.Property) bool { return p.Name == one.Alias }) {
				continue
			}
			p := flow.Property{Name: one.Alias, Required: always, Schema: shapeOf(schema, one.Definition.Type, one.SelectionSet)}
			p.Schema.Description = one.Definition.Description
			s.Properties = append(s.Properties, p)
		case *ast.FragmentSpread:
			if one.Definition != nil {
				addTo(s, schema, one.Definition.SelectionSet, false)
			}
		case *ast.InlineFragment:
			addTo(s, schema, one.SelectionSet, false)
		}
	}
}

func shapeOf(schema *ast.Schema, t *ast.Type, selection ast.SelectionSet) flow.Schema {
	var s flow.Schema
	switch {
	case t.Elem != nil:
		s = flow.ListOf(shapeOf(schema, t.Elem, selection))
	case len(selection) > 0:
		s = shape(schema, selection)
	default:
		s = leaf(schema, t.NamedType, nil)
	}
	if !t.NonNull && len(s.Types) > 0 {
		s.Types = append(s.Types, flow.Null)
	}
	return s
}

// deepest is how far input objects are looked into: those of filters hold each other many
// times over.
const deepest = 3

// leaf is a scalar, an enum or an input object; inside names the input objects around it.
func leaf(schema *ast.Schema, name string, inside []string) flow.Schema {
	switch name {
	case "Int":
		return flow.Of(flow.Integer)
	case "Float":
		return flow.Of(flow.Number)
	case "String", "ID":
		return flow.Of(flow.String)
	case "Boolean":
		return flow.Of(flow.Boolean)
	}
	def := schema.Types[name]
	switch {
	case def == nil:
		return flow.Any()
	case def.Kind == ast.Enum:
		s := flow.Of(flow.String)
		for _, v := range def.EnumValues {
			s.Enum = append(s.Enum, v.Name)
		}
		return s
	case def.Kind == ast.InputObject && len(inside) < deepest && !slices.Contains(inside, name):
		s := flow.Schema{Types: []flow.Kind{flow.Object}, Closed: true, Description: def.Description}
		for _, f := range def.Fields {
			s.Properties = append(s.Properties, flow.Property{
				Name: f.Name, Required: f.Type.NonNull && f.DefaultValue == nil,
				Schema: inputShape(schema, f.Type, append(inside, name)),
			})
		}
		return s
	case def.Kind == ast.InputObject:
		return flow.Of(flow.Object)
	}
	return flow.Any()
}

func inputShape(schema *ast.Schema, t *ast.Type, inside []string) flow.Schema {
	if t.Elem != nil {
		return flow.ListOf(inputShape(schema, t.Elem, inside))
	}
	return leaf(schema, t.NamedType, inside)
}

// inputs is what the variables have to be.
func (d document) inputs(schema *ast.Schema) flow.Schema {
	s := flow.Schema{Types: []flow.Kind{flow.Object}, Closed: true}
	for _, v := range d.op.VariableDefinitions {
		s.Properties = append(s.Properties, flow.Property{
			Name: v.Variable, Required: v.Type.NonNull && v.DefaultValue == nil, Schema: inputShape(schema, v.Type, nil),
		})
	}
	return s
}
