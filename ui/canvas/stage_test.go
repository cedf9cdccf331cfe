package canvas

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"jackfield/flow"
	"jackfield/ui/editor"
	"jackfield/ui/theme"
)

// primitives counts what the toolkit would walk in one frame.
func (h *hand) primitives() int {
	count := 0
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		count++
		if box, ok := o.(*fyne.Container); ok {
			for _, child := range box.Objects {
				walk(child)
			}
		}
	}
	for _, o := range h.c.stage.objects() {
		walk(o)
	}
	return count
}

func TestNoZoomDrawsMoreThanAFrameCanBear(t *testing.T) {
	h := work(t, large(10000))
	h.w.Resize(fyne.NewSize(1900, 1000))
	seen := map[level]bool{}
	for zoom := float32(editor.MinZoom); zoom <= editor.MaxZoom; zoom *= 1.05 {
		v := h.d.View()
		v.At, v.Zoom = flow.Point{X: 2000, Y: 4000}, zoom
		h.d.SetView(v)
		h.c.Refresh()
		seen[h.c.stage.level] = true
		if n := h.primitives(); n > 4500 {
			t.Errorf("at %.0f %% a frame has %d primitives (level %d)", zoom*100, n, h.c.stage.level)
		}
	}
	same(t, "the levels", seen, map[level]bool{full: true, medium: true, small: true, far: true})
}

func TestManyCardsCloseTogetherAreDrawnSimpler(t *testing.T) {
	var f flow.Flow
	for i := range 700 {
		f.Steps = append(f.Steps, flow.Step{ID: flow.StepID(fmt.Sprintf("s%d", i)), Uses: "core.map", At: flow.Point{X: float32(i % 40 * 20), Y: float32(i / 40 * 20)}})
	}
	h := work(t, f)
	same(t, "the level at full size", h.c.stage.level, small)
}

func TestPanningWithinThePreparedAreaMovesOneContainer(t *testing.T) {
	h := work(t, large(200))
	h.c.MouseOut()
	round, at := h.c.stage.round, h.c.stage.world.Position()
	h.c.pan(30, 12)
	h.c.sync()
	same(t, "drawings", h.c.stage.round, round)
	same(t, "the world", h.c.stage.world.Position(), at.AddXY(30, 12))
	h.c.pan(300, 0)
	h.c.sync()
	same(t, "drawings after leaving the area", h.c.stage.round, round+1)
}

func TestCardsThatStayInViewAreTheSameObjects(t *testing.T) {
	h := work(t, large(200))
	before := map[flow.StepID]*drawnCard{}
	for id, d := range h.c.stage.shownCards {
		before[id] = d
	}
	h.c.pan(-500, 0)
	h.c.sync()
	kept := 0
	for id, d := range h.c.stage.shownCards {
		if was := before[id]; was != nil {
			kept++
			if was != d {
				t.Errorf("%s is drawn by another card now", id)
			}
		}
	}
	if kept == 0 {
		t.Fatal("no card stayed")
	}
	made := len(h.c.stage.shownCards) + len(h.c.stage.freeCards)
	for range 20 {
		h.c.pan(-500, 0)
		h.c.sync()
		h.c.pan(500, 0)
		h.c.sync()
	}
	if now := len(h.c.stage.shownCards) + len(h.c.stage.freeCards); now > made+20 {
		t.Errorf("going to and fro made %d cards of %d", now, made)
	}
}

func TestOnlyWhatCanBeSeenIsDrawn(t *testing.T) {
	h := work(t, large(10000))
	for id := range h.c.stage.shownCards {
		if !h.c.stage.area.Meets(h.d.Card(id).Rect) {
			t.Errorf("%s is drawn at %v, outside %v", id, h.d.Card(id).Rect, h.c.stage.area)
		}
	}
	if n := len(h.c.stage.shownCards); n == 0 || n > 60 {
		t.Errorf("%d of 10,000 cards are drawn", n)
	}
}

