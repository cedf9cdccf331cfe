package remote

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// ErrNobody says that no process has the door of the home folder open.
var ErrNobody = errors.New("nobody has the door open")

// Client is the door of a home folder that another process has open.
type Client struct {
	options Options
	ctx     context.Context // of the session; ends when the server goes
	end     context.CancelFunc

	mu   sync.Mutex
	link *link       // to the process that has the home folder open
	here app.Service // where this process has taken over
	gone bool        // closed
}

// Options say what a client is and what it does when the server goes.
type Options struct {
	Home    string
	Version string
	Role    Role
	Ops     kit.Library // what Connectors gives; functions do not go through a socket
	// Reopen gives the door that takes the place of one whose process has ended: this
	// process's own, or a new Client's link through Dial. nil leaves calls failing.
	Reopen func(ctx context.Context) (app.Service, error)
}

var _ app.Service = (*Client)(nil)

// link is one session with a server.
type link struct {
	http  http.Client
	hello hello
	body  io.Closer
	lost  chan struct{} // closed when the session is over
}

// Dial goes to the door of a home folder. The error is ErrNobody where no process has
// it open, or is just closing it.
func Dial(ctx context.Context, o Options) (*Client, error) {
	l, err := connect(ctx, o)
	if err != nil {
		return nil, err
	}
	c := &Client{options: o, link: l}
	c.ctx, c.end = context.WithCancel(context.WithoutCancel(ctx))
	return c, nil
}

func connect(ctx context.Context, o Options) (*link, error) {
	path := Address(o.Home)
	l := &link{lost: make(chan struct{})}
	l.http.Transport = &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		},
		MaxIdleConnsPerHost: 8,
		DisableCompression:  true,
	}
	alive, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	req, err := http.NewRequestWithContext(alive, http.MethodGet, base+"/session?role="+url.QueryEscape(string(o.Role)), nil)
	if err != nil {
		cancel()
		return nil, err
	}
	got, err := l.http.Do(req)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("%w: %w", ErrNobody, err)
	}
	lines := bufio.NewReader(got.Body)
	line, err := lines.ReadBytes('\n')
	stop() // the session outlives what asked for it
	if got.StatusCode != http.StatusOK || err != nil || json.Unmarshal(line, &l.hello) != nil {
		cancel()
		return nil, fmt.Errorf("%w: it is being closed", ErrNobody)
	}
	l.body = closer(func() error { cancel(); return got.Body.Close() })
	go func() {
		_, _ = io.Copy(io.Discard, lines) // until the server goes or Close
		close(l.lost)
	}()
	if l.hello.Protocol != protocol() {
		pid, version := l.hello.PID, l.hello.Version
		_ = l.body.Close()
		return nil, flow.Problem{
			Code: "busy", What: fmt.Sprintf("another version of Jackfield (%s, process %d) has the home folder open", version, pid),
			Fix: "use that one or end it first",
		}
	}
	return l, nil
}

const base = "http://door"

type closer func() error

func (c closer) Close() error { return c() }

// PID is the process that has the home folder open; 0 where this one has taken over.
func (c *Client) PID() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.here != nil {
		return 0
	}
	return c.link.hello.PID
}

// Lost is closed when the process that had the home folder open has gone.
func (c *Client) Lost() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.link.lost
}

// Close ends the session. What was asked goes on.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = true
	c.end()
	err := c.link.body.Close()
	c.link.http.CloseIdleConnections()
	return err
}

// errLost says that the connection broke; asked whether the question had been sent.
type errLost struct {
	asked bool
	cause error
}

func (e *errLost) Error() string { return "the connection was lost: " + e.cause.Error() }
func (e *errLost) Unwrap() error { return e.cause }

// do calls a method and puts its results into out. harmless calls are repeated where
// the answer was lost.
func (c *Client) do(ctx context.Context, name string, harmless bool, args []any, out ...any) error {
	for {
		here, l := c.way()
		if here != nil {
			return locally(ctx, here, name, args, out)
		}
		err := l.ask(ctx, name, args, out)
		var lost *errLost
		if !errors.As(err, &lost) || ctx.Err() != nil {
			return err
		}
		if lost.asked && !harmless {
			return flow.Problem{
				Code: kit.Unavailable, What: fmt.Sprintf("process %d, which has the home folder open, ended while it was asked; whether it did it is not known", l.hello.PID),
				Fix: "look first, then ask again",
			}
		}
		if err := c.again(ctx, l); err != nil {
			return err
		}
	}
}

func (c *Client) way() (app.Service, *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.here, c.link
}

// again finds the way again when the server has gone.
func (c *Client) again(ctx context.Context, old *link) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.here != nil || c.link != old {
		return nil // somebody else has found it
	}
	if c.gone {
		return flow.Problem{Code: kit.Stopped, What: "the door was closed"}
	}
	ended := flow.Problem{
		Code: kit.Unavailable, What: fmt.Sprintf("process %d, which had the home folder open, has ended", old.hello.PID),
		Fix: "try again; runs that were under way go on with jackfield serve or in the window",
	}
	if c.options.Reopen == nil {
		return ended
	}
	svc, err := c.options.Reopen(ctx)
	if err != nil {
		return fmt.Errorf("%w (%w)", ended, err)
	}
	if other, ok := svc.(*Client); ok {
		c.link = other.link
		return nil
	}
	c.here = svc
	return nil
}

// ask sends one call to the server.
func (l *link) ask(ctx context.Context, name string, args []any, out []any) error {
	if args == nil {
		args = []any{}
	}
	text, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("ask for %s: %w", name, err)
	}
	got, err := l.send(ctx, "/call/"+name, text)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	answer, err := io.ReadAll(got.Body)
	if err != nil {
		return l.cut(ctx, err)
	}
	if got.StatusCode != http.StatusOK {
		return fmt.Errorf("ask for %s: %s", name, strings.TrimSpace(string(answer)))
	}
	return unpack(name, answer, out)
}

// send puts a question to the server.
func (l *link) send(ctx context.Context, path string, text []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	got, err := l.http.Do(req)
	if err == nil {
		return got, nil
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var op *net.OpError
	return nil, &errLost{asked: !errors.As(err, &op) || op.Op != "dial", cause: err}
}

// cut says why an answer broke off.
func (l *link) cut(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return &errLost{asked: true, cause: err}
}

func unpack(name string, answer []byte, out []any) error {
	var r reply
	if err := json.Unmarshal(answer, &r); err != nil {
		return fmt.Errorf("read the answer to %s: %w", name, err)
	}
	if r.Error != nil {
		return r.Error.err()
	}
	return fill(name, r.Out, out)
}

func fill(name string, got []json.RawMessage, out []any) error {
	if len(got) != len(out) {
		return fmt.Errorf("%s gave %d results instead of %d", name, len(got), len(out))
	}
	for i, text := range got {
		if err := decode(text, out[i]); err != nil {
			return fmt.Errorf("read the answer to %s: %w", name, err)
		}
	}
	return nil
}
