package openapi

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// call is one operation of the API: what the document and the overlay say of it.
type call struct {
	api        *api
	id         string
	group      string
	title      string
	summary    string
	words      []string
	method     string
	path       string
	parameters []*parameter
	body       *body
	effect     kit.Effect
	keyed      bool // it takes an Idempotency-Key
	list       bool
	divided    web.Paging // as guessed, and as the overlay says
	over       operation
	in, out    flow.Schema // of the body; of what a reply, or each item of a list, holds
}

// body is what a call sends.
type body struct {
	required bool
	media    string
	schema   *openapi3.SchemaRef
	encoding map[string]*openapi3.Encoding
}

func newCall(a *api, path, method string, item *openapi3.PathItem, op *openapi3.Operation, over operation) (*call, error) {
	c := &call{api: a, method: method, path: path, over: over, group: over.Group}
	said := method + " " + path
	c.title = web.Titled(over.Title, op.Summary, strings.ReplaceAll(snakeOr(op.OperationID), "_", " "), said)
	if over.Group != "" {
		c.title = web.Titled(over.Group + ": " + strings.ToLower(c.title[:1]) + c.title[1:])
	}
	c.summary = cmp.Or(web.Sentence(over.Summary, op.Description, op.Summary, item.Summary), "Asks "+said+".")
	c.words = searched(op.Tags, path)
	if err := c.takeParameters(item, op); err != nil {
		return nil, err
	}
	if err := c.takeBody(op); err != nil {
		return nil, err
	}
	reply := replyOf(op)
	c.out = a.shapeOf(reply, came)
	c.list = method == http.MethodGet || over.List != nil && *over.List
	if c.list {
		var items *flow.Schema
		c.divided, items = c.guess(reply, c.out, headersOf(op))
		over.Paging.onto(&c.divided)
		if items = at(c.out, c.divided.Items, items); items == nil && over.List == nil {
			c.list = false
		} else if items != nil {
			c.out = *items
		}
	}
	if over.List != nil && !*over.List {
		c.list = false
	}
	c.hidePaging()
	c.effect = effectOf(method)
	if c.keyed && c.effect == kit.Once {
		c.effect = kit.Repeatable
	}
	if over.Effect != "" {
		c.effect = kit.Effect(over.Effect)
	}
	if c.list {
		c.effect = kit.Reads
	}
	return c, nil
}

// effectOf hangs on the method (RFC 9110, 9.2).
func effectOf(method string) kit.Effect {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return kit.Reads
	case http.MethodPut, http.MethodDelete:
		return kit.Repeatable
	}
	return kit.Once
}

