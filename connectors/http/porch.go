package http

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// porch is where webhooks listen: one listener for each port, on the loopback address
// alone, which all webhooks of that port share by their paths.
type porch struct {
	mu     sync.Mutex
	doors  map[int]*door
	listen func(network, address string) (net.Listener, error) // net.Listen where nil
}

// What Windows says of a port (Winsock error codes; package syscall does not name them).
const (
	winAccess syscall.Errno = 10013
	winInUse  syscall.Errno = 10048
)

// anotherProgram holds a port, where nobody knows which one.
const anotherProgram = "another program"

// door is one port that is listened on.
type door struct {
	listener net.Listener
	server   *http.Server
	ended    chan struct{}
	bells    map[string]*bell // by path
}

// bell is one webhook at its path.
type bell struct {
	owner flow.ID
	ring  http.Handler
}

// hang puts a webhook at a path of a port and gives its address. The port is
// listened on from its first webhook to its last.
func (p *porch) hang(port int, path string, b *bell) (address string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.doors[port]
	if d == nil {
		if d, err = p.open(port); err != nil {
			return "", err
		}
	}
	if other, taken := d.bells[path]; taken {
		who := "this flow itself"
		if other.owner != b.owner {
			who = fmt.Sprintf("flow %q", string(other.owner))
		}
		return "", kit.Fail(kit.Invalid, "the path %s on port %d is taken by %s", path, port, who).On("path").Hint("choose another path, or another port")
	}
	d.bells[path] = b
	return "http://" + d.listener.Addr().String() + path, nil
}

// open is called with the lock held.
func (p *porch) open(port int) (*door, error) {
	listen := p.listen
	if listen == nil {
		listen = net.Listen
	}
	listener, err := listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	switch {
	case web.Errno(err, syscall.EADDRINUSE, winInUse):
		return nil, kit.Fail(kit.Busy, "port %d is taken by %s", port, holderOf(port)).On("port").Hint("choose another port, or close that program")
	case web.Errno(err, syscall.EACCES, winAccess):
		return nil, kit.Fail(kit.Denied, "port %d is not open to this user", port).On("port").Hint("choose a port above 1023")
	case err != nil:
		return nil, kit.Fail(kit.Unavailable, "port %d cannot be listened on: %w", port, err).On("port").Hint("choose another port")
	}
	d := &door{listener: listener, ended: make(chan struct{}), bells: map[string]*bell{}}
	d.server = &http.Server{
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.answer(d, w, r) }),
	}
	go func() {
		defer close(d.ended)
		_ = d.server.Serve(listener) // it always returns an error, at the latest that of Close
	}()
	if p.doors == nil {
		p.doors = map[int]*door{}
	}
	p.doors[port] = d
	return d, nil
}

// takeDown takes the webhook away, and closes the port behind the last one.
func (p *porch) takeDown(port int, path string) {
	d := p.unhang(port, path)
	if d != nil {
		d.close()
	}
}

// unhang gives the door where nothing hangs there any more; its port is free then.
func (p *porch) unhang(port int, path string) *door {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.doors[port]
	if d == nil {
		return nil
	}
	delete(d.bells, path)
	if len(d.bells) > 0 {
		return nil
	}
	delete(p.doors, port)
	_ = d.listener.Close() // Serve says what it says
	return d
}

func (p *porch) close() {
	p.mu.Lock()
	doors := p.doors
	p.doors = nil
	p.mu.Unlock()
	for _, d := range doors {
		d.close()
	}
}

// close lets answers that are being written go out. Requests that wait for a run were
// told to go when their webhook was.
func (d *door) close() {
	patience, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if d.server.Shutdown(patience) != nil {
		_ = d.server.Close()
	}
	<-d.ended
}

func (p *porch) answer(d *door, w http.ResponseWriter, r *http.Request) {
	path := tidyPath(r.URL.Path)
	p.mu.Lock()
	b := d.bells[path]
	p.mu.Unlock()
	if b == nil {
		problem(w, http.StatusNotFound, fmt.Sprintf("no flow listens at %s", path), "")
		return
	}
	b.ring.ServeHTTP(w, r)
}

// tidyPath writes a path with a slash before and none behind.
func tidyPath(path string) string { return "/" + strings.Trim(path, "/ ") }

// fromHere refuses what web pages that happen to be open in a browser may send:
// requests of another site's page, and host names that only seem to be this machine.
func fromHere(r *http.Request) error {
	if http.NewCrossOriginProtection().Check(r) != nil {
		return errors.New("pages of other sites may not call a webhook without a secret")
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	if !strings.EqualFold(host, "localhost") && (ip == nil || !ip.IsLoopback()) {
		return errors.New("a webhook that is called by another host name than localhost needs a secret")
	}
	return nil
}
