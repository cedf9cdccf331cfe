package theme

import (
	"bytes"
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"

	"jackfield/assets"
)

// icon is an icon in a colour of the theme. The toolkit's own themed resource would
// do, but parses the SVG at each look; this one replaces text. Its name tells its
// colour, so that the picture of another theme is never taken for this one's.
type icon struct {
	name string
	tint fyne.ThemeColorName
}

var _ fyne.ThemedResource = icon{}

// Icon is the icon of that name in the colour of text. A name that assets does not
// know gives a plain one, because connectors may come from elsewhere.
func Icon(name string) fyne.Resource { return IconTinted(name, Foreground) }

// IconTinted is the icon of that name in a named colour.
func IconTinted(name string, tint fyne.ThemeColorName) fyne.Resource {
	if _, ok := assets.Icon(name); !ok {
		name = "connection"
	}
	return icon{name: name, tint: tint}
}

// Mark is the program's own icon, in its own colours.
func Mark() fyne.Resource { return fyne.NewStaticResource("jackfield.png", assets.AppIcon) }

// Name is different for every colour.
func (i icon) Name() string { return "jackfield-" + i.name + "-" + i.hex()[1:] + ".svg" }

// Content is the SVG in the colour that the theme has now.
func (i icon) Content() []byte {
	svg, _ := assets.Icon(i.name)
	return bytes.ReplaceAll(svg, []byte("currentColor"), []byte(i.hex()))
}

// ThemeColorName lets the toolkit's buttons choose another colour.
func (i icon) ThemeColorName() fyne.ThemeColorName { return i.tint }

func (i icon) hex() string {
	c := color.NRGBAModel.Convert(Color(i.tint)).(color.NRGBA)
	return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
}