// searched are the words by which a person may find the operation.
func searched(tags []string, path string) []string {
	var all []string
	for _, text := range append(slices.Clone(tags), strings.Split(path, "/")...) {
		if strings.ContainsAny(text, "{}") {
			continue
		}
		word := strings.ToLower(strings.Join(strings.Fields(text), " "))
		if len(word) > 1 && len(word) < 40 && !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	return all
}

// takeBody finds what the request carries, in the first form that can be written.
func (c *call) takeBody(op *openapi3.Operation) error {
	if op.RequestBody == nil || op.RequestBody.Value == nil || c.method == http.MethodGet || c.method == http.MethodHead {
		return nil
	}
	r := op.RequestBody.Value
	for _, rank := range []func(string) bool{
		func(m string) bool { return m == "application/json" },
		func(m string) bool { return strings.HasSuffix(m, "+json") || m == "*/*" },
		func(m string) bool { return m == formMedia },
		func(m string) bool { return m == multipartMedia },
		func(m string) bool { return strings.HasPrefix(m, "text/") },
		func(m string) bool {
			return m == binaryMedia || strings.HasPrefix(m, "image/") || m == "application/pdf"
		},
	} {
		for _, name := range sortedNames(r.Content) {
			media, _, _ := strings.Cut(strings.ToLower(name), ";")
			if media = strings.TrimSpace(media); !rank(media) || r.Content[name] == nil {
				continue
			}
			if media == "*/*" {
				media = "application/json"
			}
			c.body = &body{required: r.Required, media: media, schema: r.Content[name].Schema, encoding: r.Content[name].Encoding}
			c.in = c.api.shapeOf(c.body.schema, sent)
			return nil
		}
	}
	if len(r.Content) == 0 {
		return nil
	}
	if !r.Required {
		return nil
	}
	return fmt.Errorf("its body is %s, which is not written here", strings.Join(sortedNames(r.Content), " or "))
}

// replyOf is the schema of what a call gives when it goes well.
func replyOf(op *openapi3.Operation) *openapi3.SchemaRef {
	r := fine(op)
	if r == nil {
		return nil
	}
	for _, name := range sortedNames(r.Content) {
		media, _, _ := strings.Cut(strings.ToLower(name), ";")
		if m := r.Content[name]; m != nil && (media == "application/json" || strings.HasSuffix(media, "+json") || media == "*/*") {
			return m.Schema
		}
	}
	return nil
}

func fine(op *openapi3.Operation) *openapi3.Response {
	if op.Responses == nil {
		return nil
	}
	for _, status := range []string{"200", "201", "202", "203", "2XX", "2xx", "default"} {
		if ref := op.Responses.Value(status); ref != nil && ref.Value != nil {
			return ref.Value
		}
	}
	return nil
}

func headersOf(op *openapi3.Operation) []string {
	if r := fine(op); r != nil {
		return sortedNames(r.Headers)
	}
	return nil
}

// op declares the operation.
func (c *call) op() kit.Op {
	o := kit.Op{
		ID: c.id, Title: c.title, Summary: c.summary, Words: c.words, Effect: c.effect, In: c.in, Out: c.out,
	}
	switch {
	case c.list:
		o.Icon, o.New = "list", func() kit.Operation { return newList(c) }
	case c.effect != kit.Reads:
		o.Icon, o.New = "send", func() kit.Operation { return newAct(c) }
	default:
		o.New = func() kit.Operation { return newAct(c) }
	}
	if c.out.Items != nil && !c.list {
		o.Out = *c.out.Items
	}
	return o
}

// takeParameters reads the parameters of the path and of the operation, whose own win.
func (c *call) takeParameters(item *openapi3.PathItem, op *openapi3.Operation) error {
	var all []*openapi3.Parameter
	for _, ref := range slices.Concat(item.Parameters, op.Parameters) {
		if ref == nil || ref.Value == nil {
			return errors.New("one of its parameters is not there")
		}
		p := ref.Value
		i := slices.IndexFunc(all, func(o *openapi3.Parameter) bool { return o.Name == p.Name && o.In == p.In })
		if i >= 0 {
			all[i] = p
		} else {
			all = append(all, p)
		}
	}
	order := []string{openapi3.ParameterInPath, openapi3.ParameterInQuery, openapi3.ParameterInHeader, openapi3.ParameterInCookie}
	slices.SortStableFunc(all, func(a, b *openapi3.Parameter) int {
		needed := func(p *openapi3.Parameter) int {
			if p.Required || p.In == openapi3.ParameterInPath {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(needed(a), needed(b)), cmp.Compare(slices.Index(order, a.In), slices.Index(order, b.In)))
	})
	for _, p := range all {
		if p.In == openapi3.ParameterInHeader && ignored[strings.ToLower(p.Name)] {
			continue
		}
		if p.In == openapi3.ParameterInHeader && strings.EqualFold(p.Name, "Idempotency-Key") {
			c.keyed = true
			continue
		}
		c.parameters = append(c.parameters, newParameter(p, c.api))
	}
	for name := range placeholders(c.path) {
		if !slices.ContainsFunc(c.parameters, func(p *parameter) bool { return p.in == openapi3.ParameterInPath && p.name == name }) {
			c.parameters = append([]*parameter{newParameter(&openapi3.Parameter{Name: name, In: openapi3.ParameterInPath, Required: true}, c.api)}, c.parameters...)
		}
	}
	c.nameFields()
	return nil
}

// ignored are parameters that a document may not have (OpenAPI 3.1, Parameter Object).
var ignored = map[string]bool{"accept": true, "content-type": true, "authorization": true}

// placeholders are the names in braces of a path.
func placeholders(path string) map[string]bool {
	all := map[string]bool{}
	for rest := path; ; {
		_, after, found := strings.Cut(rest, "{")
		name, behind, closed := strings.Cut(after, "}")
		if !found || !closed {
			return all
		}
		all[name] = true
		rest = behind
	}
}

// nameFields gives each parameter the name and label of its field, none like another.
func (c *call) nameFields() {
	names, labels := map[string]bool{}, map[string]bool{}
	if c.api.common == nil {
		c.api.common = newList(&call{api: c.api}).Fields()
	}
	for _, f := range c.api.common {
		names[f.Name], labels[f.Label] = true, true
	}
	names["body"], labels["Body"] = true, true
	for _, p := range c.parameters {
		p.field, p.label = web.Snake(p.name), web.Spaced(p.name)
		if names[p.field] {
			p.field = "param_" + p.field
		}
		for n, base := 2, p.field; names[p.field]; n++ {
			p.field = fmt.Sprintf("%s_%d", base, n)
		}
		if labels[p.label] {
			p.label = web.Titled(p.label + " (" + p.in + ")")
		}
		for n, base := 2, p.label; labels[p.label]; n++ {
			p.label = fmt.Sprintf("%s %d", base, n)
		}
		names[p.field], labels[p.label] = true, true
	}
}
