package cli

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"jackfield/flow"
)

// progress is what a terminal shows of a run while it goes on: one line a step.
type progress struct {
	mu    sync.Mutex
	later *time.Timer // of the next picture, if one is due
	over  bool
	p     *Program
	id    flow.RunID
	order []flow.StepID
	out   map[flow.StepID]map[flow.Outlet]int
	busy  map[flow.StepID]int
	waits map[flow.StepID]int // records
	held  map[flow.StepID]flow.StepID
	asks  int                 // how many questions were told of
	lines map[flow.StepID]int // that were written of each step's log
	drawn int                 // lines on the terminal
	last  time.Time
}

// redraw is the shortest time between two pictures.
const redraw = 100 * time.Millisecond

// showProgress writes to standard error until the events end: on a terminal a
// picture that changes in place, elsewhere only warnings and errors.
func showProgress(p *Program, id flow.RunID, events iter.Seq[flow.Event]) {
	s := &progress{p: p, id: id, out: map[flow.StepID]map[flow.Outlet]int{}, busy: map[flow.StepID]int{}, lines: map[flow.StepID]int{}}
	for e := range events {
		if e.Run.ID != id {
			continue
		}
		s.mu.Lock()
		s.take(e)
		if p.Terminal && s.later == nil {
			s.later = time.AfterFunc(redraw-time.Since(s.last), s.picture)
		}
		s.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	s.clear()
}

// picture draws how the run stands now.
func (s *progress) picture() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.later = nil
	if !s.over {
		s.draw()
	}
}

func (s *progress) take(e flow.Event) {
	if e.Kind == flow.RunChanged {
		s.ask(e.Run.Questions)
		return
	}
	if e.Kind == flow.PressureChanged {
		s.press(e.Pressure)
		return
	}
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

// press notes how much waits for each step, and who rests because of that.
func (s *progress) press(p flow.Pressure) {
	s.waits, s.held = map[flow.StepID]int{}, map[flow.StepID]flow.StepID{}
	for _, w := range p.Waits {
		s.see(w.Step)
		s.waits[w.Step] += w.Records
	}
	for _, h := range p.Held {
		s.held[h.Step] = h.By
	}
}

// ask tells that the run waits for more answers than before.
func (s *progress) ask(questions int) {
	if questions > s.asks {
		s.clear()
		fmt.Fprintf(s.p.Err, "it asks %s: jackfield runs questions %s\n", plural(questions, "question", "questions"), s.id)
	}
	s.asks = questions
}

func (s *progress) see(id flow.StepID) {
	if id != "" && !slices.Contains(s.order, id) {
		s.order = append(s.order, id)
		s.out[id] = map[flow.Outlet]int{}
	}
}

// line writes a line of the log, as long as its step has not written many.
func (s *progress) line(l flow.LogLine) {
	const most = 20
	s.lines[l.Step]++
	switch n := s.lines[l.Step]; {
	case n > most:
		return
	case n == most:
		l.Text = "more follow; jackfield runs logs " + string(s.id) + " shows them all"
	}
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
		fmt.Fprintln(s.p.Err, strings.TrimRight(fmt.Sprintf("%s %-20s %s", sign, id, strings.Join(s.standing(id), ", ")), " "))
		s.drawn++
	}
}

// standing says in words what a step gave, what waits for it and why it rests.
func (s *progress) standing(id flow.StepID) []string {
	var words []string
	if counts := countsInWords(s.out[id]); counts != "" {
		words = append(words, counts)
	}
	if n := s.waits[id]; n > 0 {
		words = append(words, fmt.Sprintf("%d waiting", n))
	}
	if by, held := s.held[id]; held {
		words = append(words, fmt.Sprintf("rests until %s has caught up", by))
	}
	return words
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
