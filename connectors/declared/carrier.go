package declared

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/url"

	"jackfield/connectors/kit/web"
)

// signIn is a manifest's own way to sign in.
type signIn interface {
	// prepare puts into the carrier what signs in.
	prepare(ctx context.Context, by *carrier) error
}

// carrier puts what is secret into a request at the last moment: what signs in, and what of
// its address or headers is made of secrets. So no log holds it, and no other host gets it.
type carrier struct {
	inner   web.Signer // of the connection's own sign-in
	scene   *scene
	session *session
	headers map[string]string
	query   map[string]string
	cookies map[string]string
	body    map[string]any
	login   *login // gives a token that may end
	path    *url.URL
	values  url.Values
}

var _ web.Sealer = (*carrier)(nil)

// set adds something that signs in.
func (c *carrier) set(in place, name, v string) {
	to := &c.headers
	switch in {
	case inQuery:
		to = &c.query
	case inCookie:
		to = &c.cookies
	case inBody:
		if c.body == nil {
			c.body = map[string]any{}
		}
		c.body[name] = v
		return
	}
	if *to == nil {
		*to = map[string]string{}
	}
	(*to)[name] = v
}

// hide takes out of a call what is made of secrets, and keeps it for the request.
func (c *carrier) hide(call *web.Call) {
	q := call.URL.Query()
	for name, values := range q {
		for _, v := range values {
			if c.scene.secret(v) {
				if c.values == nil {
					c.values = url.Values{}
				}
				c.values[name] = values
				q.Del(name)
			}
		}
	}
	shown := *call.URL
	if c.values != nil {
		shown.RawQuery = q.Encode()
	}
	if c.scene.secret(call.URL.Path) {
		c.path = call.URL
		for _, secret := range c.scene.secrets {
			shown.Path = replaceAll(shown.Path, secret)
		}
		shown.RawPath = ""
	}
	call.URL = &shown
	for name, values := range call.Headers {
		for _, v := range values {
			if c.scene.secret(v) {
				c.set(inHeader, name, v)
				call.Headers.Del(name)
			}
		}
	}
}

// Sign puts it into the request.
func (c *carrier) Sign(ctx context.Context, req *http.Request) error {
	u := *req.URL
	if c.path != nil {
		u.Path, u.RawPath = c.path.Path, c.path.RawPath
	}
	q := u.Query()
	for name, values := range c.values {
		q[name] = values
	}
	for name, v := range c.query {
		q.Set(name, v)
	}
	if len(c.values)+len(c.query) > 0 {
		u.RawQuery = q.Encode()
	}
	req.URL = &u
	for name, v := range c.headers {
		req.Header.Set(name, v)
	}
	for name, v := range c.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: v})
	}
	if c.login != nil {
		if err := c.login.sign(ctx, c, req); err != nil {
			return err
		}
	}
	return c.inner.Sign(ctx, req)
}

// Again renews a token that the service refused.
func (c *carrier) Again(ctx context.Context, reply *http.Response) (bool, error) {
	if c.login != nil {
		return c.login.again(ctx, c, reply)
	}
	return c.inner.Again(ctx, reply)
}

// Seal is that of the connection.
func (c *carrier) Seal() (*tls.Config, string, error) {
	if sealer, is := c.inner.(web.Sealer); is {
		return sealer.Seal()
	}
	return nil, "", nil
}
