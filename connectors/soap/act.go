package soap

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// settings are what a connection knows of a service.
type settings struct {
	web.Site
	auth.Access
	TokenUser     string // of WS-Security
	TokenPassword kit.Secret
}

func (d *description) settings() settings {
	s := settings{Site: web.NewSite(d.client), Access: auth.New()}
	if u, err := url.Parse(d.address); err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
		s.URL = d.address
	}
	return s
}

func (s *settings) common() kit.Fields {
	address := s.AddressField().Help("Where the service takes its calls.")
	address.Required = s.URL == ""
	fields := append(append(kit.Fields{address}, s.Access.Fields()...), s.AccessFields()...)
	return append(fields,
		kit.Text(&s.TokenUser, "wss_user", "User in the envelope").More().Help("WS-Security: user and password that stand in each call itself; empty sends none."),
		kit.Hidden(&s.TokenPassword, "wss_password", "Password in the envelope").More().OnlyIf(func() bool { return s.TokenUser != "" }))
}

// connection is the settings as a connection of their own.
type connection struct{ settings }

func (c *connection) Fields() kit.Fields { return c.common() }

// Test asks the address for nothing: services answer that with whatever they like, but for
// a sign-in that is missing.
func (c *connection) Test(ctx context.Context, env kit.Env) []kit.Check {
	return c.Try(ctx, env, c.Signer(env))
}

// act performs one call for each record.
type act struct {
	settings
	call *call
	Body any
	Give string
	Does string
}

func newAct(c *call) *act {
	return &act{settings: c.described.settings(), call: c, Give: c.give, Does: string(c.effect())}
}

func (q *act) Fields() kit.Fields {
	var fields kit.Fields
	if q.call.in != nil {
		fields = append(fields, kit.Value(&q.Body, "body", "Body").AsMain().Help("What "+q.call.in.name.Local+" holds."))
	}
	fields = append(fields,
		kit.Text(&q.Give, "give", "Give").More().Help("The path of what is wanted in the answer, with dots; each item of a list becomes a record. Empty gives all of it."),
		kit.Pick(&q.Does, "does", "The operation",
			kit.Choice{Value: string(kit.Once), Label: "Changes something each time"}, kit.Choice{Value: string(kit.Repeatable), Label: "May be called again"},
			kit.Choice{Value: string(kit.Reads), Label: "Only looks"}).More().Help("Whether a call without an answer may be sent again by itself; at first it is guessed from the name."))
	return append(fields, web.Folded(q.common())...)
}

// Effect is what the name or the person says.
func (q *act) Effect() kit.Effect { return kit.Effect(q.Does) }

// Run calls and gives what the answer holds.
func (q *act) Run(ctx context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	at, err := q.Base(ctx)
	if err != nil {
		return kit.Result{}, err
	}
	body, err := q.envelope()
	if err != nil {
		return kit.Result{}, err
	}
	r, err := q.Send(ctx, env, q.Signer(env), web.Call{Method: http.MethodPost, URL: at, Headers: q.headers(), Body: body, Record: rec.ID})
	if err != nil {
		return kit.Result{}, err
	}
	v, err := q.answer(r)
	if err != nil {
		return kit.Result{}, err
	}
	wanted, found := web.Dig(v, q.Give)
	if !found && q.Give != q.call.give {
		f := kit.Fail(kit.Malformed, "the answer of %s has no %q", r.Asked, q.Give).On("give").Hint("leave it empty to see all of the answer")
		f.Uncertain = q.Effect() == kit.Once
		return kit.Result{}, f
	}
	if list, is := wanted.([]any); is {
		return kit.Give(list...), nil
	}
	return kit.Give(wanted), nil
}

func (q *act) space() string {
	if q.call.newer {
		return soap12Space
	}
	return soap11Space
}

func (q *act) headers() http.Header {
	if q.call.newer {
		kind := "application/soap+xml; charset=utf-8"
		if q.call.action != "" {
			kind += `; action="` + strings.NewReplacer(`"`, "", "\n", "").Replace(q.call.action) + `"`
		}
		return http.Header{"Content-Type": {kind}, "Accept": {"application/soap+xml, text/xml;q=0.9"}}
	}
	return http.Header{
		"Content-Type": {"text/xml; charset=utf-8"}, "Accept": {"text/xml, application/xml;q=0.9"},
		"Soapaction": {`"` + strings.NewReplacer(`"`, "", "\n", "").Replace(q.call.action) + `"`},
	}
}

