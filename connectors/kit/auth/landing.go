package auth

import (
	"cmp"
	"context"
	"errors"
	"html"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"

	"jackfield/connectors/kit"
)

// landing is where the browser comes back to: a path on the loopback addresses (RFC 8252,
// 7.3), served until the sign-in has ended.
type landing struct {
	redirect  string
	path      string
	listeners []net.Listener
	server    *http.Server
	work      sync.WaitGroup
}

// landAt listens where the service may send the browser. Without addresses of its own that
// is any free port; nil says that the addresses are elsewhere, and the person brings it.
func landAt(redirects []string, segment string) (*landing, error) {
	if len(redirects) == 0 {
		redirects = []string{"http://127.0.0.1/callback/" + segment}
	}
	var busy error
	for _, text := range redirects {
		u, err := url.Parse(strings.TrimSpace(text))
		if err != nil || u.Scheme != "http" || !loopback(u.Hostname()) {
			continue
		}
		all, port, err := listenBoth(u.Hostname(), u.Port())
		if err != nil {
			busy = errors.Join(busy, err)
			continue
		}
		path := u.EscapedPath()
		u.Host = net.JoinHostPort(u.Hostname(), port)
		return &landing{redirect: u.String(), path: path, listeners: all}, nil
	}
	return nil, busy
}

// listenBoth listens on both loopback addresses: the browser may take either for
// localhost. The one that the redirect names has to be free; for localhost that is both,
// as far as the machine has them, since another program would get the code on the other.
func listenBoth(name, port string) (all []net.Listener, _ string, err error) {
	if port == "" {
		port = "0"
	}
	defer func() {
		if err != nil {
			for _, l := range all {
				_ = l.Close()
			}
		}
	}()
	for _, host := range []string{"127.0.0.1", "::1"} {
		l, err := net.Listen("tcp", net.JoinHostPort(host, port))
		switch {
		case err == nil:
			_, port, _ = net.SplitHostPort(l.Addr().String())
			all = append(all, l)
		case name == host, name == "localhost" && errors.Is(err, syscall.EADDRINUSE):
			return all, "", err
		}
	}
	if len(all) == 0 {
		return nil, "", errors.New("this machine has no loopback address")
	}
	return all, port, nil
}

// pastedRedirect is the address that is registered with the service.
func pastedRedirect(redirects []string, segment string) string {
	if len(redirects) > 0 {
		return strings.TrimSpace(redirects[0])
	}
	return "http://127.0.0.1/callback/" + segment
}

func checkRedirects(all []string) error {
	for _, text := range all {
		u, err := url.Parse(strings.TrimSpace(text))
		switch {
		case err != nil || u.Scheme == "":
			return kit.Fail(kit.Invalid, "%q is no address", text).Hint("write it like http://127.0.0.1:8085/callback")
		case u.Scheme == "http" && !loopback(u.Hostname()):
			return kit.Fail(kit.Invalid, "the code would come to %s where others can read it", u.Host).Hint("use a port of 127.0.0.1 or localhost, or https:")
		}
	}
	return nil
}

// serve takes what comes back.
func (l *landing) serve(back *comeback) {
	l.server = &http.Server{Handler: l.handler(back), ReadHeaderTimeout: 10 * time.Second}
	for _, one := range l.listeners {
		l.work.Go(func() { _ = l.server.Serve(one) }) // it ends with close
	}
}

