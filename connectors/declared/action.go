package declared

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// action sends a request for each record.
type action struct {
	id, title, summary string
	ask                request
	inputs             []setting   // each is a member of .input
	in                 flow.Schema // of all inputs together
	whole              bool        // one input, "input", takes the record as it is
	gives              items       // nil gives the reply
	out                flow.Schema
	effect             kit.Effect

	service *service
}

func (a *action) op() kit.Op {
	icon := "send"
	if a.effect == kit.Reads {
		icon = ""
	}
	return kit.Op{
		ID: a.id, Title: cmp.Or(a.title, titled("", a.id)), Icon: icon, Effect: a.effect, In: a.mainSchema(), Out: a.out,
		Summary: cmp.Or(a.summary, fmt.Sprintf("%s, for each record.", cmp.Or(a.title, titled("", a.id)))),
		New: func() kit.Operation {
			p := &performer{account: a.service.account(), action: a, cells: make([]cell, len(a.inputs))}
			p.asks = &a.ask
			return p
		},
	}
}

func (a *action) mainSchema() flow.Schema {
	if a.whole {
		return a.in
	}
	return flow.Schema{}
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

// performer is an action as a step of a flow.
type performer struct {
	account
	action *action
	cells  []cell
	Input  any
	inputs account // what the fields of the inputs ask for each other
}

// Fields are the inputs, and the settings of the service.
func (p *performer) Fields() kit.Fields {
	var fields kit.Fields
	if p.action.whole {
		fields = append(fields, kit.Value(&p.Input, "input", "Record").AsMain().Help("What is sent, as the service wants to have it."))
	}
	p.inputs = account{service: &service{settings: p.action.inputs}, cells: p.cells}
	for i, s := range p.action.inputs {
		fields = append(fields, s.field(&p.inputs, &p.cells[i]))
	}
	return append(fields, web.Folded(p.accountFields())...)
}

// input gathers what the settings hold, and checks it against the manifest.
func (p *performer) input() (any, error) {
	var in any = p.Input
	if !p.action.whole {
		object := map[string]any{}
		for i, s := range p.action.inputs {
			if v, ok := s.value(p.cells[i]); ok && (s.kind != toggleSetting || v == true || s.initial != nil || s.needed) {
				put(object, s.path, v)
			}
		}
		in = object
	}
	if problems := p.action.in.Check(in); len(problems) > 0 {
		first := problems[0]
		f := kit.Fail(kit.Invalid, "the input does not fit: %s", strings.TrimSpace(first.Field+" "+first.What)).Hint("%s", cmp.Or(first.Fix, "map it to what the manifest names"))
		if p.action.whole {
			f.Field = "input"
		}
		return nil, f
	}
	return in, nil
}

// Run sends the request for one record.
func (p *performer) Run(ctx context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	s := p.session(env)
	in := p.scene(env)
	var err error
	if in.input, err = p.input(); err != nil {
		return kit.Result{}, err
	}
	in.record = rec.Data
	reply, left, err := p.action.ask.sendWith(ctx, s, in, extra{}, rec.ID)
	if err != nil {
		return kit.Result{}, err
	}
	if left {
		return kit.Result{}, nil
	}
	result, err := p.gives(ctx, reply, in)
	if err != nil && p.action.effect != kit.Reads {
		err = kit.AsFailure(err).Unsure() // the service has taken it
	}
	return result, in.masked(err)
}

func (p *performer) gives(ctx context.Context, reply *web.Reply, in *scene) (kit.Result, error) {
	if reply.Status == http.StatusNoContent || len(reply.Body) == 0 {
		if p.action.gives == nil {
			return kit.Give(nil), nil
		}
	} else if media := reply.Header.Get("Content-Type"); p.action.ask.decode == (decoder{}) && media != "" && !strings.Contains(media, "json") {
		in.response = reply.Text()
	} else {
		var err error
		if in.response, err = p.action.ask.decode.body(reply); err != nil {
			return kit.Result{}, err
		}
	}
	if p.action.gives == nil {
		return kit.Give(in.response), nil
	}
	in.headers, in.status = headersOf(reply.Header), reply.Status
	all, err := p.action.gives.of(ctx, in.response, in)
	return kit.Give(all...), err
}
