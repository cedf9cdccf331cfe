package history

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"jackfield/app"
	"jackfield/flow"
)

// offerReplays shows the other ways to run the run again: by the flow as it is now, and
// from the step that is chosen, with all that came to it or only what failed there.
func (p *Page) offerReplays() {
	c := fyne.CurrentApp().Driver().CanvasForObject(p.others)
	if c == nil {
		return
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(p.others)
	at.Y += p.others.Size().Height
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", p.replays()...), c, at)
}

func (p *Page) replays() []*fyne.MenuItem {
	item := func(text string, r app.Replay) *fyne.MenuItem {
		r.Run = p.run.ID
		return fyne.NewMenuItem(text, func() { wish(p.OnReplay, r) })
	}
	items := []*fyne.MenuItem{item("Run again by the flow as it is now", app.Replay{By: flow.Newest})}
	step := p.Step()
	if step == "" || step == p.run.Trigger {
		return items
	}
	name := p.title(step)
	items = append(items, fyne.NewMenuItemSeparator(),
		item("From "+name+", as it was", app.Replay{From: step}),
		item("From "+name+", by the flow as it is now", app.Replay{From: step, By: flow.Newest}))
	for _, l := range p.lines {
		if l.id == step && l.failed() > 0 {
			items = append(items, item("Only what failed at "+name+", by the flow as it is now", app.Replay{From: step, Failed: true, By: flow.Newest}))
		}
	}
	return items
}
