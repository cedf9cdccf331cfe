package canvas

import (
	"image"
	"image/color"
	"math"

	"jackfield/ui/editor"
)

// blend puts ink over a pixel, as far as share (0 to 1) of it is covered.
func blend(m *image.RGBA, x, y int, ink color.NRGBA, share float64) {
	if x < m.Rect.Min.X || y < m.Rect.Min.Y || x >= m.Rect.Max.X || y >= m.Rect.Max.Y {
		return
	}
	a := uint32(share*float64(ink.A) + 0.5)
	if a == 0 {
		return
	}
	p := m.Pix[(y-m.Rect.Min.Y)*m.Stride+(x-m.Rect.Min.X)*4:][:4:4]
	rest := 255 - a
	p[0] = uint8((uint32(ink.R)*a + uint32(p[0])*rest) / 255)
	p[1] = uint8((uint32(ink.G)*a + uint32(p[1])*rest) / 255)
	p[2] = uint8((uint32(ink.B)*a + uint32(p[2])*rest) / 255)
	p[3] = uint8(a + uint32(p[3])*rest/255)
}

// stroke draws a straight line of a width, smooth at its sides: each pixel near it is
// covered as far as it is near. It is far quicker than a general rasteriser, which
// sweeps the whole picture.
func stroke(m *image.RGBA, x1, y1, x2, y2, width float64, ink color.NRGBA) {
	half := width/2 + 0.5
	x1, y1, x2, y2, seen := clipLine(x1, y1, x2, y2, m.Rect, half)
	if !seen {
		return
	}
	dx, dy := x2-x1, y2-y1
	length := dx*dx + dy*dy
	steep := math.Abs(dy) > math.Abs(dx)
	lo, hi, from, slope := x1, x2, y1, 0.0
	if steep {
		lo, hi, from = y1, y2, x1
		slope = dx / dy
	} else if dx != 0 {
		slope = dy / dx
	}
	first := lo
	if lo > hi {
		lo, hi = hi, lo
	}
	reach := half * math.Sqrt(1+slope*slope)
	for i := int(math.Floor(lo - half)); i <= int(math.Ceil(hi+half)); i++ {
		middle := from + (math.Min(math.Max(float64(i)+0.5, lo), hi)-first)*slope
		for j := int(math.Floor(middle - reach)); j <= int(math.Ceil(middle+reach)); j++ {
			px, py := i, j
			if steep {
				px, py = j, i
			}
			if covered := half - distance(float64(px)+0.5-x1, float64(py)+0.5-y1, dx, dy, length); covered > 0 {
				blend(m, px, py, ink, math.Min(covered, 1))
			}
		}
	}
}

// distance is that of p from the line from nothing to d.
func distance(px, py, dx, dy, length float64) float64 {
	t := 0.0
	if length > 0 {
		t = math.Min(math.Max((px*dx+py*dy)/length, 0), 1)
	}
	return math.Hypot(px-t*dx, py-t*dy)
}

// clipLine cuts a line to what can be seen of it (Liang and Barsky).
func clipLine(x1, y1, x2, y2 float64, r image.Rectangle, margin float64) (a, b, c, d float64, seen bool) {
	dx, dy := x2-x1, y2-y1
	lo, hi := 0.0, 1.0
	for _, side := range [4][2]float64{
		{-dx, x1 - float64(r.Min.X) + margin},
		{dx, float64(r.Max.X) + margin - x1},
		{-dy, y1 - float64(r.Min.Y) + margin},
		{dy, float64(r.Max.Y) + margin - y1},
	} {
		p, q := side[0], side[1]
		switch {
		case p == 0 && q < 0:
			return 0, 0, 0, 0, false
		case p < 0:
			lo = math.Max(lo, q/p)
		case p > 0:
			hi = math.Min(hi, q/p)
		}
	}
	if lo > hi {
		return 0, 0, 0, 0, false
	}
	return x1 + lo*dx, y1 + lo*dy, x1 + hi*dx, y1 + hi*dy, true
}

// strokeCurve draws a curve as straight pieces of about six pixels, at most a hundred.
func strokeCurve(m *image.RGBA, c editor.Curve, width float64, ink color.NRGBA) {
	box := c.Box()
	pieces := min(max(int((box.W+box.H)/6), 1), 100)
	a := c[0]
	for i := 1; i <= pieces; i++ {
		b := c.At(float32(i) / float32(pieces))
		stroke(m, float64(a.X), float64(a.Y), float64(b.X), float64(b.Y), width, ink)
		a = b
	}
}

// fill covers an upright rectangle; its corners are taken off where it is large enough
// for that to be seen.
func fill(m *image.RGBA, r editor.Rect, ink color.NRGBA) {
	x1, y1 := int(math.Round(float64(r.X))), int(math.Round(float64(r.Y)))
	x2, y2 := max(int(math.Round(float64(r.Right()))), x1+1), max(int(math.Round(float64(r.Bottom()))), y1+1)
	soft := y2-y1 >= 4 && x2-x1 >= 4
	for y := max(y1, m.Rect.Min.Y); y < min(y2, m.Rect.Max.Y); y++ {
		for x := max(x1, m.Rect.Min.X); x < min(x2, m.Rect.Max.X); x++ {
			share := 1.0
			if soft && (x == x1 || x == x2-1) && (y == y1 || y == y2-1) {
				share = 0.3
			}
			blend(m, x, y, ink, share)
		}
	}
}
