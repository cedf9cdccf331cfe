package openapi

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
	"jackfield/flow/value"
)

// The forms of a body.
const (
	formMedia      = "application/x-www-form-urlencoded"
	multipartMedia = "multipart/form-data"
	binaryMedia    = "application/octet-stream"
)

// request is what an action and a list have in common: the inputs of a call.
type request struct {
	service
	call   *call
	inputs []input
	Body   any
	Check  bool
}

func newRequest(c *call) request {
	return request{service: c.api.service(), call: c, inputs: make([]input, len(c.parameters)), Check: true}
}

// ownFields are the inputs of the call itself.
func (q *request) ownFields() kit.Fields {
	var fields kit.Fields
	for i, p := range q.call.parameters {
		fields = append(fields, p.bind(&q.inputs[i]))
	}
	if b := q.call.body; b != nil {
		f := kit.Value(&q.Body, "body", "Body").AsMain().Help("What is sent: " + map[bool]string{true: "the fields of a form.", false: b.media + "."}[b.media == formMedia || b.media == multipartMedia])
		fields = append(fields, f)
	}
	return fields
}

// restFields are the settings that are the same for all calls. The first is the address.
func (q *request) restFields() kit.Fields {
	return append(web.Folded(q.serviceFields()),
		kit.Toggle(&q.Check, "check", "Check what is sent").More().Help("Against the document, before it is sent. Turn it off where the service takes more than its document says."))
}

// fetch sends the request for a page, or the one there is. turn fills in what changes from
// run to run.
func (q *request) fetch(ctx context.Context, env kit.Env, rec flow.RecordID, key string, turn web.Turn, divided *web.Paging, at web.Place) (*web.Reply, error) {
	base, err := q.Base(ctx)
	if err != nil {
		return nil, err
	}
	c := web.Call{Method: q.call.method, Home: base, Record: rec, Headers: http.Header{}}
	if key != "" {
		c.Headers.Set("Idempotency-Key", key)
	}
	if c.URL, err = q.address(base, turn, c.Headers); err != nil {
		return nil, err
	}
	if divided != nil {
		if c.URL, err = divided.Ask(c.URL, at); err != nil {
			return nil, err
		}
	}
	if c.Body, err = q.written(c.Headers, turn); err != nil {
		return nil, err
	}
	return q.Send(ctx, env, q.Signer(env), c)
}

// address puts the inputs into path and query, and into headers.
func (q *request) address(base *url.URL, turn web.Turn, headers http.Header) (*url.URL, error) {
	path := q.call.path
	var query, cookies []string
	for i, p := range q.call.parameters {
		in := q.inputs[i]
		if p.hidden || turn.Lacks(in.text) {
			if p.in == openapi3.ParameterInPath {
				return nil, web.SinceInPath()
			}
			continue
		}
		in.text = turn.Fill(in.text, nil)
		v, given, err := p.read(in)
		if err != nil && q.Check {
			return nil, err
		}
		if !given {
			if p.in == openapi3.ParameterInPath {
				return nil, kit.Fail(kit.Invalid, "%q is needed", p.label).On(p.field).Hint("set %q, or map it", p.field)
			}
			continue
		}
		switch p.in {
		case openapi3.ParameterInPath:
			path = strings.ReplaceAll(path, "{"+p.name+"}", p.inPath(v))
		case openapi3.ParameterInQuery:
			for _, one := range p.pairs(v) {
				query = append(query, url.QueryEscape(one.name)+"="+p.escaped(one.value))
			}
		case openapi3.ParameterInHeader:
			headers.Set(p.name, strings.Join(p.parts(v), ","))
		case openapi3.ParameterInCookie:
			for _, one := range p.pairs(v) {
				cookies = append(cookies, one.name+"="+url.QueryEscape(one.value))
			}
		}
	}
	if cookies != nil {
		headers.Set("Cookie", strings.Join(cookies, "; "))
	}
	more, err := url.Parse(path)
	if err != nil {
		return nil, kit.Fail(kit.Malformed, "the path %s of the document does not read", path)
	}
	u := *base.JoinPath(more.EscapedPath())
	u.RawQuery = strings.Trim(strings.Join(append([]string{base.RawQuery}, query...), "&"), "&")
	return &u, nil
}

