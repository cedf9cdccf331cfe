package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"jackfield/connectors/kit"
)

// host is a client that is signed in.
type host struct {
	client *ssh.Client
	shown  string        // what a person may see of its key
	slots  chan struct{} // one for each session that is in use
	lost   chan struct{} // closed when the line is lost
	tasks  sync.WaitGroup
	mu     sync.Mutex
	idle   *sftp.Client // a file session that nobody uses now
}

// sessions is how many are in use at a time. sshd allows ten on one line
// (sshd_config(5), MaxSessions); one may be idle, and one kills commands.
const sessions = 7

// crowded is how often a session is asked for that the host refuses: those that have
// ended count there until their processes are gone.
const crowded = 10

// begin opens a session, and again while the host says that there are too many.
func (h *host) begin(ctx context.Context, open func() error) error {
	for n := 1; ; n++ {
		err := open()
		var full *ssh.OpenChannelError
		if err == nil || !errors.As(err, &full) || n == crowded {
			return err
		}
		select {
		case <-time.After(time.Duration(n) * 20 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// dial connects and signs in.
func (s *settings) dial(ctx context.Context) (*host, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	methods, done, err := s.methods(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	pinned, err := s.world.pins.of(s.address())
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	line, err := dialer.DialContext(ctx, "tcp", s.address())
	if err != nil {
		return nil, s.told(err)
	}
	h := &host{slots: make(chan struct{}, sessions), lost: make(chan struct{})}
	config := &ssh.ClientConfig{User: s.User, Auth: methods, HostKeyCallback: s.watch(pinned, &h.shown), ClientVersion: "SSH-2.0-Jackfield"}
	if s.HostKey == "" {
		config.HostKeyAlgorithms = algorithms(pinned)
	}
	stop := context.AfterFunc(ctx, func() { line.Close() })
	conn, channels, requests, err := ssh.NewClientConn(line, s.address(), config)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		line.Close()
		return nil, s.refused(ctx, err, pinned)
	}
	h.client = ssh.NewClient(conn, channels, requests)
	h.tasks.Go(h.wait)
	h.tasks.Go(h.keepAlive)
	return h, nil
}

// wait notices when the line is lost.
func (h *host) wait() {
	_ = h.client.Wait() // why it was lost stands in the error of whoever used it
	close(h.lost)
}

// aliveEvery is how often a host is asked whether it is still there.
const aliveEvery = 15 * time.Second

// keepAlive gives the line up when the host no longer answers.
func (h *host) keepAlive() {
	ticker := time.NewTicker(aliveEvery)
	defer ticker.Stop()
	for {
		select {
		case <-h.lost:
			return
		case <-ticker.C:
		}
		silent := time.AfterFunc(aliveEvery, func() { h.client.Close() })
		_, _, err := h.client.SendRequest("keepalive@openssh.com", true, nil)
		if silent.Stop(); err != nil {
			h.client.Close()
		}
	}
}

// Alive says whether the line is still there.
func (h *host) Alive() bool {
	select {
	case <-h.lost:
		return false
	default:
		return true
	}
}

// Close hangs up.
func (h *host) Close() error {
	err := h.client.Close()
	h.tasks.Wait()
	if errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// version is what the host says of itself.
func (h *host) version() string {
	return strings.TrimPrefix(string(h.client.ServerVersion()), "SSH-2.0-")
}

// slot waits until one more session may be in use.
func (h *host) slot(ctx context.Context) (giveBack func(), err error) {
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-h.lost:
		return nil, hungUp(nil)
	}
}

// files opens a file session, or takes the idle one.
func (h *host) files(ctx context.Context) (*files, error) {
	giveBack, err := h.slot(ctx)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	session := h.idle
	h.idle = nil
	h.mu.Unlock()
	if session == nil {
		err = h.begin(ctx, func() (err error) {
			session, err = sftp.NewClient(h.client, sftp.UseConcurrentWrites(true))
			return err
		})
		if err != nil {
			giveBack()
			return nil, h.noFiles(err)
		}
	}
	return &files{host: h, client: session, slot: giveBack}, nil
}

// rest keeps a file session for the next one, or closes it.
func (h *host) rest(session *sftp.Client, broken bool) {
	h.mu.Lock()
	if !broken && h.idle == nil {
		h.idle, session = session, nil
	}
	h.mu.Unlock()
	if session != nil {
		session.Close()
	}
}

// noFiles tells why there is no file session. A host that ends it at once may be lost, or
// may have no SFTP; then it still answers.
func (h *host) noFiles(err error) error {
	var full *ssh.OpenChannelError
	if errors.As(err, &full) {
		return noSession(err)
	}
	if !errors.Is(err, io.EOF) && !strings.Contains(err.Error(), "subsystem request failed") {
		return lostOr(fmt.Errorf("begin with SFTP: %w", err))
	}
	if _, _, lost := h.client.SendRequest("keepalive@openssh.com", true, nil); lost != nil {
		return hungUp(err)
	}
	return kit.Fail(kit.Refused, "the host lets the user in, and gives no files: it has no SFTP, or not for this user").
		Hint("ask who runs the host to allow SFTP (in sshd_config: Subsystem sftp internal-sftp)")
}
