package form

import (
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// failurePart is what happens when a step fails: how often it tries, how long it may
// take, and what a failed record means for the run.
type failurePart struct {
	content     fyne.CanvasObject
	tries       *entry
	first, most *entry
	timeout     *entry
	onError     *widgets.Choice
	wrong       *widgets.Prose
}

// goOn stands for the empty choice in a menu.
const goOn = "continue"

func newFailurePart(p *Panel) *failurePart {
	f := &failurePart{wrong: widgets.NewProse("", widgets.Caption.In(theme.Failed))}
	f.wrong.Hide()
	retry := func(string) {
		if r, ok := f.read(); ok {
			r.Only = p.now.Step.Retry.Only
			p.wish(func() { p.OnRetry(r) }, p.OnRetry != nil)
		}
	}
	f.tries, f.first, f.most = newEntry("by effect", retry), newEntry("1s", retry), newEntry("1m", retry)
	f.timeout = newEntry("its own", func(text string) {
		if d, ok := f.duration(text); ok {
			p.wish(func() { p.OnTimeout(d) }, p.OnTimeout != nil)
		}
	})
	f.onError = widgets.NewChoice([]widgets.Option{
		{Value: goOn, Label: "It leaves by failed, the others go on"},
		{Value: string(flow.StopRun), Label: "The run stops"},
	}, func(choice string) {
		to := flow.GoOn
		if choice == string(flow.StopRun) {
			to = flow.StopRun
		}
		p.wish(func() { p.OnOnError(to) }, p.OnOnError != nil)
	})
	cell := func(text string, o fyne.CanvasObject) fyne.CanvasObject {
		return container.NewVBox(widgets.NewText(text, widgets.Muted), o)
	}
	f.content = container.NewVBox(
		container.NewGridWithColumns(3, cell("Attempts", f.tries.Editor), cell("First pause", f.first.Editor), cell("Longest", f.most.Editor)),
		container.NewGridWithColumns(3, cell("Time-out", f.timeout.Editor)),
		cell("A record that fails", f.onError), f.wrong,
	)
	return f
}

func (f *failurePart) show(s flow.Step) {
	tries := ""
	if s.Retry.Tries > 0 {
		tries = strconv.Itoa(s.Retry.Tries)
	}
	f.tries.fill(tries)
	f.first.fill(shortDuration(s.Retry.First.String()))
	f.most.fill(shortDuration(s.Retry.Most.String()))
	f.timeout.fill(shortDuration(s.Timeout.String()))
	choice := goOn
	if s.OnError == flow.StopRun {
		choice = string(flow.StopRun)
	}
	f.onError.SetValue(choice)
}

func (f *failurePart) read() (r flow.Retry, ok bool) {
	if text := strings.TrimSpace(f.tries.Text()); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			f.say("attempts: a whole number from 1")
			return r, false
		}
		r.Tries = n
	}
	if r.First, ok = f.duration(f.first.Text()); !ok {
		return r, false
	}
	r.Most, ok = f.duration(f.most.Text())
	return r, ok
}

func (f *failurePart) duration(text string) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		f.say("")
		return 0, true
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		f.say("write a length of time like 30s, 5m or 1h30m")
		return 0, false
	}
	f.say("")
	return d, true
}

func (f *failurePart) say(text string) {
	f.wrong.SetText(text)
	show(f.wrong, text != "")
}
