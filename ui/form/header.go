package form

import (
	"cmp"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// header tells which step is shown and lets it be named.
type header struct {
	panel   *Panel
	title   *entry
	id      *entry
	off     *widgets.Button
	content fyne.CanvasObject // above the tabs
	names   fyne.CanvasObject // among the settings
}

func newHeader(p *Panel) *header {
	h := &header{panel: p}
	s := p.now
	h.title = newEntry(cmp.Or(s.Op.Title, string(s.Step.ID)), func(text string) { p.wish(func() { p.OnTitle(text) }, p.OnTitle != nil) })
	h.id = newEntry("a-z, 0-9 and _", nil)
	rename := func() { p.wish(func() { p.OnRename(flow.StepID(h.id.Text())) }, p.OnRename != nil) }
	h.id.OnSubmit = rename
	h.id.OnFocus = func(on bool) {
		h.id.focused = on
		if !on && h.id.Text() != string(p.now.Step.ID) {
			rename()
		}
	}
	h.off = widgets.NewSmallIconButton("power", "Switch the step off: records pass it untouched", func() {
		p.wish(func() { p.OnOff(!p.now.Step.Off) }, p.OnOff != nil)
	})
	name, summary := string(s.Step.Uses), "This operation is not known here."
	if s.Known {
		name, summary = s.Connector.Title+" · "+s.Op.Title, s.Op.Summary
	}
	names := container.NewVBox(widgets.NewCutText(name, widgets.Strong), widgets.NewCutText(string(s.Step.Uses), widgets.Caption))
	tile := newTile(cmp.Or(s.Op.Icon, s.Connector.Icon), cmp.Or(s.Op.Tint, s.Connector.Tint))
	top := container.NewBorder(nil, nil, container.NewCenter(tile), container.NewCenter(h.off), names)
	h.content = container.NewVBox(top, widgets.NewProse(summary, widgets.Caption), widgets.NewGap(theme.Gap))
	h.names = container.NewVBox(
		container.NewGridWithColumns(2,
			container.NewVBox(widgets.NewText("Title", widgets.Muted), h.title.Editor),
			container.NewVBox(widgets.NewText("Id", widgets.Muted), h.id.Editor)),
		widgets.NewCutText("Other steps read what it gave as $steps."+string(s.Step.ID), widgets.Caption),
		widgets.NewGap(theme.WideGap),
	)
	return h
}

func (h *header) show(s Subject) {
	h.title.fill(s.Step.Title)
	h.id.fill(string(s.Step.ID))
	h.off.SetOn(s.Step.Off)
}

// newTile is an icon on a soft ground of its tint.
func newTile(icon, tint string) fyne.CanvasObject {
	front, back := theme.TintNames(tint)
	ground := widgets.NewPanel(container.NewPadded(widgets.NewIcon(icon, front, theme.IconSize))).On(back)
	ground.Radius = theme.TileRadius
	room := canvas.NewRectangle(nil)
	room.SetMinSize(fyne.NewSquareSize(theme.Size(theme.TileSize)))
	return container.NewStack(room, ground)
}
