package widgets

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"jackfield/ui/theme"
)

// shown puts o into a window with a layer.
func shown(t testing.TB, o fyne.CanvasObject, size fyne.Size) *Layer {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(theme.New(true))
	content := WithLayer(o)
	w := test.NewTempWindow(t, content)
	w.SetPadded(false)
	w.Resize(size)
	return LayerOf(o)
}

func press(o desktop.Mouseable, x, y float32, mods fyne.KeyModifier) {
	e := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary, Modifier: mods}
	e.Position = fyne.NewPos(x, y)
	e.AbsolutePosition = absolute(o.(fyne.CanvasObject)).Add(e.Position)
	o.MouseDown(e)
}

func release(o desktop.Mouseable) { o.MouseUp(&desktop.MouseEvent{}) }

func key(o fyne.Focusable, names ...fyne.KeyName) {
	for _, n := range names {
		o.TypedKey(&fyne.KeyEvent{Name: n})
	}
}

func control(o fyne.Shortcutable, k fyne.KeyName, more fyne.KeyModifier) {
	o.TypedShortcut(&desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierControl | more})
}

// spot is the middle of a rune of the editor.
func spot(e *Editor, line, col int) (x, y float32) {
	return e.x(place{line, col}) + 1, e.sheet.pad + (float32(line)+0.5)*e.lineHeight()
}

func newShownEditor(t testing.TB, text string) (*Editor, *[]string) {
	var told []string
	e := NewCodeEditor("jq", func(text string) { told = append(told, text) })
	e.Numbers = true
	e.SetText(text)
	shown(t, e, fyne.NewSize(500, 300))
	Focus(e)
	return e, &told
}

func TestEditorTellsEveryChangeOnceAndNoMove(t *testing.T) {
	e, told := newShownEditor(t, "")
	test.Type(e, ".a")
	key(e, fyne.KeyLeft, fyne.KeyHome, fyne.KeyEnd)
	control(e, fyne.KeyLeft, 0)
	e.SetText(".b")
	if got := strings.Join(*told, " "); got != ". .a" {
		t.Fatalf("told %q", got)
	}
}

func TestEditorKnowsTheClipboard(t *testing.T) {
	e, _ := newShownEditor(t, "one two\nthree")
	clip := test.NewClipboard()
	e.Select(4, 7)
	e.TypedShortcut(&fyne.ShortcutCopy{Clipboard: clip})
	if clip.Content() != "two" {
		t.Fatalf("copied %q", clip.Content())
	}
	e.SetCaret(0)
	e.TypedShortcut(&fyne.ShortcutCut{Clipboard: clip})
	if clip.Content() != "one two\n" || e.Text() != "three" {
		t.Fatalf("without a selection a cut takes %q and leaves %q", clip.Content(), e.Text())
	}
	clip.SetContent("a\r\n\tb\r\n")
	e.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clip})
	if e.Text() != "a\n  b\nthree" {
		t.Fatalf("pasted it is %q", e.Text())
	}
	e.TypedShortcut(&fyne.ShortcutUndo{})
	e.TypedShortcut(&fyne.ShortcutUndo{})
	if e.Text() != "one two\nthree" {
		t.Fatalf("undone it is %q", e.Text())
	}
	e.TypedShortcut(&fyne.ShortcutRedo{})
	control(e, fyne.KeyZ, fyne.KeyModifierShift)
	if e.Text() != "a\n  b\nthree" {
		t.Fatalf("redone it is %q", e.Text())
	}
	e.TypedShortcut(&fyne.ShortcutSelectAll{})
	if e.SelectedText() != e.Text() {
		t.Fatalf("chose %q", e.SelectedText())
	}
}

