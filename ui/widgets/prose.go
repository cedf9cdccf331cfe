package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Prose is text that wraps at words. It is as high as it needs to be at the width
// that it was given last.
type Prose struct {
	widget.BaseWidget
	text   string
	look   Look
	middle bool
	lines  []string
	width  float32
}

// NewProse is a paragraph in a look.
func NewProse(text string, look Look) *Prose {
	p := &Prose{text: text, look: look}
	p.ExtendBaseWidget(p)
	p.wrap(0)
	return p
}

// NewCentredProse is one whose lines stand in the middle.
func NewCentredProse(text string, look Look) *Prose {
	p := NewProse(text, look)
	p.middle = true
	return p
}

// Text is what it says.
func (p *Prose) Text() string { return p.text }

// SetText says something else.
func (p *Prose) SetText(text string) { p.Set(text, p.look) }

// Set says something else in another look.
func (p *Prose) Set(text string, look Look) {
	if text == p.text && look == p.look {
		return
	}
	p.text, p.look = text, look
	p.wrap(p.width)
	p.Refresh()
}

// Resize wraps it anew.
func (p *Prose) Resize(size fyne.Size) {
	if size.Width != p.width {
		p.wrap(size.Width)
		p.Refresh()
	}
	p.BaseWidget.Resize(size)
}

// wrap breaks the text into lines; a width of 0 breaks only where the text does.
func (p *Prose) wrap(width float32) {
	p.width, p.lines = width, nil
	for _, paragraph := range strings.Split(p.text, "\n") {
		p.lines = append(p.lines, p.look.wrap(paragraph, width)...)
	}
}

// wrap breaks one paragraph at its words; a word that is too long for a line is
// broken where the line ends.
func (l Look) wrap(text string, width float32) []string {
	if width <= 0 || l.measure(text).Width <= width {
		return []string{text}
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		longer := strings.TrimSpace(line + " " + word)
		if l.measure(longer).Width <= width {
			line = longer
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for l.measure(word).Width > width {
			n := l.fitting(word, width)
			lines = append(lines, word[:n])
			word = word[n:]
		}
		line = word
	}
	return append(lines, line)
}

// fitting is how many bytes of a word fit, one rune at the least.
func (l Look) fitting(word string, width float32) int {
	fits := 0
	for i, r := range word {
		end := i + len(string(r))
		if fits > 0 && l.measure(word[:end]).Width > width {
			break
		}
		fits = end
	}
	return fits
}

// CreateRenderer draws it.
func (p *Prose) CreateRenderer() fyne.WidgetRenderer {
	r := &proseRenderer{prose: p}
	r.Refresh()
	return r
}

type proseRenderer struct {
	prose *Prose
	texts []fyne.CanvasObject
}

func (r *proseRenderer) height() float32 { return r.prose.look.measure("M").Height }

func (r *proseRenderer) MinSize() fyne.Size {
	return fyne.NewSize(0, r.height()*float32(max(1, len(r.prose.lines))))
}

func (r *proseRenderer) Layout(size fyne.Size) {
	for i, t := range r.texts {
		t.Move(fyne.NewPos(0, float32(i)*r.height()))
		t.Resize(fyne.NewSize(size.Width, r.height()))
	}
}

func (r *proseRenderer) Refresh() {
	r.texts = r.texts[:0]
	for _, line := range r.prose.lines {
		t := canvas.NewText("", nil)
		r.prose.look.apply(t, line)
		if r.prose.middle {
			t.Alignment = fyne.TextAlignCenter
		}
		r.texts = append(r.texts, t)
	}
	r.Layout(r.prose.Size())
	canvas.Refresh(r.prose)
}

func (r *proseRenderer) Objects() []fyne.CanvasObject { return r.texts }
func (r *proseRenderer) Destroy()                     {}
