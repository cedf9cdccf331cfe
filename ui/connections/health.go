package connections

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/app"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// health is the part behind the form that tells how a stored connection has fared. It
// takes no room until that is known.
type health struct {
	panel   *widgets.Panel
	content fyne.CanvasObject // the panel, and what sets it off from the form
}

func newHealth() *health {
	h := &health{panel: widgets.NewPanel(container.NewStack())}
	h.content = widgets.Spaced(theme.WideGap, widgets.NewGap(theme.WideGap), widgets.NewLine(), h.panel)
	h.content.Hide()
	return h
}

func (h *health) clear() { h.content.Hide() }

func (h *health) show(found app.Health, open func(use app.Use)) {
	parts := []fyne.CanvasObject{widgets.NewText("Health", widgets.Title)}
	if found.Warning != nil {
		parts = append(parts, widgets.NewProse(sentence(*found.Warning), widgets.Plain.In(theme.Failed)))
	}
	for _, f := range found.Facts() {
		look := widgets.Plain
		if f.Bad {
			look = widgets.Plain.In(theme.Failed)
		}
		parts = append(parts, widgets.Spaced(theme.Gap, widgets.NewText(f.Label, widgets.Muted), widgets.NewProse(f.Text, look)))
	}
	uses := []fyne.CanvasObject{widgets.NewText("Used by", widgets.Muted)}
	for _, u := range found.Uses {
		text := u.Name + ", " + u.Title
		uses = append(uses, container.NewHBox(widgets.NewButton(widgets.Second, "flow", text, func() { open(u) })))
	}
	if len(found.Uses) == 0 {
		uses = append(uses, widgets.NewProse("No flow names it.", widgets.Plain))
	}
	h.panel.SetContent(widgets.Spaced(theme.WideGap, append(parts, widgets.Spaced(theme.Gap, uses...))...))
	h.content.Show()
}

// ShowHealth shows how a connection has fared.
func (p *Page) ShowHealth(found app.Health) {
	if p.open.Name != found.Connection || p.fresh {
		return
	}
	p.health.show(found, func(u app.Use) {
		if p.OnOpenFlow != nil {
			p.leave(func() { p.OnOpenFlow(u.Flow) })
		}
	})
	p.body.Refresh() // what was hidden has its room now
	p.scroll.Refresh()
}
