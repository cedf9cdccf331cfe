package theme

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
)

// Tints lists the colour families that operations and connectors may name.
func Tints() []string {
	return []string{"violet", "blue", "cyan", "teal", "green", "amber", "orange", "red", "pink", "slate"}
}

// TintNames are the names of a family's two colours: the strong one for an icon,
// an outline or words, and the soft one behind it. An unknown family is slate.
func TintNames(tint string) (front, back fyne.ThemeColorName) {
	if !slices.Contains(Tints(), tint) {
		tint = "slate"
	}
	name := fyne.ThemeColorName("jackfield-tint-" + tint)
	return name, name + "-soft"
}

// Tint looks a family's two colours up in the current theme.
func Tint(tint string) (front, back color.Color) {
	f, b := TintNames(tint)
	return Color(f), Color(b)
}
