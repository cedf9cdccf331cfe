package cli

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"jackfield/flow"
)

// progress is what a terminal shows of a run while it goes on: one line a step.
type progress struct {
	p     *Program
	id    flow.RunID
	order []flow.StepID
	out   map[flow.StepID]map[flow.Outlet]int
	busy  map[flow.StepID]int
	drawn int // lines on the terminal
	last  time.Time
}

// redraw is the shortest time between two pictures.
const redraw = 100 * time.Millisecond

// showProgress writes to standard error until the events end: on a terminal a
// picture that changes in place, elsewhere only warnings and errors.
func showProgress(p *Program, id flow.RunID, events iter.Seq[flow.Event]) {
	s := &progress{p: p, id: id, out: map[flow.StepID]map[flow.Outlet]int{}, busy: map[flow.StepID]int{}}
	for e := range events {
		if e.Run.ID != id {
			continue
		}
		s.take(e)
		if p.Terminal && time.Since(s.last) >= redraw {
			s.draw()
		}
	}
	if p.Terminal {
		s.clear()
	}
}

func (s *progress) take(e flow.Event) {
	if mark := e.Step.Step == "" && e.Kind != flow.Logged; mark {
		return
	}
	switch e.Kind {
	case flow.StepBegan:
		s.see(e.Step.Step)
		s.busy[e.Step.Step]++
	case flow.StepEnded:
		s.see(e.Step.Step)
		s.busy[e.Step.Step] = 0
		for o, n := range e.Step.Out {
			s.out[e.Step.Step][o] += n
		}
	case flow.Logged:
		if e.Line.Level == flow.Warn || e.Line.Level == flow.Error {
			s.line(e.Line)
		}
	}
}

func (s *progress) see(id flow.StepID) {
	if id != "" && !slices.Contains(s.order, id) {
		s.order = append(s.order, id)
		s.out[id] = map[flow.Outlet]int{}
	}
}

func (s *progress) line(l flow.LogLine) {
	s.clear()
	fmt.Fprintf(s.p.Err, "%s %s: %s\n", l.Level, l.Step, l.Text)
}

func (s *progress) clear() {
	if s.drawn > 0 {
		fmt.Fprintf(s.p.Err, "\x1b[%dA\x1b[J", s.drawn)
		s.drawn = 0
	}
}

func (s *progress) draw() {
	s.clear()
	s.last = time.Now()
	const most = 20
	for i, id := range s.order {
		if i == most {
			fmt.Fprintf(s.p.Err, "  … and %d more steps\n", len(s.order)-most)
			s.drawn++
			break
		}
		sign := " "
		if s.busy[id] > 0 {
			sign = "▸"
		}
		fmt.Fprintf(s.p.Err, "%s %-20s %s\n", sign, id, countsInWords(s.out[id]))
		s.drawn++
	}
}

func countsInWords(counts map[flow.Outlet]int) string {
	var words []string
	for _, o := range outletsOf(counts) {
		if counts[o] > 0 {
			words = append(words, fmt.Sprintf("%d %s", counts[o], o))
		}
	}
	return strings.Join(words, ", ")
}
