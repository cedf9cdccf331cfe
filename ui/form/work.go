package form

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/widgets"
)

// workPart is how a step does its work: how often and how much at a time, which
// failures are worth another attempt, and what becomes of what is uncertain.
type workPart struct {
	content *fyne.Container
	rows    *Rows
	step    work
}

// work is what the part shows of a step, as the fields hold it.
type work struct {
	Uncertain, Rate, Order string
	Parallel               int
	Only                   []string
}

func (w *work) fields() kit.Fields {
	return kit.Fields{
		kit.List(&w.Only, "only", "Tried again only when it is").Eg(string(kit.Throttled)).
			Help("Kinds of failure, like throttled, unavailable, timed-out, busy. Left empty it is those that pass by themselves."),
		kit.Pick(&w.Uncertain, "uncertain", "When nobody knows whether it was done",
			kit.Choice{Value: string(flow.AskPerson), Label: "Ask a person"},
			kit.Choice{Value: string(flow.DoAgain), Label: "Do it again"},
			kit.Choice{Value: string(flow.LetPass), Label: "Take it as done"}).
			Help("After a crash or a lost answer, where doing it twice would count twice."),
		kit.Text(&w.Rate, "rate", "At most").Eg("10/s").Checked(w.checkRate).Help("How often it may be attempted, all runs together: 10/s, 600/m, 5/10s."),
		kit.Int(&w.Parallel, "parallel", "Records at the same time").Eg("1"),
		kit.Text(&w.Order, "order", "In order for each").Eg(".customer").Help("jq: records for which it comes to the same are kept in order.").
			OnlyIf(func() bool { return w.Parallel > 1 }),
	}
}

func (w *work) checkRate() error {
	_, err := flow.ParseRate(w.Rate)
	return err
}

func workOf(s flow.Step) work {
	w := work{Uncertain: string(s.Uncertain), Rate: s.Rate.String(), Order: s.Order, Parallel: s.Parallel}
	for _, code := range s.Retry.Only {
		w.Only = append(w.Only, string(code))
	}
	return w
}

func newWorkPart(p *Panel) *workPart {
	part := &workPart{}
	part.step = workOf(p.now.Step)
	part.rows = NewRows(part.step.fields(), new(work).fields(), p.Ask)
	part.rows.OnSet = func(field string, v any) {
		p.wish(func() { p.OnWork(field, func(s *flow.Step) { setWork(s, field, v) }) }, p.OnWork != nil)
	}
	part.content = container.NewVBox(widgets.NewText("HOW IT WORKS", widgets.Overline), part.rows)
	return part
}

func (part *workPart) show(s flow.Step) {
	part.step = workOf(s)
	part.rows.update(part.step.fields(), nil)
}

// setWork puts one field of the form into a step; nil is the default.
func setWork(s *flow.Step, field string, v any) {
	text, _ := v.(string)
	switch field {
	case "uncertain":
		s.Uncertain = flow.WhenUncertain(text)
	case "rate":
		if rate, err := flow.ParseRate(text); err == nil {
			s.Rate = rate
		}
	case "order":
		s.Order = text
	case "parallel":
		s.Parallel, _ = v.(int)
	case "only":
		s.Retry.Only = nil
		for _, kind := range textsOf(v) {
			s.Retry.Only = append(s.Retry.Only, flow.Code(kind))
		}
	}
}

// textsOf is a list of texts however the form holds it.
func textsOf(v any) []string {
	switch v := v.(type) {
	case []string:
		return slices.Clone(v)
	case []any:
		var all []string
		for _, one := range v {
			if text, ok := one.(string); ok && strings.TrimSpace(text) != "" {
				all = append(all, text)
			}
		}
		return all
	}
	return nil
}
