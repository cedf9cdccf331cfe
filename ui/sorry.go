package ui

import (
	"errors"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// sorry is a window of its own that says why there is none to work in.
type sorry struct {
	app   fyne.App
	win   fyne.Window
	save  func() ([]string, error)
	again func()
	do    func(func())
}

// Sorry shows, in a window of its own, why there is none to work in. Where save is not
// nil it is offered: it saves what can be read and says in lines what it saved; again
// then opens the window.
func Sorry(a fyne.App, err error, save func() ([]string, error), again func()) {
	newSorry(a, err, save, again, fyne.Do)
}

func newSorry(a fyne.App, err error, save func() ([]string, error), again func(), do func(func())) *sorry {
	a.Settings().SetTheme(theme.New(a.Preferences().BoolWithFallback(prefDark, true)))
	s := &sorry{app: a, win: a.NewWindow("Jackfield"), save: save, again: again, do: do}
	s.win.SetIcon(theme.Mark())
	s.win.SetPadded(false)
	buttons := []fyne.CanvasObject{widgets.NewButton(widgets.Second, "", "Close", a.Quit)}
	if save != nil {
		buttons = append(buttons, widgets.NewButton(widgets.Primary, "save", "Save what can be read", s.rescue))
	}
	title, text := regret(err)
	s.show("warning", title, text, buttons...)
	s.win.Resize(fyne.NewSize(dialogWidth+200, 380))
	s.win.CenterOnScreen()
	s.win.Show()
	return s
}

func (s *sorry) show(icon, title, text string, buttons ...fyne.CanvasObject) {
	s.win.SetContent(widgets.NewPanel(container.NewPadded(widgets.NewEmptyState(icon, title, text, buttons...))))
	if len(buttons) > 0 {
		s.win.Canvas().Focus(buttons[len(buttons)-1].(*widgets.Button))
	}
}

// regret says why there is no window: what is the matter, what to do and where, each in a
// line of its own.
func regret(err error) (title, text string) {
	p, ok := errors.AsType[flow.Problem](err)
	if !ok {
		return "Jackfield cannot open", sentences([]string{inWords(err)})
	}
	title = "Jackfield cannot open"
	if p.Code == "newer" {
		title = "This Jackfield is older than your data"
	}
	lines := []string{p.What + "."}
	if p.Fix != "" {
		lines = append(lines, strings.TrimSuffix(p.Fix, ".")+".")
	}
	if p.File != "" {
		lines = append(lines, "", p.File)
	}
	return title, sentences(lines)
}

// rescue saves what can be read, away from the interface.
func (s *sorry) rescue() {
	s.show("wait", "Saving what can be read…", "The damaged file is kept as it is.")
	go func() {
		lines, err := s.save()
		s.do(func() {
			if err != nil {
				s.show("warning", "It could not be saved", inWords(err), widgets.NewButton(widgets.Primary, "", "Close", s.app.Quit))
				return
			}
			s.show("check", "Saved", sentences(lines), widgets.NewButton(widgets.Second, "", "Close", s.app.Quit), widgets.NewButton(widgets.Primary, "open", "Open Jackfield", s.reopen))
		})
	}()
}

// reopen opens the window before this one closes: the program ends with its last one.
func (s *sorry) reopen() {
	s.again()
	s.win.Close()
}

// sentences makes lines like "saved: 3 flows" begin with a capital, and leaves paths.
func sentences(lines []string) string {
	for i, l := range lines {
		if l != "" && !filepath.IsAbs(l) {
			lines[i] = strings.ToUpper(l[:1]) + l[1:]
		}
	}
	return strings.Join(lines, "\n")
}
