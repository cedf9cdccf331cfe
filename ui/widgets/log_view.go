package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/flow"
	"jackfield/ui/theme"
)

// LogView shows log lines, newest last. It follows the end until a person scrolls
// away from it, and again when they come back.
type LogView struct {
	widget.BaseWidget
	OnStep func(step flow.StepID) // a person pressed a line's step

	lines   []flow.LogLine
	shown   []int // the lines that pass the filter
	longest int   // of the ids of steps, in letters
	least   flow.Level
	words   string
	follow  bool

	list    *Rows
	search  *SearchField
	level   *Choice
	tail    *Button
	counter *Text
	content fyne.CanvasObject
	detail  *Prose
	drawer  *Panel
}

// mostLines is how many lines it keeps; the oldest go first.
const mostLines = 200_000

// NewLogView is an empty one.
func NewLogView() *LogView {
	l := &LogView{follow: true, counter: NewText("", Caption), detail: NewProse("", Code)}
	l.list = NewRows(func() int { return len(l.shown) }, l.draw)
	l.list.Height = theme.CodeRow
	l.list.OnMove = func() { l.setFollow(l.list.AtEnd()) }
	l.list.OnPick = l.pick
	l.list.OnPress = l.press
	l.list.OnCopy = l.copied
	l.search = NewSearchField("Filter lines", func(text string) {
		l.words = strings.ToLower(text)
		l.filter()
	})
	l.level = NewChoice([]Option{
		{string(flow.Debug), "All levels"}, {string(flow.Info), "From info"}, {string(flow.Warn), "From warnings"}, {string(flow.Error), "Errors only"},
	}, func(level string) {
		l.least = flow.Level(level)
		l.filter()
	})
	l.level.SetValue(string(flow.Debug))
	l.tail = NewSmallIconButton("arrow-down", "Follow the end", func() { l.setFollow(!l.follow) })
	l.tail.SetOn(true)
	head := NewPanel(container.NewBorder(nil, nil, nil, container.NewHBox(l.level, centred(l.counter), centred(l.tail)), l.search)).
		Padded(theme.Gap, theme.Gap).On("")
	l.drawer = NewPanel(l.detail).Padded(theme.WideGap, theme.WideGap).On(theme.Input)
	l.drawer.Hide()
	l.content = container.NewBorder(head, l.drawer, nil, nil, l.list)
	l.ExtendBaseWidget(l)
	l.tell()
	return l
}

// SetLines shows other lines.
func (l *LogView) SetLines(lines []flow.LogLine) {
	l.lines, l.longest = nil, 0
	l.list.Pick(-1)
	l.drawer.Hide()
	l.shown = nil
	l.Append(lines...)
}

// Append adds lines at the end.
func (l *LogView) Append(lines ...flow.LogLine) {
	l.lines = append(l.lines, lines...)
	for _, line := range lines {
		l.longest = max(l.longest, min(len(line.Step), mostStep))
	}
	if over := len(l.lines) - mostLines; over > 0 {
		l.lines = append([]flow.LogLine(nil), l.lines[over:]...)
		l.filter()
		return
	}
	for i := len(l.lines) - len(lines); i < len(l.lines); i++ {
		if l.passes(l.lines[i]) {
			l.shown = append(l.shown, i)
		}
	}
	l.show()
}

// Shown lists the texts that pass the filter.
func (l *LogView) Shown() []string {
	texts := make([]string, len(l.shown))
	for i, at := range l.shown {
		texts[i] = l.lines[at].Text
	}
	return texts
}

// SetLevel hides the lines below a level.
func (l *LogView) SetLevel(level flow.Level) {
	l.level.SetValue(string(level))
	l.least = level
	l.filter()
}

// Filter shows only the lines with a text in them.
func (l *LogView) Filter(text string) { l.search.SetText(text) }

// Following says whether it shows new lines as they come.
func (l *LogView) Following() bool { return l.follow }

