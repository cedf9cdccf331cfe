package kit_test

import (
	"encoding/json"
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// everything has one field of each kind.
type everything struct {
	text, long, file, folder, pick string
	secret                         kit.Secret
	whole                          int
	number                         float64
	toggle                         bool
	pause                          time.Duration
	list                           []string
	pairs                          map[string]string
	value, expr                    any
	test                           bool
	cases                          []kit.Case
	chosen                         string
}

func (e *everything) Fields() kit.Fields {
	return kit.Fields{
		kit.Text(&e.text, "text", "Text"),
		kit.Long(&e.long, "long", "Long"),
		kit.File(&e.file, "file", "File"),
		kit.Folder(&e.folder, "folder", "Folder"),
		kit.Pick(&e.pick, "pick", "Pick", kit.Choice{Value: "a", Label: "A"}, kit.Choice{Value: "b", Label: "B"}),
		kit.Hidden(&e.secret, "secret", "Secret"),
		kit.Int(&e.whole, "whole", "Whole"),
		kit.Number(&e.number, "number", "Number"),
		kit.Toggle(&e.toggle, "toggle", "Toggle"),
		kit.Duration(&e.pause, "pause", "Pause"),
		kit.List(&e.list, "list", "List"),
		kit.Pairs(&e.pairs, "pairs", "Pairs"),
		kit.Value(&e.value, "value", "Value"),
		kit.Expr(&e.expr, "expr", "Expr"),
		kit.Test(&e.test, "test", "Test"),
		kit.Cases(&e.cases, &e.chosen, "cases", "Cases"),
	}
}

func huge(s string) *big.Int {
	n, _ := new(big.Int).SetString(s, 10)
	return n
}

func TestFieldTakesWhatFits(t *testing.T) {
	cases := []any{map[string]any{"name": "big", "when": ".total > 9"}}
	for _, tt := range []struct {
		field string
		set   any
		want  any
	}{
		{"text", "a", "a"},
		{"text", 7, "7"},
		{"text", 1.5, "1.5"},
		{"text", true, "true"},
		{"text", nil, ""},
		{"text", huge("123456789012345678901234567890"), "123456789012345678901234567890"},
		{"long", "a\nb", "a\nb"},
		{"pick", "b", "b"},
		{"pick", "", ""},
		{"secret", "s", kit.NewSecret("s")},
		{"secret", kit.NewSecret("s"), kit.NewSecret("s")},
		{"whole", 7, 7},
		{"whole", 7.0, 7},
		{"whole", " 7 ", 7},
		{"number", 7, 7.0},
		{"number", "1e3", 1000.0},
		{"toggle", true, true},
		{"toggle", "false", false},
		{"pause", "1m30s", "1m30s"},
		{"pause", 0, ""},
		{"pause", nil, ""},
		{"list", []any{"a", 1}, []any{"a", "1"}},
		{"list", "alone", []any{"alone"}},
		{"list", nil, []any{}},
		{"pairs", map[string]any{"a": 1}, map[string]any{"a": "1"}},
		{"value", []any{1, "x"}, []any{1, "x"}},
		{"expr", ".a", ".a"},
		{"test", true, "true"},
		{"cases", cases, cases},
	} {
		fields := new(everything).Fields()
		if problems := fields.Bind("step", flow.Values{tt.field: tt.set}); len(problems) > 0 {
			t.Errorf("%s = %#v: %v", tt.field, tt.set, problems)
			continue
		}
		f, _ := fields.Field(tt.field)
		if got := f.Get(); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s = %#v: gives %#v, want %#v", tt.field, tt.set, got, tt.want)
		}
	}
}

func TestFieldRefusesWhatDoesNotFit(t *testing.T) {
	named := func(name, when string) any {
		return []any{map[string]any{"name": name, "when": when}}
	}
	for _, tt := range []struct {
		field string
		set   any
		want  string
	}{
		{"text", []any{1}, `step "step", field "text": a text is wanted, this is a list`},
		{"pick", "c", `step "step", field "pick": "c" is not one of the choices; one of a, b`},
		{"whole", 1.5, `a whole number is wanted, this is the number 1.5`},
		{"whole", "x", `a whole number is wanted, this is "x"`},
		{"whole", 1e300, `a whole number is wanted`},
		{"number", map[string]any{}, `a number is wanted, this is an object`},
		{"toggle", "maybe", `true or false is wanted, this is "maybe"; true or false`},
		{"pause", "soon", `this is "soon"; write it like 30s, 5m or 1h30m`},
		{"pause", "-5s", `this is "-5s"`},
		{"pause", 30, `this is the number 30; write it like 30s`},
		{"list", 7, `a list is wanted, this is the number 7`},
		{"list", []any{"a", nil, []any{}}, `item 3: a text is wanted, this is a list`},
		{"pairs", "x", `names with texts are wanted`},
		{"pairs", map[string]any{"a": []any{}}, `"a": a text is wanted, this is a list`},
		{"cases", named("done", "true"), `the name "done" does not serve as an outlet`},
		{"cases", named("Big", "true"), `the name "Big" does not serve as an outlet`},
		{"cases", named("big", " "), `case "big": it has no condition`},
		{"cases", []any{"x"}, `case 1: a name and a condition are wanted, this is "x"`},
		{"cases", append(named("a", "1").([]any), named("a", "2").([]any)...), `case 2: the name "a" is taken twice`},
		{"exprs", "1", `there is no field "exprs"; did you mean "expr"?`},
		{"zzzzzzzz", "1", `there is no field "zzzzzzzz"; known are text, long`},
	} {
		problems := new(everything).Fields().Bind("step", flow.Values{tt.field: tt.set})
		if len(problems) != 1 || !strings.Contains(problems[0].Error(), tt.want) {
			t.Errorf("%s = %#v: %v, want one problem with %s", tt.field, tt.set, problems, tt.want)
		}
	}
}

