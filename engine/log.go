package engine

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Of the lines of one step run the first and the last are kept, and of a line so many
// bytes: a step that talks without end fills neither the memory nor the disk.
const (
	logLimit = 1000
	logLast  = 200 // of those
	logLine  = 16 << 10
)

// lines gathers what a task writes into the log. Operations may write from any
// goroutine.
type lines struct {
	step flow.StepID
	tell func(flow.LogLine)
	mask *kit.Mask

	mu   sync.Mutex
	kept []flow.LogLine
	last []flow.LogLine // a ring once it is full
	all  int
}

// write keeps a line and tells it on, as long as there are not too many.
func (l *lines) write(line flow.LogLine) {
	if line.Time.IsZero() {
		line.Time = time.Now()
	}
	if line.Level == "" {
		line.Level = flow.Info
	}
	if line.Step == "" {
		line.Step = l.step
	}
	line.Text = cut(l.mask.Text(line.Text))
	l.mu.Lock()
	full := l.all >= logLimit
	switch {
	case len(l.kept) < logLimit-logLast:
		l.kept = append(l.kept, line)
	case len(l.last) < logLast:
		l.last = append(l.last, line)
	default:
		l.last[(l.all-logLimit)%logLast] = line
	}
	l.all++
	l.mu.Unlock()
	if !full && l.tell != nil {
		l.tell(line)
	}
}

// cut shortens a line that is too long to be read.
func cut(text string) string {
	if len(text) <= logLine {
		return text
	}
	return fmt.Sprintf("%s … and %d more bytes", strings.ToValidUTF8(text[:logLine], ""), len(text)-logLine)
}

// take gives the lines since it was last asked, in their order, with one in the gap that
// counts those left out.
func (l *lines) take() []flow.LogLine {
	l.mu.Lock()
	defer l.mu.Unlock()
	if gone := l.all - logLimit; gone > 0 {
		oldest := gone % logLast
		l.last = slices.Concat(l.last[oldest:], l.last[:oldest])
		l.kept = append(l.kept, flow.LogLine{
			Time: l.last[0].Time, Level: flow.Warn, Step: l.step,
			Text: fmt.Sprintf("%d lines of this step run were left out here", gone),
		})
	}
	all := append(l.kept, l.last...)
	l.kept, l.last, l.all = nil, nil, 0
	return all
}
