package graphql

import (
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// Paste takes the address and the sign-in of a request.
func (c *connection) Paste(text string) (flow.Values, bool) {
	p, ok := web.Paste(text)
	all := p.Account()
	if ok && p.URL != nil {
		all["url"] = p.URL.String()
	}
	return all, ok
}