func TestProblemsComeInTheOrderOfNames(t *testing.T) {
	problems := new(everything).Fields().Bind("s", flow.Values{"zz": 1, "whole": "x", "b_b": 1, "toggle": "x"})
	var order []string
	for _, p := range problems {
		order = append(order, p.Field)
	}
	if want := []string{"b_b", "toggle", "whole", "zz"}; !reflect.DeepEqual(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
}

func TestMissingAsksOnlyForWhatMatters(t *testing.T) {
	var kind, url, user string
	var pause time.Duration
	fields := kit.Fields{
		kit.Text(&kind, "kind", "Kind"),
		kit.Text(&url, "url", "Address of the service").Needed().Eg("https://example.com"),
		kit.Text(&user, "user", "User").Needed().OnlyIf(func() bool { return kind == "basic" }),
		kit.Duration(&pause, "pause", "Pause").Needed(),
	}
	names := func() (names []string) {
		for _, p := range fields.Missing("s", func(name string) bool { return name == "filled" }) {
			names = append(names, p.Field)
		}
		return names
	}
	if got := names(); !reflect.DeepEqual(got, []string{"url", "pause"}) {
		t.Errorf("missing %v", got)
	}
	kind, pause = "basic", time.Second
	if got := names(); !reflect.DeepEqual(got, []string{"url", "user"}) {
		t.Errorf("missing %v", got)
	}
	p := fields.Missing("s", nil)[0]
	if want := `step "s", field "url": "Address of the service" is needed; set "url", for example https://example.com`; p.Error() != want {
		t.Errorf("%v\nwant %s", p, want)
	}
	if got := fields.Missing("s", func(string) bool { return true }); got != nil {
		t.Errorf("with all filled: %v", got)
	}
}

func TestCheckedRefusesWhatTheKindWouldTake(t *testing.T) {
	delimiter := ","
	f := kit.Text(&delimiter, "delimiter", "Delimiter").Checked(func() error {
		if len(delimiter) != 1 {
			return errors.New("one character is wanted")
		}
		return nil
	})
	if err := f.Set(";"); err != nil || delimiter != ";" {
		t.Errorf("%q: %v", delimiter, err)
	}
	if err := f.Set("ab"); err == nil || err.Error() != "one character is wanted" {
		t.Errorf("two characters: %v", err)
	}
	if err := f.Set([]any{}); err == nil || !strings.Contains(err.Error(), "a text is wanted") {
		t.Errorf("a list: %v", err)
	}
}

func TestDecisionsBindWhatJQGave(t *testing.T) {
	e := &everything{}
	for _, f := range e.Fields() {
		switch f.Kind {
		case kit.ExprField:
			f.Decide([]any{1})
		case kit.TestField:
			f.Decide(0)
		case kit.CasesField:
			f.Decide("big")
		default:
			f.Decide("ignored")
		}
	}
	want := &everything{expr: []any{1}, test: true, chosen: "big"}
	if !reflect.DeepEqual(e, want) {
		t.Errorf("%+v\nwant %+v", e, want)
	}
	for _, no := range []any{nil, false} {
		f, _ := e.Fields().Field("test")
		f.Decide(no)
		if e.test {
			t.Errorf("%v counts as yes", no)
		}
	}
}

func TestSchemaSaysWhatTheFieldsTake(t *testing.T) {
	e := &everything{text: "x", secret: kit.NewSecret("hidden")}
	s := e.Fields().Schema()
	if !s.Closed || len(s.Properties) != len(e.Fields()) {
		t.Fatalf("%+v", s)
	}
	byName := map[string]flow.Schema{}
	for _, p := range s.Properties {
		byName[p.Name] = p.Schema
	}
	if p := byName["text"]; p.Default != "x" || p.Types[0] != flow.String || p.Title != "Text" {
		t.Errorf("text: %+v", p)
	}
	if p := byName["pick"]; !reflect.DeepEqual(p.Enum, []any{"a", "b"}) {
		t.Errorf("pick: %+v", p)
	}
	if p := byName["list"]; p.Types[0] != flow.Array || p.Items.Types[0] != flow.String {
		t.Errorf("list: %+v", p)
	}
	if p := byName["expr"]; p.Format != "jq" || p.Default != nil {
		t.Errorf("expr: %+v", p)
	}
	if p := byName["secret"]; !p.Secret || p.Default != nil {
		t.Errorf("secret: %+v", p)
	}
	text, err := json.Marshal(s)
	if err != nil || strings.Contains(string(text), "hidden") {
		t.Errorf("%s, %v", text, err)
	}
}
