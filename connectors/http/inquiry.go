package http

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
	"jackfield/flow/value"
)

// inquiry is what a request and a reading of a list have in common.
type inquiry struct {
	settings
	web.Paging
	Method  string
	Path    string
	Query   map[string]string
	Headers map[string]string
	Body    any
	As      string
	Status  string
}

// How a body is written.
const (
	asAuto = "auto"
	asJSON = "json"
	asForm = "form"
	asText = "text"
)

func newInquiry(w *shared, style string, mostPages int) inquiry {
	return inquiry{settings: newSettings(w), Paging: web.NewPaging(style, mostPages), Method: http.MethodGet, As: asAuto, Status: "200-299"}
}

// fields lists the settings, with more of the operation's own behind the body.
func (q *inquiry) fields(methods []kit.Choice, body kit.Field, more ...kit.Field) kit.Fields {
	carries := func() bool { return !looks(q.Method) }
	fields := kit.Fields{
		kit.Pick(&q.Method, "method", "Method", methods...),
		q.urlField(),
		kit.Text(&q.Path, "path", "Path").Eg("/contacts/7").Help("Added to the address; it may bring its own ?parameters."),
		kit.Pairs(&q.Query, "query", "Parameters"),
		kit.Pairs(&q.Headers, "headers", "Headers"),
		body.OnlyIf(carries),
		kit.Pick(&q.As, "as", "Write the body as",
			kit.Choice{Value: asAuto, Label: "Text as it is, all else as JSON"}, kit.Choice{Value: asJSON, Label: "JSON"},
			kit.Choice{Value: asForm, Label: "Form"}, kit.Choice{Value: asText, Label: "Text"}).OnlyIf(carries).More(),
	}
	fields = append(fields, more...)
	fields = append(fields, q.PagingFields()...)
	fields = append(fields, kit.Text(&q.Status, "status", "Fine are").More().Eg("200-299, 404").Checked(q.checkStatus).
		Help("The statuses that are taken for an answer; all others fail the record."))
	return append(fields, web.Folded(append(q.accessFields(), q.secretField().OnlyIf(func() bool { return false })))...)
}

// methodChoices names methods as they are called (RFC 9110, 9.1).
func methodChoices(methods ...string) []kit.Choice {
	choices := make([]kit.Choice, len(methods))
	for i, m := range methods {
		choices[i] = kit.Choice{Value: m, Label: m}
	}
	return choices
}

func (q *inquiry) bodyField() kit.Field { return kit.Value(&q.Body, "body", "Body") }

// looks says whether a method only looks; such a request carries no body.
func looks(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// page asks for one page and takes its reply apart.
func (q *inquiry) page(ctx context.Context, env kit.Env, rec flow.RecordID, key string, at web.Place) (items []any, next web.Place, more bool, err error) {
	r, err := q.fetch(ctx, env, rec, key, at)
	if err != nil {
		return nil, at, false, err
	}
	if r.Status == http.StatusNotFound && at.Page > 0 && (q.Style == web.PagePaging || q.Style == web.OffsetPaging) {
		return nil, at, false, nil // some services end a list so
	}
	if err := q.judge(r); err != nil {
		return nil, at, false, err
	}
	body, err := readJSON(r)
	if err != nil {
		return nil, at, false, err
	}
	if items, err = q.List(r, body); err != nil {
		return nil, at, false, err
	}
	next, more, err = q.Next(at, r, body, len(items))
	return items, next, more, err
}

// fetch sends the request for a page.
func (q *inquiry) fetch(ctx context.Context, env kit.Env, rec flow.RecordID, key string, at web.Place) (*web.Reply, error) {
	base, err := q.Address(ctx, q.Path, q.Query)
	if err != nil {
		return nil, err
	}
	u, err := q.Ask(base, at)
	if err != nil {
		return nil, err
	}
	c := web.Call{Method: q.Method, URL: u, Home: base, Record: rec, Headers: http.Header{}}
	if c.Body, err = q.write(c.Headers); err != nil {
		return nil, err
	}
	if key != "" {
		c.Headers.Set("Idempotency-Key", key)
	}
	for name, v := range q.Headers {
		c.Headers.Set(name, v)
	}
	return q.send(ctx, env, c)
}

// write makes the bytes of the body and says in the headers what they are.
func (q *inquiry) write(headers http.Header) ([]byte, error) {
	if looks(q.Method) || q.Body == nil {
		return nil, nil
	}
	text, isText := q.Body.(string)
	switch {
	case q.As == asForm:
		form, err := formOf(q.Body)
		headers.Set("Content-Type", "application/x-www-form-urlencoded")
		return []byte(form), err
	case q.As == asJSON, q.As == asAuto && !isText:
		headers.Set("Content-Type", "application/json")
		return value.Append(nil, q.Body), nil
	case !isText:
		text = string(value.Append(nil, q.Body))
	}
	headers.Set("Content-Type", "text/plain; charset=utf-8")
	return []byte(text), nil
}

func formOf(body any) (string, error) {
	object, ok := body.(map[string]any)
	if !ok {
		return "", kit.Fail(kit.Invalid, "a form is made of an object, this is %s", web.KindOf(body)).On("body").Hint("map it to {name: text, …}")
	}
	form := url.Values{}
	for name, member := range object {
		list, isList := member.([]any)
		if !isList {
			list = []any{member}
		}
		for _, v := range list {
			text, isText := v.(string)
			if !isText && v != nil {
				text = string(value.Append(nil, v))
			}
			form.Add(name, text)
		}
	}
	return form.Encode(), nil
}

func (q *inquiry) checkStatus() error {
	_, err := web.Among(q.Status, 0)
	return err
}

// judge fails a status that is not among the fine ones.
func (q *inquiry) judge(r *web.Reply) error {
	fine, err := web.Among(q.Status, r.Status)
	if err != nil {
		return err
	}
	if !fine {
		return refusal(r)
	}
	return nil
}

// refusal names the setting that is to blame for a status.
func refusal(r *web.Reply) *kit.Failure {
	f := r.Refusal(time.Now())
	switch {
	case r.Status == http.StatusNotFound, r.Status == http.StatusGone:
		f.Field = "path"
	case r.Status == http.StatusMethodNotAllowed:
		f.Field = "method"
	case r.Status < 400:
		f.Field, f.Fix = "status", "add it to \"status\" if it is fine"
	}
	return f
}

func readJSON(r *web.Reply) (any, error) {
	v, err := r.JSON()
	if err != nil {
		return nil, kit.AsFailure(err).On("response").Hint("set \"response\" to text, or check that the path is that of the API")
	}
	return v, nil
}
