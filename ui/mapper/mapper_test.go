package mapper

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

type object = map[string]any

// contact is an operation that takes an object.
type contact struct {
	Name, Email, Mode string
	Row               any
}

func (c *contact) Fields() kit.Fields {
	return kit.Fields{
		kit.Text(&c.Name, "name", "Name").Needed(),
		kit.Text(&c.Email, "email_address", "Email"),
		kit.Value(&c.Row, "row", "Row").AsMain(),
		kit.Pick(&c.Mode, "mode", "Mode", kit.Choice{Value: "add"}, kit.Choice{Value: "replace"}).More(),
	}
}

var (
	push = kit.Op{ID: "push", Title: "Push", New: func() kit.Operation { return &contact{Mode: "add"} }}
	each = kit.Op{ID: "map", Title: "Map", Each: true, New: func() kit.Operation { return &contact{} }}
)

func samples() flow.Batch {
	return flow.Batch{
		{ID: "a", Data: object{"id": 1, "name": "Ada", "contact": object{"emailAddress": "ada@example.org"}, "lines": []any{1, 2}}},
		{ID: "b", Data: object{"id": 2, "name": "Bob", "contact": object{"emailAddress": "bob@example.org"}, "lines": []any{}}},
		{ID: "c", Data: object{"id": 3, "name": nil, "contact": nil, "lines": nil}},
	}
}

// bench is a mapper in a window, and what is to be done on the interface's goroutine.
type bench struct {
	*Mapper
	wanted chan func()
	done   int
}

func newShown(t *testing.T, op kit.Op) *bench {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(theme.New(true))
	b := &bench{wanted: make(chan func(), 100)}
	m := New(func(f func()) { b.wanted <- f })
	b.Mapper = m
	m.SetTarget(Target{Title: "Push to CRM", Op: op})
	w := test.NewTempWindow(t, widgets.WithLayer(m))
	w.SetPadded(false)
	w.Resize(fyne.NewSize(1000, 900))
	t.Cleanup(m.End)
	return b
}

// settle lets the last edit be tried. In a synctest bubble time passes when all wait.
func (b *bench) settle() {
	time.Sleep(pause + time.Millisecond)
	synctest.Wait()
	for len(b.wanted) > 0 {
		(<-b.wanted)()
		b.done++
	}
}

func given(m *bench) string { return strings.Join(m.narrow.result.json.Rows(), "\n") }
func words(m *bench) string { return m.narrow.state.words.Text() }

func TestResultFollowsTheText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newShown(t, each)
		m.SetSamples(samples(), "the last run")
		m.SetText("{id, n: (.lines | length)}")
		m.settle()
		if got := given(m); got != ". {2}\n.id 1\n.n 2" {
			t.Fatalf("it gives\n%s", got)
		}
		if got := words(m); got != "All 3 records pass." {
			t.Fatalf("it says %q", got)
		}
	})
}

func TestOnlyTheLastOfQuickEditsIsTried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newShown(t, each)
		m.SetSamples(samples(), "the last run")
		m.settle()
		before := m.done
		for _, r := range ".name" {
			m.narrow.editor.TypedRune(r)
			time.Sleep(pause / 2)
		}
		m.settle()
		if got := given(m); m.done != before+1 || got != `. "Ada"` {
			t.Fatalf("tried %d times, it gives %s", m.done-before, got)
		}
	})
}

func TestEditsAreToldAndTextsThatAreGivenAreNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newShown(t, each)
		var told []string
		m.OnChanged = func(text string) { told = append(told, text) }
		m.SetText(".a")
		test.Type(m.narrow.editor, "b")
		m.SetText(".c")
		if got := strings.Join(told, " "); got != "b.a" {
			t.Fatalf("told %q", got)
		}
		if m.Text() != ".c" {
			t.Fatalf("it holds %q", m.Text())
		}
	})
}

func TestWrongProgramIsMarkedAndTheResultStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newShown(t, each)
		m.SetSamples(samples(), "the last run")
		m.SetText(".name")
		m.settle()
		m.SetText("{name: .name")
		m.settle()
		if m.result.syntax == nil || words(m) == "" {
			t.Fatalf("it says %q", words(m))
		}
		if got := given(m); got != `. "Ada"` || m.narrow.result.note.Text() != "as it was before" {
			t.Fatalf("the result is %s, %q", got, m.narrow.result.note.Text())
		}
	})
}

