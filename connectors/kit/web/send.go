package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// mostBytes is how long a reply may be: what a step holds in memory at once.
const mostBytes = 64 << 20

// Call is one request on its way.
type Call struct {
	Method  string
	URL     *url.URL
	Home    *url.URL // the service that the settings name; nil where URL is of it
	Headers http.Header
	Body    []byte
	Record  flow.RecordID // whom it is for, in the log
}

// foreign says whether the address came from a reply and is of another host, or would
// carry openly what the service has sealed.
func (c *Call) foreign() bool {
	return c.Home != nil && (c.URL.Host != c.Home.Host || c.Home.Scheme == "https" && c.URL.Scheme != "https")
}

// Send performs the call and reads its reply to the end. A status is not judged here.
// by signs it, unless it goes to another host; nil signs nothing.
func (s *Site) Send(ctx context.Context, env kit.Env, by Signer, c Call) (*Reply, error) {
	if err := env.Turn(ctx); err != nil {
		return nil, err
	}
	within := ctx
	if s.Timeout > 0 {
		var cancel context.CancelFunc
		within, cancel = context.WithTimeout(ctx, s.Timeout)
		defer cancel()
	}
	if c.foreign() {
		by = nil
	}
	began := time.Now()
	var sent atomic.Bool
	own := &signed{host: c.URL.Host, secure: c.URL.Scheme == "https"}
	r, err := s.exchange(watched(within, &sent), own, by, c)
	asked := c.Method + " " + own.shown(c.URL)
	took := time.Since(began).Round(time.Millisecond)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		failure, unsigned := errors.AsType[*kit.Failure](err) // signing says it in its own words
		if !unsigned {
			failure = s.Undelivered(asked, c.URL, err)
			_, moved := errors.AsType[*errMoved](err) // who sends a request elsewhere does not take it
			failure.Uncertain = sent.Load() && !moved
		}
		env.Log(flow.Warn, c.Record, "%s: %s after %s", asked, failure.What, took)
		return nil, failure
	}
	r.Asked = asked
	if left, in, said := allowance(r.Header, time.Now()); said {
		env.Allowance(left, in)
	}
	env.Log(flow.Info, c.Record, "%s → %d, %d ms", asked, r.Status, took.Milliseconds())
	return r, nil
}

// watched sets sent once the head of a request has left: before that no service can
// have taken it.
func watched(ctx context.Context, sent *atomic.Bool) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
}

// exchange sends the request, and once more where signing anew may help.
func (s *Site) exchange(ctx context.Context, own *signed, by Signer, c Call) (*Reply, error) {
	way, sealed, err := s.client.through(s.LinkLocal, by)
	if err != nil {
		return nil, err
	}
	if own.sealed, own.open = sealed, s.LinkLocal; !own.open {
		if err := guarded(c.URL); err != nil {
			return nil, err
		}
	}
	for try := 0; ; try++ {
		req, err := s.request(ctx, own, by, c)
		if err != nil {
			return nil, err
		}
		res, err := way.Do(req)
		if err != nil {
			return nil, err
		}
		if by != nil && try == 0 {
			again, err := by.Again(ctx, res)
			if again || err != nil {
				res.Body.Close()
			}
			if err != nil {
				return nil, err
			}
			if again {
				continue
			}
		}
		r, err := read(res)
		if err == nil {
			r.own, r.home = own, c.Home
			if r.home == nil {
				r.home = c.URL
			}
		}
		return r, err
	}
}

// request makes the request and signs it. own hears what signing added.
func (s *Site) request(ctx context.Context, own *signed, by Signer, c Call) (*http.Request, error) {
	var body io.Reader
	if c.Body != nil {
		body = bytes.NewReader(c.Body)
	}
	req, err := http.NewRequestWithContext(context.WithValue(ctx, signedKey{}, own), c.Method, c.URL.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "Jackfield")
	req.Header.Set("Accept", "application/json, */*;q=0.5")
	if !c.foreign() {
		for name, v := range s.DefaultHeaders {
			req.Header.Set(name, v)
			if !harmless[strings.ToLower(name)] {
				own.headers = append(own.headers, name)
			}
		}
	}
	for name, values := range c.Headers {
		req.Header[name] = values
	}
	if by == nil {
		return req, nil
	}
	before, asked := req.Header.Clone(), req.URL.Query()
	if err := by.Sign(ctx, req); err != nil {
		return nil, err
	}
	for name, values := range req.Header {
		if !slices.Equal(values, before[name]) {
			own.headers = append(own.headers, name)
		}
	}
	for name, values := range req.URL.Query() {
		if !slices.Equal(values, asked[name]) {
			own.query = append(own.query, name)
		}
	}
	for name, values := range c.Headers { // those of the request itself win
		req.Header[name] = values
	}
	return req, nil
}

// harmless are headers that say nothing of who asks.
var harmless = map[string]bool{"accept": true, "accept-language": true, "content-type": true, "user-agent": true}

// read takes the reply whole.
func read(res *http.Response) (*Reply, error) {
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, mostBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the reply: %w", err)
	}
	if len(data) > mostBytes {
		return nil, errTooLong
	}
	return &Reply{URL: res.Request.URL, Status: res.StatusCode, Header: res.Header, Body: data}, nil
}

var errTooLong = errors.New("the reply is longer than 64 MB")
