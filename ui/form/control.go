package form

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/connectors/kit"
	"jackfield/flow/value"
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
	case kit.FilterField:
		return newFilter(f, ask, set)
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
}

func newText(f kit.Field, ask Asker, set func(any)) (control, fyne.CanvasObject) {
	c := &textControl{kind: f.Kind}
	changed := func(text string) { set(c.read(text)) }
	if f.Kind == kit.LongField {
		c.entry = watch(widgets.NewTextArea(f.Sample, changed))
	} else {
		c.entry = newEntry(f.Sample, changed)
	}
	c.entry.Masked = f.Kind == kit.SecretField
	if (f.Kind == kit.FileField || f.Kind == kit.FolderField) && ask.File != nil {
		pick := widgets.NewIconButton("folder", "Choose…", func() {
			ask.File(f.Kind == kit.FolderField, c.entry.Replace)
		})
		return c, container.NewBorder(nil, nil, nil, pick, c.entry.Editor)
	}
	return c, c.entry.Editor
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
	case nil:
	default:
		text = string(value.Append(nil, v))
	}
	if c.kind == kit.DurationField {
		text = shortDuration(text)
	}
	c.entry.fill(text)
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

// entry is a line of text that knows whether a person is typing in it.
type entry struct {
	*widgets.Editor
	focused bool
}

func newEntry(hint string, changed func(string)) *entry {
	return watch(widgets.NewTextField(hint, changed))
}

func watch(e *widgets.Editor) *entry {
	w := &entry{Editor: e}
	e.OnFocus = func(on bool) { w.focused = on }
	return w
}

// fill shows a text, unless a person is typing; nobody is told.
func (e *entry) fill(text string) {
	if !e.focused && e.Text() != text {
		e.SetText(text)
	}
}

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
type choiceControl struct{ pick *widgets.Choice }

func newChoice(f kit.Field, set func(any)) (control, fyne.CanvasObject) {
	var options []widgets.Option
	for _, one := range f.Choices {
		options = append(options, widgets.Option{Value: one.Value, Label: choiceLabel(one)})
	}
	c := &choiceControl{widgets.NewChoice(options, func(v string) { set(v) })}
	c.pick.Hint = "Choose…"
	return c, c.pick
}

func choiceLabel(c kit.Choice) string {
	if c.Label == "" {
		return c.Value
	}
	return c.Label
}

func (c *choiceControl) show(v any) {
	text, _ := v.(string)
	c.pick.SetValue(text)
}

// newLive is a text for which the service knows choices.
func newLive(f kit.Field, ask Asker, set func(any)) (control, fyne.CanvasObject) {
	text := &textControl{entry: newEntry(f.Sample, func(s string) { set(s) }), kind: f.Kind}
	var load *widgets.Button
	load = widgets.NewIconButton("search", "Ask the service what there is", func() {
		ask.Choices(f.Name, func(choices []kit.Choice) { offer(load, choices, text.entry.Replace) })
	})
	return text, container.NewBorder(nil, nil, nil, load, text.entry.Editor)
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