func TestEditorFollowsThePointer(t *testing.T) {
	e, _ := newShownEditor(t, ".items[]\n| select(.amount > 100)")
	x, y := spot(e, 1, 10)
	press(e, x, y, 0)
	release(e)
	if e.Caret() != 19 {
		t.Fatalf("a click puts the caret at %d", e.Caret())
	}
	press(e, x, y, 0)
	release(e)
	if e.SelectedText() != "amount" {
		t.Fatalf("a double click chooses %q", e.SelectedText())
	}
	press(e, x, y, 0)
	release(e)
	if e.SelectedText() != "| select(.amount > 100)" {
		t.Fatalf("a third chooses %q", e.SelectedText())
	}
	x, y = spot(e, 0, 1)
	press(e, x, y, 0)
	x, y = spot(e, 0, 6)
	e.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, y)}})
	e.DragEnd()
	release(e)
	if e.SelectedText() != "items" {
		t.Fatalf("a drag chooses %q", e.SelectedText())
	}
	x, y = spot(e, 1, 1)
	press(e, x, y, fyne.KeyModifierShift)
	if e.SelectedText() != "items[]\n|" {
		t.Fatalf("with shift a click chooses %q", e.SelectedText())
	}
}

func TestEditorOfOneLineSubmitsAndLetsTabGo(t *testing.T) {
	submitted := 0
	e := NewCodeLine("jq", nil)
	e.OnSubmit = func() { submitted++ }
	shown(t, e, fyne.NewSize(300, 60))
	Focus(e)
	e.Insert(".a ==\n  1")
	if e.Text() != ".a == 1" {
		t.Fatalf("pasted it is %q", e.Text())
	}
	key(e, fyne.KeyReturn)
	if submitted != 1 || strings.Contains(e.Text(), "\n") {
		t.Fatalf("submitted %d times, the text is %q", submitted, e.Text())
	}
	if e.AcceptsTab() {
		t.Error("Tab does not lead to the next field")
	}
}

func completing(words ...string) func(string, int) []Suggestion {
	return func(src string, caret int) (found []Suggestion) {
		start := strings.LastIndexAny(src[:caret], " .|(") + 1
		for _, w := range words {
			if strings.HasPrefix(w, src[start:caret]) {
				found = append(found, Suggestion{Text: w, Start: start, End: caret})
			}
		}
		return found
	}
}

func TestCompletionsComeWithTypingAndGoWithChoosing(t *testing.T) {
	e, told := newShownEditor(t, "")
	e.Complete = completing("map", "max", "select")
	test.Type(e, "m")
	if got := strings.Join(e.Suggested(), " "); got != "map max" {
		t.Fatalf("listed are %q", got)
	}
	if !LayerOf(e).Has(e.list) {
		t.Fatal("the list is not on the layer")
	}
	key(e, fyne.KeyDown, fyne.KeyTab)
	if e.Text() != "max" || e.Suggested() != nil {
		t.Fatalf("it is %q, and listed are %v", e.Text(), e.Suggested())
	}
	if last := (*told)[len(*told)-1]; last != "max" {
		t.Fatalf("told %q", last)
	}
	test.Type(e, " s")
	key(e, fyne.KeyEscape)
	if e.Suggested() != nil {
		t.Fatal("Escape leaves the list open")
	}
	key(e, fyne.KeyReturn)
	if e.Text() != "max s\n" {
		t.Fatalf("Enter without a list gives %q", e.Text())
	}
}

func TestCompletionThatOpensABracketIsClosed(t *testing.T) {
	e, _ := newShownEditor(t, "")
	e.Complete = completing("map(", "mapped")
	test.Type(e, "map")
	key(e, fyne.KeyTab)
	test.Type(e, ".a")
	if e.Text() != "map(.a)" || e.Caret() != 6 {
		t.Fatalf("it is %q, the caret at %d", e.Text(), e.Caret())
	}
}

func TestEnterDoesNotTakeWhatNobodyBegan(t *testing.T) {
	e, _ := newShownEditor(t, "")
	e.Complete = completing("amount", "id")
	test.Type(e, ".")
	if len(e.Suggested()) != 2 {
		t.Fatalf("listed are %v", e.Suggested())
	}
	key(e, fyne.KeyReturn)
	if e.Text() != ".\n" {
		t.Fatalf("it is %q", e.Text())
	}
}

