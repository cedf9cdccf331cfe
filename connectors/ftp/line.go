package ftp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/textproto"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jlaffaye/ftp"

	"jackfield/connectors/kit"
)

// line is a control connection with its data connections.
type line struct {
	*ftp.ServerConn
	home    string // where the user begins
	secured *tls.ConnectionState
	broken  atomic.Bool
	mu      sync.Mutex
	conns   map[net.Conn]bool
}

// dial connects and signs in.
func (s *settings) dial(ctx context.Context, env kit.Env) (*line, error) {
	secure, err := s.tls(env)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.Timeout, errSlow)
	defer cancel()
	l := &line{conns: map[net.Conn]bool{}}
	options := []ftp.DialOption{
		ftp.DialWithDialFunc(l.dialer(ctx, s, secure)),
		ftp.DialWithDisabledEPSV(s.Passive == oldPassive),
		ftp.DialWithForceListHidden(false),
	}
	switch s.Secure {
	case explicit:
		options = append(options, ftp.DialWithExplicitTLS(secure))
	case implicit:
		options = append(options, ftp.DialWithTLS(secure))
	}
	if secure != nil {
		secure.VerifyConnection = l.seen(secure.VerifyConnection)
	}
	done := l.guard(ctx)
	l.ServerConn, err = ftp.Dial(s.address(), options...)
	if err = done(err); err != nil {
		l.hangUp()
		return nil, s.noTLS(s.refused(ctx, err), err)
	}
	done = l.guard(ctx)
	err = l.Login(s.user(), s.password())
	if err == nil {
		l.home, err = l.CurrentDir()
	}
	if err = done(err); err != nil {
		l.hangUp()
		return nil, s.refused(ctx, err)
	}
	return l, nil
}

var errSlow = errors.New("the server is silent")

func (s *settings) password() string {
	if s.User == "" && s.Password.Empty() {
		return "anonymous@"
	}
	return s.Password.Reveal()
}

// seen notes what TLS was agreed upon.
func (l *line) seen(verify func(tls.ConnectionState) error) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		if verify != nil {
			if err := verify(state); err != nil {
				return err
			}
		}
		if l.secured == nil {
			l.secured = &state
		}
		return nil
	}
}

// dialer opens the control connection and, behind it, data connections. ctx is that of
// the first one.
func (l *line) dialer(ctx context.Context, s *settings, secure *tls.Config) func(network, address string) (net.Conn, error) {
	first := true
	return func(network, address string) (net.Conn, error) {
		control := first
		first = false
		if !control {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(context.Background(), s.Timeout) // guard ends it sooner, with the control connection
			defer cancel()
		}
		conn, err := s.world.dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		conn = l.keep(&awake{Conn: conn, within: s.Timeout})
		if secure != nil && (!control || s.Secure == implicit) {
			return tls.Client(conn, secure), nil
		}
		return conn, nil
	}
}

// keep remembers a connection until it is closed.
func (l *line) keep(conn *awake) net.Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[conn] = true
	conn.closed = func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.conns, conn)
	}
	return conn
}

// hangUp closes all connections at once, and so ends whatever waits for one.
func (l *line) hangUp() {
	l.broken.Store(true)
	l.mu.Lock()
	var all []net.Conn
	for c := range l.conns {
		all = append(all, c)
	}
	l.mu.Unlock()
	for _, c := range all {
		c.Close()
	}
}

// guard hangs up when ctx ends, because nothing else ends a command that the server does
// not answer. What it gives is called when the command is done.
func (l *line) guard(ctx context.Context) (done func(error) error) {
	stop := context.AfterFunc(ctx, l.hangUp)
	return func(err error) error {
		if !stop() {
			return ctx.Err()
		}
		var said *textproto.Error
		if err != nil && (!errors.As(err, &said) || said.Code == ftp.StatusNotAvailable) && !errors.Is(err, ftp.ErrInvalidCommand) {
			l.broken.Store(true)
		}
		return err
	}
}

// Alive says whether the line is not known to be lost.
func (l *line) Alive() bool { return !l.broken.Load() }

// Close takes leave of the server.
func (l *line) Close() error {
	if l.Alive() {
		_ = l.Quit() // what it says to that is of no interest
	}
	l.hangUp()
	return nil
}

// awake is a connection whose other end may not be silent for too long.
type awake struct {
	net.Conn
	within time.Duration
	closed func()
}

func (a *awake) Read(b []byte) (int, error) {
	if err := a.SetReadDeadline(time.Now().Add(a.within)); err != nil {
		return 0, err
	}
	return a.Conn.Read(b)
}

func (a *awake) Write(b []byte) (int, error) {
	if err := a.SetWriteDeadline(time.Now().Add(a.within)); err != nil {
		return 0, err
	}
	return a.Conn.Write(b)
}

func (a *awake) Close() error {
	a.closed()
	return a.Conn.Close()
}
