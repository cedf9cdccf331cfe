package form

import (
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

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
	onError     *widget.Select
	wrong       *widgets.Prose
}

const (
	goOn    = "The record leaves by failed, the others go on"
	stopRun = "The run stops"
)

func newFailurePart(p *Panel) *failurePart {
	f := &failurePart{tries: newEntry(), first: newEntry(), most: newEntry(), timeout: newEntry(), wrong: widgets.NewProse("", widgets.Caption.In(theme.Failed))}
	f.wrong.Hide()
	f.tries.SetPlaceHolder("by its effect")
	f.first.SetPlaceHolder("1s")
	f.most.SetPlaceHolder("1m")
	f.timeout.SetPlaceHolder("its own")
	retry := func(string) {
		if r, ok := f.read(); ok {
			p.wish(func() { p.OnRetry(r) }, p.OnRetry != nil)
		}
	}
	f.tries.OnChanged, f.first.OnChanged, f.most.OnChanged = retry, retry, retry
	f.timeout.OnChanged = func(text string) {
		if d, ok := f.duration(text); ok {
			p.wish(func() { p.OnTimeout(d) }, p.OnTimeout != nil)
		}
	}
	f.onError = widget.NewSelect([]string{goOn, stopRun}, func(choice string) {
		to := flow.GoOn
		if choice == stopRun {
			to = flow.StopRun
		}
		p.wish(func() { p.OnOnError(to) }, p.OnOnError != nil)
	})
	cell := func(text string, o fyne.CanvasObject) fyne.CanvasObject {
		return container.NewVBox(widgets.NewText(text, widgets.Muted), o)
	}
	f.content = container.NewVBox(
		container.NewGridWithColumns(3, cell("Attempts", f.tries), cell("First pause", f.first), cell("Longest", f.most)),
		container.NewGridWithColumns(3, cell("Time-out", f.timeout)),
		cell("A record that fails", f.onError), f.wrong,
	)
	return f
}

// set says whether anything differs from what is usual.
func (f *failurePart) set(s flow.Step) bool {
	return s.Retry != (flow.Retry{}) || s.OnError != flow.GoOn || s.Timeout != 0
}

func (f *failurePart) show(s flow.Step) {
	fill := func(e *entry, text string) {
		if !e.focused && e.Text != text {
			e.SetText(text)
		}
	}
	tries := ""
	if s.Retry.Tries > 0 {
		tries = strconv.Itoa(s.Retry.Tries)
	}
	fill(f.tries, tries)
	fill(f.first, shortDuration(s.Retry.First.String()))
	fill(f.most, shortDuration(s.Retry.Most.String()))
	fill(f.timeout, shortDuration(s.Timeout.String()))
	choice := goOn
	if s.OnError == flow.StopRun {
		choice = stopRun
	}
	f.onError.SetSelected(choice)
}

func (f *failurePart) read() (r flow.Retry, ok bool) {
	if text := strings.TrimSpace(f.tries.Text); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			f.say("attempts: a whole number from 1")
			return r, false
		}
		r.Tries = n
	}
	if r.First, ok = f.duration(f.first.Text); !ok {
		return r, false
	}
	r.Most, ok = f.duration(f.most.Text)
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
	if text == "" {
		f.wrong.Hide()
	} else {
		f.wrong.Show()
	}
}