// close ends the listening, after the page that is being sent.
func (l *landing) close() {
	if l == nil {
		return
	}
	if l.server == nil {
		for _, one := range l.listeners {
			_ = one.Close()
		}
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if l.server.Shutdown(ctx) != nil {
		_ = l.server.Close() // a browser that keeps a line open without asking
	}
	l.work.Wait()
}

func (l *landing) handler(back *comeback) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, v := range map[string]string{
			"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
			"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
		} {
			w.Header().Set(name, v)
		}
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if !loopback(strings.Trim(host, "[]")) || r.Method != http.MethodGet || r.URL.EscapedPath() != cmp.Or(l.path, "/") {
			w.WriteHeader(http.StatusNotFound)
			page(w, "There is nothing here", "")
			return
		}
		switch err := back.take(r.URL.Query()); {
		case errors.Is(err, errStranger):
			w.WriteHeader(http.StatusBadRequest)
			page(w, "This is no answer to the sign-in", "It was begun elsewhere, or has ended. Begin it again in Jackfield.")
			return
		case errors.Is(err, errTaken):
			w.WriteHeader(http.StatusConflict)
			page(w, "This was used already", "An answer counts once. Return to Jackfield.")
			return
		}
		select {
		case <-back.over:
		case <-r.Context().Done():
			return
		}
		if back.err != nil {
			f := kit.AsFailure(back.err)
			w.WriteHeader(http.StatusBadGateway)
			page(w, "You are not signed in", f.What+". "+f.Fix)
			return
		}
		page(w, "You are signed in", "Close this page and return to Jackfield.")
	})
}

func page(w http.ResponseWriter, title, text string) {
	_, _ = w.Write([]byte(`<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>` + html.EscapeString(title) +
		`</title><style>body{font:1.1rem system-ui,sans-serif;color-scheme:light dark;display:grid;place-content:center;min-height:80vh;margin:2rem}h1{font-size:1.6rem}</style><h1>` +
		html.EscapeString(title) + `</h1><p>` + html.EscapeString(text) + `</p></html>`)) // who went away does not see it
}

// comeback is the answer that one sign-in waits for.
type comeback struct {
	state   string
	arrived chan arrival
	over    chan struct{} // closed when the sign-in has ended, with err
	err     error

	mu    sync.Mutex
	taken bool
}

// arrival is what came back: a code, or why there is none.
type arrival struct {
	code    string
	refused string
}

var (
	errStranger = errors.New("this is no answer to the sign-in that goes on")
	errTaken    = errors.New("the sign-in has its answer already")
)

// take takes an answer, once. What does not know the state is none (RFC 6749, 10.12).
func (b *comeback) take(q url.Values) error {
	if q.Get("state") != b.state || !q.Has("code") && !q.Has("error") {
		return errStranger
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.taken {
		return errTaken
	}
	b.taken = true
	came := arrival{code: q.Get("code")}
	if q.Has("error") {
		came.refused = clip(strings.TrimSuffix(q.Get("error")+": "+q.Get("error_description"), ": "), 300)
	}
	b.arrived <- came
	return nil
}

func (b *comeback) end(err error) {
	b.err = err
	close(b.over)
}

// wait gives what came back, by the browser or by hand.
func (b *comeback) wait(ctx context.Context, pasted func(context.Context) (string, error)) (arrival, error) {
	wrong := make(chan error, 1)
	if pasted != nil {
		within, cancel := context.WithCancel(ctx)
		var work sync.WaitGroup
		defer work.Wait()
		defer cancel()
		work.Go(func() {
			if err := b.takePasted(within, pasted); err != nil && within.Err() == nil {
				wrong <- err
			}
		})
	}
	select {
	case came := <-b.arrived:
		return came, nil
	case err := <-wrong:
		return arrival{}, err
	case <-ctx.Done():
		return arrival{}, context.Cause(ctx)
	}
}

func (b *comeback) takePasted(ctx context.Context, pasted func(context.Context) (string, error)) error {
	text, err := pasted(ctx)
	if err != nil {
		return err
	}
	u, err := url.Parse(strings.TrimSpace(text))
	if err == nil {
		err = b.take(u.Query())
	}
	if err != nil {
		return kit.Fail(kit.Invalid, "what was pasted is not the address that this sign-in ends at").Hint("begin again, and paste the whole address from the browser's address bar once it has left the service")
	}
	return nil
}
