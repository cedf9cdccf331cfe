package schedules

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// detail is how one trigger stands, and what can be done about it.
type detail struct {
	page    *Page
	trigger app.Trigger
	title   *widgets.Text
	spec    *widgets.Prose
	problem *widgets.Prose
	enable  *widgets.Button
	last    *widgets.Button
	slots   [3]*slots // next, missed, waiting
	whole   fyne.CanvasObject
	from    *widgets.Editor
	to      *widgets.Editor
	said    *widgets.Prose
	plan    *widgets.Button
	content fyne.CanvasObject
}

// slots is a list of times below a headline that says how many.
type slots struct {
	section *widgets.Section
	list    *widgets.Prose
}

func newSlots(title string, open bool) *slots {
	s := &slots{list: widgets.NewProse("", widgets.Plain)}
	s.section = widgets.NewSection(title, open, s.list)
	return s
}

// mostShown is how many times a list shows.
const mostShown = 30

func (s *slots) fill(all []time.Time, empty string) {
	text := ""
	for i, t := range all {
		if i == mostShown {
			text += "\n" + plural(len(all)-mostShown, "more", "more")
			break
		}
		if i > 0 {
			text += "\n"
		}
		text += slotText(t)
	}
	if text == "" {
		text = empty
	}
	s.list.SetText(text)
	s.section.SetNote(strconv.Itoa(len(all)))
}

func (p *Page) newDetail() *detail {
	d := &detail{page: p}
	d.title = widgets.NewText("", widgets.Heading)
	d.spec = widgets.NewProse("", widgets.Muted)
	d.problem = widgets.NewProse("", widgets.Plain.In(theme.Failed))
	d.enable = widgets.NewButton(widgets.Second, "power", "Enable", func() {
		if p.OnEnable != nil {
			p.OnEnable(d.trigger.Flow, !d.trigger.Enabled)
		}
	})
	open := widgets.NewButton(widgets.Ghost, "flow", "Open the flow", func() {
		if p.OnFlow != nil {
			p.OnFlow(d.trigger.Flow)
		}
	})
	d.last = widgets.NewButton(widgets.Ghost, "history", "Last run", func() {
		if p.OnRun != nil {
			p.OnRun(d.trigger.LastRun)
		}
	})
	d.slots = [3]*slots{newSlots("Next", true), newSlots("Waiting to start", true), newSlots("Missed", true)}
	d.whole = d.newRange()
	box := container.NewVBox(
		d.title, widgets.NewGap(theme.Gap), d.spec, d.problem, widgets.NewGap(theme.WideGap),
		container.NewHBox(d.enable, open, d.last), widgets.NewGap(theme.FarGap),
		d.slots[0].section, d.slots[1].section, d.slots[2].section, d.whole,
	)
	d.content = container.NewVScroll(widgets.NewReadable(widgets.NewPanel(box).Padded(theme.FarGap, theme.FarGap).On("")))
	return d
}

// newRange is where the slots of a range of days are made up for.
func (d *detail) newRange() fyne.CanvasObject {
	changed := func(string) { d.plan.Disable() }
	d.from = widgets.NewTextField("first day, like 2026-03-01", changed)
	d.to = widgets.NewTextField("last day", changed)
	d.said = widgets.NewProse("", widgets.Plain)
	d.plan = widgets.NewButton(widgets.Primary, "run", "Plan these runs", func() { d.ranged(d.page.OnBackfill) })
	d.plan.Disable()
	look := widgets.NewButton(widgets.Second, "search", "Look what is missing", func() { d.ranged(d.page.OnUnmet) })
	return widgets.NewSection("Make up for a range of days", false, container.NewVBox(
		container.NewGridWithColumns(2, d.from, d.to), d.said, container.NewHBox(look, d.plan)))
}

// ranged reads the range and hands it on.
func (d *detail) ranged(do func(flow.ID, flow.StepID, time.Time, time.Time)) {
	from, err := parseDay(d.from.Text(), false)
	if err != nil {
		d.say(err.Error(), true)
		return
	}
	to := d.page.now
	if d.to.Text() != "" {
		if to, err = parseDay(d.to.Text(), true); err != nil {
			d.say(err.Error(), true)
			return
		}
	}
	if do != nil {
		do(d.trigger.Flow, d.trigger.Step, from, to)
	}
}

func (d *detail) say(text string, bad bool) {
	look := widgets.Plain
	if bad {
		look = look.In(theme.Failed)
	}
	d.said.Set(text, look)
	d.content.Refresh()
}

func (d *detail) unmet(all []time.Time) {
	switch {
	case len(all) == 0:
		d.say("Every slot of that range has its run.", false)
		d.plan.Disable()
		return
	case len(all) == 1:
		d.say("One slot has no run: "+slotText(all[0])+".", false)
	default:
		d.say(plural(len(all), "slot has", "slots have")+" no run, from "+slotText(all[0])+" to "+slotText(all[len(all)-1])+".", false)
	}
	d.plan.Enable()
}

func (d *detail) fill(t app.Trigger) {
	d.trigger = t
	d.title.SetText(t.Name)
	d.spec.SetText(t.Title + " · " + t.Spec)
	problem := ""
	if t.Problem != nil {
		problem = t.Problem.What
		if t.Problem.Fix != "" {
			problem += "; " + t.Problem.Fix
		}
	}
	d.problem.SetText(problem)
	show(d.problem, problem != "")
	d.enable.SetText("Enable")
	if t.Enabled {
		d.enable.SetText("Let it rest")
	}
	show(d.last, t.LastRun != "")
	timed := len(t.Next) > 0 || !t.Last.IsZero()
	resting := "nothing: the flow is not enabled"
	if t.Enabled {
		resting = "nothing"
	}
	d.slots[0].fill(t.Next, resting)
	d.slots[1].fill(t.Waiting, "")
	d.slots[2].fill(t.Missed, "")
	show(d.slots[0].section, timed)
	show(d.slots[1].section, len(t.Waiting) > 0)
	show(d.slots[2].section, len(t.Missed) > 0)
	show(d.whole, timed)
	d.content.Refresh()
}

func show(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}
