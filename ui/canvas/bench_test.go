package canvas

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"

	"jackfield/flow"
	"jackfield/ui/editor"
)

var benchSizes = []int{200, 2000, 10000}

// atWork shows a flow of n steps in a window of 1600 by 900, at full size.
func atWork(b *testing.B, n int) *hand {
	h := work(b, large(n))
	h.w.Resize(fyne.NewSize(1600, 900))
	h.d.SetView(editor.View{At: flow.Point{X: 500, Y: 20}, Zoom: 1, W: 1600, H: 900})
	h.c.Refresh()
	return h
}

func each(b *testing.B, do func(b *testing.B, h *hand)) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) { do(b, atWork(b, n)) })
	}
}

func BenchmarkPan(b *testing.B) {
	each(b, func(b *testing.B, h *hand) {
		for i := 0; b.Loop(); i++ {
			dx := float32(20)
			if i/60%2 == 1 {
				dx = -20
			}
			h.c.pan(dx, 0)
			h.c.sync()
		}
	})
}

func BenchmarkDrag(b *testing.B) {
	each(b, func(b *testing.B, h *hand) {
		h.press(700, 130)
		for i := 0; b.Loop(); i++ {
			h.drag(720+float32(i%200), 200+float32(i%100))
		}
	})
}

func BenchmarkZoom(b *testing.B) {
	each(b, func(b *testing.B, h *hand) {
		for i := 0; b.Loop(); i++ {
			by := float32(editor.ZoomNotch)
			if i/4%2 == 1 {
				by = 1 / by
			}
			h.c.zoomAt(fyne.NewPos(800, 450), by)
			h.c.sync()
		}
	})
}

func BenchmarkHover(b *testing.B) {
	each(b, func(b *testing.B, h *hand) {
		for i := 0; b.Loop(); i++ {
			h.moveTo(float32(i*7%1600), float32(i*3%900))
		}
	})
}

func BenchmarkFarOff(b *testing.B) {
	each(b, func(b *testing.B, h *hand) {
		h.c.SetZoom(0.1)
		for b.Loop() {
			h.c.stage.farOff.paint(1600, 900)
		}
	})
}
