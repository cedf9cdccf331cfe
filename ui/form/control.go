package form

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/connectors/kit"
	"jackfield/ui/widgets"
)

// newControl makes what a field of a kind is set with. set is told each new value.
func newControl(f kit.Field, ask Asker, set func(any)) (control, fyne.CanvasObject) {
	switch f.Kind {
	case kit.ToggleField:
		return newToggle(f, set)
	case kit.ChoiceField:
		return newChoice(f, set)
	case kit.ListField:
		return newList(f, set)
	case kit.PairsField:
		return newPairs(set)
	case kit.CasesField:
		return newCases(set)
	case kit.ExprField, kit.TestField:
		return newCode(f, "jq", true, set)
	case kit.ValueField:
		return newJSON(f, set)
	case kit.LongField:
		if f.Language != "" {
			return newCode(f, f.Language, false, set)
		}
		return newText(f, ask, set)
	}
	if f.Live != nil && ask.Choices != nil {
		return newLive(f, ask, set)
	}
	return newText(f, ask, set)
}

// textControl is a line, or several, of text. Numbers are reported as numbers; what
// is none is reported as it was typed, and the check of the flow says so.
type textControl struct {
	entry *entry
	kind  kit.FieldKind
	busy  bool
}

func newText(f kit.Field, ask Asker, set func(any)) (control, fyne.CanvasObject) {
	c := &textControl{entry: newEntry(), kind: f.Kind}
	c.entry.SetPlaceHolder(f.Sample)
	c.entry.Password = f.Kind == kit.SecretField
	if f.Kind == kit.LongField {
		c.entry.MultiLine, c.entry.Wrapping = true, fyne.TextWrapWord
		c.entry.SetMinRowsVisible(3)
	}
	c.entry.OnChanged = func(text string) {
		if !c.busy {
			set(c.read(text))
		}
	}
	if (f.Kind == kit.FileField || f.Kind == kit.FolderField) && ask.File != nil {
		pick := widgets.NewIconButton("folder", "Choose…", func() {
			ask.File(f.Kind == kit.FolderField, func(path string) { c.entry.SetText(path) })
		})
		return c, container.NewBorder(nil, nil, nil, pick, c.entry)
	}
	return c, c.entry
}

func (c *textControl) read(text string) any {
	trimmed := strings.TrimSpace(text)
	switch c.kind {
	case kit.IntField:
		if n, err := strconv.Atoi(trimmed); err == nil {
			return n
		}
	case kit.NumberField:
		if n, err := strconv.ParseFloat(trimmed, 64); err == nil {
			return n
		}
	case kit.DurationField:
		return trimmed
	default:
		return text
	}
	if trimmed == "" {
		return nil
	}
	return text
}

func (c *textControl) show(v any) {
	if c.entry.focused {
		return
	}
	text := ""
	switch v := v.(type) {
	case string:
		text = v
	case kit.Secret:
		text = v.Reveal()
	case int:
		text = strconv.Itoa(v)
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	}
	if c.kind == kit.DurationField {
		text = shortDuration(text)
	}
	if text != c.entry.Text {
		c.busy = true
		c.entry.SetText(text)
		c.busy = false
	}
}

// shortDuration leaves out what is zero: "1m0s" is "1m", "0s" is nothing.
func shortDuration(s string) string {
	if s == "0s" {
		return ""
	}
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// entry knows whether a person is typing in it.
type entry struct {
	widget.Entry
	focused bool
}

func newEntry() *entry {
	e := &entry{}
	e.ExtendBaseWidget(e)
	return e
}

// FocusGained remembers that a person is here.
func (e *entry) FocusGained() { e.focused = true; e.Entry.FocusGained() }

// FocusLost remembers that nobody is.
func (e *entry) FocusLost() { e.focused = false; e.Entry.FocusLost() }

// toggleControl is a yes or no; its label stands beside it.
type toggleControl struct {
	check *widget.Check
	busy  bool
}

func newToggle(f kit.Field, set func(any)) (control, fyne.CanvasObject) {
	c := &toggleControl{}
	c.check = widget.NewCheck(f.Label, func(on bool) {
		if !c.busy {
			set(on)
		}
	})
	return c, c.check
}

func (c *toggleControl) show(v any) {
	on, _ := v.(bool)
	c.busy = true
	c.check.SetChecked(on)
	c.busy = false
}

// choiceControl is one of a few values.
type choiceControl struct {
	pick    *widget.Select
	choices []kit.Choice
	busy    bool
}

func newChoice(f kit.Field, set func(any)) (control, fyne.CanvasObject) {
	c := &choiceControl{choices: f.Choices}
	var labels []string
	for _, one := range f.Choices {
		labels = append(labels, choiceLabel(one))
	}
	c.pick = widget.NewSelect(labels, func(string) {
		if at := c.pick.SelectedIndex(); !c.busy && at >= 0 {
			set(c.choices[at].Value)
		}
	})
	c.pick.PlaceHolder = "Choose…"
	return c, c.pick
}

func choiceLabel(c kit.Choice) string {
	if c.Label == "" {
		return c.Value
	}
	return c.Label
}

func (c *choiceControl) show(v any) {
	c.busy = true
	defer func() { c.busy = false }()
	for i, one := range c.choices {
		if one.Value == v {
			c.pick.SetSelectedIndex(i)
			return
		}
	}
	c.pick.ClearSelected()
}

// newLive is a text for which the service knows choices.
func newLive(f kit.Field, ask Asker, set func(any)) (control, fyne.CanvasObject) {
	text := &textControl{entry: newEntry(), kind: f.Kind}
	text.entry.SetPlaceHolder(f.Sample)
	text.entry.OnChanged = func(s string) {
		if !text.busy {
			set(s)
		}
	}
	var load *widgets.Button
	load = widgets.NewIconButton("search", "Ask the service what there is", func() {
		ask.Choices(f.Name, func(choices []kit.Choice) { offer(load, choices, text.entry.SetText) })
	})
	return text, container.NewBorder(nil, nil, nil, load, text.entry)
}

// offer shows choices in a menu below a button.
func offer(by fyne.CanvasObject, choices []kit.Choice, take func(string)) {
	c := fyne.CurrentApp().Driver().CanvasForObject(by)
	if c == nil {
		return
	}
	var items []*fyne.MenuItem
	for _, one := range choices {
		items = append(items, fyne.NewMenuItem(choiceLabel(one), func() { take(one.Value) }))
	}
	if len(items) == 0 {
		none := fyne.NewMenuItem("Nothing was found", nil)
		none.Disabled = true
		items = append(items, none)
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(by)
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), c, at.AddXY(0, by.Size().Height))
}
