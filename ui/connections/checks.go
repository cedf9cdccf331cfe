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

// checks is what a test found, check by check. It takes no room until there is one.
type checks struct {
	list    *fyne.Container
	content fyne.CanvasObject
}

func newChecks() *checks {
	c := &checks{list: widgets.Spaced(theme.Inner)}
	scroll := container.NewVScroll(widgets.NewPanel(c.list).Padded(theme.FarGap, theme.WideGap).On(""))
	c.content = widgets.NewPanel(widgets.Under(widgets.NewLine(), scroll))
	c.content.Hide()
	return c
}

func (c *checks) clear() {
	c.list.Objects = nil
	c.content.Hide()
}

// wait shows that a test goes on.
func (c *checks) wait() {
	c.list.Objects = []fyne.CanvasObject{widgets.NewText("Testing…", widgets.Muted)}
	c.content.Show()
	c.list.Refresh()
}

// show lists what a test found.
func (c *checks) show(found []kit.Check) {
	c.list.Objects = nil
	for _, one := range found {
		icon := widgets.NewIcon("check", theme.Done, theme.SmallIconSize)
		look := widgets.Plain
		if !one.OK {
			icon, look = widgets.NewIcon("cross", theme.Failed, theme.SmallIconSize), widgets.Plain.In(theme.Failed)
		}
		took := widgets.NewText(fmt.Sprintf("%d ms", one.Took.Milliseconds()), widgets.Caption)
		c.list.Add(container.NewHBox(container.NewCenter(icon), widgets.NewText(one.Name, widgets.Strong), layout.NewSpacer(), container.NewCenter(took)))
		if one.What != "" {
			c.list.Add(widgets.NewProse(one.What, look))
		}
		if one.Fix != "" {
			c.list.Add(widgets.NewProse(one.Fix, widgets.Muted))
		}
	}
	c.content.Show()
	c.list.Refresh()
}
