package widgets

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"jackfield/ui/theme"
)

// drawn lists what the rows that are seen say, from the top.
func drawn(s *sheet) []string {
	var rows []int
	for row := range s.shown {
		rows = append(rows, row)
	}
	slices.Sort(rows)
	var out []string
	for _, row := range rows {
		var texts []string
		for _, t := range s.shown[row].texts[:s.shown[row].nText] {
			texts = append(texts, t.Text)
		}
		out = append(out, strings.Join(texts, "|"))
	}
	return out
}

func newShownRows(t testing.TB, n int, room float32) *Rows {
	r := NewRows(func() int { return n }, func(row int, pen *Pen) { pen.Text(0, 0, fmt.Sprint("row ", row), Plain) })
	shown(t, r, fyne.NewSize(200, room*theme.Size(theme.RowHeight)))
	return r
}

func TestRowsDrawWhatIsSeenAndNoMore(t *testing.T) {
	r := newShownRows(t, 100_000, 5)
	if got := drawn(r.sheet); len(got) > 6 || got[0] != "row 0" {
		t.Fatalf("drawn are %v", got)
	}
	r.ScrollToEnd()
	if got := drawn(r.sheet); len(got) > 6 || got[len(got)-1] != "row 99999" {
		t.Fatalf("at the end drawn are %v", got)
	}
	if n := len(r.sheet.free) + len(r.sheet.shown); n > 14 {
		t.Errorf("%d pens were made", n)
	}
}

func TestRowsAreChosenWithTheKeys(t *testing.T) {
	r := newShownRows(t, 100, 5)
	var picked, opened []int
	r.OnPick = func(row int) { picked = append(picked, row) }
	r.OnOpen = func(row int) { opened = append(opened, row) }
	test.Type(r, "jjk")
	key(r, fyne.KeyDown, fyne.KeyEnd, fyne.KeyDown, fyne.KeyPageUp, fyne.KeyReturn, fyne.KeyHome)
	if got := fmt.Sprint(picked, opened); got != "[0 1 0 1 99 99 94 0] [94]" {
		t.Fatalf("chosen and opened: %s", got)
	}
	if r.Offset().Y != 0 {
		t.Error("the chosen row is not shown")
	}
}

func TestRowsAreChosenAndOpenedByPointer(t *testing.T) {
	r := newShownRows(t, 100, 5)
	var told []string
	r.OnPick = func(row int) { told = append(told, fmt.Sprint("pick ", row)) }
	r.OnOpen = func(row int) { told = append(told, fmt.Sprint("open ", row)) }
	r.OnMenu = func(row int, _ fyne.Position) { told = append(told, fmt.Sprint("menu ", row)) }
	y := 2.5 * theme.Size(theme.RowHeight)
	press(r, 10, y, 0)
	release(r)
	press(r, 10, y, 0)
	release(r)
	e := &desktop.MouseEvent{Button: desktop.MouseButtonSecondary}
	e.Position = fyne.NewPos(10, y/2)
	r.MouseDown(e)
	if got := strings.Join(told, ", "); got != "pick 2, pick 2, open 2, pick 1, menu 1" {
		t.Fatalf("told %s", got)
	}
}

func TestRowIsDraggedAndDropped(t *testing.T) {
	r := newShownRows(t, 100, 5)
	var told []string
	r.OnDrag = func(row int, at fyne.Position) { told = append(told, fmt.Sprint("drag ", row, at.X)) }
	r.OnDrop = func(row int, at fyne.Position) { told = append(told, fmt.Sprint("drop ", row, at.X)) }
	press(r, 10, 40, 0)
	e := &fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(10, 45), AbsolutePosition: fyne.NewPos(300, 45)}, Dragged: fyne.NewDelta(0, 5)}
	r.Dragged(e)
	r.DragEnd()
	if got := strings.Join(told, ", "); got != "drag 1 300, drop 1 300" {
		t.Fatalf("told %s", got)
	}
}

func TestBarIsDragged(t *testing.T) {
	r := newShownRows(t, 1000, 5)
	picked := false
	r.OnPick = func(int) { picked = true }
	press(r, r.Size().Width-3, 4, 0)
	r.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(0, r.Size().Height)}})
	r.DragEnd()
	if !r.AtEnd() || picked {
		t.Fatalf("it is scrolled to %v, chosen %v", r.Offset(), picked)
	}
}

