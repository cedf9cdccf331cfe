package widgets

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"jackfield/flow"
	"jackfield/ui/theme"
)

func TestTextIsCutWhereItsRoomEnds(t *testing.T) {
	test.NewTempApp(t)
	tests := []struct {
		name, text string
		share      float32 // of its width
		want       func(cut string) bool
	}{
		{"all of it", "orders to CRM", 1, func(c string) bool { return c == "orders to CRM" }},
		{"a part", "orders to CRM", 0.6, func(c string) bool {
			return strings.HasSuffix(c, "…") && strings.HasPrefix("orders to CRM", strings.TrimSuffix(c, "…")) && len(c) > 4
		}},
		{"no room", "orders to CRM", 0.01, func(c string) bool { return c == "" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			width := Plain.measure(tt.text).Width * tt.share
			cut := Plain.cut(tt.text, width)
			if !tt.want(cut) || Plain.measure(cut).Width > width+0.01 {
				t.Fatalf("it is %q", cut)
			}
		})
	}
}

func TestProseWrapsAtWords(t *testing.T) {
	test.NewTempApp(t)
	p := NewProse("one two three\nfour "+strings.Repeat("x", 80), Plain)
	width := Plain.measure("one two th").Width
	p.Resize(fyne.NewSize(width, 10))
	if p.lines[0] != "one two" || p.lines[1] != "three" || p.lines[2] != "four" {
		t.Fatalf("its lines are %q", p.lines)
	}
	for _, line := range p.lines {
		if Plain.measure(line).Width > width {
			t.Errorf("%q is too wide", line)
		}
	}
	if joined := strings.Join(p.lines[3:], ""); joined != strings.Repeat("x", 80) {
		t.Errorf("of the long word is left %q", joined)
	}
	if got, want := p.MinSize().Height, float32(len(p.lines))*Plain.measure("M").Height; got != want {
		t.Errorf("it asks for %v, its lines take %v", got, want)
	}
}

func TestPanelFollowsTheTheme(t *testing.T) {
	p := NewCard(NewText("x", Plain))
	shown(t, p, fyne.NewSize(100, 100))
	back := func() any { return test.WidgetRenderer(p).Objects()[0].(*canvas.Rectangle).FillColor }
	dark := back()
	fyne.CurrentApp().Settings().SetTheme(theme.New(false))
	p.Refresh()
	if back() == dark || back() != theme.Color(theme.Card) {
		t.Error("its ground stays dark in the light")
	}
}

func TestButtonIsPressedByPointerAndKey(t *testing.T) {
	n := 0
	b := NewButton(Primary, "run", "Run", func() { n++ })
	shown(t, b, fyne.NewSize(200, 60))
	test.Tap(b)
	key(b, fyne.KeySpace, fyne.KeyReturn, fyne.KeyTab)
	if n != 3 {
		t.Fatalf("pressed %d times", n)
	}
	b.Disable()
	test.Tap(b)
	key(b, fyne.KeySpace)
	if n != 3 {
		t.Fatal("a disabled one is pressed")
	}
}

func TestTipShowsWhileThePointerRests(t *testing.T) {
	b := NewIconButton("undo", "Undo (Ctrl+Z)", nil)
	layer := shown(t, container.NewVBox(b), fyne.NewSize(300, 200))
	b.MouseIn(nil)
	if layer.tip == nil || textIn(layer.tip.Content) != "Undo (Ctrl+Z)" {
		t.Fatal("no tip")
	}
	if at := layer.tip.Position(); at.Y < b.Size().Height {
		t.Errorf("it covers what it is about: %v", at)
	}
	b.MouseOut()
	if layer.tip != nil || len(layer.objects) != 0 {
		t.Fatal("it stays")
	}
}

func TestLayerKeepsWhatFloatsInsideTheWindow(t *testing.T) {
	layer := shown(t, NewGap(theme.Gap), fyne.NewSize(300, 200))
	o, size := canvas.NewRectangle(nil), fyne.NewSize(100, 80)
	tests := []struct {
		name  string
		at    fyne.Position
		above bool
	}{
		{"below", fyne.NewPos(20, 20), false},
		{"above where there is no room below", fyne.NewPos(20, 150), true},
		{"not beyond the right edge", fyne.NewPos(290, 20), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			layer.PutBy(o, tt.at, fyne.NewSize(10, 20), size)
			p := o.Position()
			if (p.Y < tt.at.Y) != tt.above || p.X+size.Width > 300 || p.X < 0 {
				t.Fatalf("it is at %v", p)
			}
		})
	}
	layer.Take(o)
	if layer.Has(o) {
		t.Error("it stays")
	}
}

