package graphql

import (
	"context"
	"errors"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// What becomes of an answer that has data and errors.
const (
	partialFails = "fail"
	partialGives = "give"
)

// inquiry is what all operations have in common.
type inquiry struct {
	service
	Document  string
	Operation string
	Variables any
	Give      string
	Partial   string
	Check     bool
}

func newInquiry(w *shared) inquiry {
	return inquiry{service: newService(w), Partial: partialFails, Check: true}
}

// textField is the document. It is read where it is written.
func (q *inquiry) textField(name, label string, kind ast.Operation) kit.Field {
	return kit.Long(&q.Document, name, label).Code("graphql").Checked(func() error {
		if strings.TrimSpace(q.Document) == "" {
			return nil
		}
		_, err := parse(q.Document, q.Operation, kind, name)
		if f := (*kit.Failure)(nil); errors.As(err, &f) && f.Field == "operation" {
			return nil // it may be bound later
		}
		return err
	})
}

func (q *inquiry) moreFields() kit.Fields {
	return kit.Fields{
		kit.Text(&q.Operation, "operation", "Operation").More().Help("The name of the one that is meant, where the document holds more than one."),
		kit.Pick(&q.Partial, "partial", "Data with errors beside it",
			kit.Choice{Value: partialFails, Label: "Fail"}, kit.Choice{Value: partialGives, Label: "Give what is there, and say so in the log"}).More(),
		kit.Toggle(&q.Check, "check", "Check against the service's schema").More().
			Help("Asks the service to describe itself, once in a while; document and variables are then checked before they are sent."),
	}
}

// ready reads the document and checks it against the schema, where that is known.
func (q *inquiry) ready(ctx context.Context, env kit.Env, kind ast.Operation, field string) (d document, schema *ast.Schema, err error) {
	if d, err = parse(q.Document, q.Operation, kind, field); err != nil || !q.Check {
		return d, nil, err
	}
	known, err := q.described(ctx, env, false)
	if errors.Is(err, errUndescribed) {
		return d, nil, nil
	}
	if err != nil {
		return d, nil, err
	}
	misfit := d.fits(known.schema, field)
	if misfit == nil {
		return d, known.schema, nil
	}
	if fresh, err := q.described(ctx, env, known.at.Before(env.Started)); err == nil && fresh != known {
		if d, err = parse(q.Document, q.Operation, kind, field); err != nil {
			return d, nil, err
		}
		return d, fresh.schema, d.fits(fresh.schema, field)
	}
	return d, nil, misfit
}

// variables are those of the settings; one that is null counts as given.
func (q *inquiry) variables() (map[string]any, error) {
	switch v := q.Variables.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		return v, nil
	}
	return nil, kit.Fail(kit.Invalid, "variables are names with values, this is %s", web.KindOf(q.Variables)).On("variables").Hint("map them: {variables: {id: .id}}")
}

// judge says whether the answer is good enough.
func (q *inquiry) judge(env kit.Env, rec flow.RecordID, o outcome) error {
	f := o.failure()
	if f == nil {
		return nil
	}
	if o.partial && q.Partial == partialGives {
		env.Log(flow.Warn, rec, "%s", f.What)
		return nil
	}
	return f
}

// request asks or changes something for each record.
type request struct {
	inquiry
	kind        ast.Operation
	Idempotency bool
	Honoured    bool
}

func newRequest(w *shared, changes bool) *request {
	r := &request{inquiry: newInquiry(w), kind: ast.Query}
	if changes {
		r.kind, r.Idempotency = ast.Mutation, true
	}
	return r
}

// field is the name of the setting that holds the document.
func (q *request) field() string { return string(q.kind) }