func TestRowsThatAreGoneAreNotChosen(t *testing.T) {
	n := 10
	r := NewRows(func() int { return n }, func(int, *Pen) {})
	shown(t, r, fyne.NewSize(100, 100))
	r.Pick(9)
	n = 3
	r.Refresh()
	if r.Picked() != -1 {
		t.Fatalf("row %d is chosen", r.Picked())
	}
	key(r, fyne.KeyReturn)
}

func BenchmarkScrollAHundredThousandRows(b *testing.B) {
	r := newShownRows(b, 100_000, 40)
	y := float32(0)
	for b.Loop() {
		y += 50
		if !r.sheet.scrollTo(fyne.NewPos(0, y)) {
			y = 0
		}
	}
}

func newShownTable(t testing.TB) *Table {
	names, totals := []string{"c", "a", "b"}, []int{2, 3, 1}
	tab := NewTable([]Column{{Title: "name"}, {Title: "total", Right: true}, {Title: "note", Fixed: true}}, func() int { return 3 }, func(row, col int) Cell {
		return Cell{Text: []string{names[row], fmt.Sprint(totals[row]), "-"}[col]}
	})
	tab.Less = func(col, a, b int) bool {
		if col == 0 {
			return names[a] < names[b]
		}
		return totals[a] < totals[b]
	}
	shown(t, tab, fyne.NewSize(600, 200))
	return tab
}

// click presses the heading in the middle of a column.
func clickHead(tab *Table, column int) {
	tab.eachColumn(tab.head.Size().Width, func(i int, x, width float32) {
		if i == column {
			e := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
			e.Position = fyne.NewPos(x+20, 5)
			tab.head.MouseDown(e)
			tab.head.MouseUp(e)
		}
	})
}

func TestTableSortsByItsHeadings(t *testing.T) {
	tab := newShownTable(t)
	order := func() string { return strings.Join(drawn(tab.rows.sheet), " ") }
	tab.Pick(0)
	steps := []struct {
		column int
		want   string
	}{
		{0, "a|3|- b|1|- c|2|-"},
		{0, "c|2|- b|1|- a|3|-"},
		{0, "c|2|- a|3|- b|1|-"},
		{1, "b|1|- c|2|- a|3|-"},
		{2, "b|1|- c|2|- a|3|-"},
	}
	for i, s := range steps {
		clickHead(tab, s.column)
		if got := order(); got != s.want {
			t.Fatalf("after click %d it shows %s, want %s", i+1, got, s.want)
		}
		if tab.Picked() != 0 {
			t.Fatalf("after click %d another row is chosen: %d", i+1, tab.Picked())
		}
	}
}

func TestTableTellsTheOwnersRow(t *testing.T) {
	tab := newShownTable(t)
	var told []int
	tab.OnPick = func(row int) { told = append(told, row) }
	tab.SortBy(0, false)
	key(tab.rows, fyne.KeyDown, fyne.KeyDown)
	if fmt.Sprint(told) != "[1 2]" {
		t.Fatalf("told %v", told)
	}
	clip := test.NewClipboard()
	tab.rows.TypedShortcut(&fyne.ShortcutCopy{Clipboard: clip})
	if clip.Content() != "b\t1\t-" {
		t.Fatalf("copied %q", clip.Content())
	}
}

func TestTableColumnIsDrawnWider(t *testing.T) {
	tab := newShownTable(t)
	before := tab.columnWidth(0)
	e := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
	e.Position = fyne.NewPos(before-1, 5)
	tab.head.MouseMoved(e)
	if tab.head.Cursor() != desktop.HResizeCursor {
		t.Error("the pointer does not tell the edge")
	}
	tab.head.MouseDown(e)
	tab.head.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(30, 0)})
	tab.head.MouseUp(e)
	tab.head.DragEnd()
	if got := tab.columnWidth(0); got != before+30 {
		t.Fatalf("it is %v wide, it was %v", got, before)
	}
	if column, _ := tab.Sorted(); column != -1 {
		t.Error("drawing an edge sorts")
	}
}
