package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	toolkit "fyne.io/fyne/v2/theme"
)

func lightColours() map[fyne.ThemeColorName]color.NRGBA {
	c := map[fyne.ThemeColorName]color.NRGBA{
		Background:   rgb(0xfbfbfd),
		Foreground:   rgb(0x1a2130),
		Placeholder:  rgb(0x656f80),
		Disabled:     rgb(0x8b94a3),
		Primary:      rgb(0x3557e0),
		PrimaryFront: rgb(0xffffff),
		Hover:        rgba(0x1a2130, 0x0e),
		Pressed:      rgba(0x1a2130, 0x1c),
		Selection:    rgba(0x3557e0, 0x24),
		Separator:    rgb(0xe4e7ed),
		Input:        rgb(0xffffff),
		InputBorder:  rgb(0xccd2dc),
		Shadow:       rgba(0x1a2130, 0x26),
		Overlay:      rgb(0xffffff),
		Error:        rgb(0xc62f2f),
		Warning:      rgb(0x8f5f00),
		Success:      rgb(0x177a41),
		HeaderBack:   rgb(0xf3f4f7),

		toolkit.ColorNameButton:              rgb(0xeceef3),
		toolkit.ColorNameDisabledButton:      rgb(0xf2f3f6),
		toolkit.ColorNameFocus:               rgba(0x3557e0, 0x38),
		toolkit.ColorNameHyperlink:           rgb(0x2f4fd3),
		toolkit.ColorNameMenuBackground:      rgb(0xffffff),
		ScrollBar:                            rgba(0x3a4557, 0x60),
		toolkit.ColorNameScrollBarBackground: rgba(0x000000, 0x00),
		toolkit.ColorNameForegroundOnError:   rgb(0xffffff),
		toolkit.ColorNameForegroundOnSuccess: rgb(0xffffff),
		toolkit.ColorNameForegroundOnWarning: rgb(0xffffff),

		Canvas:     rgb(0xeff1f5),
		Grid:       rgb(0xcdd3dd),
		Panel:      rgb(0xfbfbfd),
		Card:       rgb(0xffffff),
		CardBorder: rgb(0xdde1e8),
		Raised:     rgb(0xffffff),
		RaisedEdge: rgb(0xd3d8e1),
		Muted:      rgb(0x5a6475),
		Accent:     rgb(0x2f4fd3),
		AccentFill: rgb(0x3557e0),
		OnAccent:   rgb(0xffffff),
		AccentSoft: rgba(0x3557e0, 0x22),
		Quiet:      rgb(0xeceef3),
		Edge:       rgb(0x9aa4b4),
		EdgeActive: rgb(0x3557e0),
		Port:       rgb(0x7d8899),
		Dim:        rgba(0x1a2130, 0x55),

		Running: rgb(0x2c5fdc),
		Done:    rgb(0x177a41),
		Failed:  rgb(0xc62f2f),
		Partial: rgb(0x8f5f00),
		Waiting: rgb(0xad4b0b),
		Idle:    rgb(0x657083),

		CodeText:        rgb(0x222a39),
		CodeKeyword:     rgb(0x7a3fd0),
		CodeString:      rgb(0x1d7a2f),
		CodeNumber:      rgb(0xb0480c),
		CodePath:        rgb(0x8a5300),
		CodeFunction:    rgb(0x2c55cf),
		CodeVariable:    rgb(0xb32a72),
		CodeOperator:    rgb(0x0a6c83),
		CodeComment:     rgb(0x687386),
		CodeLineNumber:  rgb(0x737d8d),
		CodeCurrentLine: rgba(0x1a2130, 0x08),
		CodeSelection:   rgba(0x3557e0, 0x30),
		CodeMatch:       rgba(0xf2b843, 0x58),
	}
	card := c[Card]
	for name, hex := range map[string]uint32{
		"violet": 0x6b3fd4, "blue": 0x2557d6, "cyan": 0x0a6a8a, "teal": 0x0a6f60, "green": 0x1a7236,
		"amber": 0x845600, "orange": 0xa3450a, "red": 0xbd2a2a, "pink": 0xad287c, "slate": 0x4b586c,
	} {
		front, back := TintNames(name)
		c[front], c[back] = rgb(hex), Mix(card, rgb(hex), 0.12)
	}
	return c
}
