package history

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// stepLine is what a run's page shows of one step: all its step runs together.
type stepLine struct {
	id       flow.StepID
	in       int
	out      map[flow.Outlet]int
	took     time.Duration
	attempts int
	runs     []flow.StepRun
	problems []flow.Problem
}

// linesOf gathers step runs by step, in the order that the flow has them in; what is
// not there any more comes last.
func linesOf(steps []flow.StepRun, order []flow.StepID) []*stepLine {
	totals := flow.Totals(steps)
	by := map[flow.StepID]*stepLine{}
	var lines []*stepLine
	for _, s := range steps {
		if s.Step == "" {
			continue
		}
		l := by[s.Step]
		if l == nil {
			l = &stepLine{id: s.Step, out: totals[s.Step]}
			by[s.Step] = l
			lines = append(lines, l)
		}
		l.runs = append(l.runs, s)
		l.took += s.Took
		l.attempts = max(l.attempts, s.Attempt)
		if len(s.From) == 0 || s.From[0].Outlet != flow.Failed || s.Edge >= 0 {
			l.in += s.In
		}
		l.problems = append(l.problems, s.Problems...)
		if s.Fatal != nil && !slices.Contains(s.Problems, *s.Fatal) {
			l.problems = append(l.problems, *s.Fatal)
		}
	}
	places := map[flow.StepID]int{}
	for i, id := range order {
		places[id] = i
	}
	place := func(l *stepLine) int {
		if at, there := places[l.id]; there {
			return at
		}
		return len(order)
	}
	slices.SortStableFunc(lines, func(a, b *stepLine) int { return cmp.Compare(place(a), place(b)) })
	return lines
}

func (l *stepLine) failed() int { return l.out[flow.Failed] }

// outlets lists the outlets that records left by, in order.
func (l *stepLine) outlets() []flow.Outlet {
	var all []flow.Outlet
	for _, s := range l.runs {
		for o, n := range s.Out {
			if n > 0 && !slices.Contains(all, o) {
				all = append(all, o)
			}
		}
	}
	slices.SortFunc(all, flow.CompareOutlets)
	return all
}

// counts says in words what left: "38 done, 2 failed".
func (l *stepLine) counts() string {
	var words []string
	for _, o := range l.outlets() {
		if n := l.out[o]; n > 0 {
			words = append(words, fmt.Sprintf("%s %s", compact(n), o))
		}
	}
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, ", ")
}

// batch is the address of records and how many there are.
type batch struct {
	ref   flow.Ref
	count int
}

// inputs are the batches that the step took.
func (l *stepLine) inputs(all []flow.StepRun) []batch {
	left := map[int]flow.StepRun{}
	for _, s := range all {
		left[s.Seq] = s
	}
	var list []batch
	seen := map[flow.Ref]bool{}
	for _, s := range l.runs {
		for _, ref := range s.From {
			if n := left[ref.Seq].Out[ref.Outlet]; n > 0 && !seen[ref] && left[ref.Seq].Step != l.id {
				seen[ref] = true
				list = append(list, batch{ref, n})
			}
		}
	}
	return list
}

// outputs are the batches that left by an outlet.
func (l *stepLine) outputs(o flow.Outlet) []batch {
	var list []batch
	for _, s := range l.runs {
		if n := s.Out[o]; n > 0 && s.Mark != flow.Rest {
			list = append(list, batch{flow.Ref{Run: s.Run, Seq: s.Seq, Outlet: o}, n})
		}
	}
	return list
}

// draw draws the step as a row: how it went, its name, what left it, how long it took.
func (l *stepLine) draw(pen *widgets.Pen, title string) {
	gap := theme.Size(theme.WideGap)
	colour := theme.Done
	switch {
	case l.failed() > 0 && l.failed() == l.in:
		colour = theme.Failed
	case len(l.problems) > 0 && l.failed() > 0:
		colour = theme.Partial
	case len(l.problems) > 0 && len(l.out) == 0:
		colour = theme.Failed
	}
	x := pen.Dot(gap, colour) + gap
	name := pen.Width * 0.42
	pen.Text(x, name-x, title, widgets.Strong)
	end := pen.Width - 2*gap
	pen.Text(name+gap, end-name-gap-64, l.counts(), widgets.Muted)
	pen.Text(end-56, 64, took(l.took), widgets.Caption)
}
