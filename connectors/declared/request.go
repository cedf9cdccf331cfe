package declared

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
	"jackfield/flow/value"
)

// request says what is sent.
type request struct {
	base    expression // nil takes that of the service
	path    expression
	method  string
	query   expression
	headers expression
	body    expression
	form    bool // the body is a form
	keyed   bool // it carries an idempotency key
	signIn  signIn
	rules   []rule
	decode  decoder
}

// session is an operation at work.
type session struct {
	*account
	env      kit.Env
	signer   web.Signer
	answered int // requests whose replies were fine
}

func (a *account) session(env kit.Env) *session {
	if env.Tokens == nil {
		env.Tokens = a.service.tokens
	}
	return &session{account: a, env: env, signer: a.Signer(env)}
}

// extra is what paging and windows put into a request.
type extra struct {
	query, headers, body map[string]any
	address              string // in place of all that was before
	path                 string // in place of the path
}

func (x *extra) set(in place, name string, v any) {
	if name == "" || v == nil {
		return
	}
	to := map[place]*map[string]any{inQuery: &x.query, inHeader: &x.headers, inBody: &x.body}[in]
	if to == nil {
		return
	}
	if *to == nil {
		*to = map[string]any{}
	}
	put(*to, dotted(in, name), v)
}

// dotted is the path of a member of a body.
func dotted(in place, name string) []string {
	if in == inBody {
		return strings.Split(name, ".")
	}
	return []string{name}
}

// place is where in a request something goes.
type place string

const (
	inQuery  place = "query"
	inHeader place = "header"
	inBody   place = "body"
	inPath   place = "path" // it is the address
	inCookie place = "cookie"
)

func (r *request) home(ctx context.Context, s *session, in *scene) (*url.URL, error) {
	if r.base == nil {
		return s.home(ctx, in)
	}
	text, err := textOf(ctx, r.base, in)
	if err != nil {
		return nil, err
	}
	site := s.Site
	site.URL = text
	return site.Base(ctx)
}

// call makes the request. What is secret in its address is left to the signer.
func (r *request) call(ctx context.Context, s *session, in *scene, x extra, rec flow.RecordID) (c web.Call, by *carrier, err error) {
	c = web.Call{Method: r.method, Record: rec, Headers: http.Header{}}
	if c.Home, err = r.home(ctx, s, in); err != nil {
		return c, nil, err
	}
	if c.URL, err = r.address(ctx, c.Home, in, x); err != nil {
		return c, nil, err
	}
	for _, part := range []expression{s.service.headers, r.headers} {
		if err := each(ctx, part, in, func(name string, v any) { c.Headers.Set(name, plainText(v)) }); err != nil {
			return c, nil, err
		}
	}
	for name, v := range x.headers {
		c.Headers.Set(name, plainText(v))
	}
	if r.keyed && rec != "" {
		c.Headers.Set("Idempotency-Key", s.env.Key(rec))
	}
	by = &carrier{inner: s.signer, scene: in, session: s}
	if r.signIn != nil {
		if err := r.signIn.prepare(ctx, by); err != nil {
			return c, nil, err
		}
		for name, v := range by.body {
			x.set(inBody, name, v)
		}
	}
	if c.Body, err = r.written(ctx, in, x, c.Headers); err != nil {
		return c, nil, err
	}
	by.hide(&c)
	return c, by, nil
}

// address joins the base, the path and the parameters.
func (r *request) address(ctx context.Context, home *url.URL, in *scene, x extra) (*url.URL, error) {
	text := x.path
	if text == "" {
		var err error
		if text, err = textOf(ctx, r.path, in); err != nil {
			return nil, err
		}
	}
	u, err := joined(home, text)
	if x.address != "" {
		if u, err = home.Parse(x.address); err != nil {
			err = kit.Fail(kit.Malformed, "the address of the next page %q does not read", x.address)
		}
	}
	if err != nil {
		return nil, err
	}
	q := u.Query()
	if err := each(ctx, r.query, in, func(name string, v any) { setAll(q, name, v) }); err != nil {
		return nil, err
	}
	if x.address != "" || x.path != "" {
		for name := range q { // what the service wrote into the address of the page stays
			if was := u.Query()[name]; was != nil {
				q[name] = was
			}
		}
	}
	for name, v := range x.query {
		setAll(q, name, v)
	}
	u.RawQuery = q.Encode()
	return u, nil
}

