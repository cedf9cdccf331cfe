package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	toolkit "fyne.io/fyne/v2/theme"
)

func darkColours() map[fyne.ThemeColorName]color.NRGBA {
	c := map[fyne.ThemeColorName]color.NRGBA{
		Background:   rgb(0x171a21),
		Foreground:   rgb(0xe6e9f0),
		Placeholder:  rgb(0x8490a3),
		Disabled:     rgb(0x727d8f),
		Primary:      rgb(0x7f98ff),
		PrimaryFront: rgb(0x0b1022),
		Hover:        rgba(0xffffff, 0x12),
		Pressed:      rgba(0xffffff, 0x22),
		Selection:    rgba(0x6f8bff, 0x38),
		Separator:    rgb(0x282d38),
		Input:        rgb(0x12151b),
		InputBorder:  rgb(0x343b49),
		Shadow:       rgba(0x000000, 0x70),
		Overlay:      rgb(0x1d212a),
		Error:        rgb(0xff7a7a),
		Warning:      rgb(0xf2b843),
		Success:      rgb(0x4ec98b),
		HeaderBack:   rgb(0x1b1f27),

		toolkit.ColorNameButton:              rgb(0x272d38),
		toolkit.ColorNameDisabledButton:      rgb(0x20252e),
		toolkit.ColorNameFocus:               rgba(0x6f8bff, 0x50),
		toolkit.ColorNameHyperlink:           rgb(0x93a8ff),
		toolkit.ColorNameMenuBackground:      rgb(0x232934),
		ScrollBar:                            rgba(0xa8b3c7, 0x66),
		toolkit.ColorNameScrollBarBackground: rgba(0x000000, 0x00),
		toolkit.ColorNameForegroundOnError:   rgb(0x22090b),
		toolkit.ColorNameForegroundOnSuccess: rgb(0x06190f),
		toolkit.ColorNameForegroundOnWarning: rgb(0x1f1503),

		Canvas:     rgb(0x0f1116),
		Grid:       rgb(0x2a303b),
		Panel:      rgb(0x171a21),
		Card:       rgb(0x1f242d),
		CardBorder: rgb(0x313947),
		Raised:     rgb(0x262c38),
		RaisedEdge: rgb(0x3a4352),
		Muted:      rgb(0x9ca7b8),
		Accent:     rgb(0x93a8ff),
		AccentFill: rgb(0x4865ea),
		OnAccent:   rgb(0xffffff),
		AccentSoft: rgba(0x6f8bff, 0x38),
		Quiet:      rgb(0x272d38),
		Edge:       rgb(0x5a6475),
		EdgeActive: rgb(0x7f98ff),
		Port:       rgb(0x7c879a),
		Dim:        rgba(0x05070a, 0xa0),

		Running: rgb(0x79a2ff),
		Done:    rgb(0x4ec98b),
		Failed:  rgb(0xff7a7a),
		Partial: rgb(0xf2b843),
		Waiting: rgb(0xff9f57),
		Idle:    rgb(0x8f9aab),

		CodeText:        rgb(0xdce1ea),
		CodeKeyword:     rgb(0xc099ff),
		CodeString:      rgb(0x9fdc8b),
		CodeNumber:      rgb(0xffa76b),
		CodePath:        rgb(0xffd27a),
		CodeFunction:    rgb(0x82aaff),
		CodeVariable:    rgb(0xff9ac1),
		CodeOperator:    rgb(0x7fd6e8),
		CodeComment:     rgb(0x8d99ac),
		CodeLineNumber:  rgb(0x7a8698),
		CodeCurrentLine: rgba(0xffffff, 0x09),
		CodeSelection:   rgba(0x6f8bff, 0x55),
		CodeMatch:       rgba(0xffd166, 0x3c),
	}
	card := c[Card]
	for name, hex := range map[string]uint32{
		"violet": 0xb79cff, "blue": 0x86a8ff, "cyan": 0x5ccbe8, "teal": 0x4fd1b8, "green": 0x6bd58a,
		"amber": 0xf2c14e, "orange": 0xff9f57, "red": 0xff8585, "pink": 0xf58ac6, "slate": 0xa9b4c5,
	} {
		front, back := TintNames(name)
		c[front], c[back] = rgb(hex), Mix(card, rgb(hex), 0.2)
	}
	return c
}
