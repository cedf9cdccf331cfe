package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	toolkit "fyne.io/fyne/v2/theme"
)

// Names of colours that the toolkit knows too, so that a view needs one import.
const (
	Background   = toolkit.ColorNameBackground
	Foreground   = toolkit.ColorNameForeground
	Placeholder  = toolkit.ColorNamePlaceHolder
	Disabled     = toolkit.ColorNameDisabled
	Primary      = toolkit.ColorNamePrimary
	Hover        = toolkit.ColorNameHover
	Pressed      = toolkit.ColorNamePressed
	Selection    = toolkit.ColorNameSelection
	Separator    = toolkit.ColorNameSeparator
	Input        = toolkit.ColorNameInputBackground
	InputBorder  = toolkit.ColorNameInputBorder
	Shadow       = toolkit.ColorNameShadow
	Overlay      = toolkit.ColorNameOverlayBackground
	Error        = toolkit.ColorNameError
	Warning      = toolkit.ColorNameWarning
	Success      = toolkit.ColorNameSuccess
	HeaderBack   = toolkit.ColorNameHeaderBackground
	PrimaryFront = toolkit.ColorNameForegroundOnPrimary
	ScrollBar    = toolkit.ColorNameScrollBar
)

// Names of surfaces and of what is written on them.
const (
	Canvas     fyne.ThemeColorName = "jackfield-canvas"      // behind the steps
	Grid       fyne.ThemeColorName = "jackfield-grid"        // its dots
	Panel      fyne.ThemeColorName = "jackfield-panel"       // bars and side panels
	Card       fyne.ThemeColorName = "jackfield-card"        // a step, a tile, a box in a panel
	CardBorder fyne.ThemeColorName = "jackfield-card-border" //
	Raised     fyne.ThemeColorName = "jackfield-raised"      // what floats: tips, lists, toasts
	RaisedEdge fyne.ThemeColorName = "jackfield-raised-edge" // its border
	Muted      fyne.ThemeColorName = "jackfield-muted"       // second-rank text
	Accent     fyne.ThemeColorName = "jackfield-accent"      // links and what is active, as text or line
	AccentFill fyne.ThemeColorName = "jackfield-accent-fill" // behind the words of the main button
	OnAccent   fyne.ThemeColorName = "jackfield-on-accent"   // those words
	AccentSoft fyne.ThemeColorName = "jackfield-accent-soft" // a chosen row, a ring of selection
	Quiet      fyne.ThemeColorName = "jackfield-quiet"       // behind a button of second rank
	Edge       fyne.ThemeColorName = "jackfield-edge"        // edges between steps
	EdgeActive fyne.ThemeColorName = "jackfield-edge-active" // an edge that is chosen or being drawn
	Port       fyne.ThemeColorName = "jackfield-port"        // the ring where an edge meets a step
	Dim        fyne.ThemeColorName = "jackfield-dim"         // over the window behind a question
)

// Names of the colours of states.
const (
	Running fyne.ThemeColorName = "jackfield-running"
	Done    fyne.ThemeColorName = "jackfield-done"
	Failed  fyne.ThemeColorName = "jackfield-failed"
	Partial fyne.ThemeColorName = "jackfield-partial"
	Waiting fyne.ThemeColorName = "jackfield-waiting"
	Idle    fyne.ThemeColorName = "jackfield-idle"
)

// Names of the colours of code.
const (
	CodeText        fyne.ThemeColorName = "jackfield-code-text"
	CodeKeyword     fyne.ThemeColorName = "jackfield-code-keyword"
	CodeString      fyne.ThemeColorName = "jackfield-code-string"
	CodeNumber      fyne.ThemeColorName = "jackfield-code-number"
	CodePath        fyne.ThemeColorName = "jackfield-code-path"
	CodeFunction    fyne.ThemeColorName = "jackfield-code-function"
	CodeVariable    fyne.ThemeColorName = "jackfield-code-variable"
	CodeOperator    fyne.ThemeColorName = "jackfield-code-operator"
	CodeComment     fyne.ThemeColorName = "jackfield-code-comment"
	CodeLineNumber  fyne.ThemeColorName = "jackfield-code-line-number"
	CodeCurrentLine fyne.ThemeColorName = "jackfield-code-current-line"
	CodeSelection   fyne.ThemeColorName = "jackfield-code-selection"
	CodeMatch       fyne.ThemeColorName = "jackfield-code-match" // brackets that belong together, finds
)

// rgb reads a colour like 0x1a2b3c.
func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
}

// rgba reads a colour and how much of it covers what is below.
func rgba(hex uint32, alpha uint8) color.NRGBA {
	c := rgb(hex)
	c.A = alpha
	return c
}

// Mix puts share (0 to 1) of over onto base; both are taken as opaque.
func Mix(base, over color.Color, share float64) color.NRGBA {
	a := color.NRGBAModel.Convert(base).(color.NRGBA)
	b := color.NRGBAModel.Convert(over).(color.NRGBA)
	part := func(x, y uint8) uint8 { return uint8(float64(x)*(1-share) + float64(y)*share + 0.5) }
	return color.NRGBA{R: part(a.R, b.R), G: part(a.G, b.G), B: part(a.B, b.B), A: 0xff}
}

// Fade gives c with its opacity multiplied by share (0 to 1).
func Fade(c color.Color, share float64) color.NRGBA {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	n.A = uint8(float64(n.A)*share + 0.5)
	return n
}