func TestFailureOnOtherRecordsIsCountedAndShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newShown(t, each)
		m.SetSamples(samples(), "the last run")
		m.SetText(".name | ascii_upcase")
		m.settle()
		if got := words(m); got != "This record passes; 1 of 3 records fail." {
			t.Fatalf("it says %q", got)
		}
		test.Tap(m.narrow.state.jump)
		m.settle()
		if m.at != 2 || m.result.failure == nil {
			t.Fatalf("it shows record %d, failure %v", m.at, m.result.failure)
		}
		if got := m.narrow.input.place.Text(); got != "3 of 3, from the last run" {
			t.Fatalf("it is at %q", got)
		}
	})
}

func TestEndlessProgramIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newShown(t, each)
		m.SetSamples(samples(), "the last run")
		o := job{text: "repeat(.)", target: m.target, records: m.records, vars: m.vars()}.try(t.Context())
		if o.failure == nil && !o.stopped {
			t.Fatalf("it gives %d values", len(o.values))
		}
	})
}

func TestNewerEditEndsWhatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newShown(t, each)
		m.SetSamples(samples(), "the last run")
		m.settle()
		got := 0
		m.runner.start(job{text: ".id", target: m.target, records: m.records, vars: m.vars()}, func(outcome) { got++ })
		m.runner.start(job{text: ".name", target: m.target, records: m.records, vars: m.vars()}, func(outcome) { got += 10 })
		m.settle()
		if got != 10 {
			t.Fatalf("outcomes %d", got)
		}
	})
}

func TestStoppedProgramSaysSo(t *testing.T) {
	m := &Mapper{text: "x", result: outcome{stopped: true}}
	if got := tell(m).words; !strings.HasPrefix(got, "stopped after 250 ms") {
		t.Fatalf("it says %q", got)
	}
}

func TestFieldsAreMappedByPressAndByMatching(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newShown(t, push)
		m.SetSamples(samples(), "the last run")
		m.settle()
		f := m.narrow.fields
		if got := f.note.Text(); got != "0 of 4 mapped, 1 needed" {
			t.Fatalf("it counts %q", got)
		}
		test.Tap(f.auto)
		m.settle()
		if got := m.Text(); got != "{\n  name: .name,\n  email_address: .contact.emailAddress\n}" {
			t.Fatalf("matching gives %s", got)
		}
		f.use(1) // row
		m.settle()
		if got := m.Text(); !strings.HasSuffix(got, ",\n  row: .\n}") {
			t.Fatalf("a press gives %s", got)
		}
		if got := f.note.Text(); got != "3 of 4 mapped" {
			t.Fatalf("it counts %q", got)
		}
		f.use(0)
		if got := m.narrow.editor.SelectedText(); got != "name" {
			t.Fatalf("a press on what is mapped chooses %q", got)
		}
	})
}

func TestPathIsInsertedAndDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newShown(t, push)
		m.SetSamples(samples(), "the last run")
		m.settle()
		in, editor := m.narrow.input, m.narrow.editor
		in.json.OnUse(".id")
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(editor).AddXY(2, 8)
		in.json.OnDrag(".name", at)
		if layer := widgets.LayerOf(m.Mapper); !layer.Has(in.ghost) {
			t.Error("no ghost follows the pointer")
		}
		in.json.OnDrop(".name", at)
		if m.Text() != ".name.id" || in.ghost != nil {
			t.Fatalf("it is %q", m.Text())
		}
		m.SetText("")
		rows := fyne.CurrentApp().Driver().AbsolutePositionForObject(m.narrow.fields.rows)
		in.json.OnDrop(".id", rows.AddXY(20, 1.5*theme.Size(theme.RowHeight)))
		if m.Text() != "{\n  row: .id\n}" {
			t.Fatalf("dropped on a field it is %q", m.Text())
		}
		in.json.OnDrop(".id", fyne.NewPos(999, 899))
		if m.Text() != "{\n  row: .id\n}" {
			t.Fatalf("dropped nowhere it is %q", m.Text())
		}
	})
}

