package canvas

import (
	"image/color"
	"strconv"

	"fyne.io/fyne/v2"

	"jackfield/ui/editor"
	"jackfield/ui/theme"
)

// badge is what the corner of a card shows for a state.
type badge struct {
	icon string
	ink  fyne.ThemeColorName
}

var badges = map[State]badge{
	Done:    {"check", theme.Done},
	Partial: {"warning", theme.Partial},
	Failed:  {"cross", theme.Failed},
	Waiting: {"clock", theme.Waiting},
}

// drawBadge draws the state on the upper right corner: a disc, or a pill where there is
// a count to tell. A step that never ran has none.
func (d *drawnCard) drawBadge(c *looks) {
	l := &d.look
	state := l.status.State
	if state == Idle {
		return
	}
	ink := c.states[state]
	right, y := d.width()+d.at(5), d.at(1)
	radius := d.at(badgeRadius)
	if l.level != full {
		radius = max(d.at(8), 4)
		d.pen.disc(right-radius, y, radius, ink, c.canvas, 1)
		return
	}
	back, icon := color.Color(theme.Mix(c.card, ink, 0.22)), badges[state]
	if state == Failed {
		back, icon.ink = ink, c.onStateName()
	}
	text, size := d.badgeText(), textSize(10.5, l.zoom)
	width := 2 * radius
	if text != "" {
		width += fyne.MeasureText(text, size, fyne.TextStyle{Bold: true}).Width + d.at(3)
	}
	d.pen.box(right-width, y-radius, width, 2*radius, radius, back, ink, max(d.at(1.4), 1))
	middle := right - width + radius
	if state == Running {
		d.pen.ring(middle, y, radius*0.66, l.turn, l.turn+270, max(1.7*l.zoom, 1), ink)
	} else {
		d.pen.icon(middle, y, 13*l.zoom, icon.icon, icon.ink, 0)
	}
	front := ink
	if state == Failed {
		front = c.onState()
	}
	d.pen.text(middle+radius-d.at(1), y, leftOf, text, size, true, front)
}

func (d *drawnCard) badgeText() string {
	s := d.look.status
	switch {
	case s.Note != "":
		return s.Note
	case s.Count > 0:
		return compact(s.Count)
	}
	return ""
}

// drawProblems counts what is wrong on the upper left corner.
func (d *drawnCard) drawProblems(c *looks) {
	l := &d.look
	count, ink := l.errors, c.states[Failed]
	if count == 0 {
		count, ink = l.warnings, c.states[Partial]
	}
	if count == 0 {
		return
	}
	x, y := d.at(3), d.at(1)
	if l.card.Trigger {
		x = d.at(editor.CardHeight / 4)
	}
	if l.level != full {
		d.pen.disc(x, y, max(d.at(8), 4), ink, c.canvas, 1)
		return
	}
	d.pen.disc(x, y, d.at(badgeRadius), ink, c.canvas, max(d.at(2), 1))
	d.pen.text(x, y, middleOf, strconv.Itoa(min(count, 9)), textSize(11, l.zoom), true, c.onState())
}

// onState is what can be read on the strong colour of a state.
func (c *looks) onState() color.Color {
	if c.dark {
		return c.canvas
	}
	return c.onAccent
}

func (c *looks) onStateName() fyne.ThemeColorName {
	if c.dark {
		return theme.Canvas
	}
	return theme.OnAccent
}
