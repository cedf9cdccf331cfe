package ui

import (
	"reflect"
	"slices"

	"fyne.io/fyne/v2"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/transforms"
	"jackfield/ui/mapper"
)

// samplesAtOnce is how many records a mapping is tried on.
const samplesAtOnce = 50

// mapping is the jq in front of the chosen step, with records to try it on.
type mapping struct {
	p       *panel
	mapper  *mapper.Mapper
	content fyne.CanvasObject
	step    flow.StepID
	turn    int       // of the desk: another flow has other records
	told    flow.Step // what the mapper knows of the step
	asked   int       // counts requests for samples, so that only the last answers
}

func newMapping(p *panel) *mapping {
	m := &mapping{p: p, mapper: mapper.New(p.d.w.do)}
	m.mapper.OnChanged = func(text string) {
		if m.step != "" {
			p.d.doc.SetMap(m.step, text, p.d.w.now())
			p.d.edited()
		}
	}
	m.mapper.OnSample = m.refresh
	m.mapper.Vars = m.vars
	m.content = m.mapper
	return m
}

// show shows the mapping of a step as it is now.
func (m *mapping) show(s flow.Step, op kit.Op, known bool) {
	other := s.ID != m.step || m.turn != m.p.d.turn
	m.step, m.turn = s.ID, m.p.d.turn
	if other || s.Uses != m.told.Uses || s.Title != m.told.Title || s.Connection != m.told.Connection || !reflect.DeepEqual(s.With, m.told.With) {
		t := mapper.Target{Title: m.p.d.doc.TitleOf(s.ID), With: s.With}
		if known {
			t.Op = op
		}
		if given := m.givenByConnection(s); len(given) > 0 {
			t.Given = func(field string) bool { return slices.Contains(given, field) }
		}
		m.mapper.SetTarget(t)
	}
	m.told = s
	m.mapper.SetText(s.Map)
	if other {
		m.mapper.SetSamples(nil, "")
		m.refresh()
	}
}

func (m *mapping) givenByConnection(s flow.Step) []string {
	conn, _, known := m.p.d.doc.Operation(s.ID)
	if !known || s.Connection == "" || conn.Connection == nil {
		return nil
	}
	return conn.Connection().Fields().Names()
}

// refresh asks for records that would come to the step.
func (m *mapping) refresh() {
	if m.step == "" {
		return
	}
	m.asked++
	asked, f, step := m.asked, m.p.d.doc.Flow(), m.step
	var records flow.Batch
	var from string
	go func() {
		var err error
		records, from, err = m.p.d.w.svc.Sample(m.p.d.w.ctx, f, step, samplesAtOnce)
		m.p.d.w.do(func() {
			if asked != m.asked {
				return
			}
			if err != nil {
				from = inWords(err)
			}
			m.mapper.SetSamples(records, from)
		})
	}()
}

// vars are what a program sees beside the record. What earlier steps gave is known
// only while a run goes on.
func (m *mapping) vars(flow.Record) transforms.Vars {
	f := m.p.d.doc.Flow()
	return transforms.Vars{
		Run:  map[string]any{"id": "preview", "started": m.p.d.w.now().UTC().Format("2006-01-02T15:04:05Z"), "limit": 0},
		Flow: map[string]any{"id": string(f.ID), "name": f.Name, "version": f.Version},
		Now:  m.p.d.w.now(),
	}
}

// end stops what the mapper tries out.
func (m *mapping) end() { m.mapper.End() }
