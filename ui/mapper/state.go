package mapper

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// state says in words how the mapping stands: what is wrong and what to do about it,
// or that the records pass.
type state struct {
	v       *view
	icon    *widgets.Icon
	words   *widgets.Prose
	jump    *widgets.Button
	content *fyne.Container
}

func newState(v *view) *state {
	s := &state{v: v, icon: widgets.NewIcon("info", theme.Muted, theme.SmallIconSize), words: widgets.NewProse("", widgets.Caption)}
	s.jump = widgets.NewButton(widgets.Ghost, "", "Show it", s.showFailed)
	s.jump.Small = true
	s.content = container.NewBorder(nil, nil, container.NewVBox(s.icon), container.NewVBox(s.jump), s.words)
	return s
}

// report is what state says.
type report struct {
	icon   string
	colour fyne.ThemeColorName
	words  string
	jump   bool // to a record that fails
	mark   *widgets.Mark
}

func (s *state) show() {
	m := s.v.m
	if m.result.stale {
		return
	}
	r := tell(m)
	s.icon.Set(r.icon, r.colour)
	look := widgets.Caption
	if r.colour == theme.Failed {
		look = look.In(theme.Failed)
	}
	s.words.Set(r.words, look)
	s.icon.Hidden = r.words == ""
	show(s.jump, r.jump)
	if r.mark != nil {
		s.v.editor.SetMarks(*r.mark)
	} else {
		s.v.editor.SetMarks()
	}
	s.content.Refresh()
}

// tell finds the words for what came of the last try.
func tell(m *Mapper) report {
	o := m.result
	bad := report{icon: "warning", colour: theme.Failed}
	switch {
	case o.syntax != nil:
		bad.words = join(o.syntax.What, o.syntax.Fix)
		bad.mark = &widgets.Mark{Start: o.syntax.Offset, End: o.syntax.End}
		return bad
	case o.stopped:
		bad.words = fmt.Sprintf("stopped after %d ms; try it on a smaller record, or make the program do less", mostTime.Milliseconds())
		return bad
	case o.failure != nil:
		bad.words = join(o.failure.What, o.failure.Fix)
		if o.failure.Line > 0 {
			bad.mark = &widgets.Mark{Start: o.failure.Offset, End: o.failure.End}
		}
		return bad
	case len(o.problems) > 0:
		var lines []string
		for _, p := range o.problems[:min(len(o.problems), 3)] {
			lines = append(lines, join(p.What, p.Fix))
		}
		bad.words = strings.Join(lines, "\n")
		return bad
	}
	return good(m)
}

// good is what is told where the shown record passes.
func good(m *Mapper) report {
	o := m.result
	switch {
	case blank(m.text):
		return report{icon: "info", colour: theme.Muted, words: m.target.hint()}
	case !o.ran:
		return report{icon: "check", colour: theme.Muted, words: "It is jq. A result shows once there is a record to try it on."}
	case len(o.failed) > 0:
		return report{
			icon: "warning", colour: theme.Partial, jump: true,
			words: fmt.Sprintf("This record passes; %d of %s fail.", len(o.failed), widgets.Count(o.tried, "record", "records")),
		}
	case o.tried < len(m.records):
		return report{icon: "check", colour: theme.Done, words: fmt.Sprintf("%s pass; there was no time to try all.", widgets.Count(o.tried, "record", "records"))}
	case len(m.records) > 1:
		return report{icon: "check", colour: theme.Done, words: fmt.Sprintf("All %s pass.", widgets.Count(o.tried, "record", "records"))}
	case len(o.values) == 0:
		return report{icon: "info", colour: theme.Muted, words: "This record becomes nothing; it leaves by the outlet “empty”."}
	}
	return report{icon: "check", colour: theme.Done, words: "The record passes."}
}

func join(what, fix string) string {
	if fix == "" {
		return what
	}
	return what + "; " + fix
}

// showFailed goes to the next record that fails.
func (s *state) showFailed() {
	m := s.v.m
	for _, i := range m.result.failed {
		if i > m.at {
			m.ShowRecord(i)
			return
		}
	}
	if len(m.result.failed) > 0 {
		m.ShowRecord(m.result.failed[0])
	}
}
