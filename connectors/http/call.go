package http

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// mostBytes is how long a reply may be: what a step holds in memory at once.
const mostBytes = 64 << 20

// call is one request on its way.
type call struct {
	method  string
	url     *url.URL
	headers http.Header
	body    []byte
	record  flow.RecordID // whom it is for, in the log
	foreign bool          // the address came from a reply and is of another host
}

func newClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 16
	transport.IdleConnTimeout = 30 * time.Second
	return &http.Client{Transport: transport, CheckRedirect: follow}
}

// signedBy is the key under which a request's context carries its settings, for
// follow to know what not to take to another host.
type signedBy struct{}

// errMoved is why a redirect is not followed.
type errMoved struct {
	to   string
	loop bool
}

func (e *errMoved) Error() string { return "moved to " + e.to }

// follow decides on redirects. A request that carries data is not made into one that
// asks, as browsers do (RFC 9110, 15.4.2): the data would be lost and nobody told.
func follow(req *http.Request, via []*http.Request) error {
	s, _ := req.Context().Value(signedBy{}).(*settings)
	first := via[0]
	if len(via) >= 10 {
		return &errMoved{to: s.shown(req.URL), loop: true}
	}
	status := req.Response.StatusCode
	if via[len(via)-1].Method != req.Method && status != http.StatusSeeOther {
		return &errMoved{to: s.shown(req.URL)}
	}
	if req.URL.Host != first.URL.Host || first.URL.Scheme == "https" && req.URL.Scheme != "https" {
		s.unsign(req)
	}
	return nil
}

// send performs the call and reads its reply to the end. A status is not judged here.
func (s *settings) send(ctx context.Context, env kit.Env, c call) (*reply, error) {
	asked := c.method + " " + s.shown(c.url)
	if err := env.Turn(ctx); err != nil {
		return nil, err
	}
	within := ctx
	if s.Timeout > 0 {
		var cancel context.CancelFunc
		within, cancel = context.WithTimeout(ctx, s.Timeout)
		defer cancel()
	}
	began := time.Now()
	var sent atomic.Bool
	r, err := s.exchange(watched(within, &sent), c)
	took := time.Since(began).Round(time.Millisecond)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		failure := s.undelivered(asked, c.url, err)
		_, moved := errors.AsType[*errMoved](err) // who sends a request elsewhere does not take it
		failure.Uncertain = sent.Load() && !moved
		env.Log(flow.Warn, c.record, "%s: %s after %s", asked, failure.What, took)
		return nil, failure
	}
	r.asked = asked
	if left, in, said := allowance(r.header, time.Now()); said {
		env.Allowance(left, in)
	}
	env.Log(flow.Info, c.record, "%s → %d, %d ms", asked, r.status, took.Milliseconds())
	return r, nil
}

// watched sets sent once the head of a request has left: before that no service can
// have taken it.
func watched(ctx context.Context, sent *atomic.Bool) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
}

func (s *settings) exchange(ctx context.Context, c call) (*reply, error) {
	var body io.Reader
	if c.body != nil {
		body = bytes.NewReader(c.body)
	}
	req, err := http.NewRequestWithContext(context.WithValue(ctx, signedBy{}, s), c.method, c.url.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "Jackfield")
	req.Header.Set("Accept", "application/json, */*;q=0.5")
	if !c.foreign {
		s.sign(req)
	}
	for name, values := range c.headers {
		req.Header[name] = values
	}
	res, err := s.web.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, mostBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the reply: %w", err)
	}
	if len(data) > mostBytes {
		return nil, errTooLong
	}
	return &reply{url: res.Request.URL, status: res.StatusCode, header: res.Header, body: data}, nil
}

var errTooLong = errors.New("the reply is longer than 64 MB")
