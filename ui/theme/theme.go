// Package theme is how the window looks: every colour, size and icon that a view
// uses has its name here, and nowhere else stands a number for looks.
//
// A Theme is dark or light by its own decision, whatever the system prefers. Views
// ask Color, Size, Tint and Icon when they draw, never earlier, so that a switch of
// the theme reaches everything with the next refresh.
package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	toolkit "fyne.io/fyne/v2/theme"
)

// Theme is the look of Jackfield in the dark or in the light.
type Theme struct {
	dark    bool
	colours map[fyne.ThemeColorName]color.NRGBA
	base    fyne.Theme
}

var _ fyne.Theme = (*Theme)(nil)

// New gives the dark or the light theme.
func New(dark bool) *Theme {
	t := &Theme{dark: dark, base: toolkit.DefaultTheme(), colours: lightColours()}
	if dark {
		t.colours = darkColours()
	}
	return t
}

// Dark says which of the two it is.
func (t *Theme) Dark() bool { return t.dark }

// Color looks a colour up. Names that only the toolkit knows come from its own
// theme of the same brightness.
func (t *Theme) Color(name fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	if c, ok := t.colours[name]; ok {
		return c
	}
	variant := toolkit.VariantLight
	if t.dark {
		variant = toolkit.VariantDark
	}
	return t.base.Color(name, variant)
}

// Size looks a size up.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	if s, ok := size(name); ok {
		return s
	}
	return t.base.Size(name)
}

// Font is the toolkit's own: it is built in and knows most scripts.
func (t *Theme) Font(style fyne.TextStyle) fyne.Resource { return t.base.Font(style) }

// Icon serves the toolkit's widgets; views use the function Icon.
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return t.base.Icon(name) }

// Current is the theme of the running program. Where another theme is set, as in a
// test, it is ours of the same brightness.
func Current() *Theme {
	app := fyne.CurrentApp()
	if app == nil {
		return New(true)
	}
	if t, ok := app.Settings().Theme().(*Theme); ok {
		return t
	}
	return New(app.Settings().ThemeVariant() == toolkit.VariantDark)
}

// Color looks a colour up in the current theme.
func Color(name fyne.ThemeColorName) color.Color {
	return Current().Color(name, toolkit.VariantDark)
}

// Size looks a size up in the current theme.
func Size(name fyne.ThemeSizeName) float32 { return Current().Size(name) }
