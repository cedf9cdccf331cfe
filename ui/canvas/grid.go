package canvas

import (
	"image"
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	paint "fyne.io/fyne/v2/canvas"

	"jackfield/ui/editor"
)

// grid is the dots behind the steps: a picture one cell larger than the view, which
// moves with it and is painted anew only for another zoom, size or theme.
type grid struct {
	raster *paint.Raster
	cell   float32 // the distance of two dots on the screen
	pixels float32 // of the screen for one unit
	ink    color.NRGBA
	size   fyne.Size
	buffer *image.RGBA
}

// Dots stand as near as this on the screen before every second one is left out.
const nearestDots = 16

func (g *grid) prepare() {
	g.raster = paint.NewRaster(g.paint)
	g.raster.ScaleMode = paint.ImageScaleFastest
}

// cellFor is the distance of two dots on the screen: the grid's own, or twice it, or
// four times …
func cellFor(zoom float32) float32 {
	cell := float32(editor.GridStep) * zoom
	for cell < nearestDots {
		cell *= 2
	}
	for cell > 2*nearestDots {
		cell /= 2
	}
	return cell
}

func (g *grid) show(v editor.View, scale float32, c *looks) {
	cell := cellFor(v.Zoom)
	ink := color.NRGBAModel.Convert(c.grid).(color.NRGBA)
	size := fyne.NewSize(ceil(v.W+cell)+1, ceil(v.H+cell)+1)
	if cell != g.cell || scale != g.pixels || ink != g.ink || size != g.size {
		g.cell, g.pixels, g.ink, g.size = cell, scale, ink, size
		g.raster.Resize(size)
		g.raster.Refresh()
	}
	g.raster.Move(fyne.NewPos(whole(-offset(v.At.X*v.Zoom, cell)), whole(-offset(v.At.Y*v.Zoom, cell))))
}

// offset is how far a place is beyond the last dot.
func offset(at, cell float32) float32 {
	return float32(math.Mod(math.Mod(float64(at), float64(cell))+float64(cell), float64(cell)))
}

// paint draws the dots into a picture of w by h pixels. Each dot is spread over the
// four pixels around its middle, so that it stands where it should at every zoom.
func (g *grid) paint(w, h int) image.Image {
	if g.buffer == nil || g.buffer.Rect.Dx() != w || g.buffer.Rect.Dy() != h {
		g.buffer = image.NewRGBA(image.Rect(0, 0, w, h))
	} else {
		clear(g.buffer.Pix)
	}
	cell := float64(g.cell * g.pixels)
	if cell < 4 {
		return g.buffer
	}
	radius := math.Max(0.5, math.Min(0.85*float64(g.pixels), cell/20))
	for y := 0.5; y < float64(h); y += cell {
		for x := 0.5; x < float64(w); x += cell {
			dot(g.buffer, x, y, radius, g.ink)
		}
	}
	return g.buffer
}

// dot covers the pixels around a point as far as a disc would.
func dot(m *image.RGBA, x, y, radius float64, ink color.NRGBA) {
	for py := int(y - radius - 1); py <= int(y+radius+1); py++ {
		for px := int(x - radius - 1); px <= int(x+radius+1); px++ {
			covered := radius + 0.5 - math.Hypot(float64(px)+0.5-x, float64(py)+0.5-y)
			if covered > 0 {
				blend(m, px, py, ink, math.Min(covered, 1))
			}
		}
	}
}
