package engine

import (
	"fmt"
	"sync"
	"time"

	"jackfield/flow"
)

// logLimit is how many lines of one step run are kept.
const logLimit = 1000

// lines gathers what a task writes into the log. Operations may write from any
// goroutine.
type lines struct {
	step flow.StepID
	tell func(flow.LogLine)

	mu    sync.Mutex
	kept  []flow.LogLine
	extra int
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
	l.mu.Lock()
	full := len(l.kept) >= logLimit
	if full {
		l.extra++
	} else {
		l.kept = append(l.kept, line)
	}
	l.mu.Unlock()
	if !full && l.tell != nil {
		l.tell(line)
	}
}

// close gives the lines, with a last one that counts those left out.
func (l *lines) close() []flow.LogLine {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.extra > 0 {
		l.kept = append(l.kept, flow.LogLine{
			Time: time.Now(), Level: flow.Warn, Step: l.step,
			Text: fmt.Sprintf("%d more lines of this step run were left out", l.extra),
		})
		l.extra = 0
	}
	return l.kept
}