// escaped is a value in a query. Where the document says so, what means something in an
// address stays.
func (p *parameter) escaped(text string) string {
	text = url.QueryEscape(text)
	if p.reserved {
		text = strings.NewReplacer("%3A", ":", "%2F", "/", "%40", "@", "%2C", ",", "%3B", ";", "%24", "$", "%21", "!").Replace(text)
	}
	return text
}

// written makes the bytes of the body, once it was checked.
func (q *request) written(headers http.Header, turn web.Turn) ([]byte, error) {
	b := q.call.body
	if b == nil {
		return nil, nil
	}
	body := turn.Filled(q.Body, true)
	if body == nil {
		if b.required {
			return nil, kit.Fail(kit.Invalid, "%q is needed", "Body").On("body").Hint("map it to what the API takes")
		}
		return nil, nil
	}
	if q.Check && b.schema != nil && b.schema.Value != nil && q.call.api.sound(b.schema) {
		if err := fits(b.schema.Value, body); err != nil {
			return nil, kit.Fail(kit.Invalid, "the body %w", err).On("body").Hint("map it to what the API takes, or turn \"check\" off where the document is wrong")
		}
	}
	headers.Set("Content-Type", b.media)
	switch {
	case b.media == formMedia:
		return b.form(body)
	case b.media == multipartMedia:
		return b.multipart(body, headers)
	case b.media == "application/json" || strings.HasSuffix(b.media, "+json"):
		return value.Append(nil, body), nil
	}
	text, is := body.(string)
	if !is {
		return value.Append(nil, body), nil
	}
	if strings.HasPrefix(b.media, "text/") {
		headers.Set("Content-Type", b.media+"; charset=utf-8")
		return []byte(text), nil
	}
	return bytesOf(text)
}

// bytesOf reads bytes, which are base64 in JSON.
func bytesOf(text string) ([]byte, error) {
	data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, kit.Fail(kit.Invalid, "bytes are written as base64, this is none").On("body").Hint("map it with @base64")
	}
	return data, nil
}

func (b *body) members(v any) (map[string]any, error) {
	object, ok := v.(map[string]any)
	if !ok {
		return nil, kit.Fail(kit.Invalid, "a form is made of an object, this is %s", web.KindOf(v)).On("body").Hint("map it to {name: text, …}")
	}
	return object, nil
}

func (b *body) form(v any) ([]byte, error) {
	object, err := b.members(v)
	if err != nil {
		return nil, err
	}
	form := url.Values{}
	for _, name := range sortedNames(object) {
		p := parameter{name: name, style: "form", explode: true}
		if e := b.encoding[name]; e != nil {
			p.style = cmpOr(e.Style, "form")
			p.explode = p.style == "form"
			if e.Explode != nil {
				p.explode = *e.Explode
			}
			p.asJSON = strings.Contains(e.ContentType, "json")
		}
		if inner, is := object[name].(map[string]any); is && !p.asJSON && p.style == "form" {
			bracketed(form, name, inner)
			continue
		}
		for _, one := range p.pairs(object[name]) {
			form.Add(one.name, one.value)
		}
	}
	return []byte(form.Encode()), nil
}

// bracketed writes an object into a form as services that take forms read it: a[b][c].
func bracketed(form url.Values, name string, object map[string]any) {
	for member, v := range object {
		full := name + "[" + member + "]"
		switch v := v.(type) {
		case map[string]any:
			bracketed(form, full, v)
		case []any:
			for _, one := range v {
				form.Add(full+"[]", plainText(one))
			}
		default:
			form.Set(full, plainText(v))
		}
	}
}

