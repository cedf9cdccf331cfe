package process

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// ended is how a job came to its end.
type ended struct {
	code   int    // -1 where a signal ended it
	signal string // the name of that
	last   string // what it said last on its standard error
}

// longestLine is how much of one line of what a program says is kept.
const longestLine = 16 << 10

// start begins the program in a group of its own. The lines that it says on its standard
// error go into the log of the run. When ctx ends it is asked to end, and killed after its
// grace; nothing of it is left behind when wait returns.
func (p *program) start(ctx context.Context, env kit.Env, rec flow.RecordID, cmd *exec.Cmd) (wait func() (ended, error), err error) {
	alone(cmd)
	said := &lines{tell: func(line string) { env.Log(flow.Info, rec, "%s: %s", cmd.Args[0], line) }}
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		return nil, p.unfound(cmd.Path, err)
	}
	gone := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-gone:
			return
		case <-ctx.Done():
		}
		askToEnd(cmd)
		late := time.NewTimer(p.Grace)
		defer late.Stop()
		select {
		case <-gone:
		case <-late.C:
		}
		kill(cmd)
	})
	return func() (ended, error) {
		err := cmd.Wait()
		close(gone)
		watching.Wait()
		said.flush()
		return howEnded(cmd, said.last(), err)
	}, nil
}

func howEnded(cmd *exec.Cmd, last string, err error) (ended, error) {
	var exit *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		err = nil
	case errors.As(err, &exit):
		err = nil
	default:
		return ended{}, fmt.Errorf("run %s: %w", cmd.Args[0], err)
	}
	state := cmd.ProcessState
	return ended{code: state.ExitCode(), signal: signalOf(state), last: last}, err
}

// lines cuts what is written to it into lines.
type lines struct {
	tell func(string)

	mu   sync.Mutex
	rest []byte
	kept string
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(b)
	for {
		line, rest, whole := bytes.Cut(b, []byte("\n"))
		if room := longestLine - len(l.rest); room > 0 {
			l.rest = append(l.rest, line[:min(room, len(line))]...)
		}
		if !whole {
			return n, nil
		}
		l.say()
		b = rest
	}
}

func (l *lines) say() {
	text := strings.ToValidUTF8(strings.TrimRight(string(l.rest), "\r"), "�")
	l.rest = l.rest[:0]
	if strings.TrimSpace(text) == "" {
		return
	}
	l.kept = text
	l.tell(text)
}

// flush says what came behind the last line end.
func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.rest) > 0 {
		l.say()
	}
}

func (l *lines) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept
}

// capped takes so much of what a program prints, and notes when there was more.
type capped struct {
	kept []byte
	most int
	over bool
	stop func()
}

func (c *capped) Write(b []byte) (int, error) {
	if c.over {
		return len(b), nil
	}
	if len(c.kept)+len(b) > c.most {
		c.over = true
		c.stop()
		return len(b), nil
	}
	c.kept = append(c.kept, b...)
	return len(b), nil
}

// eachLine gives the lines of what a program prints, as they come. One that is too long
// is an error.
func eachLine(r io.Reader, most int, give func(line []byte) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 4096), most)
	for s.Scan() {
		if err := give(s.Bytes()); err != nil {
			return err
		}
	}
	if errors.Is(s.Err(), bufio.ErrTooLong) {
		return kit.Fail(kit.Malformed, "the program printed a line of more than %d MB", most>>20)
	}
	return s.Err()
}
