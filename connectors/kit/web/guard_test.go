package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"jackfield/connectors/kit"
)

func TestWhichAddressesAreOfTheNetworkSegmentAlone(t *testing.T) {
	for address, want := range map[string]bool{
		"169.254.169.254": true, "169.254.0.1": true, "fe80::1": true, "fe80::1%eth0": true, "fd00:ec2::254": true,
		"::ffff:169.254.169.254": true, "64:ff9b::a9fe:a9fe": true,
		"127.0.0.1": false, "::1": false, "10.0.0.1": false, "192.168.1.1": false, "172.16.0.1": false,
		"fd00::1": false, "93.184.215.14": false, "169.253.255.255": false, "64:ff9b::7f00:1": false,
	} {
		if got := linkLocal(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
}

// names answers every question for an IPv4 address with the next of these, and the last
// one ever after.
func names(t *testing.T, addresses ...string) *net.Resolver {
	answer := func(ask []byte) []byte {
		end := 12 + strings.IndexByte(string(ask[12:]), 0) + 5 // behind the question (RFC 1035, 4.1.2)
		reply := append([]byte{}, ask[:end]...)
		copy(reply[2:12], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0})
		if reply[end-3] != 1 { // only A records
			return reply
		}
		reply[7] = 1
		at := netip.MustParseAddr(addresses[0]).As4()
		if len(addresses) > 1 {
			addresses = addresses[1:]
		}
		return append(append(reply, 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4), at[:]...)
	}
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for buffer := make([]byte, 512); ; {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			_, _ = server.WriteTo(answer(buffer[:n]), from)
		}
	}()
	t.Cleanup(func() {
		server.Close()
		<-ended
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

func TestAddressesOfTheNetworkSegmentAreNotAsked(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
		}
	})
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(server.URL, "http://"))
	for _, tt := range []struct {
		name  string
		url   string
		names []string
		says  string // "" where it is asked
	}{
		{"an address", "http://169.254.169.254/latest", nil, "169.254.169.254 is an address of the network segment alone"},
		{"an address of IPv6", "http://[fe80::1]/", nil, "fe80::1 is an address"},
		{"a name that leads there", "http://keys.example/", []string{"169.254.169.254"}, "keys.example is at 169.254.169.254, which is an address"},
		{"a redirect", server.URL + "/away", nil, "network segment alone"},
		{"a name of this machine", "http://here.example:" + port, []string{"127.0.0.1"}, ""},
		{"loopback", server.URL, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			site := siteOf(t, tt.url)
			if tt.names != nil {
				site.client.names = names(t, tt.names...)
			}
			_, err := site.Send(t.Context(), kit.Env{}, nil, Call{Method: "GET", URL: addressOf(t, tt.url)})
			if tt.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if f := kit.AsFailure(err); err == nil || f.Kind != kit.Denied || f.Field != "url" || !strings.Contains(f.What, tt.says) || !strings.Contains(f.Fix, "link_local") {
				t.Errorf("got %+v", err)
			}
		})
	}
}

// A name that leads to another address at the next look is caught where it is dialled.
func TestANameThatChangesIsCaught(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(server.URL, "http://"))
	site := siteOf(t, "http://both.example:"+port)
	site.client.names = names(t, "127.0.0.1", "169.254.169.254")
	ask := func() error {
		_, err := site.Send(t.Context(), kit.Env{}, nil, Call{Method: "GET", URL: addressOf(t, site.URL)})
		return err
	}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	if err := ask(); kit.AsFailure(err).Kind != kit.Denied {
		t.Errorf("got %v", err)
	}
}

func TestTheConnectionMayAllowThem(t *testing.T) {
	site := siteOf(t, "http://169.254.7.1")
	field, ok := site.AccessFields().Field("link_local")
	if !ok || field.Set(true) != nil || !site.LinkLocal {
		t.Fatal("there is no such setting")
	}
	if site.client.dialer(false).ControlContext == nil || site.client.dialer(site.LinkLocal).ControlContext != nil {
		t.Error("the setting has no effect")
	}
	for _, check := range siteOf(t, site.URL).Try(t.Context(), kit.Env{}, nil) {
		if check.OK || check.Name != "Address" || !strings.Contains(check.Fix, "link_local") {
			t.Errorf("the test of a connection says %+v", check)
		}
	}
}

// seal trusts the certificate of one test server.
type seal struct {
	token
	server *httptest.Server
}

func (s *seal) Seal() (*tls.Config, string, error) {
	roots := x509.NewCertPool()
	roots.AddCert(s.server.Certificate())
	return &tls.Config{RootCAs: roots}, s.server.URL, nil
}

func TestASealIsForItsOwnHost(t *testing.T) {
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "https://localhost:1/there", http.StatusFound)
		}
	}))
	defer secure.Close()
	site := siteOf(t, secure.URL)
	by := &seal{server: secure}
	for _, check := range site.Try(t.Context(), kit.Env{}, by) {
		if !check.OK {
			t.Errorf("%+v", check)
		}
	}
	_, err := site.Send(t.Context(), kit.Env{}, by, Call{Method: "GET", URL: addressOf(t, secure.URL+"/away")})
	if err == nil || !strings.Contains(err.Error(), "moved to https://localhost:1/there") {
		t.Errorf("it follows with its certificate: %v", err)
	}
	if _, err = site.Send(t.Context(), kit.Env{}, nil, Call{Method: "GET", URL: addressOf(t, secure.URL)}); kit.AsFailure(err).Kind != kit.Denied {
		t.Errorf("without the seal: %v", err)
	}
}
