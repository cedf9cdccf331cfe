package canvas

import (
	"image/color"

	"fyne.io/fyne/v2"

	"jackfield/ui/theme"
)

// looks is what the stage is drawn with: the colours of the theme, looked up once
// because a card asks for a dozen of them, and texts that were cut to fit.
type looks struct {
	canvas, grid, card, border, text, muted           color.Color
	accent, soft, edge, active, port, raised, outline color.Color
	shadow, onAccent, none                            color.Color
	failedEdge, doneEdge                              color.Color
	failedPort                                        color.Color
	states                                            map[State]color.Color
	tints                                             map[string]tint
	dimmed                                            map[dimKey]color.Color
	dark                                              bool
	cuts                                              cuts
}

// tint is one family of colours.
type tint struct {
	front, back, far color.Color
	name             fyne.ThemeColorName
}

func newLooks() *looks {
	of := theme.Color
	c := &looks{
		canvas: of(theme.Canvas), grid: of(theme.Grid), card: of(theme.Card), border: of(theme.CardBorder),
		text: of(theme.Foreground), muted: of(theme.Muted), accent: of(theme.Accent), soft: of(theme.AccentSoft),
		edge: of(theme.Edge), active: of(theme.EdgeActive), port: of(theme.Port), raised: of(theme.Raised),
		outline: of(theme.RaisedEdge), onAccent: of(theme.OnAccent), none: color.Transparent,
		tints: map[string]tint{}, dimmed: map[dimKey]color.Color{}, dark: theme.Current().Dark(),
		cuts: cuts{},
	}
	c.shadow = theme.Fade(of(theme.Shadow), 0.75)
	c.failedEdge = theme.Mix(c.edge, of(theme.Failed), 0.55)
	c.failedPort = theme.Mix(c.canvas, of(theme.Failed), 0.75)
	c.doneEdge = theme.Mix(c.edge, of(theme.Done), 0.6)
	c.states = map[State]color.Color{}
	for s, name := range stateColours {
		c.states[s] = of(name)
	}
	return c
}

// same says whether both are of one theme.
func (c *looks) same(o *looks) bool {
	return c.canvas == o.canvas && c.card == o.card && c.text == o.text && c.edge == o.edge &&
		c.active == o.active && c.raised == o.raised && c.dark == o.dark
}

var stateColours = map[State]fyne.ThemeColorName{
	Idle: theme.Idle, Running: theme.Running, Done: theme.Done,
	Partial: theme.Partial, Failed: theme.Failed, Waiting: theme.Waiting,
}

func (c *looks) tint(name string) tint {
	t, known := c.tints[name]
	if !known {
		front, _ := theme.TintNames(name)
		t.name = front
		t.front, t.back = theme.Tint(name)
		t.far = theme.Mix(c.canvas, t.front, 0.72)
		c.tints[name] = t
	}
	return t
}

// How much is left of what steps back: while an edge is drawn that cannot end there,
// and of steps that are off.
const (
	dimShare = 0.35
	offShare = 0.55
)

// dim is a colour that steps back to a share of itself.
func (c *looks) dim(ink color.Color, share float64) color.Color {
	if share == 1 {
		return ink
	}
	key := dimKey{ink, share}
	d, known := c.dimmed[key]
	if !known {
		if n := color.NRGBAModel.Convert(ink).(color.NRGBA); n.A < 0xff {
			d = theme.Fade(ink, share)
		} else {
			d = theme.Mix(c.canvas, ink, share)
		}
		c.dimmed[key] = d
	}
	return d
}

type dimKey struct {
	ink   color.Color
	share float64
}
