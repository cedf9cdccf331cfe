package palette

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/uitest"
	"jackfield/ui/widgets"
)

// shelf is a palette at the side of a window, and what it told.
type shelf struct {
	*uitest.Screen
	*Side
	told []string
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{Screen: uitest.Show(t, theme.New(true), widgets.NewText("", widgets.Plain), fyne.NewSize(240, 600))}
	s.Side = NewSide(testItems())
	s.OnTake = func(op flow.OpID) { s.told = append(s.told, "take "+string(op)) }
	s.OnDrag = func(it Item, at fyne.Position) { s.told = append(s.told, fmt.Sprintf("drag %s %v", it.Op, at)) }
	s.OnDrop = func(it Item, at fyne.Position) { s.told = append(s.told, fmt.Sprintf("drop %s %v", it.Op, at)) }
	s.Win.SetContent(widgets.WithLayer(s.Side))
	return s
}

func (s *shelf) wants(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(s.told, want) {
		t.Errorf("it told %q, want %q", s.told, want)
	}
	s.told = nil
}

func TestSideShowsSectionsUntilSomethingIsSearched(t *testing.T) {
	s := newShelf(t)
	s.Want("Triggers", "By hand", "Shape and steer", "Map with jq", "HTTP", "Mail", "Send a mail")
	s.FocusSearch()
	for _, r := range "mail" {
		s.Win.Canvas().Focused().TypedRune(r)
	}
	s.Want("Found", "Send a mail")
	s.WantNot("By hand", "Triggers")
	s.Win.Canvas().Focused().TypedRune('z')
	s.Want("Nothing answers to that.")
	s.Key(fyne.KeyEscape)
	s.Want("Triggers", "By hand")
}

func TestATapTakes(t *testing.T) {
	s := newShelf(t)
	s.Click("Filter")
	s.wants(t, "take core.filter")
}

func TestADragIsToldToItsEnd(t *testing.T) {
	s := newShelf(t)
	r := s.rows[slices.IndexFunc(s.rows, func(r *row) bool { return r.item.Op == "core.filter" })]
	for _, at := range []fyne.Position{{X: 300, Y: 100}, {X: 340, Y: 120}} {
		r.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{AbsolutePosition: at}})
	}
	r.DragEnd()
	r.DragEnd() // what was not dragged is not dropped
	s.wants(t, "drag core.filter {300 100}", "drag core.filter {340 120}", "drop core.filter {340 120}")
}

func TestKeysTakeFromTheSide(t *testing.T) {
	s := newShelf(t)
	s.FocusSearch()
	s.Key(fyne.KeyDown, fyne.KeyDown, fyne.KeyDown, fyne.KeyUp, fyne.KeyReturn)
	s.wants(t, "take core.map")
	for _, r := range "send" {
		s.Win.Canvas().Focused().TypedRune(r)
	}
	s.Key(fyne.KeyReturn)
	s.wants(t, "take mail.send")
	s.Want("Triggers")
	s.Key(fyne.KeyReturn)
	s.wants(t)
}

// quick is the quick list in a window, and what it told.
func newQuick(t *testing.T) (s *uitest.Screen, told *[]string) {
	t.Helper()
	s = uitest.Show(t, theme.New(true), widgets.NewText("", widgets.Plain), fyne.NewSize(800, 600))
	told = &[]string{}
	ShowQuick(s.Win.Canvas(), fyne.NewPos(790, 590), testItems(),
		func(op flow.OpID) { *told = append(*told, "take "+string(op)) },
		func() { *told = append(*told, "closed") })
	return s, told
}

func TestQuickListTakesWithTheKeys(t *testing.T) {
	s, told := newQuick(t)
	for _, r := range "core" {
		s.Win.Canvas().Focused().TypedRune(r)
	}
	s.Key(fyne.KeyDown, fyne.KeyDown, fyne.KeyDown, fyne.KeyUp, fyne.KeyReturn)
	if want := []string{"take core.map"}; !slices.Equal(*told, want) {
		t.Errorf("it told %q, want %q", *told, want)
	}
	s.WantNot("Filter")
}

func TestQuickListTakesWithAPress(t *testing.T) {
	s, told := newQuick(t)
	s.Click("Send a mail")
	if want := []string{"take mail.send"}; !slices.Equal(*told, want) {
		t.Errorf("it told %q, want %q", *told, want)
	}
}

func TestQuickListTakesNothingWhereNothingIsFound(t *testing.T) {
	s, told := newQuick(t)
	for _, r := range "zebra" {
		s.Win.Canvas().Focused().TypedRune(r)
	}
	s.Want("Nothing answers to that.")
	s.Key(fyne.KeyReturn)
	if len(*told) > 0 {
		t.Errorf("it told %q", *told)
	}
}

func TestQuickListIsClosedByEscapeAndByAPressBeside(t *testing.T) {
	for _, tc := range []struct {
		name  string
		close func(*uitest.Screen)
	}{
		{"Escape", func(s *uitest.Screen) { s.Key(fyne.KeyEscape) }},
		{"a press beside", func(s *uitest.Screen) { test.TapCanvas(s.Win.Canvas(), fyne.NewPos(5, 5)) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, told := newQuick(t)
			s.Want("By hand")
			tc.close(s)
			s.WantNot("By hand")
			if want := []string{"closed"}; !slices.Equal(*told, want) {
				t.Errorf("it told %q, want %q", *told, want)
			}
		})
	}
}

func TestQuickListStaysInTheWindow(t *testing.T) {
	s, _ := newQuick(t)
	panel := s.Win.Canvas().Overlays().Top().(*over).panel
	at, size := panel.Position(), panel.Size()
	if at.X < 0 || at.Y < 0 || at.X+size.Width > 800 || at.Y+size.Height > 600 {
		t.Errorf("it lies at %v, %v large", at, size)
	}
}

func TestSideOffersWhatComesLater(t *testing.T) {
	s := newShelf(t)
	s.FocusSearch()
	for _, r := range "shop" {
		s.Win.Canvas().Focused().TypedRune(r)
	}
	s.Want("Nothing answers to that.")
	s.SetItems(append(testItems(), Items(kit.Set{{ID: "shop", Title: "Corner shop", Ops: []kit.Op{{ID: "list", Title: "List orders", New: func() kit.Operation { return anything{} }}}}})...))
	s.Want("Found", "List orders")
}

// account is a connection that needs nothing.
type account struct{ anything }

func (account) Test(context.Context, kit.Env) []kit.Check { return nil }

func TestServicesAreFoldedUntilTheyAreWanted(t *testing.T) {
	comes := kit.Op{ID: "new", Title: "When something comes", Trigger: true, New: func() kit.Operation { return anything{} }}
	list := kit.Op{ID: "list", Title: "List orders", New: func() kit.Operation { return anything{} }}
	s := newShelf(t)
	s.SetItems(append(testItems(), Items(kit.Set{
		{ID: "shop", Title: "Corner shop", Connection: func() kit.Connection { return account{} }, Ops: []kit.Op{comes, list}},
	})...))
	s.Want("When something comes", "Corner shop")
	s.WantNot("List orders")
	for range len(s.rows) + 1 {
		s.move(1)
	}
	if at := s.rows[s.picked].item.Op; at != "mail.send" {
		t.Errorf("the keys came to %s, which cannot be seen", at)
	}
	s.list.Objects[len(s.list.Objects)-2].(*widgets.Section).SetOpen(true)
	s.list.Objects[len(s.list.Objects)-2].(*widgets.Section).OnFold(true)
	s.Want("List orders")
	s.SetItems(s.items)
	s.Want("List orders")
}