func TestCompletionsAreAskedForAndPicked(t *testing.T) {
	e, _ := newShownEditor(t, "")
	e.Complete = completing("map", "max")
	control(e, fyne.KeySpace, 0)
	if len(e.Suggested()) != 2 {
		t.Fatalf("listed are %v", e.Suggested())
	}
	list := e.list
	list.MouseIn(nil)
	e.FocusLost() // the press on the list takes the focus
	if e.list == nil {
		t.Fatal("the press closes the list before it can pick")
	}
	list.Tapped(&fyne.PointEvent{Position: fyne.NewPos(10, list.sheet.height()*1.5)})
	if e.Text() != "max" || e.list != nil {
		t.Fatalf("it is %q", e.Text())
	}
}

func TestSuggestionThatStandsThereAlreadyIsNotListed(t *testing.T) {
	e, _ := newShownEditor(t, "")
	e.Complete = completing("map")
	test.Type(e, "map")
	if e.Suggested() != nil {
		t.Fatalf("listed are %v", e.Suggested())
	}
}

func TestEditorGrowsAndThenScrolls(t *testing.T) {
	e, _ := newShownEditor(t, "")
	e.MinLines, e.MaxLines = 2, 4
	two := e.MinSize().Height
	e.SetText("1\n2\n3\n4")
	four := e.MinSize().Height
	e.SetText(strings.Repeat("x\n", 50))
	if got := four - two; got != 2*e.lineHeight() {
		t.Fatalf("two lines more are %v higher", got)
	}
	if e.MinSize().Height != four {
		t.Fatal("it grows beyond the most lines")
	}
	control(e, fyne.KeyEnd, 0)
	if row := e.sheet.rowAt(e.Size().Height - e.sheet.pad - 1); row < 50 {
		t.Fatalf("the caret's line is not shown, the last one seen is %d", row)
	}
}

func TestWheelGoesOnWhereThereIsNoRoom(t *testing.T) {
	e, _ := newShownEditor(t, "one line")
	beyond := 0
	e.Beyond = func(*fyne.ScrollEvent) { beyond++ }
	e.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -25)})
	if beyond != 1 {
		t.Fatal("the panel around does not get the wheel")
	}
	e.SetText(strings.Repeat("x\n", 100))
	e.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -25)})
	if beyond != 1 || e.sheet.offset.Y == 0 {
		t.Fatal("it does not scroll itself")
	}
}

func TestReadOnlyEditorCanBeReadAndCopied(t *testing.T) {
	e, told := newShownEditor(t, "a b")
	e.Disable()
	test.Type(e, "x")
	key(e, fyne.KeyDelete, fyne.KeyTab)
	e.Select(0, 1)
	clip := test.NewClipboard()
	e.TypedShortcut(&fyne.ShortcutCut{Clipboard: clip})
	if e.Text() != "a b" || len(*told) > 0 || clip.Content() != "a" {
		t.Fatalf("it is %q, copied %q", e.Text(), clip.Content())
	}
}

// runs lists what a line draws, as text@cell.
func runs(e *Editor, line int) string {
	pen := newPen()
	pen.Width, pen.Height = 1000, e.lineHeight()
	e.drawRuns(e.plan().rows[line], pen)
	var out []string
	for _, text := range pen.texts[:pen.nText] {
		out = append(out, text.Text)
	}
	return strings.Join(out, "·")
}

func TestColoursFollowTheTokensAcrossLines(t *testing.T) {
	e, _ := newShownEditor(t, ".a | \"x\ny\" # 日本")
	if got := runs(e, 0); got != ".a·|·\"x" {
		t.Fatalf("the first line is %q", got)
	}
	if got := runs(e, 1); got != "y\"·# ·日·本" {
		t.Fatalf("the second line is %q", got)
	}
	if spans := e.plan().spans[1]; spans[0].colour != theme.CodeString || spans[1].colour != theme.CodeComment {
		t.Fatalf("its colours are %v", spans)
	}
	if got := cells(e.buf.lines[1][:7]); got != 9 {
		t.Fatalf("two wide runes end at cell %d", got)
	}
}

