package engine

import (
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// hide takes the secrets out of what a person may read of a step run: why it and its
// records failed. Records' data are the person's own and stay as they are; lines of the
// log were masked when they were written.
func (w *Worker) hide(e *flow.Entry) {
	if w.Mask == nil {
		return
	}
	for i := range e.Problems {
		maskProblem(w.Mask, &e.Problems[i])
	}
	maskProblem(w.Mask, e.Fatal)
	for _, rec := range e.Batches[flow.Failed] {
		maskProblem(w.Mask, rec.Problem)
	}
}

func maskProblem(m *kit.Mask, p *flow.Problem) {
	if p != nil {
		p.What, p.Fix = m.Text(p.What), m.Text(p.Fix)
	}
}

// learnSecrets takes the secrets of a step among those that are masked.
func learnSecrets(m *kit.Mask, fields kit.Fields) {
	if m == nil {
		return
	}
	for _, f := range fields {
		if s, ok := f.Get().(kit.Secret); ok {
			m.Add(s.Reveal())
		}
	}
}
