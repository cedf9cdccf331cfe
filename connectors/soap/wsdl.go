package soap

import (
	"fmt"
	"slices"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// description is a WSDL on its way to a connector.
type description struct {
	file     string
	root     *node
	service  string
	says     string
	address  string
	client   *web.Client
	all      []*schema
	kinds    map[name]*kind
	inline   map[*node]*kind
	groups   map[*node]bool // that are being looked into
	schemas  map[string]bool
	calls    []*call
	problems []flow.Problem
}

// call is one operation of the service.
type call struct {
	described *description
	id        string
	title     string
	says      string
	newer     bool // SOAP 1.2
	action    string
	in        *part // nil where nothing is sent
	out       *part // nil where nothing comes
	give      string
}

func (d *description) read() {
	for _, types := range d.root.all(wsdlSpace, "types") {
		for _, n := range types.all(schemaSpace, "schema") {
			d.learn(n, "")
		}
	}
	for _, n := range d.root.all(wsdlSpace, "import") {
		d.tell(n, "the description %s that it names is not read", n.attr("location"))
	}
	d.says = documentation(d.root)
	services := d.root.all(wsdlSpace, "service")
	for _, s := range services {
		if d.service == "" {
			d.service = web.Spaced(s.attr("name"))
			if said := documentation(s); said != "" {
				d.says = said
			}
		}
		older, newer := d.ports(s, soap11Bind), d.ports(s, soap12Bind)
		ports := older
		if len(ports) == 0 {
			ports = newer
		}
		for _, p := range ports {
			d.take(p)
		}
	}
	if len(services) == 0 {
		d.tell(d.root, "the description names no service")
	}
}

// port is a binding at an address.
type port struct {
	binding *node
	space   string
}

// ports are those of a service that speak a version of SOAP.
func (d *description) ports(service *node, space string) []port {
	var all []port
	for _, n := range service.all(wsdlSpace, "port") {
		at := n.one(space, "address")
		binding := d.named1(wsdlSpace, "binding", n.resolve(n.attr("binding")).Local)
		if at == nil || binding == nil || binding.one(space, "binding") == nil {
			continue
		}
		if d.address == "" {
			d.address = at.attr("location")
		}
		all = append(all, port{binding, space})
	}
	return all
}

func (d *description) named1(space, local, called string) *node {
	for _, n := range d.root.all(space, local) {
		if n.attr("name") == called {
			return n
		}
	}
	return nil
}

// take makes calls of a binding.
func (d *description) take(p port) {
	interfaces := d.named1(wsdlSpace, "portType", p.binding.resolve(p.binding.attr("type")).Local)
	if interfaces == nil {
		d.tell(p.binding, "the binding %s is of a port type that is not there", p.binding.attr("name"))
		return
	}
	style := p.binding.one(p.space, "binding").attr("style")
	for _, n := range p.binding.all(wsdlSpace, "operation") {
		called := n.attr("name")
		if slices.ContainsFunc(d.calls, func(c *call) bool { return c.id == web.Snake(called) }) {
			continue
		}
		var declared *node
		for _, one := range interfaces.all(wsdlSpace, "operation") {
			if one.attr("name") == called {
				declared = one
			}
		}
		c, err := d.callOf(p, n, declared, style)
		if err != nil {
			d.tell(n, "the operation %s is left out: %v", called, err)
			continue
		}
		d.calls = append(d.calls, c)
	}
}

func (d *description) callOf(p port, bound, declared *node, style string) (*call, error) {
	if declared == nil {
		return nil, fmt.Errorf("its port type does not have it")
	}
	called := bound.attr("name")
	c := &call{described: d, id: web.Snake(called), title: web.Spaced(called), newer: p.space == soap12Bind}
	c.says = sentenceOr(documentation(declared), "Calls "+called+".")
	if op := bound.one(p.space, "operation"); op != nil {
		c.action = op.attr("soapAction")
		if own := op.attr("style"); own != "" {
			style = own
		}
	}
	if style == "rpc" {
		return nil, fmt.Errorf("it is of the style rpc")
	}
	for _, way := range []string{"input", "output"} {
		if in := bound.one(wsdlSpace, way); in != nil {
			if body := in.one(p.space, "body"); body != nil && body.attr("use") == "encoded" {
				return nil, fmt.Errorf("its messages are encoded")
			}
		}
		m := declared.one(wsdlSpace, way)
		if m == nil {
			continue
		}
		e, err := d.message(m.resolve(m.attr("message")).Local)
		if err != nil {
			return nil, err
		}
		if way == "input" {
			c.in = e
		} else {
			c.out = e
		}
	}
	if c.out != nil {
		c.give = wrapped(c.out.kind)
	}
	return c, nil
}

// message is the element that a message carries; nil where it carries nothing.
func (d *description) message(called string) (*part, error) {
	m := d.named1(wsdlSpace, "message", called)
	if m == nil {
		return nil, fmt.Errorf("the message %s is not there", called)
	}
	p := m.one(wsdlSpace, "part")
	if p == nil {
		return nil, nil
	}
	if of := p.attr("element"); of != "" {
		return d.element(p.resolve(of))
	}
	return nil, fmt.Errorf("the message %s names a type and no element", called)
}

// wrapped is the path to what a reply is about: as long as an object holds nothing but one
// other thing.
func wrapped(k *kind) string {
	var path []string
	for k.complex && len(k.attrs) == 0 && len(k.parts) == 1 && !k.any && len(path) < 4 {
		p := k.parts[0]
		path = append(path, p.name.Local)
		if p.many {
			break
		}
		k = p.kind
	}
	return strings.Join(path, ".")
}

func documentation(n *node) string {
	if d := n.one(wsdlSpace, "documentation"); d != nil {
		return d.text
	}
	return ""
}

// looks are words that operations begin with which only look.
var looks = []string{"get", "list", "find", "search", "read", "query", "lookup", "fetch", "check", "is", "has", "count", "describe"}

// effect is guessed from the name; a person may say another one in the step.
func (c *call) effect() kit.Effect {
	first, _, _ := strings.Cut(c.id, "_")
	if slices.Contains(looks, first) {
		return kit.Reads
	}
	return kit.Once
}

// op declares the operation.
func (c *call) op() kit.Op {
	o := kit.Op{ID: c.id, Title: c.title, Summary: c.says, Effect: kit.Once, New: func() kit.Operation { return newAct(c) }}
	if c.effect() == kit.Once {
		o.Icon = "send"
	}
	if c.in != nil {
		o.In = c.in.shape()
	}
	if c.out != nil {
		o.Out = along(c.out.shape(), c.give)
	}
	return o
}

// along follows a path in a shape, into the items of a list at its end.
func along(s flow.Schema, path string) flow.Schema {
	if path != "" {
		for step := range strings.SplitSeq(path, ".") {
			next := flow.Any()
			for _, p := range s.Properties {
				if p.Name == step {
					next = p.Schema
				}
			}
			s = next
		}
	}
	if s.Items != nil {
		return *s.Items
	}
	return s
}
