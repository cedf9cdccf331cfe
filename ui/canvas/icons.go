package canvas

import (
	"fyne.io/fyne/v2"
	paint "fyne.io/fyne/v2/canvas"

	"jackfield/ui/theme"
)

// iconKey is an icon in a colour of the theme.
type iconKey struct {
	name string
	ink  fyne.ThemeColorName
}

// drawnIcon is a picture of an icon that a pen has drawn and may draw again. Reading
// another icon into it costs as much as drawing a card, so a pen looks for one that
// shows the right icon first.
type drawnIcon struct {
	image *paint.Image
	key   iconKey
	free  bool
}

func (p *pen) freeIcon(key iconKey) *drawnIcon {
	var other *drawnIcon
	for _, i := range p.icons {
		if !i.free {
			continue
		}
		if i.key == key {
			i.free = false
			return i
		}
		other = i
	}
	if other == nil || len(p.icons) < mostIcons {
		other = &drawnIcon{image: &paint.Image{FillMode: paint.ImageFillStretch}}
		p.icons = append(p.icons, other)
	}
	other.key, other.free = key, false
	other.image.Resource = plainIcon(key)
	other.image.Refresh()
	return other
}

// mostIcons is how many pictures a pen keeps before it reads another icon into one.
const mostIcons = 6

// plainIcon is the icon as it looks in the theme of now. The toolkit would parse and
// write the SVG of a themed resource each time it is shown.
func plainIcon(key iconKey) fyne.Resource {
	r := theme.IconTinted(key.name, key.ink)
	return fyne.NewStaticResource(r.Name(), r.Content())
}

// forgetIcons lets go of pictures in the colours of another theme.
func (p *pen) forgetIcons() { p.icons = nil }
