package webdav

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/depot"
)

// tree is a server's files.
type tree struct {
	*settings
	root     *url.URL
	base     string
	env      kit.Env
	signer   *auth.Signer
	client   *client
	giveBack func(broken bool)
}

// Close gives the client back.
func (t *tree) Close() error {
	t.giveBack(false)
	return nil
}

// address is where a path is; folders have a slash at their end.
func (t *tree) address(p string, dir bool) *url.URL {
	u := *t.root
	u.Path = strings.TrimSuffix(u.Path+p, "/")
	if dir || u.Path == "" {
		u.Path += "/"
	}
	return &u
}

// call is one request.
type call struct {
	method  string
	path    string
	dir     bool // the path is a folder's
	headers map[string]string
	body    io.Reader // sent once; nil is none
	text    string    // a body that can be sent again
	size    int64     // of body
}

// ask sends a request. Whoever asks closes the reply's body.
func (t *tree) ask(ctx context.Context, c call) (*http.Response, error) {
	for again := false; ; again = true {
		if err := t.env.Turn(ctx); err != nil {
			return nil, err
		}
		req, err := t.request(ctx, c)
		if err != nil {
			return nil, err
		}
		res, err := t.client.RoundTrip(req)
		if err != nil {
			return nil, t.lost(ctx, err)
		}
		if again || c.body != nil {
			return res, nil
		}
		anew, err := t.signer.Again(ctx, res)
		if err != nil || !anew {
			if err != nil {
				res.Body.Close()
				return nil, err
			}
			return res, nil
		}
		res.Body.Close()
	}
}

func (t *tree) request(ctx context.Context, c call) (*http.Request, error) {
	body := c.body
	if c.text != "" {
		body = strings.NewReader(c.text)
	}
	if c.body != nil && c.size == 0 {
		body = http.NoBody
	}
	req, err := http.NewRequestWithContext(ctx, c.method, t.address(c.path, c.dir).String(), body)
	if err != nil {
		return nil, err
	}
	if c.body != nil && c.size > 0 {
		req.ContentLength, req.Body = c.size, io.NopCloser(body)
	}
	for name, v := range c.headers {
		req.Header.Set(name, v)
	}
	req.Header.Set("User-Agent", "Jackfield")
	return req, t.signer.Sign(ctx, req)
}

// perform sends a request whose reply has nothing to read. A status that is not good is a
// failure, unless meant says otherwise.
func (t *tree) perform(ctx context.Context, c call, meant map[int]error) error {
	res, err := t.ask(ctx, c)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return t.refusal(res, meant)
}

// lost puts into words why no answer came.
func (t *tree) lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return t.unreached(err)
}

var (
	_ depot.Store = (*tree)(nil)
	_ depot.Whole = (*tree)(nil)
)

func (s *settings) unreached(err error) error {
	host, _ := s.Service()
	if f := auth.Distrust(host, err); f != nil {
		return f
	}
	if own, ok := errors.AsType[*kit.Failure](err); ok {
		return own // of what was to be sent
	}
	var timeout interface{ Timeout() bool }
	f := kit.AsFailure(err)
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return kit.Fail(kit.TimedOut, "%s does not answer within %s", host, s.Timeout).Hint("retry; raise the time-out, or see why the server is slow").Unsure()
	case f.Kind == kit.Unknown:
		return kit.Fail(kit.Unavailable, "the connection to %s was lost: %w", host, err).Hint("retry; what was done so far is not visible at the target").Unsure()
	}
	f.What = "ask " + host + ": " + f.What
	return f
}