// envelope writes the call.
func (q *act) envelope() ([]byte, error) {
	w := &writer{}
	w.WriteString(xml.Header + `<s:Envelope xmlns:s="` + q.space() + `">`)
	if q.TokenUser != "" {
		w.WriteString(`<s:Header><wsse:Security xmlns:wsse="` + wsseSpace + `" s:mustUnderstand="1"><wsse:UsernameToken><wsse:Username>`)
		w.escaped(q.TokenUser)
		w.WriteString(`</wsse:Username><wsse:Password Type="` + plainText + `">`)
		w.escaped(q.TokenPassword.Reveal())
		w.WriteString(`</wsse:Password></wsse:UsernameToken></wsse:Security></s:Header>`)
	}
	w.WriteString("<s:Body>")
	if in := q.call.in; in != nil {
		body := q.Body
		if body == nil && in.kind.complex {
			body = map[string]any{}
		}
		if err := w.element(in, body, "", nil); err != nil {
			return nil, err
		}
	}
	w.WriteString("</s:Body></s:Envelope>")
	return w.Bytes(), nil
}

// answer takes the reply apart.
func (q *act) answer(r *web.Reply) (any, error) {
	root, err := parse(r.Body)
	fine := r.Status >= 200 && r.Status < 300
	envelope := err == nil && root.name.Local == "Envelope" && (root.name.Space == soap11Space || root.name.Space == soap12Space)
	switch {
	case !fine && !envelope:
		return nil, r.Refusal(time.Now())
	case q.call.out == nil && fine && len(strings.TrimSpace(string(r.Body))) == 0:
		return nil, nil
	case !envelope:
		if err == nil {
			err = errors.New("it is a <" + root.name.Local + ">")
		}
		f := kit.Fail(kit.Malformed, "the reply of %s is no answer of SOAP: %w", r.Asked, err).On("url").Hint("check that the address is the one for SOAP")
		f.Uncertain = q.Effect() == kit.Once
		return nil, f
	}
	body := root.one(root.name.Space, "Body")
	if body == nil || len(body.kids) == 0 {
		return nil, nil
	}
	first := body.kids[0]
	if first.name == (name{Space: root.name.Space, Local: "Fault"}) {
		return nil, q.fault(first)
	}
	if !fine {
		return nil, r.Refusal(time.Now())
	}
	if q.call.out != nil && q.call.out.name.Local == first.name.Local {
		return q.call.out.kind.read(first), nil
	}
	return free(first), nil
}

// fault says what the service refused (SOAP 1.1, 4.4; SOAP 1.2, 5.4).
func (q *act) fault(n *node) *kit.Failure {
	find := func(names ...string) string {
		at := n
		for _, local := range names {
			var next *node
			for _, k := range at.kids {
				if k.name.Local == local {
					next = k
					break
				}
			}
			if next == nil {
				return ""
			}
			at = next
		}
		return strings.Join(strings.Fields(at.text), " ")
	}
	code, says := find("faultcode"), find("faultstring")
	if code == "" {
		code, says = find("Code", "Value"), find("Reason", "Text")
	}
	for _, k := range n.kids {
		if k.name.Local == "detail" || k.name.Local == "Detail" {
			if more := strings.Join(strings.Fields(texts(k)), " "); more != "" && !strings.Contains(says, more) {
				says = strings.TrimSpace(says + " (" + more + ")")
			}
		}
	}
	if letters := []rune(says); len(letters) > 300 {
		says = string(letters[:300]) + "…"
	}
	if _, local, prefixed := strings.Cut(code, ":"); prefixed {
		code = local
	}
	f := kit.Fail(kit.Refused, "%s was refused: %s", q.call.title, says).Hint("mend what the service names, then retry")
	switch {
	case strings.Contains(code, "Security") || strings.Contains(code, "Authentication"):
		f.Kind, f.Fix = kit.Denied, "check the sign-in of the connection"
	case strings.HasPrefix(code, "Client"), strings.HasPrefix(code, "Sender"):
		f.Kind = kit.Invalid
	case strings.HasPrefix(code, "Server"), strings.HasPrefix(code, "Receiver"):
		f.Uncertain = q.Effect() == kit.Once
	}
	return f
}

// texts are all texts in an element, in their order.
func texts(n *node) string {
	all := n.text
	for _, k := range n.kids {
		all += " " + texts(k)
	}
	return all
}