// multipart writes a form with files: texts whose format is binary are base64.
func (b *body) multipart(v any, headers http.Header) ([]byte, error) {
	object, err := b.members(v)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for _, name := range sortedNames(object) {
		list, isList := object[name].([]any)
		if !isList {
			list = []any{object[name]}
		}
		for _, one := range list {
			if err := b.part(w, name, one); err != nil {
				return nil, err
			}
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("write the form: %w", err)
	}
	headers.Set("Content-Type", w.FormDataContentType())
	return out.Bytes(), nil
}

func (b *body) part(w *multipart.Writer, name string, v any) error {
	data, media := []byte(plainText(v)), ""
	if text, is := v.(string); is && b.binary(name) {
		var err error
		if data, err = bytesOf(text); err != nil {
			return err
		}
		media = binaryMedia
	} else if _, is := v.(map[string]any); is {
		media = "application/json"
	}
	if e := b.encoding[name]; e != nil && e.ContentType != "" && !strings.ContainsAny(e.ContentType, ",*") {
		media = e.ContentType
	}
	quote := strings.NewReplacer("\\", "\\\\", `"`, "\\\"", "\r", "", "\n", "").Replace
	head := textproto.MIMEHeader{}
	said := `form-data; name="` + quote(name) + `"`
	if b.binary(name) {
		said += `; filename="` + quote(name) + `"`
	}
	head.Set("Content-Disposition", said)
	if media != "" {
		head.Set("Content-Type", media)
	}
	to, err := w.CreatePart(head)
	if err != nil {
		return fmt.Errorf("write the form: %w", err)
	}
	_, err = to.Write(data)
	return err
}

// binary says whether a member of the form is a file.
func (b *body) binary(name string) bool {
	if b.schema == nil || b.schema.Value == nil {
		return false
	}
	ref := b.schema.Value.Properties[name]
	if ref == nil || ref.Value == nil {
		return false
	}
	s := ref.Value
	if s.Items != nil && s.Items.Value != nil {
		s = s.Items.Value
	}
	return s.Format == "binary" || s.ContentMediaType != ""
}

// judge fails a status that is no success.
func (q *request) judge(r *web.Reply) error {
	if r.Status >= 200 && r.Status < 300 {
		return nil
	}
	f := r.Refusal(time.Now())
	if r.Status < 400 {
		f.Fix = "see what the service wants; its document does not say"
	}
	return f
}

// look asks for an address to see whether the service answers and takes the sign-in.
func (s *service) look(ctx context.Context, env kit.Env, u *url.URL) (string, error) {
	r, err := s.Send(ctx, env, s.Signer(env), web.Call{Method: http.MethodGet, URL: u})
	if err != nil {
		return "", err
	}
	if r.Status >= 500 || r.Status == http.StatusUnauthorized || r.Status == http.StatusForbidden || s.api.over.Test != "" && r.Status >= 300 {
		return "", r.Refusal(time.Now())
	}
	return fmt.Sprintf("%s answers %d %s", r.Asked, r.Status, http.StatusText(r.Status)), nil
}

// act performs one call for each record.
type act struct{ request }

func newAct(c *call) *act { return &act{newRequest(c)} }

func (q *act) Fields() kit.Fields { return append(q.ownFields(), q.restFields()...) }

// Run gives the reply: each item where it is a list, else the reply itself.
func (q *act) Run(ctx context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	key := ""
	if q.call.keyed {
		key = env.Key(rec.ID)
	}
	r, err := q.fetch(ctx, env, rec.ID, key, web.Turn{Has: true, Since: web.SinceSign, Value: web.SinceSign, Partition: web.PartitionSign}, nil, web.Place{})
	if err != nil {
		return kit.Result{}, err
	}
	if err := q.judge(r); err != nil {
		return kit.Result{}, err
	}
	if r.Status == http.StatusNoContent || len(r.Body) == 0 {
		return kit.Give(nil), nil
	}
	if media := r.Header.Get("Content-Type"); media != "" && !strings.Contains(media, "json") {
		return kit.Give(r.Text()), nil
	}
	v, err := r.JSON()
	if err != nil {
		f := kit.AsFailure(err)
		f.Uncertain = q.call.effect != kit.Reads
		return kit.Result{}, f
	}
	if list, is := v.([]any); is {
		return kit.Give(list...), nil
	}
	return kit.Give(v), nil
}

// list reads a list page by page.
type list struct {
	request
	web.Paging
	web.News
}

func newList(c *call) *list {
	q := &list{request: newRequest(c), Paging: c.divided, News: web.NewNews()}
	if q.Style == "" {
		q.Paging = web.NewPaging(web.LinkPaging, 0)
	}
	q.Cursor, q.Key = c.over.Cursor, slices.Clone(c.over.Key)
	q.Sorted = c.over.Sorted
	q.SinceAs = cmpOr(c.over.SinceAs, q.SinceAs)
	if c.over.Since != "" {
		for i, p := range c.parameters {
			if p.name == c.over.Since {
				q.inputs[i].text = web.SinceSign
			}
		}
	}
	return q
}

func (q *list) Fields() kit.Fields {
	fields := append(q.ownFields(), known(web.Folded(q.PagingFields()))...)
	fields = append(fields, q.NewsFields("Write {since} into the parameter that tells the service from where on; the first run leaves it out.")...)
	return append(fields, q.restFields()...)
}

// Read gives one page of the list.
func (q *list) Read(ctx context.Context, env kit.Env, after flow.Cursor) (kit.Page, error) {
	return q.Page(env, q.call.path, after, func(t web.Turn, at web.Place) ([]any, web.Place, bool, error) {
		if q.Cursor == "" {
			t = web.Turn{} // what {since} stands for is left out
		}
		r, err := q.fetch(ctx, env, "", "", t, &q.Paging, at)
		if err != nil {
			return nil, at, false, err
		}
		if r.Status == http.StatusNotFound && at.Page > 0 && (q.Style == web.PagePaging || q.Style == web.OffsetPaging) {
			return nil, at, false, nil // some services end a list so
		}
		if err := q.judge(r); err != nil {
			return nil, at, false, err
		}
		body, err := r.JSON()
		if err != nil {
			return nil, at, false, err
		}
		items, err := q.List(r, body)
		if err != nil {
			return nil, at, false, err
		}
		next, more, err := q.Next(at, r, body, len(items))
		return items, next, more, err
	})
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// sound says whether values can be checked against a schema: one that is a part of itself
// would be looked at for ever.
func (a *api) sound(ref *openapi3.SchemaRef) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.looked == nil {
		a.looked = map[*openapi3.Schema]bool{}
	}
	return a.walk(ref, map[*openapi3.Schema]bool{})
}

// walk looks at a schema and all that it holds. parts are those that a value is held
// against in one, without going into it.
func (a *api) walk(ref *openapi3.SchemaRef, parts map[*openapi3.Schema]bool) bool {
	if ref == nil || ref.Value == nil {
		return true
	}
	s := ref.Value
	if parts[s] {
		return false
	}
	if known, is := a.looked[s]; is {
		return known
	}
	around := map[*openapi3.Schema]bool{s: true}
	maps.Copy(around, parts)
	parts = around
	for _, part := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf, openapi3.SchemaRefs{s.Not, s.If, s.Then, s.Else}) {
		if !a.walk(part, parts) {
			a.looked[s] = false
			return false
		}
	}
	a.looked[s] = true // what it holds may hold it
	inner := openapi3.SchemaRefs{s.Items, s.AdditionalProperties.Schema}
	for _, p := range s.Properties {
		inner = append(inner, p)
	}
	for _, one := range inner {
		if !a.walk(one, nil) {
			a.looked[s] = false
			return false
		}
	}
	return true
}