func TestQuestionStandsInFrontUntilItIsAnswered(t *testing.T) {
	behind := NewButton(Second, "", "Behind", nil)
	layer := shown(t, container.NewVBox(behind), fyne.NewSize(600, 400))
	done := 0
	ask := func() *Cover {
		return layer.Ask("Delete the flow?", "Its runs go with it.", Danger, "Delete", func() { done++ })
	}
	c := ask()
	if c.Size() != layer.Size() || layer.Covered() != c {
		t.Fatalf("it covers %v of %v", c.Size(), layer.Size())
	}
	press := func(name fyne.KeyName) {
		canvasOf(behind).Focused().TypedKey(&fyne.KeyEvent{Name: name})
	}
	press(fyne.KeyReturn)
	if done != 1 || layer.Covered() != nil {
		t.Fatalf("Enter did it %d times", done)
	}
	c = ask()
	test.TapCanvas(canvasOf(behind), fyne.NewPos(20, 10))
	if layer.Covered() != c {
		t.Fatal("a click beside it closes it")
	}
	press(fyne.KeyEscape)
	if done != 1 || layer.Covered() != nil {
		t.Fatal("Escape does not leave it")
	}
}

func TestWithoutALayerNothingFloatsAndNothingFails(t *testing.T) {
	test.NewTempApp(t)
	b := NewIconButton("undo", "Undo", nil)
	test.NewTempWindow(t, b)
	b.MouseIn(nil)
	b.MouseOut()
	LayerOf(b).Toast(News, "nobody sees this")
	if LayerOf(b).Has(b) {
		t.Error("a layer that is not there has something")
	}
}

func TestToastGoesByItselfOrWhenItsOfferIsTaken(t *testing.T) {
	layer := shown(t, NewGap(theme.Gap), fyne.NewSize(600, 400))
	var ends []func()
	layer.later = func(d time.Duration, then func()) func() { ends = append(ends, then); return func() {} }
	undone := false
	layer.Toast(Good, "Saved")
	layer.Offer(News, "Deleted 2 steps", "Undo", func() { undone = true })
	if got := strings.Join(layer.Toasts(), ", "); got != "Saved, Deleted 2 steps" {
		t.Fatalf("told are %s", got)
	}
	if a, b := layer.toasts[0].panel.Position().Y, layer.toasts[1].panel.Position().Y; a >= b {
		t.Errorf("the newer one is at %v, the older at %v", b, a)
	}
	ends[0]()
	if got := strings.Join(layer.Toasts(), ", "); got != "Deleted 2 steps" {
		t.Fatalf("after a while told are %s", got)
	}
	var undo *Button
	walk(layer.toasts[0].panel.Content, func(o fyne.CanvasObject) {
		if b, ok := o.(*Button); ok && b.Text == "Undo" {
			undo = b
		}
	})
	test.Tap(undo)
	if !undone || len(layer.Toasts()) != 0 {
		t.Fatalf("undone %v, still told %v", undone, layer.Toasts())
	}
}

func walk(o fyne.CanvasObject, do func(fyne.CanvasObject)) {
	do(o)
	if c, ok := o.(*fyne.Container); ok {
		for _, child := range c.Objects {
			walk(child, do)
		}
	}
}

func TestSectionFolds(t *testing.T) {
	content := widget.NewLabel("inside")
	s := NewSection("Advanced", false, content)
	shown(t, s, fyne.NewSize(300, 200))
	var told []bool
	s.OnFold = func(open bool) { told = append(told, open) }
	closed := s.MinSize().Height
	test.Tap(s.head)
	if !s.Open() || s.MinSize().Height <= closed {
		t.Fatal("a click does not open it")
	}
	key(s.head, fyne.KeyLeft, fyne.KeyLeft, fyne.KeyRight)
	if len(told) != 3 || told[1] || !told[2] {
		t.Fatalf("told %v", told)
	}
}

func TestSplitKeepsOneSide(t *testing.T) {
	a, b := canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	a.SetMinSize(fyne.NewSize(50, 10))
	s := NewColumns(a, b, Last, 100)
	shown(t, s, fyne.NewSize(400, 100))
	if b.Size().Width != 100 || a.Size().Width+b.Size().Width != 400-theme.Size(theme.Hairline) {
		t.Fatalf("the sides are %v and %v", a.Size(), b.Size())
	}
	s.Resize(fyne.NewSize(600, 100))
	if b.Size().Width != 100 {
		t.Fatalf("in a wider window it is %v", b.Size())
	}
	var told float32
	s.OnSized = func(size float32) { told = size }
	s.line.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(-40, 0)})
	s.line.DragEnd()
	if b.Size().Width != 140 || told != 140 {
		t.Fatalf("drawn it is %v, told %v", b.Size(), told)
	}
	s.line.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(-4000, 0)})
	s.line.DragEnd()
	if a.Size().Width < 50 {
		t.Fatalf("the other side is pressed to %v", a.Size())
	}
	b.Hide()
	s.Refresh()
	if a.Size().Width != 600 {
		t.Fatalf("beside a hidden side it is %v", a.Size())
	}
}

