package smtp

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

const (
	password = "canary-7d1f"
	fresh    = "token-canary-2"
)

// arrived is a mail that the server has taken.
type arrived struct {
	from string
	to   []string
	text string
}

// post is a mail server.
type post struct {
	Address string
	CAFile  string // of whom the server's certificate is

	server *gosmtp.Server
	mu     sync.Mutex
	mails  []arrived
	lines  []*gosmtp.Conn
	refuse map[string]*gosmtp.SMTPError // recipients
	hang   string                       // where it hangs up: "rcpt", "data", "after"
	began  int                          // how many lines there were
}

// manner is how a server is: from the first byte on with TLS, with STARTTLS, or without.
type manner struct {
	sealed, plain bool
	limit         int64
}

func start(t *testing.T, how manner) *post {
	authority, err := kittest.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	cert, key, err := authority.Issue("127.0.0.1", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	p := &post{refuse: map[string]*gosmtp.SMTPError{}, CAFile: filepath.Join(t.TempDir(), "ca.pem")}
	if err := os.WriteFile(p.CAFile, authority.PEM, 0o600); err != nil {
		t.Fatal(err)
	}
	p.server = gosmtp.NewServer(gosmtp.BackendFunc(p.session))
	p.server.AllowInsecureAuth, p.server.MaxMessageBytes = how.plain, how.limit
	p.server.ErrorLog = quiet{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.Address = listener.Addr().String()
	config := &tls.Config{Certificates: []tls.Certificate{pair}}
	switch {
	case how.sealed:
		listener = tls.NewListener(listener, config)
	case !how.plain:
		p.server.TLSConfig = config
	}
	var serving sync.WaitGroup
	serving.Go(func() { p.server.Serve(listener) })
	t.Cleanup(func() { p.server.Close(); listener.Close(); serving.Wait() })
	return p
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func (p *post) session(c *gosmtp.Conn) (gosmtp.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Contains(p.lines, c) { // behind STARTTLS the same line begins anew
		p.began++
		p.lines = append(p.lines, c)
	}
	return &sitting{post: p, line: c}, nil
}

// cut ends all lines.
func (p *post) cut() {
	p.mu.Lock()
	lines := p.lines
	p.lines = nil
	p.mu.Unlock()
	for _, l := range lines {
		l.Conn().Close()
	}
}

func (p *post) taken() []arrived {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.mails)
}

func (p *post) made() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.began
}

// with is what a connection to the server is set to.
func (p *post) with(more flow.Values) flow.Values {
	host, port, _ := net.SplitHostPort(p.Address)
	v := flow.Values{"host": host, "port": port, "user": "ada", "password": password, "tls_ca_file": p.CAFile, "from": "Shop <shop@example.com>"}
	for name, value := range more {
		v[name] = value
	}
	return v
}

// sitting is one client's session.
type sitting struct {
	post   *post
	line   *gosmtp.Conn
	signed bool
	mail   arrived
}

func (s *sitting) AuthMechanisms() []string { return []string{sasl.Plain, "XOAUTH2"} }

func (s *sitting) Auth(mech string) (sasl.Server, error) {
	if mech == "XOAUTH2" {
		return &bearer{sitting: s}, nil
	}
	return sasl.NewPlainServer(func(_, user, secret string) error {
		if user != "ada" || secret != password {
			return gosmtp.ErrAuthFailed
		}
		s.signed = true
		return nil
	}), nil
}

// bearer is the server's side of XOAUTH2: who is refused gets the reason, answers with
// nothing, and is told then.
type bearer struct {
	sitting *sitting
	asked   bool
}

func (b *bearer) Next(response []byte) (challenge []byte, done bool, err error) {
	if b.asked {
		return nil, true, gosmtp.ErrAuthFailed
	}
	if string(response) == "user=ada@example.com\x01auth=Bearer "+fresh+"\x01\x01" {
		b.sitting.signed = true
		return nil, true, nil
	}
	b.asked = true
	return []byte(`{"status":"400"}`), false, nil
}

func (s *sitting) Reset()        { s.mail = arrived{} }
func (s *sitting) Logout() error { return nil }

func (s *sitting) Mail(from string, _ *gosmtp.MailOptions) error {
	if !s.signed {
		return &gosmtp.SMTPError{Code: 530, EnhancedCode: gosmtp.EnhancedCode{5, 7, 0}, Message: "sign in first"}
	}
	if from == "stranger@example.com" {
		return &gosmtp.SMTPError{Code: 553, EnhancedCode: gosmtp.EnhancedCode{5, 7, 1}, Message: "not your address"}
	}
	s.mail.from = from
	return nil
}

func (s *sitting) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	if s.post.hang == "rcpt" {
		s.line.Conn().Close()
		return nil
	}
	if no := s.post.refuse[to]; no != nil {
		return no
	}
	s.mail.to = append(s.mail.to, to)
	return nil
}

func (s *sitting) Data(r io.Reader) error {
	s.post.mu.Lock()
	hang := s.post.hang
	s.post.mu.Unlock()
	if hang == "data" {
		s.line.Conn().Close()
		return errors.New("hung up")
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mail.text = string(text)
	s.post.mu.Lock()
	s.post.mails = append(s.post.mails, s.mail)
	s.post.mu.Unlock()
	if hang == "after" {
		s.line.Conn().Close()
	}
	return nil
}

// tokens is a service that gives one token after the other to the program itself.
func tokens(t *testing.T, all ...string) *httptest.Server {
	var mu sync.Mutex
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if len(all) == 0 {
			http.Error(w, `{"error":"invalid_client"}`, http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		io.Copy(w, strings.NewReader(`{"access_token":"`+all[0]+`","token_type":"Bearer","expires_in":3600}`))
		all = all[1:]
	}))
	t.Cleanup(service.Close)
	return service
}
