package form

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/uitest"
	"jackfield/ui/widgets"
)

// every has a field of every kind.
type every struct {
	name, note, sql, file, folder, table string
	secret                               kit.Secret
	n                                    int
	ratio                                float64
	on                                   bool
	mode                                 string
	wait                                 time.Duration
	list                                 []string
	pairs                                map[string]string
	value                                any
	expr                                 any
	test                                 bool
	cases                                []kit.Case
	chosen                               string
	rest                                 string
}

func newEvery() *every {
	return &every{name: "Ada", n: 5, mode: "add", on: true, wait: 30 * time.Second}
}

func (e *every) Fields() kit.Fields {
	return kit.Fields{
		kit.Text(&e.name, "name", "Name").Needed(),
		kit.Long(&e.note, "note", "Remark"),
		kit.Long(&e.sql, "sql", "Statement").Code("sql"),
		kit.Hidden(&e.secret, "secret", "Token"),
		kit.Int(&e.n, "n", "Number"),
		kit.Number(&e.ratio, "ratio", "Ratio"),
		kit.Toggle(&e.on, "on", "Really"),
		kit.Pick(&e.mode, "mode", "Mode", kit.Choice{Value: "add", Label: "Add it"}, kit.Choice{Value: "put", Label: "Put it"}),
		kit.Duration(&e.wait, "wait", "Wait"),
		kit.File(&e.file, "file", "File"),
		kit.Folder(&e.folder, "folder", "Folder"),
		kit.Text(&e.table, "table", "Table").Ask(func(context.Context, kit.Env) ([]kit.Choice, error) { return nil, nil }),
		kit.List(&e.list, "list", "List"),
		kit.Pairs(&e.pairs, "pairs", "Pairs"),
		kit.Value(&e.value, "value", "Value"),
		kit.Expr(&e.expr, "expr", "Expression"),
		kit.Test(&e.test, "test", "Condition"),
		kit.Cases(&e.cases, &e.chosen, "cases", "Cases"),
		kit.Text(&e.rest, "rest", "Only when put").OnlyIf(func() bool { return e.mode == "put" }),
		kit.Text(&e.rest, "more", "Seldom").More(),
	}
}

var everyOp = kit.Op{ID: "every", Title: "Everything", Summary: "Takes all kinds.", New: func() kit.Operation { return newEvery() }}

// account is a connection that fills one of the fields.
type account struct{ name string }

func (a *account) Fields() kit.Fields                      { return kit.Fields{kit.Text(&a.name, "name", "Name")} }
func (*account) Test(context.Context, kit.Env) []kit.Check { return nil }

// sheet is a form in a window, and what it wished for.
type sheet struct {
	*uitest.Screen
	rows *Rows
	set  map[string]any
	told int
}

func newSheet(t *testing.T, with flow.Values) *sheet {
	t.Helper()
	s := &sheet{set: map[string]any{}}
	// The fields are made in a test app, because making them measures text.
	s.Screen = uitest.Show(t, theme.New(true), widgets.NewText("", widgets.Plain), fyne.NewSize(600, 3000))
	fields, unfit := bind(Subject{Op: everyOp, Known: true, Step: flow.Step{ID: "s", With: with}})
	s.rows = newRows(fields, newEvery().Fields(), Asker{File: func(folder bool, got func(string)) {
		got(fmt.Sprintf("/chosen/%v", folder))
	}, Choices: func(string, func([]kit.Choice)) {}}, nil, unfit)
	s.rows.OnSet = func(field string, v any) { s.set[field], s.told = v, s.told+1 }
	s.Win.SetContent(widgets.WithLayer(s.rows))
	return s
}

func (s *sheet) update(with flow.Values) {
	s.rows.update(bind(Subject{Op: everyOp, Known: true, Step: flow.Step{ID: "s", With: with}}))
}

func (s *sheet) row(field string) *row {
	return s.rows.rows[slices.IndexFunc(s.rows.rows, func(r *row) bool { return r.field.Name == field })]
}

