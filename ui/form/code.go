package form

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/connectors/kit"
	"jackfield/flow/value"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// codeControl is a text in a language: jq, SQL.
type codeControl struct {
	editor *entry
}

func newCode(f kit.Field, language string, line bool, set func(any)) (control, fyne.CanvasObject) {
	c := &codeControl{}
	changed := func(text string) { set(text) }
	if line {
		c.editor = watch(widgets.NewCodeLine(language, changed))
	} else {
		c.editor = watch(widgets.NewCodeEditor(language, changed))
		c.editor.MinLines, c.editor.MaxLines = 3, 12
	}
	c.editor.Hint = f.Sample
	return c, c.editor.Editor
}

func (c *codeControl) show(v any) {
	text, _ := v.(string)
	c.editor.fill(text)
}

// jsonControl is any JSON value. While the text is no JSON, what is set stays, and a
// line says why.
type jsonControl struct {
	codeControl
	wrong *widgets.Prose
}

func newJSON(f kit.Field, set func(any)) (control, fyne.CanvasObject) {
	c := &jsonControl{wrong: widgets.NewProse("", widgets.Caption.In(theme.Failed))}
	c.wrong.Hide()
	c.editor = watch(widgets.NewCodeEditor("json", func(text string) { c.read(text, set) }))
	c.editor.MinLines, c.editor.MaxLines, c.editor.Hint = 2, 10, f.Sample
	return c, container.NewVBox(c.editor.Editor, c.wrong)
}

func (c *jsonControl) read(text string, set func(any)) {
	if text == "" {
		c.wrong.Hide()
		set(nil)
		return
	}
	v, err := value.Decode([]byte(text))
	if err != nil {
		c.wrong.SetText("not JSON yet: " + err.Error())
		c.wrong.Show()
		return
	}
	c.wrong.Hide()
	set(v)
}

func (c *jsonControl) show(v any) {
	if c.editor.focused {
		return
	}
	text := ""
	if v != nil {
		text = string(value.Indent(nil, v))
	}
	if now, err := value.Decode([]byte(c.editor.Text())); err == nil && value.Equal(now, v) {
		return
	}
	c.editor.SetText(text)
	c.wrong.Hide()
}