func (l *LogView) setFollow(on bool) {
	l.follow = on
	l.tail.SetOn(on)
	if on {
		l.list.ScrollToEnd()
	}
}

func weight(level flow.Level) int {
	switch level {
	case flow.Info:
		return 1
	case flow.Warn:
		return 2
	case flow.Error:
		return 3
	}
	return 0
}

func (l *LogView) passes(line flow.LogLine) bool {
	if weight(line.Level) < weight(l.least) {
		return false
	}
	return l.words == "" || strings.Contains(strings.ToLower(line.Text), l.words) || strings.Contains(strings.ToLower(string(line.Step)), l.words)
}

func (l *LogView) filter() {
	l.shown = l.shown[:0]
	for i, line := range l.lines {
		if l.passes(line) {
			l.shown = append(l.shown, i)
		}
	}
	l.list.Pick(-1)
	l.show()
}

func (l *LogView) show() {
	l.tell()
	l.list.Refresh()
	if l.follow {
		l.list.ScrollToEnd()
	}
}

func (l *LogView) tell() {
	switch n := len(l.lines); {
	case n == len(l.shown):
		l.counter.SetText(Count(n, "line", "lines"))
	default:
		l.counter.SetText(Count(len(l.shown), "line", "lines") + " of " + Number(n))
	}
}

// levelLook is the letter and the colour of a level.
func levelLook(level flow.Level) (word string, colour fyne.ThemeColorName) {
	switch level {
	case flow.Error:
		return "error", theme.Failed
	case flow.Warn:
		return "warn", theme.Partial
	case flow.Debug:
		return "debug", theme.Idle
	}
	return "info", theme.Running
}

// mostStep is how many letters of a step's id are shown.
const mostStep = 16

// columns are where level, step and text begin.
func (l *LogView) columns() (level, step, text float32) {
	cell := Code.measure("0").Width
	level = theme.Size(theme.WideGap) + 13*cell
	step = level + 6*cell
	return level, step, step + float32(l.longest+2)*cell
}

func (l *LogView) draw(row int, pen *Pen) {
	line := l.lines[l.shown[row]]
	level, step, text := l.columns()
	pen.Text(theme.Size(theme.WideGap), 0, line.Time.Local().Format("15:04:05.000"), Code.In(theme.Muted))
	word, colour := levelLook(line.Level)
	pen.Text(level, 0, word, Code.In(colour))
	pen.Text(step, text-step-theme.Size(theme.WideGap), string(line.Step), Code.In(theme.CodeFunction))
	look := Code
	if line.Level == flow.Error {
		look = Code.In(theme.Failed)
	}
	pen.Text(text, max(1, pen.Width-text-theme.Size(theme.WideGap)), line.Text, look)
}

// press tells a step that was pressed.
func (l *LogView) press(row int, x float32) bool {
	_, step, text := l.columns()
	id := l.lines[l.shown[row]].Step
	if l.OnStep == nil || id == "" || x < step || x >= text {
		return false
	}
	l.OnStep(id)
	return true
}

// pick shows the whole of a line below, where it is long.
func (l *LogView) pick(row int) {
	line := l.lines[l.shown[row]]
	_, _, text := l.columns()
	long := strings.Contains(line.Text, "\n") || Code.measure(line.Text[:wholeRunes(line.Text, mostRunes)]).Width > l.list.Size().Width-text
	l.drawer.Hidden = !long
	if long {
		l.detail.SetText(line.Text)
	}
	l.drawer.Refresh()
	l.Refresh()
}

func (l *LogView) copied() string {
	row := l.list.Picked()
	if row < 0 || row >= len(l.shown) {
		return ""
	}
	line := l.lines[l.shown[row]]
	return strings.TrimSpace(line.Time.Format("2006-01-02T15:04:05.000Z07:00") + " " + string(line.Level) + " " + string(line.Step) + " " + line.Text)
}

// CreateRenderer draws it.
func (l *LogView) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(l.content) }
