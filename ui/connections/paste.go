package connections

import (
	"maps"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// pasteRow offers to fill the form from the clipboard.
func (p *Page) pasteRow() fyne.CanvasObject {
	button := widgets.NewButton(widgets.Second, "download", "Paste", func() { p.paste(fyne.CurrentApp().Clipboard().Content()) })
	p.pasted = widgets.NewProse("A cURL command, an address with user and password, or lines of NAME=value", widgets.Caption)
	return container.NewVBox(widgets.NewGap(theme.WideGap), container.NewHBox(button), p.pasted)
}

// paste fills the form from a text. A new connection becomes one of the service that knows
// the text, where the chosen one does not.
func (p *Page) paste(text string) {
	connector, values, ok := p.read(text)
	if !ok {
		p.pasted.Set("What is on the clipboard fills nothing here. Copy a cURL command, an address with user and password, or lines of NAME=value", widgets.Plain.In(theme.Failed))
		return
	}
	c := p.given()
	if c.Connector != connector {
		c = flow.Connection{Name: c.Name, Connector: connector, Values: flow.Values{}}
	}
	maps.Copy(c.Values, values)
	fresh := p.fresh
	p.edit(c, fresh)
	p.changed = true
	p.entry.draw()
	p.pasted.Set("Filled in: "+strings.Join(p.labels(values), ", "), widgets.Plain.In(theme.Done))
}

// read finds who knows a text.
func (p *Page) read(text string) (connector string, values flow.Values, ok bool) {
	declared, _ := p.ops.Connector(p.open.Connector)
	if own, is := declared.Connection().(kit.Paster); is {
		if values, ok = own.Paste(text); ok {
			return declared.ID, values, true
		}
	}
	for _, other := range p.ops {
		if own, is := other.Connection().(kit.Paster); is && p.fresh {
			if values, ok = own.Paste(text); ok {
				return other.ID, values, true
			}
		}
	}
	values, ok = kit.Paste(declared.Connection(), text)
	return declared.ID, values, ok
}

// labels are those of the fields that were filled, in the order of the form.
func (p *Page) labels(values flow.Values) []string {
	var all []string
	for _, f := range p.fields() {
		if _, given := values[f.Name]; given && !slices.Contains(all, f.Label) {
			all = append(all, f.Label)
		}
	}
	return all
}
