package kittest

import (
	"context"
	"io"
	"net"
	"sync"
	"syscall"
	"testing"
)

// Proxy stands between a client and a server, and can cut the lines or stop to answer.
type Proxy struct {
	Address string // where clients find it
	to      string
	down    net.Listener
	tasks   sync.WaitGroup

	mu    sync.Mutex
	left  int64 // how many bytes more go through, both ways together; below 0 is no limit
	mute  bool
	lines map[net.Conn]bool
	made  int
	ended bool
	taken chan struct{} // holds one once something was swallowed
}

// NewProxy begins to let everything through to an address.
func NewProxy(t testing.TB, to string) *Proxy {
	t.Helper()
	down, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Address: down.Addr().String(), to: to, down: down, left: -1, lines: map[net.Conn]bool{}, taken: make(chan struct{}, 1)}
	p.tasks.Go(p.accept)
	t.Cleanup(func() {
		p.Stop()
		p.tasks.Wait()
	})
	return p
}

func (p *Proxy) accept() {
	for {
		near, err := p.down.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", p.to)
		if err != nil {
			near.Close()
			continue
		}
		p.mu.Lock()
		if p.ended {
			p.mu.Unlock()
			near.Close()
			far.Close()
			return
		}
		p.lines[near], p.lines[far] = true, true
		p.made++
		p.mu.Unlock()
		p.tasks.Go(func() { p.copy(far, near) })
		p.tasks.Go(func() { p.copy(near, far) })
	}
}

// Dial connects to an address through the proxy too, for protocols that open further
// lines to addresses that the server names.
func (p *Proxy) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	if address == p.Address {
		address = p.to
	}
	p.mu.Lock()
	ended := p.ended
	p.mu.Unlock()
	if ended {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	var d net.Dialer
	far, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	near, inner, err := pair()
	if err != nil {
		far.Close()
		return nil, err
	}
	p.mu.Lock()
	p.lines[inner], p.lines[far] = true, true
	p.made++
	p.mu.Unlock()
	p.tasks.Go(func() { p.copy(far, inner) })
	p.tasks.Go(func() { p.copy(inner, far) })
	return addressed{Conn: near, far: far.RemoteAddr()}, nil
}

// pair is a line of which both ends are here.
func pair() (near, inner net.Conn, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer listener.Close()
	if near, err = net.Dial("tcp", listener.Addr().String()); err != nil {
		return nil, nil, err
	}
	if inner, err = listener.Accept(); err != nil {
		near.Close()
		return nil, nil, err
	}
	return near, inner, nil
}

// addressed is a line that says where it leads.
type addressed struct {
	net.Conn
	far net.Addr
}

func (a addressed) RemoteAddr() net.Addr { return a.far }

func (p *Proxy) copy(to, from net.Conn) {
	defer to.Close()
	b := make([]byte, 16<<10)
	for {
		n, err := from.Read(b)
		if n > 0 && !p.pass(to, b[:n]) || err != nil {
			break
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.lines, from)
}

// pass writes what may still go through, and says whether all of it might.
func (p *Proxy) pass(to io.Writer, b []byte) bool {
	p.mu.Lock()
	n, mute, cut := len(b), p.mute, false
	if p.left >= 0 {
		cut = int64(n) > p.left
		n = int(min(int64(n), p.left))
		p.left -= int64(n)
	}
	p.mu.Unlock()
	if mute {
		select {
		case p.taken <- struct{}{}:
		default:
		}
		return true
	}
	_, err := to.Write(b[:n])
	if cut {
		p.Cut()
	}
	return err == nil && !cut
}

// CutAfter lets so many bytes more through, and then cuts all lines. New lines are cut
// at once, until Mend.
func (p *Proxy) CutAfter(bytes int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = bytes
}

// Mend lets everything through again.
func (p *Proxy) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.mute = -1, false
}

// Mute swallows everything from now on, as a host does that has crashed.
func (p *Proxy) Mute() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mute = true
}

// Swallowed waits until something was swallowed.
func (p *Proxy) Swallowed() { <-p.taken }

// Stop takes no more lines, as a host does on which nothing listens.
func (p *Proxy) Stop() {
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	p.down.Close()
	p.Cut()
}

// Cut cuts the lines that are open.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for line := range p.lines {
		line.Close()
	}
}

// Made is how many lines there were so far.
func (p *Proxy) Made() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.made
}