func (q *request) Fields() kit.Fields {
	label := map[ast.Operation]string{ast.Query: "Query", ast.Mutation: "Mutation"}[q.kind]
	sample := map[ast.Operation]string{ast.Query: "query ($id: ID!) { customer(id: $id) { name } }", ast.Mutation: "mutation ($in: ContactInput!) { addContact(input: $in) { id } }"}[q.kind]
	fields := kit.Fields{
		q.textField(q.field(), label, q.kind).Needed().Eg(sample),
		kit.Value(&q.Variables, "variables", "Variables").AsMain().Eg(`{"id": "c7"}`).Help("Names, without the dollar sign, with values."),
		kit.Text(&q.Give, "give", "Give").Eg("customer.orders").
			Help("The path of what is wanted in the data, with dots; each item of a list becomes a record. Empty gives all data."),
	}
	if q.kind == ast.Mutation {
		fields = append(fields,
			kit.Toggle(&q.Idempotency, "idempotency", "Send an idempotency key").More().
				Help("A header Idempotency-Key that is equal on every retry of a record. Turn it off where the service refuses it."),
			kit.Toggle(&q.Honoured, "honoured", "The service takes a key only once").More().OnlyIf(func() bool { return q.Idempotency }).
				Help("Turn it on where the service says that it knows Idempotency-Key. Then a mutation that was not answered is sent again; else nobody knows whether it was done, and the run asks."))
	}
	fields = append(fields, q.moreFields()...)
	own := q.serviceFields()
	return append(append(kit.Fields{own[0]}, fields...), web.Folded(own[1:])...)
}

// Effect hangs on what the service promises.
func (q *request) Effect() kit.Effect {
	switch {
	case q.kind == ast.Query:
		return kit.Reads
	case q.Idempotency && q.Honoured:
		return kit.Repeatable
	}
	return kit.Once
}

// Run asks and gives what the answer holds.
func (q *request) Run(ctx context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	d, schema, err := q.ready(ctx, env, q.kind, q.field())
	if err != nil {
		return kit.Result{}, err
	}
	variables, err := q.variables()
	if err == nil {
		err = d.takes(schema, variables)
	}
	if err != nil {
		return kit.Result{}, err
	}
	key := ""
	if q.Idempotency {
		key = env.Key(rec.ID)
	}
	o, err := q.ask(ctx, env, rec.ID, key, q.Document, q.Operation, variables)
	if err != nil {
		return kit.Result{}, err
	}
	if err := q.judge(env, rec.ID, o); err != nil {
		return kit.Result{}, q.doubt(o, err)
	}
	v, found := web.Dig(o.data, q.Give)
	if !found {
		err := kit.Fail(kit.Malformed, "the answer of %s has no %q", o.reply.Asked, q.Give).On("give").Hint("the data has %s", strings.Join(keys(o.data), ", "))
		return kit.Result{}, q.doubt(o, err)
	}
	if list, is := v.([]any); is {
		return kit.Give(list...), nil
	}
	return kit.Give(v), nil
}

// doubt says of a mutation that was begun that it may have been done.
func (q *request) doubt(o outcome, err error) error {
	if q.kind == ast.Mutation && o.begun {
		return kit.AsFailure(err).Unsure()
	}
	return err
}

func keys(m map[string]any) []string {
	var all []string
	for name := range m {
		all = append(all, name)
	}
	return sorted(all)
}

// Describe knows variables and data from the document and the schema.
func (q *request) Describe(ctx context.Context, env kit.Env) (in, out flow.Schema, err error) {
	d, schema, err := q.ready(ctx, env, q.kind, q.field())
	if err != nil || schema == nil {
		return in, out, err
	}
	out = at(shape(schema, d.op.SelectionSet), q.Give)
	if out.Items != nil {
		out = *out.Items
	}
	return d.inputs(schema), out, nil
}

// at follows a path in a shape.
func at(s flow.Schema, path string) flow.Schema {
	if path == "" {
		return s
	}
	for name := range strings.SplitSeq(path, ".") {
		next := flow.Any()
		for _, p := range s.Properties {
			if p.Name == name {
				next = p.Schema
			}
		}
		s = next
	}
	return s
}
