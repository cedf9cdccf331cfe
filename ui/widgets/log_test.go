package widgets

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"jackfield/flow"
)

func line(level flow.Level, step flow.StepID, text string) flow.LogLine {
	return flow.LogLine{Time: time.Date(2026, 3, 1, 8, 0, 0, 0, time.Local), Level: level, Step: step, Text: text}
}

func many(n int) (lines []flow.LogLine) {
	for i := range n {
		lines = append(lines, line(flow.Info, "push", fmt.Sprint("line ", i)))
	}
	return lines
}

func newShownLog(t testing.TB, lines ...flow.LogLine) *LogView {
	l := NewLogView()
	shown(t, l, fyne.NewSize(700, 300))
	l.SetLines(lines)
	return l
}

func TestLogFiltersByLevelAndByWords(t *testing.T) {
	l := newShownLog(t, line(flow.Debug, "a", "one"), line(flow.Info, "b", "Two"), line(flow.Warn, "", "three"), line(flow.Error, "push", "four"))
	tests := []struct {
		level flow.Level
		words string
		want  string
	}{
		{flow.Debug, "", "one Two three four"},
		{flow.Warn, "", "three four"},
		{flow.Error, "", "four"},
		{flow.Debug, "TWO", "Two"},
		{flow.Debug, "push", "four"},
		{flow.Info, "one", ""},
	}
	for _, tt := range tests {
		l.SetLevel(tt.level)
		l.Filter(tt.words)
		if got := strings.Join(l.Shown(), " "); got != tt.want {
			t.Errorf("%s with %q shows %q, want %q", tt.level, tt.words, got, tt.want)
		}
	}
	l.Append(line(flow.Debug, "", "one more"), line(flow.Info, "", "nothing"), line(flow.Info, "", "one last"))
	if got := strings.Join(l.Shown(), ","); got != "one last" {
		t.Errorf("what comes passes as %q", got)
	}
	if got := l.counter.Text(); got != "1 line of 7" {
		t.Errorf("it counts %q", got)
	}
}

func TestLogFollowsUntilAPersonScrollsAway(t *testing.T) {
	l := newShownLog(t, many(100)...)
	if !l.list.AtEnd() {
		t.Fatal("it does not begin at the end")
	}
	l.list.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 100)})
	at := l.list.Offset()
	l.Append(many(10)...)
	if l.Following() || l.list.Offset() != at {
		t.Fatal("new lines pull it away from where a person reads")
	}
	l.list.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -100_000)})
	l.Append(many(10)...)
	if !l.Following() || !l.list.AtEnd() {
		t.Fatal("back at the end it does not follow again")
	}
}

func TestLongLogLineIsShownWhole(t *testing.T) {
	text := "first\nsecond " + strings.Repeat("word ", 60)
	l := newShownLog(t, line(flow.Info, "a", "short"), line(flow.Error, "a", text))
	l.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	if !l.drawer.Visible() || l.detail.Text() != text {
		t.Fatalf("below the list stands %q", l.detail.Text())
	}
	l.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyHome})
	if l.drawer.Visible() {
		t.Fatal("a short line is shown twice")
	}
}

func TestLogDropsTheOldestLines(t *testing.T) {
	l := newShownLog(t, many(mostLines)...)
	l.Append(line(flow.Info, "", "the last"))
	if n := len(l.lines); n != mostLines || l.lines[0].Text != "line 1" {
		t.Fatalf("it keeps %d lines from %q on", n, l.lines[0].Text)
	}
	if got := l.Shown()[mostLines-1]; got != "the last" {
		t.Fatalf("the last one shown is %q", got)
	}
}

func TestPressOnAStepTellsIt(t *testing.T) {
	l := newShownLog(t, line(flow.Info, "push", "text"))
	var told []flow.StepID
	l.OnStep = func(s flow.StepID) { told = append(told, s) }
	_, step, text := l.columns()
	press(l.list, step+3, 5, 0)
	press(l.list, text+3, 5, 0)
	if fmt.Sprint(told) != "[push]" {
		t.Fatalf("told %v", told)
	}
}

func TestNumbersAreSetApart(t *testing.T) {
	for n, want := range map[int]string{0: "0 lines", 1: "1 line", 999: "999 lines", 1000: "1\u202f000 lines", 1234567: "1\u202f234\u202f567 lines", -1500: "-1\u202f500 lines"} {
		if got := Count(n, "line", "lines"); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
