package form

import (
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"jackfield/connectors/kit"
	"jackfield/flow/filter"
	"jackfield/ui/theme"
	"jackfield/ui/uitest"
	"jackfield/ui/widgets"
)

var orderFields = []kit.Choice{
	{Value: "status", Label: "Status", Type: "string"},
	{Value: "total", Label: "Total", Type: "number"},
	{Value: "created", Label: "Created", Type: "date-time"},
	{Value: "due date", Label: "Due date", Type: "date"},
	{Value: "paid", Label: "Paid", Type: "boolean"},
}

// builder is a filter in a window, and what was set of it.
type builder struct {
	*uitest.Screen
	control *filterControl
	set     []string
	asked   int
}

func newBuilder(t *testing.T, text string, dark bool) *builder {
	t.Helper()
	b := &builder{}
	b.Screen = uitest.Show(t, theme.New(dark), widgets.NewText("", widgets.Plain), fyne.NewSize(340, 640))
	field := kit.Filter(new(filter.Filter), "where", "Where").Eg("status = 'open' and total > 100").Ask(nil)
	field.Live = nil
	ask := Asker{Choices: func(_ string, got func([]kit.Choice)) { b.asked++; got(orderFields) }}
	c, object := newFilter(field, ask, func(v any) { b.set = append(b.set, v.(string)) })
	b.control = c.(*filterControl)
	b.control.live = true
	b.control.show(text)
	b.Win.SetContent(widgets.WithLayer(widgets.NewPanel(object).Padded(theme.FarGap, theme.FarGap)))
	if dir := os.Getenv("JACKFIELD_PICTURES"); dir != "" {
		t.Cleanup(func() { b.picture(t, dir) })
	}
	return b
}

func (b *builder) picture(t *testing.T, dir string) {
	out, err := os.Create(filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "-")+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := png.Encode(out, b.Win.Canvas().Capture()); err != nil {
		t.Fatal(err)
	}
}

func (b *builder) last() string {
	if len(b.set) == 0 {
		return "nothing"
	}
	return b.set[len(b.set)-1]
}

// write types into what has the focus.
func (b *builder) write(text string) {
	for _, r := range text {
		b.Win.Canvas().Focused().TypedRune(r)
	}
}

const bigFilter = "status in ('open', 'new') and (total > 100 or created between 2024-05-01 and 2024-05-31T12:00:00Z) and not (paid = true or `due date` = null) limit 50"

func TestAFilterIsShownAsRows(t *testing.T) {
	for _, dark := range []bool{true, false} {
		t.Run(map[bool]string{true: "dark", false: "light"}[dark], func(t *testing.T) {
			b := newBuilder(t, bigFilter, dark)
			b.Want("All of these hold", "status", "is one of", "open, new", "Any of these holds", "total", ">", "100", "created", "between",
				"2024-05-01", "2024-05-31T12", "None of these holds", "paid", "true", "due date", "is empty", "At most", "50")
			if len(b.set) > 0 {
				t.Errorf("showing it set %q", b.set)
			}
		})
	}
}

func TestRowsAreWrittenAsText(t *testing.T) {
	b := newBuilder(t, "", true)
	b.Want("Every record")
	b.Click("Condition")
	b.write("status")
	b.control.tests[0].op.OnChanged("contains")
	b.Win.Canvas().Focus(b.control.tests[0].values[0].Editor)
	b.write("o'k")
	if b.last() != `status contains "o'k"` {
		t.Fatalf("it is %s", b.last())
	}
	b.Click("Group")
	b.write("total")
	b.control.tests[1].op.OnChanged(">=")
	b.Win.Canvas().Focus(b.control.tests[1].values[0].Editor)
	b.write("100")
	if want := `status contains "o'k" and total >= 100`; b.last() != want {
		t.Fatalf("it is %s, want %s", b.last(), want)
	}
	b.control.addTest(b.control.tree.parts[1])
	b.write("paid")
	b.control.tests[2].op.OnChanged(isTrue)
	if want := `status contains "o'k" and (total >= 100 or paid)`; b.last() != want {
		t.Fatalf("it is %s, want %s", b.last(), want)
	}
	b.Click("Limit")
	if want := `status contains "o'k" and (total >= 100 or paid) limit 100`; b.last() != want {
		t.Fatalf("it is %s, want %s", b.last(), want)
	}
	b.control.remove(b.control.tree, b.control.tree.parts[0])
	b.control.noLimit()
	if want := `total >= 100 or paid`; b.last() != want {
		t.Fatalf("it is %s, want %s", b.last(), want)
	}
	b.control.remove(b.control.tree, b.control.tree.parts[0])
	if b.last() != "" {
		t.Errorf("emptied it is %s", b.last())
	}
}

func TestTextAndRowsTurnIntoEachOther(t *testing.T) {
	b := newBuilder(t, "status='open'   AND total>5", true)
	b.control.turn()
	b.Want("'open'", "AND", "5")
	if len(b.set) > 0 {
		t.Errorf("turning it round set %q", b.set)
	}
	b.control.typed("status = 'open' and total >")
	if !b.control.toggle.Disabled() {
		t.Error("a text that is no filter can be turned into rows")
	}
	if b.last() != "status = 'open' and total >" {
		t.Errorf("what is typed is not set: %s", b.last())
	}
	b.control.typed("status = 'open' and total > 7")
	b.control.turn()
	b.Want("status", "open", "total", "7")
	b.control.show("paid = true")
	b.Want("paid", "true")
	b.control.show("paid = = true")
	b.Want("paid", "=", "true", "true")
	if !b.control.asText || !b.control.toggle.Disabled() {
		t.Error("what is no filter is not shown as text")
	}
}

