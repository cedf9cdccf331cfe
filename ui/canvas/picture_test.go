package canvas

import (
	"image"
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"jackfield/flow"
	"jackfield/ui/editor"
	"jackfield/ui/theme"
)

// The pictures are small and few: what is drawn is checked by the looks above, how it
// is drawn by these.
func TestPictures(t *testing.T) {
	f := chain("a", "b", "c")
	f.Steps[0].Uses, f.Steps[0].Title = "core.manual", "Every night"
	f.Steps[1].Uses, f.Steps[1].Title, f.Steps[1].With = "core.filter", "Only the large ones", flow.Values{"path": "orders.csv"}
	f.Edges[1].Outlet, f.Edges[1].When = "true", ".x"
	f.Steps[2].Off = true
	for _, dark := range []bool{true, false} {
		name := map[bool]string{true: "dark", false: "light"}[dark]
		t.Run(name, func(t *testing.T) {
			h := work(t, f)
			fyne.CurrentApp().Settings().SetTheme(theme.New(dark))
			h.w.Resize(fyne.NewSize(820, 260))
			h.d.SetView(editor.View{At: flow.Point{X: 60, Y: -20}, Zoom: 0.9, W: 820, H: 260})
			h.d.SetProblems([]flow.Problem{{Step: "b"}})
			h.c.SetRun(map[flow.StepID]Status{"a": {State: Done, Count: 1240}, "b": {State: Failed}}, map[editor.EdgeID]Traffic{{From: "a", Outlet: "done", To: "b"}: {Took: 1240, Waits: 400}})
			h.d.Select("b")
			h.c.Refresh()
			test.AssertImageMatches(t, "canvas_"+name+".png", h.w.Canvas().Capture())
		})
	}
}

func TestStrokeCoversWhatItShould(t *testing.T) {
	ink := color.NRGBA{R: 255, A: 255}
	for _, c := range []struct {
		name           string
		x1, y1, x2, y2 float64
		inside, beside image.Point
	}{
		{"flat", 2, 10.5, 38, 10.5, image.Pt(20, 10), image.Pt(20, 13)},
		{"upright", 10.5, 2, 10.5, 38, image.Pt(10, 20), image.Pt(13, 20)},
		{"falling", 2, 2, 38, 38, image.Pt(20, 20), image.Pt(24, 20)},
		{"from outside", -100, 20.5, 200, 20.5, image.Pt(1, 20), image.Pt(20, 24)},
		{"backwards", 38, 10.5, 2, 10.5, image.Pt(20, 10), image.Pt(20, 13)},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := image.NewRGBA(image.Rect(0, 0, 40, 40))
			stroke(m, c.x1, c.y1, c.x2, c.y2, 2, ink)
			if a := m.RGBAAt(c.inside.X, c.inside.Y).A; a < 200 {
				t.Errorf("at %v it covers %d", c.inside, a)
			}
			if a := m.RGBAAt(c.beside.X, c.beside.Y).A; a != 0 {
				t.Errorf("at %v it covers %d", c.beside, a)
			}
		})
	}
}

func TestFarOffStepsAreSeenInTheColoursOfTheirKind(t *testing.T) {
	h := work(t, large(2000))
	h.c.SetZoom(0.1)
	same(t, "the level", h.c.stage.level, far)
	h.c.SetRun(map[flow.StepID]Status{"s0": {State: Failed}}, nil)
	m := h.c.stage.farOff.paint(int(h.c.stage.clip.W), int(h.c.stage.clip.H)).(*image.RGBA)
	inkAt := func(id flow.StepID) color.Color {
		p, a := h.d.Card(id).Rect.Centre(), h.c.stage.area
		return color.NRGBAModel.Convert(m.At(int((p.X-a.X)*0.1), int((p.Y-a.Y)*0.1)))
	}
	same(t, "what failed", inkAt("s0"), color.Color(solid(h.c.stage.looks.states[Failed])))
	same(t, "what never ran", inkAt("s1"), color.Color(solid(h.c.stage.looks.dim(h.c.stage.looks.tint("green").far, dimShare))))
}

func TestTextsAreCutToTheirRoom(t *testing.T) {
	width := func(s string) float32 { return float32(len([]rune(s))) }
	for _, c := range []struct {
		text string
		room float32
		want string
	}{{"short", 5, "short"}, {"longer", 5, "long…"}, {"longer", 1, ""}, {"", 5, ""}, {"äöüß", 3, "äö…"}} {
		same(t, c.text, shorten(c.text, c.room, width), c.want)
	}
}