func TestSwitchOfTheThemeReachesEverything(t *testing.T) {
	h := work(t, chain("a", "b"))
	dark := h.c.stage.back.FillColor
	fyne.CurrentApp().Settings().SetTheme(theme.New(false))
	h.c.Refresh()
	if h.c.stage.back.FillColor == dark {
		t.Error("the canvas stays dark")
	}
	for id, d := range h.c.stage.shownCards {
		if d.look.theme != h.c.stage.generation {
			t.Errorf("%s is drawn in the old theme", id)
		}
	}
}

// Whatever the hand does, nothing breaks, and all of it can be taken back.
func TestAnyHandIsTakenBack(t *testing.T) {
	for seed := range uint64(12) {
		f := large(30)
		h := work(t, f)
		before := h.d.Flow()
		rng := rand.New(rand.NewPCG(seed, 3))
		x, y := float32(0), float32(0)
		to := func() { x, y = rng.Float32()*viewW, rng.Float32()*viewH }
		mods := []fyne.KeyModifier{0, 0, 0, fyne.KeyModifierShift, fyne.KeyModifierControl, fyne.KeyModifierAlt}
		keys := []fyne.KeyName{fyne.KeyDelete, fyne.KeyEscape, fyne.KeyTab, fyne.KeyLeft, fyne.KeyRight, fyne.KeyReturn, fyne.KeyF2}
		for range 300 {
			h.time = h.time.Add(time.Duration(rng.IntN(600)) * time.Millisecond)
			h.mods = mods[rng.IntN(len(mods))]
			switch rng.IntN(12) {
			case 0, 1:
				h.pressSoon(x, y)
			case 2, 3, 4:
				to()
				h.drag(x, y)
			case 5, 6:
				h.release(x, y)
			case 7:
				to()
				h.moveTo(x, y)
			case 8:
				h.key(keys[rng.IntN(len(keys))])
			case 9:
				h.c.TypedRune([]rune("0a1f2d+-")[rng.IntN(8)])
			case 10:
				h.scroll(x, y, 0, float32(rng.IntN(5)-2)*notch)
			case 11:
				if len(h.asks) > 0 {
					h.c.Add("core.filter", h.asks[len(h.asks)-1])
					h.asks = nil
				}
				h.c.MouseDown(h.event(x, y, desktop.MouseButtonSecondary))
				h.c.MouseUp(h.event(x, y, desktop.MouseButtonSecondary))
			}
		}
		h.key(fyne.KeyEscape)
		for h.d.Undoable() != "" {
			h.c.Undo()
		}
		if !reflect.DeepEqual(h.d.Flow(), before) {
			t.Errorf("seed %d: undo does not lead back", seed)
		}
	}
}

func TestRefreshTellsNobody(t *testing.T) {
	h := work(t, chain("a", "b"))
	h.c.OnChange = func() { t.Error("told of a change that was made elsewhere") }
	h.c.OnSelect = func() { t.Error("told of a selection that was made elsewhere") }
	h.d.Select("a")
	h.d.SetOff(true, "a")
	h.c.Refresh()
	same(t, "and yet it is drawn", h.c.stage.shownCards["a"].look.selected, true)
	h.moveTo(500, 500)
}

func TestANewDocumentIsShownWhole(t *testing.T) {
	h := work(t, chain("a"))
	d := editor.New(large(400), testOps)
	h.c.SetDocument(d)
	if !d.View().Area().Holds(d.Bounds()) {
		t.Errorf("%v does not show %v", d.View(), d.Bounds())
	}
	h.w.Resize(fyne.NewSize(600, 400))
	if !d.View().Area().Holds(d.Bounds()) {
		t.Errorf("in a smaller window %v does not show %v", d.View(), d.Bounds())
	}
	h.c.SetZoom(1)
	h.w.Resize(fyne.NewSize(900, 500))
	same(t, "the zoom, once a person has set it", d.View().Zoom, float32(1))
	h.c.SetDocument(h.d)
	h.c.SetDocument(d)
	same(t, "the zoom, when it comes back", d.View().Zoom, float32(1))
}