func TestFieldsAreOfferedOnce(t *testing.T) {
	b := newBuilder(t, "status = 'x'", true)
	if b.asked != 0 {
		t.Error("the service is asked before anybody wants to know")
	}
	b.Click("Condition")
	if b.asked != 1 {
		t.Errorf("it is asked %d times", b.asked)
	}
	if got := b.control.tests[1].field.Suggested(); len(got) != len(orderFields) || got[3] != "due date" {
		t.Errorf("it offers %q", got)
	}
	b.write("due")
	b.Key(fyne.KeyReturn)
	if want := "status = 'x' and `due date` = ''"; b.last() != want {
		t.Errorf("it is %s, want %s", b.last(), want)
	}
	b.Click("Condition")
	if b.asked != 1 {
		t.Errorf("it is asked %d times", b.asked)
	}
}

func TestARowSaysWhatIsWrongWithIt(t *testing.T) {
	b := newBuilder(t, "total > 'much' and statsu = 'x'", true)
	b.control.learn(func() {})
	b.Want(`"total" is a number, and is compared with 'much'; write`, `there is no field "statsu"; did you mean status?`)
	if !b.control.tests[0].values[0].Wrong || !b.control.tests[1].field.Wrong {
		t.Error("the places are not marked")
	}
}

func TestATextSaysWhereItIsWrong(t *testing.T) {
	b := newBuilder(t, "status = 'x' and\ntotal == 5", true)
	b.Want("'x'", "total", "5")
	if !b.control.asText {
		t.Error("what is no filter is shown as rows")
	}
	if got := offset("ab\ncüd", 2, 3); got != 6 {
		t.Errorf("column 3 of line 2 is byte %d", got)
	}
}

// TestRowsLoseNothing makes rows of random filters and reads the text that they write.
func TestRowsLoseNothing(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 5))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	var random func(depth int) string
	random = func(depth int) string {
		if depth > 0 {
			switch rnd.IntN(5) {
			case 0:
				return "(" + random(depth-1) + " and " + random(depth-1) + ")"
			case 1:
				return "(" + random(depth-1) + " or " + random(depth-1) + ")"
			case 2:
				return "not (" + random(depth-1) + ")"
			}
		}
		name := pick("a", "`b c`", "d.e", "``")
		value := func() string {
			return pick("1", "-0.50", "'x'", "''", "' x'", "'1'", "'a, b'", `E'\'"'`, "2024-05-01", "null", "'true'", "'null'", "2024-05-01T10:00:00Z")
		}
		switch rnd.IntN(8) {
		case 0:
			return name
		case 1:
			return value()
		case 2:
			return name + " between " + value() + " and " + value()
		case 3:
			return name + " in (" + value() + ", " + value() + ")"
		case 4:
			return name + pick(" = true", " != false")
		}
		return name + " " + pick("=", "!=", ">", "<=", "contains") + " " + value()
	}
	for range 3000 {
		src := random(3)
		f, err := filter.Parse(src)
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		tree := treeOf(f.Where)
		if got := filter.Print(filter.Filter{Where: tree.expr()}); got != filter.Print(f) {
			t.Fatalf("%s became %s", filter.Print(f), got)
		}
	}
	for _, kind := range []string{"", "string", "number", "date"} {
		for range 1000 {
			v, err := filter.ParseValue(pick("1", "'x'", "''", "' x'", "'1'", "'a, b'", `E'\'"'`, "2024-05-01", "'2024-05-01'", "true", "'true'", "'null'", "'it\\'s'"))
			if err != nil {
				t.Fatal(err)
			}
			if kind == "string" && v.Kind != filter.String {
				continue
			}
			if got := readValue(showValue(v, kind), kind); got != v {
				t.Fatalf("of %q, %s is shown as %s and read as %s", kind, v, showValue(v, kind), got)
			}
			if got := readValues(showValues([]filter.Value{v, v}, kind), kind); len(got) != 2 || got[1] != v {
				if v.Text != "" || v.Kind != filter.String {
					t.Fatalf("of %q, %s twice is shown as %s and read as %v", kind, v, showValues([]filter.Value{v, v}, kind), got)
				}
			}
		}
	}
}

func TestOperatorsKeepTheValuesThatTheyCan(t *testing.T) {
	n := &node{field: "a", op: "=", values: []filter.Value{{Kind: filter.Bool, Text: "true"}}}
	var got []string
	for _, op := range []string{"not contains", "between", "in", isEmpty, "="} {
		n.setOp(op)
		got = append(got, filter.Print(filter.Filter{Where: n.expr()}))
	}
	want := "not a contains 'true' | a between 'true' and '' | a in ('true', '') | a = null | a = ''"
	if strings.Join(got, " | ") != want {
		t.Errorf("got %s", strings.Join(got, " | "))
	}
}
