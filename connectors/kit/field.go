package kit

import (
	"context"
	"time"

	"jackfield/flow"
)

// Fields are an operation's settings in the order of its form.
type Fields []Field

// Field is one setting: how it is shown, what it takes, and the variable it is
// bound to. Make one with Text, Int and the like, and refine it with the methods.
type Field struct {
	Name     string
	Label    string
	Hint     string // one sentence below the field
	Sample   string // grey text in the empty field
	Kind     FieldKind
	Required bool
	Main     bool   // takes the incoming record where the step has no mapping
	Advanced bool   // folded away in the form until asked for
	Language string // "sql", "json", … for a text that is code
	Choices  []Choice
	Shown    func() bool                                          // whether it matters, given the other settings; nil is always
	Live     func(ctx context.Context, env Env) ([]Choice, error) // choices that the service knows
	set      func(any) error
	get      func() any
	decide   func(any)
}

// FieldKind says what a field takes and so how a form shows it.
type FieldKind string

// The kinds of field.
const (
	TextField     FieldKind = "text"
	LongField     FieldKind = "long" // text of several lines
	SecretField   FieldKind = "secret"
	IntField      FieldKind = "int"
	NumberField   FieldKind = "number"
	ToggleField   FieldKind = "toggle"
	ChoiceField   FieldKind = "choice"
	DurationField FieldKind = "duration" // "1m30s"
	FileField     FieldKind = "file"
	FolderField   FieldKind = "folder"
	ListField     FieldKind = "list"   // of texts
	PairsField    FieldKind = "pairs"  // names with texts
	ValueField    FieldKind = "value"  // any JSON
	ExprField     FieldKind = "expr"   // jq, evaluated on each record
	TestField     FieldKind = "test"   // jq that says yes or no of each record
	CasesField    FieldKind = "cases"  // named jq conditions, the first that holds wins
	FilterField   FieldKind = "filter" // the language of flow/filter
)

// Choice is one of the values that a field takes.
type Choice struct {
	Value string
	Label string
	// Type is, of a field that a filter may name, a flow.Kind or the format of a text, such
	// as "number" or "date-time"; "" where it is not known, and elsewhere.
	Type string `json:",omitempty"`
}

// Case is one named condition of a Cases field.
type Case struct {
	Name string
	When string // jq
}

// Text binds a line of text.
func Text(p *string, name, label string) Field {
	return Field{
		Name: name, Label: label, Kind: TextField,
		set: func(v any) error { return setText(p, v) }, get: func() any { return *p },
	}
}

// Long binds a text of several lines.
func Long(p *string, name, label string) Field {
	f := Text(p, name, label)
	f.Kind = LongField
	return f
}

// File binds the path of a file. Env.Path makes it absolute.
func File(p *string, name, label string) Field {
	f := Text(p, name, label)
	f.Kind = FileField
	return f
}

// Folder binds the path of a folder.
func Folder(p *string, name, label string) Field {
	f := Text(p, name, label)
	f.Kind = FolderField
	return f
}

// Pick binds one of a few values.
func Pick(p *string, name, label string, choices ...Choice) Field {
	f := Text(p, name, label)
	f.Kind, f.Choices = ChoiceField, choices
	f.set = func(v any) error { return setChoice(p, choices, v) }
	return f
}

// Hidden binds a secret.
func Hidden(p *Secret, name, label string) Field {
	return Field{
		Name: name, Label: label, Kind: SecretField,
		set: func(v any) error { return setSecret(p, v) }, get: func() any { return *p },
	}
}

// Int binds a whole number.
func Int(p *int, name, label string) Field {
	return Field{
		Name: name, Label: label, Kind: IntField,
		set: func(v any) error { return setInt(p, v) }, get: func() any { return *p },
	}
}

// Number binds a number.
func Number(p *float64, name, label string) Field {
	return Field{
		Name: name, Label: label, Kind: NumberField,
		set: func(v any) error { return setNumber(p, v) }, get: func() any { return *p },
	}
}

// Toggle binds a yes or no.
func Toggle(p *bool, name, label string) Field {
	return Field{
		Name: name, Label: label, Kind: ToggleField,
		set: func(v any) error { return setBool(p, v) }, get: func() any { return *p },
	}
}

// Duration binds a length of time, written as Go does: "1m30s". None is "".
func Duration(p *time.Duration, name, label string) Field {
	return Field{
		Name: name, Label: label, Kind: DurationField,
		set: func(v any) error { return setDuration(p, v) }, get: func() any { return durationValue(*p) },
	}
}

// List binds a list of texts.
func List(p *[]string, name, label string) Field {
	return Field{
		Name: name, Label: label, Kind: ListField,
		set: func(v any) error { return setList(p, v) }, get: func() any { return listValue(*p) },
	}
}

// Pairs binds names with texts.
func Pairs(p *map[string]string, name, label string) Field {
	return Field{
		Name: name, Label: label, Kind: PairsField,
		set: func(v any) error { return setPairs(p, v) }, get: func() any { return pairsValue(*p) },
	}
}

// Value binds any JSON value.
func Value(p *any, name, label string) Field {
	return Field{
		Name: name, Label: label, Kind: ValueField,
		set: func(v any) error { *p = v; return nil }, get: func() any { return *p },
	}
}

