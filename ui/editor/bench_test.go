package editor

import (
	"fmt"
	"testing"
	"time"

	"jackfield/flow"
)

func BenchmarkOpen(b *testing.B) {
	f := large(2000)
	for b.Loop() {
		New(f, testOps)
	}
}

func BenchmarkSetField(b *testing.B) {
	d := New(large(2000), testOps)
	at := noon
	for i := 0; b.Loop(); i++ {
		at = at.Add(time.Second)
		d.SetField("s1000", "path", fmt.Sprint(i), at)
	}
}

func BenchmarkConnectAndUndo(b *testing.B) {
	d := New(large(2000), testOps)
	for b.Loop() {
		if err := d.Connect("s3", flow.Done, "s1999"); err != nil {
			b.Fatal(err)
		}
		d.Undo()
	}
}

func BenchmarkDrag(b *testing.B) {
	d := New(large(2000), testOps)
	d.SetView(View{Zoom: 1, W: 1600, H: 900})
	d.BeginDrag([]flow.StepID{"s21"})
	for i := 0; b.Loop(); i++ {
		x, y, _ := d.Snap(float32(i%300), float32(i%200), 6)
		d.Drag(x, y)
	}
}

func BenchmarkDragAll(b *testing.B) {
	d := New(large(2000), testOps)
	d.SelectAll()
	d.BeginDrag(d.Selected())
	for i := 0; b.Loop(); i++ {
		d.Drag(float32(i%300), float32(i%200))
	}
}

func BenchmarkHit(b *testing.B) {
	d := New(large(2000), testOps)
	for i := 0; b.Loop(); i++ {
		d.Hit(flow.Point{X: float32(i % 1600), Y: float32(i % 900)}, 8, 8)
	}
}

func BenchmarkCardsInView(b *testing.B) {
	d := New(large(2000), testOps)
	var cards []*Card
	var arrows []*Arrow
	for b.Loop() {
		cards = d.CardsIn(Rect{0, 0, 1600, 900}, cards[:0])
		arrows = d.ArrowsIn(Rect{0, 0, 1600, 900}, arrows[:0])
	}
}

func BenchmarkTidy(b *testing.B) {
	for _, n := range []int{300, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			d := New(large(n), testOps)
			for b.Loop() {
				d.layout(nil)
			}
		})
	}
}
