package graphql

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
	"jackfield/flow/value"
)

// service is what a connection knows of a service. Every operation has it among its own
// settings.
type service struct {
	web.Site
	auth.Access
	shared *shared
}

func newService(w *shared) service {
	return service{Site: web.NewSite(w.client), Access: auth.New(), shared: w}
}

func (s *service) serviceFields() kit.Fields {
	fields := kit.Fields{s.AddressField().Eg("https://api.example.com/graphql").Help("Where the service takes its requests.")}
	return append(append(fields, s.Access.Fields()...), s.AccessFields()...)
}

// outcome is what the service answers (GraphQL, 7).
type outcome struct {
	reply   *web.Reply
	data    map[string]any
	begun   bool // the operation was begun, so it may have changed something
	errors  []fault
	partial bool // there is data and there are errors
}

// fault is one of the errors of an answer (GraphQL, 7.1.2).
type fault struct {
	message string
	path    string
	code    string
}

// ask sends a document.
func (s *service) ask(ctx context.Context, env kit.Env, rec flow.RecordID, key, text, operation string, variables map[string]any) (outcome, error) {
	at, err := s.Base(ctx)
	if err != nil {
		return outcome{}, err
	}
	body := map[string]any{"query": text}
	if len(variables) > 0 {
		body["variables"] = variables
	}
	if operation != "" {
		body["operationName"] = operation
	}
	headers := jsonType.Clone()
	if key != "" {
		headers.Set("Idempotency-Key", key)
	}
	r, err := s.Send(ctx, env, s.Signer(env), web.Call{Method: http.MethodPost, URL: at, Headers: headers, Body: value.Append(nil, body), Record: rec})
	if err != nil {
		return outcome{}, err
	}
	return read(r)
}

// read takes an answer apart. A status that is no success counts where the body is no
// answer of GraphQL.
func read(r *web.Reply) (outcome, error) {
	o := outcome{reply: r}
	body, err := r.JSON()
	answer, isObject := body.(map[string]any)
	data, hasData := answer["data"]
	list, _ := answer["errors"].([]any)
	fine := r.Status >= 200 && r.Status < 300
	switch {
	case !fine && (err != nil || len(list) == 0 && !hasData):
		return o, r.Refusal(time.Now())
	case err != nil:
		return o, kit.AsFailure(err).On("url").Hint("check that the address is the one for GraphQL")
	case !isObject || !hasData && len(list) == 0:
		return o, kit.Fail(kit.Malformed, "the reply of %s has neither data nor errors", r.Asked).On("url").Hint("check that the address is the one for GraphQL")
	}
	o.data, _ = data.(map[string]any)
	o.begun = hasData
	for _, e := range list {
		o.errors = append(o.errors, faultOf(e))
	}
	o.partial = o.data != nil && len(o.errors) > 0
	return o, nil
}

func faultOf(v any) fault {
	m, _ := v.(map[string]any)
	f := fault{message: "an error without words"}
	if text, ok := m["message"].(string); ok && strings.TrimSpace(text) != "" {
		f.message = strings.Join(strings.Fields(text), " ")
	}
	var path []string
	list, _ := m["path"].([]any)
	for _, part := range list {
		path = append(path, fmt.Sprint(part))
	}
	f.path = strings.Join(path, ".")
	extensions, _ := m["extensions"].(map[string]any)
	for _, from := range []any{extensions["code"], extensions["type"], extensions["errorType"], m["type"]} {
		if text, ok := from.(string); ok && f.code == "" {
			f.code = text
		}
	}
	return f
}

// failure says what the errors say; nil where there are none.
func (o outcome) failure() *kit.Failure {
	if len(o.errors) == 0 {
		return nil
	}
	const most = 3
	var says []string
	for _, f := range o.errors[:min(len(o.errors), most)] {
		text := clip(f.message)
		if f.path != "" {
			text = f.path + ": " + text
		}
		says = append(says, text)
	}
	if more := len(o.errors) - most; more > 0 {
		says = append(says, fmt.Sprintf("and %d more", more))
	}
	what := "the service refused it: "
	if o.partial {
		what = "the service gave only a part: "
	}
	kind, fix := kindOf(o.errors[0].code, o.reply)
	if o.partial && fix == "" {
		fix = "mend what the service names, or set \"partial\" to give what is there"
	}
	if fix == "" {
		fix = "mend what the service names, then retry"
	}
	return &kit.Failure{Kind: kind, What: what + strings.Join(says, "; "), Fix: fix}
}

func clip(text string) string {
	if letters := []rune(text); len(letters) > 300 {
		return string(letters[:300]) + "…"
	}
	return text
}

// kindOf knows the codes that services agree on (Apollo Server, GitHub, Shopify).
func kindOf(code string, r *web.Reply) (kind flow.Code, fix string) {
	switch strings.ToUpper(code) {
	case "UNAUTHENTICATED", "UNAUTHORIZED":
		return kit.Denied, "check the sign-in of the connection"
	case "FORBIDDEN", "ACCESS_DENIED", "INSUFFICIENT_SCOPES":
		return kit.Denied, "ask for the right to do this, or use another account"
	case "THROTTLED", "RATE_LIMITED", "RATELIMITED", "TOO_MANY_REQUESTS", "MAX_COST_EXCEEDED":
		return kit.Throttled, "retry later, or set \"rate\" of the connection lower"
	case "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "BAD_USER_INPUT", "UNDEFINEDFIELD":
		return kit.Invalid, ""
	case "NOT_FOUND":
		return kit.Missing, ""
	case "INTERNAL_SERVER_ERROR", "INTERNAL", "SERVICE_UNAVAILABLE", "TIMEOUT":
		return kit.Unavailable, "retry later; if it stays so, tell those who run the service"
	}
	if r.Status == http.StatusUnauthorized || r.Status == http.StatusForbidden || r.Status == http.StatusTooManyRequests || r.Status >= 500 {
		f := r.Refusal(time.Now())
		return f.Kind, f.Fix
	}
	return kit.Refused, ""
}

// connection is the settings as a connection of their own.
type connection struct{ service }

func (c *connection) Fields() kit.Fields { return c.serviceFields() }

// Test goes the way that a request goes, and looks what the service says of itself.
func (c *connection) Test(ctx context.Context, env kit.Env) []kit.Check {
	checks := c.TryTo(ctx, env, c.Signer(env), func(base *url.URL) (string, error) {
		o, err := c.ask(ctx, env, "", "", "{ __typename }", "", nil)
		if err != nil {
			return "", err
		}
		if f := o.failure(); f != nil {
			return "", f
		}
		return fmt.Sprintf("%s answers as GraphQL does", base.Redacted()), nil
	})
	if !checks[len(checks)-1].OK {
		return checks
	}
	t := kit.NewTrial(env)
	t.Try("Schema", func() (string, error) {
		d, err := c.described(ctx, env, true)
		if errors.Is(err, errUndescribed) {
			return "the service does not describe itself, so documents are not checked before they are sent", nil
		}
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%d types", len(d.schema.Types)), nil
	})
	return append(checks, t.Checks()...)
}