func TestSearchFieldTellsAndIsEmptied(t *testing.T) {
	var told []string
	s := NewSearchField("Search", func(text string) { told = append(told, text) })
	left, down := 0, 0
	s.OnEscape = func() { left++ }
	s.OnDown = func() { down++ }
	shown(t, s, fyne.NewSize(300, 60))
	s.Focus()
	test.Type(s.editor, "ab")
	key(s.editor, fyne.KeyDown, fyne.KeyEscape)
	if s.Text() != "" || left != 0 || down != 1 {
		t.Fatalf("it has %q, was left %d times", s.Text(), left)
	}
	key(s.editor, fyne.KeyEscape)
	if left != 1 || strings.Join(told, ",") != "a,ab," {
		t.Fatalf("left %d times, told %q", left, told)
	}
}

func TestChoiceIsTakenWithTheKeys(t *testing.T) {
	var told []string
	c := NewChoice([]Option{{Value: "a", Label: "Alpha"}, {Value: "b"}, {Value: "c"}}, func(v string) { told = append(told, v) })
	shown(t, c, fyne.NewSize(200, 60))
	c.SetValue("a")
	key(c, fyne.KeyUp, fyne.KeyDown, fyne.KeyDown, fyne.KeyDown)
	if strings.Join(told, ",") != "b,c" || c.Label() != "c" {
		t.Fatalf("told %v, shows %s", told, c.Label())
	}
	c.SetValue("gone")
	if c.Label() != "gone" {
		t.Errorf("a value that is not offered shows as %q", c.Label())
	}
}

func TestChoiceIsTakenFromItsMenu(t *testing.T) {
	var told string
	c := NewChoice([]Option{{Value: "a", Label: "Alpha"}, {Value: "b", Label: "Beta"}}, func(v string) { told = v })
	shown(t, container.NewVBox(c), fyne.NewSize(200, 200))
	test.Tap(c)
	row := Plain.measure("Beta").Height + 2*theme.Size(theme.Inner)
	test.TapCanvas(canvasOf(c), fyne.NewPos(20, c.Size().Height+1.5*row))
	if told != "b" {
		t.Fatalf("told %q", told)
	}
}

func TestEveryStateHasItsOwnLook(t *testing.T) {
	seen := map[Status]flow.RunState{}
	for _, s := range []flow.RunState{"", flow.Running, flow.RunDone, flow.RunPartial, flow.RunFailed, flow.RunStopped} {
		look := StatusOf(s)
		if other, ok := seen[look]; ok {
			t.Errorf("%q looks like %q", s, other)
		}
		seen[look] = s
	}
}

func TestSpansCoverWordsOfTheirLanguage(t *testing.T) {
	tests := []struct{ name, language, src, want string }{
		{"json", "json", `{"a": [1.5, "x\"y", true, oops]}`, `"a"=code-path 1.5=code-number "x\"y"=code-string true=code-keyword oops=failed`},
		{"json without an end", "json", `{"a`, `"a=code-string`},
		{"sql", "sql", "SELECT sum(total) FROM \"t\" -- why\nWHERE a = 'it''s' AND b > :c", `SELECT=code-keyword sum=code-function FROM=code-keyword "t"=code-path -- why=code-comment WHERE=code-keyword ==code-operator 'it''s'=code-string AND=code-keyword >=code-operator :c=code-variable`},
		{"sql without an end", "sql", "/* a", `/* a=code-comment`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, s := range LanguageFor(tt.language).Spans(tt.src) {
				if s.Colour != theme.CodeText {
					got = append(got, tt.src[s.Start:s.End]+"="+strings.TrimPrefix(string(s.Colour), "jackfield-"))
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Fatalf("got  %s\nwant %s", strings.Join(got, " "), tt.want)
			}
		})
	}
}

func FuzzSpans(f *testing.F) {
	f.Add(`{"a": [1, "x"]}`)
	f.Add("SELECT 'a' -- b\n/* c */ é")
	f.Fuzz(func(t *testing.T, src string) {
		for _, name := range []string{"json", "sql", "jq"} {
			at := 0
			for _, s := range LanguageFor(name).Spans(src) {
				if s.Start < at || s.End <= s.Start || s.End > len(src) {
					t.Fatalf("%s: a span from %d to %d behind %d in %q", name, s.Start, s.End, at, src)
				}
				at = s.End
			}
		}
	})
}
