package canvas

import (
	"fyne.io/fyne/v2"

	"jackfield/flow"
)

// textSize is the size of a text at a zoom, in steps of half a point: each size is a
// picture of its own for the toolkit, and zooming must not make too many.
func textSize(size, zoom float32) float32 { return whole(size*zoom*2) / 2 }

// cutKey is a text that was cut to a width.
type cutKey struct {
	text string
	size float32
	bold bool
	room float32
}

// cuts remembers texts that were cut, because measuring takes longer than drawing.
type cuts map[cutKey]string

// mostCuts is when cuts forgets everything and begins again.
const mostCuts = 8000

// fit shortens a text to a width and ends it with "…" where something is missing. The
// size is that at zoom 1, so that a text is cut at the same place at every zoom.
func (c cuts) fit(text string, size float32, bold bool, room float32) string {
	key := cutKey{text, size, bold, room}
	if cut, known := c[key]; known {
		return cut
	}
	if len(c) > mostCuts {
		clear(c)
	}
	cut := shorten(text, room, func(s string) float32 {
		return fyne.MeasureText(s, size, fyne.TextStyle{Bold: bold}).Width
	})
	c[key] = cut
	return cut
}

func shorten(text string, room float32, width func(string) float32) string {
	if width(text) <= room {
		return text
	}
	runes := []rune(text)
	fits, most := 0, len(runes)-1
	for fits < most {
		middle := (fits + most + 1) / 2
		if width(string(runes[:middle])+"…") <= room {
			fits = middle
		} else {
			most = middle - 1
		}
	}
	if fits == 0 {
		return ""
	}
	return string(runes[:fits]) + "…"
}

// The words on the canvas.
const (
	emptyTitle   = "An empty flow"
	emptyHint    = "Tab adds a step, or drag one from the left"
	readOnlyHint = "This run had no steps"
	dropToRemove = "drop here to take the edge away"
	dropToAdd    = "drop here to add a step"
	willInsert   = "goes in between"
	failedHint   = "records that fail leave here"
)

func unknownOperation(op flow.OpID) string { return "no operation " + string(op) }