func TestLargeViewSharesTheText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newShown(t, push)
		var told string
		m.OnChanged = func(text string) { told = text }
		m.SetSamples(samples(), "the last run")
		m.SetText("{name}")
		m.Open()
		m.settle()
		large := m.large
		if large == nil || large.editor.Text() != "{name}" {
			t.Fatal("the large view is not open, or shows another text")
		}
		large.editor.SetCaret(5)
		test.Type(large.editor, ", row: .id")
		m.settle()
		if m.narrow.editor.Text() != "{name, row: .id}" || told != "{name, row: .id}" {
			t.Fatalf("the narrow view has %q, told %q", m.narrow.editor.Text(), told)
		}
		if got := strings.Join(large.result.json.Rows(), " "); got != `. {2} .name "Ada" .row 1` {
			t.Fatalf("the large view gives %s", got)
		}
		large.editor.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
		if m.large != nil || widgets.LayerOf(m.Mapper).Covered() != nil {
			t.Fatal("Escape leaves it open")
		}
	})
}

func TestWithoutRecordsItIsCheckedAndAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newShown(t, each)
		asked := false
		m.OnSample = func() { asked = true }
		m.SetText("{id}")
		m.settle()
		if got := words(m); !strings.HasPrefix(got, "It is jq.") {
			t.Fatalf("it says %q", got)
		}
		if !m.narrow.input.none.Visible() || m.narrow.result.box.Visible() {
			t.Fatal("it shows a record that is not there")
		}
		fyne.CurrentApp().Clipboard().SetContent(`[{"id": 5}, {"id": 6}]`)
		m.narrow.input.paste()
		m.settle()
		if got := m.narrow.input.place.Text(); got != "1 of 2, from the clipboard" || given(m) != ". {1}\n.id 5" {
			t.Fatalf("pasted it is at %q and gives %s", got, given(m))
		}
		m.OnSample()
		if !asked {
			t.Fatal("nobody is asked")
		}
	})
}

func TestEmptyMappingSaysWhatHappensWithoutIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newShown(t, push)
		m.SetSamples(samples(), "the last run")
		m.settle()
		if got := words(m); got != "Without a mapping, the record becomes “Row”." {
			t.Fatalf("it says %q", got)
		}
		m.SetTarget(Target{Op: each})
		m.settle()
		if got := words(m); got != "Without a mapping, records go on as they are." || !strings.Contains(given(m), `.name "Ada"`) {
			t.Fatalf("it says %q and gives %s", got, given(m))
		}
	})
}

func TestTimesInTheProgramAreOfNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newShown(t, each)
		m.SetSamples(samples(), "the last run")
		m.SetText("now > 0")
		m.settle()
		if given(m) != ". true" {
			t.Fatalf("it gives %s", given(m))
		}
	})
}

func TestAnotherStepBeginsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newShown(t, each)
		m.SetSamples(samples(), "the last run")
		m.ShowRecord(1)
		m.SetText(".name")
		m.settle()
		m.Open()
		m.SetTarget(Target{Step: "other", Op: push})
		m.settle()
		if m.large != nil || m.narrow.result.box.Visible() || !m.narrow.input.none.Visible() {
			t.Fatal("it still shows the records of the step before")
		}
		m.SetSamples(samples(), "the last run")
		m.SetText(".id")
		m.settle()
		if given(m) != ". 1" {
			t.Fatalf("it gives %s", given(m))
		}
	})
}

func TestRecordsThatComeAgainKeepThePlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newShown(t, each)
		m.SetSamples(samples(), "the last run")
		m.ShowRecord(2)
		m.SetTarget(Target{Op: push})
		m.SetSamples(samples(), "the run of today")
		m.settle()
		if got := m.narrow.input.place.Text(); got != "3 of 3, from the run of today" {
			t.Fatalf("it is at %q", got)
		}
		m.SetSamples(samples()[:1], "the clipboard")
		if got := m.narrow.input.place.Text(); got != "the clipboard" {
			t.Fatalf("it is at %q", got)
		}
	})
}
