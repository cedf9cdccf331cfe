package connections

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"jackfield/connectors/kit"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// checks is what a test finds, check by check as they are made. It takes no room until
// there is one.
type checks struct {
	list    *fyne.Container
	scroll  *container.Scroll
	top     *fyne.Container   // stays above what is scrolled
	going   fyne.CanvasObject // in top while the test goes on; nil when it has ended
	content fyne.CanvasObject
}

func newChecks() *checks {
	c := &checks{list: widgets.Spaced(theme.Inner), top: container.NewStack()}
	c.scroll = container.NewVScroll(widgets.NewPanel(c.list).Padded(theme.FarGap, theme.WideGap).On(""))
	c.content = widgets.NewPanel(widgets.Under(container.NewVBox(widgets.NewLine(), c.top), c.scroll))
	c.content.Hide()
	return c
}

func (c *checks) clear() {
	c.list.Objects, c.top.Objects, c.going = nil, nil, nil
	c.content.Hide()
}

// begin shows that a test goes on, which cancel ends.
func (c *checks) begin(cancel func()) {
	c.going = widgets.NewPanel(container.NewHBox(container.NewCenter(widgets.NewText("Testing…", widgets.Muted)), layout.NewSpacer(),
		widgets.NewButton(widgets.Second, "cross", "Cancel", cancel))).Padded(theme.FarGap, theme.Gap).On("")
	c.list.Objects, c.top.Objects = nil, []fyne.CanvasObject{c.going}
	c.content.Show()
	c.content.Refresh()
}

// add shows one check below those before it.
func (c *checks) add(one kit.Check) {
	if c.going == nil {
		return // it was cancelled, or its place was taken
	}
	icon := widgets.NewIcon("check", theme.Done, theme.SmallIconSize)
	look := widgets.Plain
	if !one.OK {
		icon, look = widgets.NewIcon("cross", theme.Failed, theme.SmallIconSize), widgets.Plain.In(theme.Failed)
	}
	took := widgets.NewText(fmt.Sprintf("%d ms", one.Took.Milliseconds()), widgets.Caption)
	rows := append(c.list.Objects, container.NewHBox(container.NewCenter(icon), widgets.NewText(one.Name, widgets.Strong), layout.NewSpacer(), container.NewCenter(took)))
	if one.What != "" {
		rows = append(rows, widgets.NewProse(one.What, look))
	}
	if one.Fix != "" {
		rows = append(rows, widgets.NewProse(one.Fix, widgets.Muted))
	}
	c.list.Objects = rows
	c.list.Refresh()
	c.scroll.Refresh()
	c.scroll.ScrollToBottom()
}

// end leaves what was found; why says in words why there is no more, "" where all was
// tried.
func (c *checks) end(why string) {
	if c.going == nil {
		return
	}
	c.top.Objects, c.going = nil, nil
	if why != "" {
		c.list.Add(widgets.NewText(why, widgets.Muted))
	}
	c.content.Refresh()
	c.scroll.Refresh()
	c.scroll.ScrollToBottom()
	if len(c.list.Objects) == 0 {
		c.content.Hide()
	}
}
