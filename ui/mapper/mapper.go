// Package mapper is where the jq in front of a step is written: the record that comes
// in on one side, the program in the middle, what it gives on the other, live.
//
// A Mapper knows the text, the sample records and the step's operation. It shows them
// in two views that share everything: a narrow one for a panel, and a large one in
// front of the window. Programs run away from the interface's own goroutine, a moment
// after the last edit, and never for long; a newer edit ends an older run.
package mapper

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"jackfield/flow"
	"jackfield/transforms"
	"jackfield/ui/widgets"
)

// Mapper is the editor of one mapping at a time. Every callback may be nil.
type Mapper struct {
	widget.BaseWidget
	OnChanged func(text string)
	OnSample  func() // a person asks for sample records
	Beyond    func(*fyne.ScrollEvent)

	// Vars gives what else a program sees with a record; nil is nothing but the time.
	Vars func(rec flow.Record) transforms.Vars

	text    string
	target  target
	records flow.Batch
	from    string
	at      int
	result  outcome
	runner  *runner

	narrow *view
	large  *view // while it is open
}

// New is a mapper for no step yet. do performs on the interface's own goroutine.
func New(do func(func())) *Mapper {
	m := &Mapper{runner: newRunner(do)}
	m.narrow = newNarrow(m)
	m.ExtendBaseWidget(m)
	m.show()
	return m
}

// SetTarget says which step the mapping is for. For another step than before it begins
// anew: without records, and without the large view.
func (m *Mapper) SetTarget(t Target) {
	if t.Step != m.target.Step {
		m.records, m.from, m.at, m.result = nil, "", 0, outcome{}
		m.Close()
	}
	m.target = newTarget(t)
	m.run()
}

// SetSamples gives records to try the mapping on; from says in words where they are
// from. The place among them stays, where there are as many.
func (m *Mapper) SetSamples(records flow.Batch, from string) {
	m.records, m.from = records, from
	m.at = max(0, min(m.at, len(records)-1))
	m.run()
}

// SetText shows a program. OnChanged is not told.
func (m *Mapper) SetText(text string) {
	if text != m.text {
		m.text = text
		m.run()
	}
}

// Text is the program.
func (m *Mapper) Text() string { return m.text }

// ShowRecord shows the record at a place among the samples.
func (m *Mapper) ShowRecord(at int) {
	if at >= 0 && at < len(m.records) && at != m.at {
		m.at = at
		m.run()
	}
}

// Open shows the large view in front of the window.
func (m *Mapper) Open() {
	layer := widgets.LayerOf(m)
	if m.large != nil || layer == nil {
		return
	}
	m.large = newLarge(m)
	m.large.cover = layer.Cover(m.large.content, true)
	m.large.cover.OnClosed = func() { m.large = nil }
	m.show()
	m.large.cover.Focus(m.large.editor)
}

// Close takes the large view away.
func (m *Mapper) Close() {
	if m.large != nil {
		m.large.cover.Close()
	}
}

// End stops what runs and waits for it.
func (m *Mapper) End() { m.runner.end() }

// changed is an edit by a person in one of the views.
func (m *Mapper) changed(text string) {
	if text == m.text {
		return
	}
	m.text = text
	if m.OnChanged != nil {
		m.OnChanged(text)
	}
	m.run()
}

// run tries the program after a moment, and shows meanwhile what it knows.
func (m *Mapper) run() {
	m.result.stale = true
	m.show()
	job := job{text: m.text, target: m.target, records: m.records, at: m.at, vars: m.vars()}
	m.runner.start(job, func(o outcome) {
		m.result = o
		m.show()
	})
}

func (m *Mapper) vars() func(flow.Record) transforms.Vars {
	now, more := time.Now(), m.Vars
	return func(rec flow.Record) transforms.Vars {
		vars := transforms.Vars{}
		if more != nil {
			vars = more(rec)
		}
		if vars.Now.IsZero() {
			vars.Now = now
		}
		return vars
	}
}

// show brings both views up to date.
func (m *Mapper) show() {
	m.narrow.show()
	if m.large != nil {
		m.large.show()
	}
}

// record is the sample that is shown.
func (m *Mapper) record() (flow.Record, bool) {
	if m.at < len(m.records) {
		return m.records[m.at], true
	}
	return flow.Record{}, false
}

// sample is its data, nil where there is none.
func (m *Mapper) sample() any {
	rec, _ := m.record()
	return rec.Data
}

// complete lists what could stand at the caret: names of the operation's fields where
// a key stands, and what jq knows.
func (m *Mapper) complete(src string, caret int) []widgets.Suggestion {
	rec, _ := m.record()
	found := m.target.suggest(src, caret)
	for _, c := range transforms.Complete(src, caret, m.sample(), m.vars()(rec)) {
		found = append(found, suggestion(c))
	}
	return found
}

// CreateRenderer draws the narrow view.
func (m *Mapper) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(m.narrow.content)
}