// Expr binds what a jq text gives for each record. The setting is the text; the
// engine evaluates it before Run.
func Expr(p *any, name, label string) Field {
	var src string
	return Field{
		Name: name, Label: label, Kind: ExprField,
		set: func(v any) error { return setText(&src, v) }, get: func() any { return src },
		decide: func(v any) { *p = v },
	}
}

// Test binds whether a jq condition holds for each record.
func Test(p *bool, name, label string) Field {
	var src string
	return Field{
		Name: name, Label: label, Kind: TestField,
		set: func(v any) error { return setText(&src, v) }, get: func() any { return src },
		decide: func(v any) { *p = v != nil && v != false },
	}
}

// Cases binds a list of named jq conditions and, for each record, the name of the
// first that holds; "" where none does.
func Cases(list *[]Case, chosen *string, name, label string) Field {
	return Field{
		Name: name, Label: label, Kind: CasesField,
		set: func(v any) error { return setCases(list, v) }, get: func() any { return casesValue(*list) },
		decide: func(v any) { *chosen, _ = v.(string) },
	}
}

// Needed marks a field that must be set.
func (f Field) Needed() Field { f.Required = true; return f }

// Help adds a sentence below the field.
func (f Field) Help(text string) Field { f.Hint = text; return f }

// Eg puts an example into the empty field.
func (f Field) Eg(text string) Field { f.Sample = text; return f }

// AsMain makes the field take the incoming record where the step has no mapping.
func (f Field) AsMain() Field { f.Main = true; return f }

// More folds the field away until a person asks for more.
func (f Field) More() Field { f.Advanced = true; return f }

// Code names the language of a text.
func (f Field) Code(language string) Field { f.Language = language; return f }

// OnlyIf hides the field, and does not ask for it, unless shown says so.
func (f Field) OnlyIf(shown func() bool) Field { f.Shown = shown; return f }

// Checked lets the operation refuse a setting that its kind alone would take, such
// as a pattern that does not parse. check looks at the variable, which is bound then.
func (f Field) Checked(check func() error) Field {
	set := f.set
	f.set = func(v any) error {
		if err := set(v); err != nil {
			return err
		}
		return check()
	}
	return f
}

// With makes one field of two of the same kind, such as those that two formats have: it
// binds the variables of both, and matters where either does.
func (f Field) With(other Field) Field {
	mine, set := f.Matters, f.set
	f.Shown = func() bool { return mine() || other.Matters() }
	f.set = func(v any) error {
		if err := set(v); err != nil {
			return err
		}
		return other.set(v)
	}
	return f
}

// Ask offers choices that only the service knows. Any text is still taken.
func (f Field) Ask(live func(context.Context, Env) ([]Choice, error)) Field { f.Live = live; return f }

// Get is the bound value as JSON knows it; a secret comes as a Secret.
func (f Field) Get() any { return f.get() }

// Set binds a value that was checked for its kind.
func (f Field) Set(v any) error { return f.set(v) }

// Decide binds what the jq of an expression field gave for a record: its value; for
// Cases the name of the case.
func (f Field) Decide(v any) {
	if f.decide != nil {
		f.decide(v)
	}
}

// Evaluated says whether the field's setting is jq that is evaluated on each record.
func (f Field) Evaluated() bool {
	return f.Kind == ExprField || f.Kind == TestField || f.Kind == CasesField
}

// Matters says whether the field is asked for, given the other settings.
func (f Field) Matters() bool { return f.Shown == nil || f.Shown() }

// Field finds a field by its name.
func (fs Fields) Field(name string) (Field, bool) {
	for _, f := range fs {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// Main finds the field that takes the incoming record.
func (fs Fields) Main() (Field, bool) {
	for _, f := range fs {
		if f.Main {
			return f, true
		}
	}
	return Field{}, false
}

// Names lists the names of the fields.
func (fs Fields) Names() []string {
	names := make([]string, len(fs))
	for i, f := range fs {
		names[i] = f.Name
	}
	return names
}

// Schema is the shape of the inputs.
func (fs Fields) Schema() flow.Schema {
	s := flow.Schema{Types: []flow.Kind{flow.Object}, Closed: true}
	for _, f := range fs {
		s.Properties = append(s.Properties, flow.Property{Name: f.Name, Required: f.Required, Schema: f.schema()})
	}
	return s
}

func (f Field) schema() flow.Schema {
	s := flow.Schema{Title: f.Label, Description: f.Hint}
	switch f.Kind {
	case IntField:
		s.Types = []flow.Kind{flow.Integer}
	case NumberField:
		s.Types = []flow.Kind{flow.Number}
	case ToggleField:
		s.Types = []flow.Kind{flow.Boolean}
	case ListField:
		text := flow.Of(flow.String)
		s.Types, s.Items = []flow.Kind{flow.Array}, &text
	case PairsField:
		text := flow.Of(flow.String)
		s.Types, s.Rest = []flow.Kind{flow.Object}, &text
	case ValueField:
	case CasesField:
		s.Types = []flow.Kind{flow.Array}
	case SecretField:
		s.Types, s.Secret = []flow.Kind{flow.String}, true
	default:
		s.Types = []flow.Kind{flow.String}
		for _, c := range f.Choices {
			s.Enum = append(s.Enum, c.Value)
		}
		if f.Kind == ExprField || f.Kind == TestField {
			s.Format = "jq"
		}
		if f.Kind == FilterField {
			s.Format = "filter"
		}
	}
	if f.get != nil && f.Kind != SecretField && !f.Evaluated() {
		s.Default = f.get()
	}
	return s
}