// joined adds a path to the base, or takes the path where it is a whole address.
func joined(home *url.URL, path string) (*url.URL, error) {
	path = strings.TrimSpace(path)
	more, err := url.Parse(strings.ReplaceAll(path, " ", "%20"))
	if err != nil {
		return nil, kit.Fail(kit.Invalid, "the path %q does not read", path).Hint("check the manifest's path, and what stands in its braces")
	}
	if more.Host != "" {
		return more, nil
	}
	u := *home
	if more.Path != "" {
		u = *home.JoinPath(more.EscapedPath())
	}
	u.RawQuery = strings.Trim(home.RawQuery+"&"+more.RawQuery, "&")
	return &u, nil
}

func setAll(q url.Values, name string, v any) {
	switch v := v.(type) {
	case nil:
	case []any:
		q.Del(name)
		for _, one := range v {
			q.Add(name, plainText(one))
		}
	default:
		q.Set(name, plainText(v))
	}
}

// each gives the members of an object that an expression makes, but those that are null.
func each(ctx context.Context, e expression, in *scene, give func(name string, v any)) error {
	if e == nil {
		return nil
	}
	v, err := e.value(ctx, in)
	if err != nil {
		return err
	}
	switch v := v.(type) {
	case map[string]any:
		for name, one := range v {
			if one != nil {
				give(name, one)
			}
		}
	case string: // "a=1&b=2"
		parsed, err := url.ParseQuery(strings.TrimPrefix(v, "?"))
		if err != nil {
			return kit.Fail(kit.Malformed, "the parameters %q do not read", v)
		}
		for name, list := range parsed {
			give(name, list[0])
		}
	}
	return nil
}

// written makes the bytes of the body.
func (r *request) written(ctx context.Context, in *scene, x extra, headers http.Header) ([]byte, error) {
	var body any
	if r.body != nil {
		var err error
		if body, err = r.body.value(ctx, in); err != nil {
			return nil, err
		}
	}
	if len(x.body) > 0 {
		object, _ := body.(map[string]any)
		for _, name := range sortedNames(x.body) {
			object = with(object, []string{name}, merged(object[name], x.body[name]))
		}
		body = object
	}
	if body == nil {
		return nil, nil
	}
	kind := "application/json"
	text, isText := body.(string)
	var data []byte
	switch {
	case r.form && isText:
		kind, data = "application/x-www-form-urlencoded", []byte(text)
	case r.form:
		form := url.Values{}
		object, ok := body.(map[string]any)
		if !ok {
			return nil, kit.Fail(kit.Invalid, "a form is made of an object, this is %s", web.KindOf(body))
		}
		for name, v := range object {
			setAll(form, name, v)
		}
		kind, data = "application/x-www-form-urlencoded", []byte(form.Encode())
	case isText:
		data = []byte(text)
		if _, err := value.Decode(data); err != nil {
			kind = "text/plain; charset=utf-8"
		}
	default:
		data = value.Append(nil, body)
	}
	if headers.Get("Content-Type") == "" {
		headers.Set("Content-Type", kind)
	}
	return data, nil
}

// merged puts members into an object that is there already.
func merged(old, fresh any) any {
	was, isOld := old.(map[string]any)
	is, isFresh := fresh.(map[string]any)
	if !isOld || !isFresh {
		return fresh
	}
	out := was
	for name, v := range is {
		out = with(out, []string{name}, merged(was[name], v))
	}
	return out
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// send performs the request, reads what came and judges it. left is set where the rules
// say that the reply is to count as nothing.
func (r *request) send(ctx context.Context, s *session, in *scene, rec flow.RecordID) (*web.Reply, bool, error) {
	return r.sendWith(ctx, s, in, extra{}, rec)
}

func (r *request) sendWith(ctx context.Context, s *session, in *scene, x extra, rec flow.RecordID) (reply *web.Reply, left bool, err error) {
	c, by, err := r.call(ctx, s, in, x, rec)
	if err != nil {
		return nil, false, in.masked(err)
	}
	if reply, err = s.Send(ctx, s.env, by, c); err != nil {
		return nil, false, in.masked(err)
	}
	if left, err = r.judge(ctx, s, in, reply); err == nil {
		s.answered++
	}
	return reply, left, in.masked(err)
}
