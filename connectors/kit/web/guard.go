package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"jackfield/connectors/kit"
)

// errLinkLocal is an address that is not asked unless the connection allows it.
type errLinkLocal struct{ address netip.Addr }

func (e *errLinkLocal) Error() string { return e.address.String() + " is link-local" }

// amazon is where machines of Amazon find their keys by IPv6 (EC2 user guide, instance
// metadata service).
var amazon = netip.MustParseAddr("fd00:ec2::254")

// translated are IPv4 addresses as IPv6 carries them (RFC 6052, 2.1).
var translated = netip.MustParsePrefix("64:ff9b::/96")

// linkLocal says whether an address is of the network segment alone. Clouds keep the keys
// of their machines at one of those, where any program of the machine can ask for them:
// who could choose an address would have the keys.
func linkLocal(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if translated.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	return a.IsLinkLocalUnicast() || a == amazon
}

// guard looks at the address that is dialled, behind the look-up of its name: whatever a
// name led to a moment ago does not count.
func guard(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if linkLocal(at.Addr()) {
		return &errLinkLocal{at.Addr()}
	}
	return nil
}

// guarded looks at an address that a proxy would dial.
func guarded(u *url.URL) error {
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && linkLocal(a) {
		return &errLinkLocal{a}
	}
	return nil
}

// line is what lines to services differ in.
type line struct {
	open bool   // to link-local addresses too
	seal string // the name of the TLS configuration
}

// through finds the way that requests of a site take.
func (c *Client) through(open bool, by Signer) (way *http.Client, sealed bool, err error) {
	config, name, err := sealOf(by)
	if err != nil {
		return nil, false, err
	}
	l := line{open: open, seal: name}
	c.mu.Lock()
	defer c.mu.Unlock()
	if way = c.lines[l]; way != nil {
		return way, config != nil, nil
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if config != nil {
		transport.TLSClientConfig = config.Clone()
	}
	transport.MaxIdleConnsPerHost = 16
	transport.IdleConnTimeout = 30 * time.Second
	transport.DialContext = c.dialer(open).DialContext
	way = &http.Client{Transport: transport, CheckRedirect: follow}
	if c.lines == nil {
		c.lines = map[line]*http.Client{}
	}
	c.lines[l] = way
	return way, config != nil, nil
}

func (c *Client) dialer(open bool) *net.Dialer {
	d := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second, Resolver: c.names}
	if !open {
		d.ControlContext = guard
	}
	return d
}

// Close lets go of lines that are kept for later use. The client may be used again.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.lines {
		one.CloseIdleConnections()
	}
	c.lines = nil
}

func (e *errLinkLocal) failure(host string) *kit.Failure {
	who := host
	if at := e.address.String(); at != host {
		who += " is at " + at + ", which"
	}
	return kit.Fail(kit.Denied, "%s is an address of the network segment alone (link-local); a cloud keeps the keys of its machines at one, so it is not asked", who).
		On("url").Hint("if it is a device of yours, turn on \"link_local\" in the connection")
}
