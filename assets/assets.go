// Package assets holds what the program shows and did not compute: icons as SVG
// text and the program's own icon. It imports no toolkit, so that the command line
// and the documentation can use it too.
//
// Every icon lies on a grid of 24 by 24 and has one colour, written "currentColor";
// who shows it puts a colour in its place. Icons are drawn in strokes, under
// drawings, and embedded as outlines, under icons, that a test makes of them.
package assets

import (
	"embed"
	"io/fs"
	"path"
	"strings"
)

//go:embed icons/*.svg
var icons embed.FS

// AppIcon is the program's icon as a PNG of 256 by 256 pixels, made from
// icon.svg.
//
//go:embed icon.png
var AppIcon []byte

// AppIconSVG is the program's icon as it was drawn.
//
//go:embed icon.svg
var AppIconSVG []byte

// Icon is the SVG text of the icon of that name. There is none where ok is false.
func Icon(name string) (svg []byte, ok bool) {
	svg, err := icons.ReadFile("icons/" + name + ".svg")
	return svg, err == nil
}

// Icons lists the names of all icons in alphabetical order.
func Icons() []string {
	files, _ := fs.Glob(icons, "icons/*.svg") // the pattern is well formed, so there is no error
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(path.Base(f), ".svg")
	}
	return names
}
