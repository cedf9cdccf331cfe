package ui

import (
	"fyne.io/fyne/v2"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/widgets"
)

// mapping is the jq in front of the chosen step.
type mapping struct {
	content fyne.CanvasObject
	p       *panel
	editor  *widgets.Editor
}

func newMapping(p *panel) *mapping {
	m := &mapping{p: p}
	m.editor = widgets.NewCodeEditor("jq", func(text string) {
		if id := p.step.Step(); id != "" {
			p.d.doc.SetMap(id, text, p.d.w.now())
			p.d.edited()
		}
	})
	m.editor.MinLines, m.editor.MaxLines = 4, 14
	m.content = m.editor
	return m
}

func (m *mapping) show(s flow.Step, op kit.Op, known bool) {
	if m.editor.Text() != s.Map {
		m.editor.SetText(s.Map)
	}
}

func (m *mapping) refresh() {}
