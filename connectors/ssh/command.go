package ssh

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"jackfield/connectors/kit"
)

// command is one that runs on a host.
type command struct {
	host   *host
	line   string // for the shell
	stdin  string
	most   int
	token  string // in front of the number of its process group
	stdout capped
	stderr capped
	code   int
}

// perform runs the command to its end. One that takes too long, or that nobody wants any
// more, is killed.
func (c *command) perform(ctx context.Context, within time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, within, errTooLong)
	defer cancel()
	var session *ssh.Session
	err := c.host.begin(ctx, func() (err error) {
		session, err = c.host.client.NewSession()
		return err
	})
	if err != nil {
		return noSession(err)
	}
	defer session.Close()
	sum := sha256.Sum256([]byte(c.token))
	mark := "jackfield-" + hex.EncodeToString(sum[:8]) + "-"
	c.stdout.most, c.stderr.most = c.most, c.most
	errs := &heading{mark: mark, to: &c.stderr, group: make(chan string, 1)}
	session.Stdin, session.Stdout, session.Stderr = strings.NewReader(c.stdin), &c.stdout, errs
	// sshd gives each command a process group of its own, whose number the shell knows as
	// $$. It is told first, and exec keeps it.
	if err := session.Start("echo " + mark + "$$ >&2; exec sh -c " + quoted(c.line)); err != nil {
		return unsure(err)
	}
	var end error
	ended := make(chan struct{})
	c.host.tasks.Go(func() {
		end = session.Wait()
		close(ended)
	})
	select {
	case <-ended:
		if err := errs.flush(); err != nil {
			return err
		}
		return c.ended(end)
	case <-ctx.Done():
	}
	killed := c.kill(session, errs, ended)
	session.Close()
	if !errors.Is(context.Cause(ctx), errTooLong) {
		return ctx.Err()
	}
	f := kit.Fail(kit.TimedOut, "the command took longer than %s and was killed", within).Hint("give it more time, or see why it is slow").Unsure()
	if !killed {
		f.What = "the command took longer than " + within.String() + ", and nobody knows whether it was killed"
	}
	return f
}

var errTooLong = errors.New("the command took too long")

// ended tells how a command ended.
func (c *command) ended(err error) error {
	var exit *ssh.ExitError
	var missing *ssh.ExitMissingError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &missing):
		return hungUp(err)
	case errors.As(err, &exit) && exit.Signal() != "":
		return kit.Fail(kit.Refused, "the command was ended by the signal %s%s", exit.Signal(), c.why()).Hint("see on the host who ended it").Unsure()
	case errors.As(err, &exit):
		c.code = exit.ExitStatus()
		return nil
	}
	return unsure(err)
}

// unsure is of a command that was sent, and nobody knows what became of it.
func unsure(err error) error {
	f := kit.AsFailure(lostOr(err))
	if f.Kind == kit.Unknown {
		f.Kind, f.Fix = kit.Unavailable, "look on the host whether the command ran"
	}
	return f.Unsure()
}

func noSession(err error) error {
	var refused *ssh.OpenChannelError
	if errors.As(err, &refused) {
		return kit.Fail(kit.Busy, "the host takes no more sessions on this connection: %s", refused.Message).
			Hint("let fewer steps use it at a time")
	}
	f := kit.AsFailure(lostOr(err))
	f.Uncertain = false // nothing was asked yet
	return f
}

// How long a command has to end by itself once it is told to, and then to be gone. Both
// together are less than what the engine gives an operation that is stopped.
const (
	killAfter = 700 * time.Millisecond
	goneAfter = 500 * time.Millisecond
)

// kill ends the process group of the command, from another session: a host takes
// signals from the session itself only for some users.
func (c *command) kill(session *ssh.Session, errs *heading, ended <-chan struct{}) bool {
	var group string
	select {
	case group = <-errs.group:
	case <-ended:
		return true
	case <-time.After(killAfter):
		session.Signal(ssh.SIGKILL)
		return false
	}
	c.signal("TERM", group)
	select {
	case <-ended:
	case <-time.After(killAfter):
	}
	c.signal("KILL", group) // what the command left behind, too
	select {
	case <-ended:
	case <-time.After(goneAfter):
	}
	return c.signal("0", group) != nil
}

// signal sends a signal to a process group. An error says that there is none.
func (c *command) signal(name, group string) error {
	if _, err := strconv.Atoi(group); err != nil {
		return err
	}
	session, err := c.host.client.NewSession()
	if err != nil {
		return nil
	}
	defer session.Close()
	stop := time.AfterFunc(goneAfter, func() { session.Close() })
	defer stop.Stop()
	err = session.Run("kill -" + name + " -" + group + " 2>/dev/null")
	var exit *ssh.ExitError
	if errors.As(err, &exit) {
		return err
	}
	return nil
}

// capped keeps the beginning of what is written.
type capped struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	most int
	cut  bool
}

func (c *capped) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	room := c.most - c.buf.Len()
	if len(b) > room {
		c.cut = true
		c.buf.Write(b[:max(room, 0)])
		return len(b), nil
	}
	return c.buf.Write(b)
}

func (c *capped) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.buf.String()
}

// heading takes the line that tells the process group off the beginning of what is
// written, and lets the rest through.
type heading struct {
	mark  string
	to    io.Writer
	group chan string
	begin []byte
	done  bool
}

func (h *heading) Write(b []byte) (int, error) {
	if h.done {
		return h.to.Write(b)
	}
	h.begin = append(h.begin, b...)
	before, rest, found := bytes.Cut(h.begin, []byte(h.mark))
	if !found { // a host may greet, in front of it
		if len(h.begin) > 64<<10 {
			h.done = true
			return len(b), h.pass(h.begin)
		}
		return len(b), nil
	}
	group, rest, found := bytes.Cut(rest, []byte("\n"))
	if !found {
		return len(b), nil
	}
	h.done = true
	h.group <- string(group)
	return len(b), h.pass(append(bytes.Clone(before), rest...))
}

// flush lets through what came where no line told the process group.
func (h *heading) flush() error {
	if h.done {
		return nil
	}
	h.done = true
	return h.pass(h.begin)
}

func (h *heading) pass(b []byte) error {
	_, err := h.to.Write(b)
	return err
}