func TestOnlyWhatIsSeenIsDrawn(t *testing.T) {
	e, _ := newShownEditor(t, strings.Repeat(strings.Repeat("abcd ", 1000)+"\n", 500))
	if n := len(e.sheet.shown); n > 40 {
		t.Fatalf("%d lines are drawn", n)
	}
	for row, pen := range e.sheet.shown {
		for _, text := range pen.texts[:pen.nText] {
			if len(text.Text) > 100 {
				t.Fatalf("line %d draws %d runes in one go", row, len(text.Text))
			}
		}
	}
}

func BenchmarkKeystrokeInAThousandLines(b *testing.B) {
	e, _ := newShownEditor(b, strings.Repeat("| map(select(.amount > 100) | {id, total: (.amount * 1.19 | round)})\n", 1000))
	e.SetCaret(30000)
	for b.Loop() {
		e.TypedRune('x')
	}
}

func TestPlainFieldFindsPlacesBetweenLettersOfAnyWidth(t *testing.T) {
	e := NewTextField("", nil)
	e.SetText("Will iii MMM")
	shown(t, e, fyne.NewSize(300, 60))
	for col := range e.buf.lines[0] {
		if got := e.placeAt(fyne.NewPos(e.x(place{0, col})+1, 10)); got.col != col {
			t.Errorf("beside column %d it finds %d", col, got.col)
		}
	}
	e.TypedRune('(')
	if e.Text() != "(Will iii MMM" {
		t.Errorf("a bracket in plain text brings another: %q", e.Text())
	}
}

func TestMaskedFieldShowsAndGivesNothing(t *testing.T) {
	e := NewTextField("", nil)
	e.Masked = true
	e.SetText("hunter2")
	shown(t, e, fyne.NewSize(300, 60))
	if got := runs(e, 0); got != "•••••••" {
		t.Fatalf("it shows %q", got)
	}
	clip := test.NewClipboard()
	e.TypedShortcut(&fyne.ShortcutSelectAll{})
	e.TypedShortcut(&fyne.ShortcutCopy{Clipboard: clip})
	if clip.Content() != "" {
		t.Fatalf("it gives %q", clip.Content())
	}
}

func TestLongLineWrapsInATextArea(t *testing.T) {
	e := NewTextArea("", nil)
	shown(t, e, fyne.NewSize(Plain.measure("one two three").Width+2*e.left()+2, 200))
	e.SetText("one two three four " + strings.Repeat("x", 60) + "\nlast")
	var rows []string
	for _, r := range e.plan().rows {
		rows = append(rows, string(e.buf.lines[r.line][r.from:r.to]))
	}
	if rows[0] != "one two " || rows[1] != "three four " || rows[len(rows)-1] != "last" || strings.Join(rows, "") != "one two three four "+strings.Repeat("x", 60)+"last" {
		t.Fatalf("its rows are %q", rows)
	}
	for _, r := range e.plan().rows[:2] {
		for col := r.from; col < r.to; col++ {
			at := fyne.NewPos(e.xIn(r, col)+1, e.sheet.pad+(float32(e.rowOf(place{0, col}))+0.5)*e.lineHeight())
			if got := e.placeAt(at); got != (place{0, col}) {
				t.Fatalf("at column %d it finds %v", col, got)
			}
		}
	}
	e.SetCaret(4)
	key(e, fyne.KeyDown)
	if r := e.rowOf(e.buf.caret); r != 1 || e.buf.caret.line != 0 {
		t.Fatalf("down goes to %v", e.buf.caret)
	}
	if e.sheet.offset.X != 0 || e.sheet.full().Width != e.Size().Width {
		t.Error("it scrolls sideways")
	}
}
