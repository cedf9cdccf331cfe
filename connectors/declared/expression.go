package declared

import (
	"context"
	"errors"
	"maps"
	"strings"

	"jackfield/connectors/declared/template"
	"jackfield/connectors/kit"
	"jackfield/flow/value"
	"jackfield/transforms"
)

// expression gives a value for a scene; nil is nothing.
type expression interface {
	value(ctx context.Context, in *scene) (any, error)
}

// fixed is always the same.
type fixed struct{ v any }

func (e fixed) value(context.Context, *scene) (any, error) { return e.v, nil }

// jq is a program that sees the scene as an object.
type jq struct {
	program *transforms.Program
	of      string // what it is, for a person: "streams.orders.next"
}

func (e jq) value(ctx context.Context, in *scene) (any, error) {
	all, err := e.all(ctx, in.object(), in)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// all gives every value that the program makes of something.
func (e jq) all(ctx context.Context, of any, in *scene) (all []any, err error) {
	for v, err := range e.program.Run(ctx, of, transforms.Vars{Now: in.now}) {
		if err != nil {
			return nil, e.failed(ctx, err)
		}
		all = append(all, v)
	}
	return all, nil
}

func (e jq) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	f := kit.Fail(kit.Malformed, "%s of the manifest: %w", e.of, err)
	if run, is := errors.AsType[*transforms.RunError](err); is {
		f.What, f.Fix, f.Cause = e.of+" of the manifest: "+run.What, run.Fix, run
	}
	return f
}

// braced is a text with jq in braces.
type braced struct{ parts []expression }

func (e braced) value(ctx context.Context, in *scene) (any, error) {
	if len(e.parts) == 1 {
		return e.parts[0].value(ctx, in)
	}
	var out strings.Builder
	for _, one := range e.parts {
		v, err := one.value(ctx, in)
		if err != nil {
			return nil, err
		}
		if _, isText := one.(fixed); v == nil && !isText {
			return nil, nil // a text with a gap is none
		}
		out.WriteString(plainText(v))
	}
	return out.String(), nil
}

// templated is a text of Airbyte.
type templated struct {
	text       *template.Template
	parameters map[string]any
	asText     bool // it is not read as a literal
	of         string
}

func (e templated) value(_ context.Context, in *scene) (any, error) {
	eval := e.text.Value
	if e.asText {
		eval = e.text.Text
	}
	v, err := eval(e.names(in))
	if err != nil {
		return nil, kit.Fail(kit.Malformed, "%s of the manifest: %w", e.of, err).Hint("mend the template %s", e.text.Source())
	}
	return value.Normal(v)
}

func (e templated) names(in *scene) template.Names {
	names := in.names()
	if e.parameters != nil {
		names["parameters"] = e.parameters
	}
	return template.Names{Values: names, Now: in.now}
}

// holds is a condition as templates have it.
func (e templated) holds(in *scene) (bool, error) {
	yes, err := e.text.True(e.names(in))
	if err != nil {
		return false, kit.Fail(kit.Malformed, "%s of the manifest: %w", e.of, err)
	}
	return yes, nil
}

// structure is an object whose members are expressions, in order. Members that give
// nothing are left out.
type structure struct {
	names  []expression
	values []expression
}

func (e structure) value(ctx context.Context, in *scene) (any, error) {
	out := map[string]any{}
	for i, name := range e.names {
		key, err := textOf(ctx, name, in)
		if err != nil {
			return nil, err
		}
		v, err := e.values[i].value(ctx, in)
		if err != nil {
			return nil, err
		}
		if f, is := e.values[i].(fixed); v != nil || is && f.v == nil {
			out[key] = v
		}
	}
	return out, nil
}

// several is a list of expressions.
type several []expression

func (e several) value(ctx context.Context, in *scene) (any, error) {
	out := make([]any, 0, len(e))
	for _, one := range e {
		v, err := one.value(ctx, in)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// together is what some expressions give: objects put together, later ones winning, else
// the last value.
type together []expression

func (e together) value(ctx context.Context, in *scene) (any, error) {
	var out any
	for _, one := range e {
		v, err := one.value(ctx, in)
		if err != nil {
			return nil, err
		}
		old, isOld := out.(map[string]any)
		fresh, isFresh := v.(map[string]any)
		switch {
		case v == nil:
		case isOld && isFresh:
			both := maps.Clone(old)
			maps.Copy(both, fresh)
			out = both
		default:
			out = v
		}
	}
	return out, nil
}

// textOf is the value as a text; "" for nothing.
func textOf(ctx context.Context, e expression, in *scene) (string, error) {
	if e == nil {
		return "", nil
	}
	v, err := e.value(ctx, in)
	return plainText(v), err
}

// wholeOf is the value as a whole number; 0 for nothing.
func wholeOf(ctx context.Context, e expression, in *scene) (int, error) {
	if e == nil {
		return 0, nil
	}
	v, err := e.value(ctx, in)
	if err != nil {
		return 0, err
	}
	if text, is := v.(string); is {
		v, _ = numberOf(text)
	}
	switch v := v.(type) {
	case int:
		return v, nil
	case float64:
		return int(v), nil
	}
	return 0, nil
}

// holds says whether a condition is met: it gives something that is neither null nor
// false, or by the rules of templates.
func holds(ctx context.Context, e expression, in *scene) (bool, error) {
	if t, is := e.(templated); is {
		return t.holds(in)
	}
	v, err := e.value(ctx, in)
	return err == nil && v != nil && v != false, err
}
