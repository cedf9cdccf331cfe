package theme

import (
	"fyne.io/fyne/v2"
	toolkit "fyne.io/fyne/v2/theme"
)

// Names of the sizes of text.
const (
	TextSize                        = toolkit.SizeNameText
	CaptionSize                     = toolkit.SizeNameCaptionText
	TitleSize                       = toolkit.SizeNameSubHeadingText
	HeadingSize                     = toolkit.SizeNameHeadingText
	CodeSize     fyne.ThemeSizeName = "jackfield-code"     // monospace in editors, logs and JSON
	OverlineSize fyne.ThemeSizeName = "jackfield-overline" // headings of sections, in capitals
)

// Names of distances. Gap is the smallest, Wide parts groups, Far parts sections.
const (
	Gap                        = toolkit.SizeNamePadding
	Inner                      = toolkit.SizeNameInnerPadding // from a control's border to its text
	WideGap fyne.ThemeSizeName = "jackfield-wide-gap"
	FarGap  fyne.ThemeSizeName = "jackfield-far-gap"
)

// Names of the measures of controls.
const (
	RowHeight     fyne.ThemeSizeName = "jackfield-row"        // of a list, a table, a log
	CodeRow       fyne.ThemeSizeName = "jackfield-code-row"   // of JSON and of a log
	ControlHeight fyne.ThemeSizeName = "jackfield-control"    // of a button
	BarHeight     fyne.ThemeSizeName = "jackfield-bar"        // of a window's or a pane's bar
	IconSize      fyne.ThemeSizeName = "jackfield-icon"       // beside text
	SmallIconSize fyne.ThemeSizeName = "jackfield-small-icon" // in rows, badges and chevrons
	LargeIconSize fyne.ThemeSizeName = "jackfield-large-icon" // of an empty state
	TileSize      fyne.ThemeSizeName = "jackfield-tile"       // the tinted square behind an icon
	TilePad       fyne.ThemeSizeName = "jackfield-tile-pad"   // around the icon on it
	DotSize       fyne.ThemeSizeName = "jackfield-dot"        // of a status
	IndentSize    fyne.ThemeSizeName = "jackfield-indent"     // of a level in a tree
	PanelWidth    fyne.ThemeSizeName = "jackfield-panel"      // of the property panel
	SideWidth     fyne.ThemeSizeName = "jackfield-side"       // of the palette
	ColumnWidth   fyne.ThemeSizeName = "jackfield-column"     // of a table, where nothing else is known
	NumberWidth   fyne.ThemeSizeName = "jackfield-number"     // of a column of row numbers
	FloatWidth    fyne.ThemeSizeName = "jackfield-float"      // at the most: tips, completions, toasts
	ReadWidth     fyne.ThemeSizeName = "jackfield-read"       // of text that is read in one go
	FieldHeight   fyne.ThemeSizeName = "jackfield-field"      // of a text of several lines
	Hairline      fyne.ThemeSizeName = "jackfield-hairline"
	Line          fyne.ThemeSizeName = "jackfield-line" // of focus, of a caret, of an edge
)

// Names of radii.
const (
	Radius                         = toolkit.SizeNameInputRadius // of controls
	SmallRadius                    = toolkit.SizeNameSelectionRadius
	CardRadius  fyne.ThemeSizeName = "jackfield-card-radius"
	PillRadius  fyne.ThemeSizeName = "jackfield-pill-radius"
	TileRadius  fyne.ThemeSizeName = "jackfield-tile-radius"
	ShadowBlur  fyne.ThemeSizeName = "jackfield-shadow-blur"
	ShadowDrop  fyne.ThemeSizeName = "jackfield-shadow-drop"
)

// size is denser than the toolkit's own theme: a row is 28, a control 30 high.
func size(name fyne.ThemeSizeName) (float32, bool) {
	switch name {
	case TextSize:
		return 13, true
	case CaptionSize:
		return 11.5, true
	case OverlineSize:
		return 11, true
	case TitleSize:
		return 15, true
	case HeadingSize:
		return 21, true
	case CodeSize:
		return 13, true

	case Gap:
		return 4, true
	case Inner:
		return 6, true
	case WideGap:
		return 8, true
	case FarGap:
		return 16, true

	case RowHeight:
		return 28, true
	case CodeRow:
		return 22, true
	case ControlHeight:
		return 30, true
	case BarHeight:
		return 44, true
	case IconSize:
		return 18, true
	case SmallIconSize:
		return 14, true
	case LargeIconSize:
		return 40, true
	case TileSize:
		return 32, true
	case TilePad:
		return 7, true
	case DotSize:
		return 8, true
	case IndentSize:
		return 16, true
	case PanelWidth:
		return 340, true
	case SideWidth:
		return 232, true
	case ColumnWidth:
		return 140, true
	case NumberWidth:
		return 56, true
	case FloatWidth:
		return 380, true
	case ReadWidth:
		return 520, true
	case FieldHeight:
		return 84, true
	case Hairline:
		return 1, true
	case Line:
		return 2, true

	case Radius:
		return 7, true
	case SmallRadius:
		return 5, true
	case CardRadius:
		return 12, true
	case PillRadius:
		return 9, true
	case TileRadius:
		return 8, true
	case ShadowBlur:
		return 10, true
	case ShadowDrop:
		return 3, true

	case toolkit.SizeNameInlineIcon:
		return 17, true
	case toolkit.SizeNameLineSpacing:
		return 3, true
	case toolkit.SizeNameScrollBar:
		return 11, true
	case toolkit.SizeNameScrollBarSmall:
		return 4, true
	case toolkit.SizeNameSplitThickness:
		return 5, true
	case toolkit.SizeNameModalBlurRadius:
		return 0, true // a blur costs 150 ms a frame where there is no GPU
	case toolkit.SizeNameButtonRadius, toolkit.SizeNameMenuRadius, toolkit.SizeNamePopupRadius:
		return 7, true
	case toolkit.SizeNameCardRadius, toolkit.SizeNameDialogRadius:
		return 12, true
	}
	return 0, false
}