func TestEveryKindOfFieldSetsWhatIsTyped(t *testing.T) {
	for _, tc := range []struct {
		name, label, typed, field string
		want                      any
	}{
		{"a line of text", "Name", "Kurt", "name", "Kurt"},
		{"nothing instead of the default", "Name", "", "name", ""},
		{"several lines", "Remark", "one", "note", "one"},
		{"code", "Statement", "select 1", "sql", "select 1"},
		{"a secret", "Token", "s3cret", "secret", "s3cret"},
		{"a whole number", "Number", "17", "n", 17},
		{"what is no number yet", "Number", "1x", "n", "1x"},
		{"a number", "Ratio", "0.25", "ratio", 0.25},
		{"a length of time", "Wait", "5m", "wait", "5m"},
		{"a file", "File", "a.csv", "file", "a.csv"},
		{"a live choice", "Table", "orders", "table", "orders"},
		{"JSON", "Value", `{"a": 1`, "value", map[string]any{"a": 1}},
		{"an expression", "Expression", ".a", "expr", ".a"},
		{"a condition", "Condition", ".a > 1", "test", ".a > 1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSheet(t, nil)
			s.Type(tc.label, tc.typed)
			if got, told := s.set[tc.field]; !told || !reflect.DeepEqual(got, tc.want) {
				t.Errorf("%s is set to %#v, want %#v", tc.field, got, tc.want)
			}
		})
	}
}

func TestAValueThatIsTheDefaultIsNotSet(t *testing.T) {
	for _, tc := range []struct {
		name, label, typed, field string
		with                      flow.Values
	}{
		{"a text", "Name", "Ada", "name", flow.Values{"name": "Kurt"}},
		{"a text without a default, emptied", "Remark", "", "note", flow.Values{"note": "x"}},
		{"a number", "Number", "5", "n", flow.Values{"n": 7}},
		{"an emptied number without a default", "Ratio", "", "ratio", flow.Values{"ratio": 1.5}},
		{"a length of time", "Wait", "30s", "wait", flow.Values{"wait": "1m"}},
		{"emptied JSON", "Value", "", "value", flow.Values{"value": map[string]any{"a": 1}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSheet(t, tc.with)
			s.Type(tc.label, tc.typed)
			if v, told := s.set[tc.field]; !told || v != nil {
				t.Errorf("%s is set to %#v (told %v), want nil", tc.field, v, told)
			}
		})
	}
}

func TestTogglesAndChoices(t *testing.T) {
	s := newSheet(t, nil)
	s.Click("Really")
	s.FocusBelow("Mode")
	s.Key(fyne.KeyDown)
	if want := map[string]any{"on": false, "mode": "put"}; !maps.Equal(s.set, want) {
		t.Fatalf("set %v, want %v", s.set, want)
	}
	s.Click("Really")
	s.FocusBelow("Mode")
	s.Key(fyne.KeyUp)
	if want := map[string]any{"on": nil, "mode": nil}; !maps.Equal(s.set, want) {
		t.Errorf("back at the defaults it set %v, want %v", s.set, want)
	}
}

func TestEveryKindOfFieldShowsWhatIsSet(t *testing.T) {
	with := flow.Values{
		"name": "Kurt", "note": "remark", "sql": "select 2", "n": 8, "ratio": 1.5, "mode": "put", "wait": "1m30s", "file": "b.csv", "folder": "out",
		"table": "t", "list": []any{"one", "two"}, "pairs": map[string]any{"k": "v"}, "value": []any{1, 2}, "expr": ".e", "test": ".t",
		"cases": []any{map[string]any{"name": "big", "when": ".n > 9"}},
	}
	want := []string{"Kurt", "remark", "select", "8", "1.5", "Put it", "1m30s", "b.csv", "out", "one", "two", "k", "v", ".e", ".t", "big"}
	t.Run("at once", func(t *testing.T) { newSheet(t, with).Want(want...) })
	t.Run("when it was set elsewhere", func(t *testing.T) {
		s := newSheet(t, nil)
		s.update(with)
		s.Want(want...)
		if s.told != 0 {
			t.Errorf("showing a value wished for %v", s.set)
		}
		s.update(nil)
		s.WantNot("Kurt", "remark", "one", "b.csv")
		s.Want("Ada")
	})
}

func TestASecretIsNotShown(t *testing.T) {
	s := newSheet(t, flow.Values{"secret": "s3cret"})
	s.WantNot("s3cret")
}

func TestASettingThatDoesNotFitIsShownAsItIs(t *testing.T) {
	s := newSheet(t, flow.Values{"n": "many", "wait": "soon"})
	s.Want("many", "soon")
}

func TestAFieldIsNotWrittenOverWhileAPersonTypes(t *testing.T) {
	for _, tc := range []struct{ name, label, typed, field string }{
		{"a text", "Name", "Ku", "name"},
		{"code", "Statement", "sel", "sql"},
		{"JSON", "Value", "[1, 2", "value"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSheet(t, nil)
			s.Type(tc.label, tc.typed)
			before := s.Texts()
			s.update(flow.Values{tc.field: "from elsewhere"})
			if !slices.Equal(s.Texts(), before) {
				t.Errorf("it shows %q, and showed %q", s.Texts(), before)
			}
			s.Leave()
			s.update(flow.Values{tc.field: "from elsewhere"})
			s.Want("elsewhere")
		})
	}
}

