package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"jackfield/ui/theme"
)

// Look is how a line of text looks. The zero Look is plain text.
type Look struct {
	Color      fyne.ThemeColorName // "" is theme.Foreground
	Size       fyne.ThemeSizeName  // "" is theme.TextSize
	Bold, Mono bool
	Italic     bool
	Right      bool // at the right end of its room
}

// In is the same look in another colour.
func (l Look) In(colour fyne.ThemeColorName) Look { l.Color = colour; return l }

// The looks that texts have.
var (
	Plain    = Look{}
	Strong   = Look{Bold: true}
	Muted    = Look{Color: theme.Muted}
	Caption  = Look{Color: theme.Muted, Size: theme.CaptionSize}
	Overline = Look{Color: theme.Muted, Size: theme.OverlineSize, Bold: true}
	Title    = Look{Size: theme.TitleSize, Bold: true}
	Heading  = Look{Size: theme.HeadingSize, Bold: true}
	Code     = Look{Color: theme.CodeText, Size: theme.CodeSize, Mono: true}
)

func (l Look) colour() fyne.ThemeColorName {
	if l.Color == "" {
		return theme.Foreground
	}
	return l.Color
}

func (l Look) size() float32 {
	if l.Size == "" {
		return theme.Size(theme.TextSize)
	}
	return theme.Size(l.Size)
}

func (l Look) style() fyne.TextStyle {
	return fyne.TextStyle{Bold: l.Bold, Monospace: l.Mono, Italic: l.Italic}
}

// measure is the room that a line takes.
func (l Look) measure(text string) fyne.Size {
	return fyne.MeasureText(text, l.size(), l.style())
}

// apply makes t show text in this look.
func (l Look) apply(t *canvas.Text, text string) {
	t.Text, t.TextSize, t.TextStyle = text, l.size(), l.style()
	t.Color = theme.Color(l.colour())
	t.Alignment = fyne.TextAlignLeading
	if l.Right {
		t.Alignment = fyne.TextAlignTrailing
	}
}

// mostRunes is where a line is cut before it is measured: none is wider than that.
const mostRunes = 600

// cut shortens text to a width and ends it with "…" where something is missing.
func (l Look) cut(text string, width float32) string {
	runes := []rune(text)
	if len(runes) > mostRunes {
		runes = runes[:mostRunes]
		text = string(runes) + "…"
	}
	if l.measure(text).Width <= width {
		return text
	}
	fits, least := 0, len(runes)
	for fits < least {
		middle := (fits + least + 1) / 2
		if l.measure(string(runes[:middle])+"…").Width <= width {
			fits = middle
		} else {
			least = middle - 1
		}
	}
	if fits == 0 {
		return ""
	}
	return string(runes[:fits]) + "…"
}

// oneLine shows a text of several lines in one, so that none of it is lost.
func oneLine(text string) string {
	clean := true
	for _, r := range text {
		if r < ' ' || r == 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return text
	}
	out := make([]rune, 0, len(text))
	for _, r := range text {
		switch {
		case r == '\n':
			out = append(out, '⏎')
		case r == '\t':
			out = append(out, ' ')
		case r < ' ' || r == 0x7f:
			out = append(out, '·')
		default:
			out = append(out, r)
		}
	}
	return string(out)
}
