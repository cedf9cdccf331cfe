package http

import (
	"slices"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// Paste takes the host and the sign-in of a request.
func (c *connection) Paste(text string) (flow.Values, bool) {
	p, ok := web.Paste(text)
	return p.Account(), ok
}

// Paste takes the request without its sign-in, which is for the connection to keep.
func (q *request) Paste(text string) (flow.Values, bool) {
	p, ok := web.Paste(text)
	if !ok || p.URL == nil {
		return nil, false
	}
	all := flow.Values{"method": p.Method}
	var query map[string]any
	all["url"], all["path"], query = p.Place()
	if len(query) > 0 {
		all["query"] = query
	}
	if len(p.Headers) > 0 {
		headers := map[string]any{}
		for name, v := range p.Headers {
			headers[name] = v
		}
		all["headers"] = headers
	}
	if p.Body != nil && !looks(p.Method) {
		all["body"] = p.Body
		if p.As != "" {
			all["as"] = p.As
		}
	}
	f, _ := q.Fields().Field("method")
	return all, slices.ContainsFunc(f.Choices, func(c kit.Choice) bool { return c.Value == p.Method })
}