func TestTextThatIsNoJSONIsSaidToBeNone(t *testing.T) {
	s := newSheet(t, flow.Values{"value": 1})
	s.Type("Value", "[1, oops")
	s.Want("not JSON yet")
	if _, told := s.set["value"]; told && !reflect.DeepEqual(s.set["value"], []any{1}) {
		t.Errorf("it set %v", s.set["value"])
	}
	s.Type("Value", "[1")
	s.WantNot("not JSON yet")
}

func TestFieldsThatDoNotMatterAreHidden(t *testing.T) {
	s := newSheet(t, nil)
	s.WantNot("Only when put")
	s.FocusBelow("Mode")
	s.Key(fyne.KeyDown)
	s.Want("Only when put")
	s.update(flow.Values{"mode": "add"})
	s.WantNot("Only when put")
}

func TestAdvancedFieldsWaitFoldedUnlessOneIsSet(t *testing.T) {
	s := newSheet(t, nil)
	s.Want("More settings")
	s.WantNot("Seldom")
	s.Click("More settings")
	s.Want("Seldom")
	newSheet(t, flow.Values{"more": "x"}).Want("Seldom")
}

func TestListsAreEdited(t *testing.T) {
	s := newSheet(t, flow.Values{"list": []any{"one", "two"}})
	lines := s.row("list").control.(*linesControl)
	s.Type("List", "uno")
	check := func(what string, want ...any) {
		t.Helper()
		if !reflect.DeepEqual(s.set["list"], want) {
			t.Errorf("after %s the list is %v, want %v", what, s.set["list"], want)
		}
		s.update(flow.Values{"list": s.set["list"]})
	}
	check("typing", "uno", "two")
	lines.append(nil)
	lines.changed()
	check("adding", "uno", "two", "")
	if len(lines.lines) != 3 {
		t.Errorf("%d lines are left of three", len(lines.lines))
	}
	lines.remove(0)
	check("removing the first", "two", "")
	lines.remove(1)
	lines.remove(0)
	if v, told := s.set["list"]; !told || v != nil {
		t.Errorf("an empty list is set as %v", v)
	}
}

func TestPairsAreEdited(t *testing.T) {
	s := newSheet(t, flow.Values{"pairs": map[string]any{"b": "2", "a": "1"}})
	s.Type("Pairs", "first")
	if want := map[string]any{"first": "1", "b": "2"}; !reflect.DeepEqual(s.set["pairs"], want) {
		t.Errorf("the pairs are %v, want %v", s.set["pairs"], want)
	}
	lines := s.row("pairs").control.(*linesControl)
	s.Leave()
	lines.append(nil)
	lines.changed()
	s.update(flow.Values{"pairs": s.set["pairs"]})
	if len(lines.lines) != 3 {
		t.Errorf("the pair without a name is gone before it could get one: %d lines", len(lines.lines))
	}
}

func TestCasesAreEdited(t *testing.T) {
	s := newSheet(t, flow.Values{"cases": []any{map[string]any{"name": "big", "when": ".n > 9"}}})
	s.Type("Cases", "huge")
	if want := []any{map[string]any{"name": "huge", "when": ".n > 9"}}; !reflect.DeepEqual(s.set["cases"], want) {
		t.Errorf("the cases are %v, want %v", s.set["cases"], want)
	}
}

func TestAFileIsChosen(t *testing.T) {
	s := newSheet(t, nil)
	for label, want := range map[string]string{"File": "/chosen/false", "Folder": "/chosen/true"} {
		s.FocusBelow(label)
		s.Win.Canvas().FocusNext()
		s.Key(fyne.KeySpace)
		if got := s.set[map[string]string{"File": "file", "Folder": "folder"}[label]]; got != want {
			t.Errorf("%s is %v, want %s", label, got, want)
		}
		s.Want(want)
	}
}

func TestAProblemStandsBelowItsField(t *testing.T) {
	s := newSheet(t, nil)
	s.rows.SetProblems([]flow.Problem{
		{Field: "n", What: "too many", Fix: "take fewer"}, {Field: "cases[0].when", What: "not jq"}, {Field: "name", What: "no name"}, {Field: "names", What: "of another field"},
	})
	for field, want := range map[string]string{"n": "too many; take fewer", "cases": "not jq", "name": "no name", "note": ""} {
		if got := s.row(field).wrong.Text(); got != want {
			t.Errorf("below %s it says %q, want %q", field, got, want)
		}
	}
	s.rows.SetProblems(nil)
	s.WantNot("too many", "not jq", "no name")
}
