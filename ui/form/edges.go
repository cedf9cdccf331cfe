package form

import (
	"cmp"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// edgesPart lists where records go from a step, and lets an edge have a condition.
type edgesPart struct {
	content *fyne.Container
	lines   []*edgeLine
}

type edgeLine struct {
	label *widgets.Text
	edge  flow.Edge
	when  *entry
	wrong *widgets.Prose
}

func newEdgesPart(p *Panel) *edgesPart {
	part := &edgesPart{content: container.NewVBox()}
	for _, e := range p.now.Edges {
		l := &edgeLine{edge: e, label: widgets.NewCutText("", widgets.Plain), wrong: widgets.NewProse("", widgets.Caption.In(theme.Failed))}
		l.wrong.Hide()
		l.when = watch(widgets.NewCodeLine("jq", func(text string) {
			p.wish(func() { p.OnWhen(l.edge, text) }, p.OnWhen != nil)
		}))
		l.when.Hint = "every record; or a condition like .total > 100"
		part.content.Add(l.label)
		part.content.Add(l.when.Editor)
		part.content.Add(l.wrong)
		part.content.Add(widgets.NewGap(theme.Gap))
		part.lines = append(part.lines, l)
	}
	return part
}

func (part *edgesPart) show(s Subject) {
	for i, l := range part.lines {
		if i >= len(s.Edges) {
			return
		}
		l.edge = s.Edges[i]
		l.label.SetText(string(l.edge.Leaves()) + "  →  " + cmp.Or(s.Title[l.edge.To], string(l.edge.To)))
		l.when.fill(l.edge.When)
	}
}

// showProblems says below the conditions what is wrong with them. A problem does not
// say which edge it is of, so it stands below the first that has a condition.
func (part *edgesPart) showProblems(all []flow.Problem) {
	mine := problemsOf(all, "when")
	for _, l := range part.lines {
		text := ""
		if l.edge.When != "" && len(mine) > 0 {
			text, mine = sayProblem(mine[0]), mine[1:]
		}
		l.wrong.SetText(text)
		show(l.wrong, text != "")
	}
}
