package kittest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// faults gathers what a check reports.
type faults []string

func (f *faults) Helper()                        {}
func (f *faults) Error(args ...any)              { *f = append(*f, fmt.Sprint(args...)) }
func (f *faults) Errorf(format string, a ...any) { *f = append(*f, fmt.Sprintf(format, a...)) }
func (f *faults) Fatalf(format string, a ...any) { f.Errorf(format, a...) }

// op is an operation with the fields that fields gives; all share shared.
type op struct {
	fields func(*op) kit.Fields
	text   string
	n      int
	key    plain
}

// plain is a secret that was not hidden.
type plain string

func (o *op) Fields() kit.Fields {
	if o.fields == nil {
		return nil
	}
	return o.fields(o)
}

func (o *op) Run(context.Context, kit.Env, flow.Record) (kit.Result, error) {
	return kit.Give(o.text), nil
}

type source struct{ op }

func (*source) Read(context.Context, kit.Env, flow.Cursor) (kit.Page, error) {
	return kit.Page{}, nil
}

type idle struct{}

func (idle) Fields() kit.Fields { return nil }

func good() kit.Op {
	return kit.Op{
		ID: "do", Title: "Do it", Summary: "Does it.", Effect: kit.Pure,
		New: func() kit.Operation { return &op{} },
	}
}

func TestFaultyDeclarationsAreFound(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(*kit.Op)
		want string
	}{
		{"id", func(o *kit.Op) { o.ID = "Do" }, "is not [a-z]"},
		{"no title", func(o *kit.Op) { o.Title = "" }, "title: there is none"},
		{"small title", func(o *kit.Op) { o.Title = "do it" }, "does not begin with a capital"},
		{"title with a stop", func(o *kit.Op) { o.Title = "Do it." }, "ends with a stop"},
		{"no summary", func(o *kit.Op) { o.Summary = "" }, "summary: there is none"},
		{"summary without a stop", func(o *kit.Op) { o.Summary = "Does it" }, "does not end with a full stop"},
		{"effect", func(o *kit.Op) { o.Effect = "some" }, `no effect "some"`},
		{"words", func(o *kit.Op) { o.Words = []string{"Big"} }, `the word "Big"`},
		{"not a trigger", func(o *kit.Op) { o.Trigger = true }, "neither Starter nor Listener"},
		{"not a barrier", func(o *kit.Op) { o.Barrier = true }, "declared as a barrier: true"},
		{"no ability", func(o *kit.Op) { o.New = func() kit.Operation { return idle{} } }, "neither Action nor Bulk"},
		{"source and action", func(o *kit.Op) { o.New = func() kit.Operation { return &source{} } }, "takes records in another way too"},
		{"each without main", func(o *kit.Op) { o.Each = true }, "has no main field"},
		{"failed declared", func(o *kit.Op) { o.Outlets = []flow.Outlet{flow.Failed} }, "is always there"},
		{"waiting declared", func(o *kit.Op) { o.Outlets = []flow.Outlet{flow.Waiting} }, "wait for answers by kit.Ask"},
		{"each time counts for a source", func(o *kit.Op) { o.Effect, o.New = kit.Once, func() kit.Operation { return &source{} } }, "takes each record for itself"},
		{"each time counts for values of a mapping", func(o *kit.Op) { o.Effect, o.Each = kit.Once, true }, "takes each record for itself"},
		{"outlet twice", func(o *kit.Op) { o.Outlets = []flow.Outlet{"a", "a"} }, "declared twice"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := good()
			tt.edit(&o)
			var found faults
			checkOp(&found, o)
			checkAbilities(&found, o)
			checkOutlets(&found, o)
			want(t, found, tt.want)
		})
	}
}

func TestFaultyFieldsAreFound(t *testing.T) {
	shared := []string{"a"}
	for _, tt := range []struct {
		name   string
		fields func(*op) kit.Fields
		want   string
	}{
		{"name", func(o *op) kit.Fields { return kit.Fields{kit.Text(&o.text, "Text", "Text")} }, "is not [a-z]"},
		{"no label", func(o *op) kit.Fields { return kit.Fields{kit.Text(&o.text, "text", "")} }, "label of text: there is none"},
		{"hint", func(o *op) kit.Fields { return kit.Fields{kit.Text(&o.text, "text", "Text").Help("x")} }, "hint of text"},
		{"name twice", func(o *op) kit.Fields {
			return kit.Fields{kit.Text(&o.text, "text", "One"), kit.Text(&o.text, "text", "Other")}
		}, "is there twice"},
		{"label twice", func(o *op) kit.Fields {
			return kit.Fields{kit.Text(&o.text, "one", "Text"), kit.Text(&o.text, "other", "Text")}
		}, "the same label"},
		{"two mains", func(o *op) kit.Fields {
			return kit.Fields{kit.Text(&o.text, "one", "One").AsMain(), kit.Text(&o.text, "other", "Other").AsMain()}
		}, "2 fields want to be the main one"},
		{"default refused", func(o *op) kit.Fields {
			o.n = 5
			return kit.Fields{kit.Int(&o.n, "n", "N").Checked(func() error { return fmt.Errorf("no") })}
		}, "its default 5 is refused"},
		{"default is no choice", func(o *op) kit.Fields {
			return kit.Fields{kit.Pick(&o.text, "text", "Text", kit.Choice{Value: "a", Label: "A"})}
		}, "is not one of its choices"},
		{"needed with a default", func(o *op) kit.Fields {
			o.text = "x"
			return kit.Fields{kit.Text(&o.text, "text", "Text").Needed()}
		}, "needed, but has a default"},
		{"shared", func(*op) kit.Fields { return kit.Fields{kit.List(&shared, "list", "List")} }, "New gives operations that share it"},
		{"secret printed", func(o *op) kit.Fields {
			var s kit.Secret
			return kit.Fields{kit.Hidden(&s, "key", "Key").Checked(func() error { o.key = plain(s.Reveal()); return nil })}
		}, "a secret shows when the operation is printed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var found faults
			checkFields(&found, func() kit.Operation { return &op{fields: tt.fields} })
			want(t, found, tt.want)
		})
	}
}

func want(t *testing.T, found faults, text string) {
	t.Helper()
	for _, f := range found {
		if strings.Contains(f, text) {
			return
		}
	}
	t.Errorf("found %q, want %q", []string(found), text)
}

func TestGoodDeclarationPasses(t *testing.T) {
	good := good()
	good.New = func() kit.Operation {
		return &op{fields: func(o *op) kit.Fields {
			return kit.Fields{kit.Text(&o.text, "text", "Text").AsMain().Needed(), kit.Int(&o.n, "n", "N")}
		}}
	}
	good.Examples = []kit.Example{{Title: "Says it", In: "hello", Out: []any{"hello"}}}
	Connector(t, kit.Connector{ID: "good", Title: "Good", Summary: "Is good.", Ops: []kit.Op{good}})
}
