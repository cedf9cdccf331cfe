package http

import (
	"context"
	"net/http"
	"sync"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
	"jackfield/flow/value"
)

// answer is what a run says to the request that started it.
type answer struct {
	status  int
	headers map[string]string
	body    any
}

func (a answer) write(w http.ResponseWriter) {
	text, isText := a.body.(string)
	data := []byte(text)
	kind := "text/plain; charset=utf-8"
	if !isText && a.body != nil {
		data, kind = value.Append(nil, a.body), "application/json; charset=utf-8"
	}
	w.Header().Set("Content-Type", kind)
	for name, v := range a.headers {
		w.Header().Set(name, v)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(data) // whoever asked has gone
}

// answers brings what http.reply says to the request that waits for it. A run may say
// it before its webhook knows which run it started, so what is said is kept as long
// as any request to that flow waits.
type answers struct {
	mu    sync.Mutex
	flows map[flow.ID]*mailbox
}

type mailbox struct {
	waiting int
	runs    map[flow.RunID]chan answer
}

// expect begins to keep the answers of a flow; forget ends it.
func (a *answers) expect(f flow.ID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.flows == nil {
		a.flows = map[flow.ID]*mailbox{}
	}
	if a.flows[f] == nil {
		a.flows[f] = &mailbox{runs: map[flow.RunID]chan answer{}}
	}
	a.flows[f].waiting++
}

func (a *answers) forget(f flow.ID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.flows[f].waiting--
	if a.flows[f].waiting == 0 {
		delete(a.flows, f)
	}
}

// of is where the first answer of the run comes.
func (a *answers) of(f flow.ID, run flow.RunID) <-chan answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.flows[f].box(run)
}

func (m *mailbox) box(run flow.RunID) chan answer {
	if m.runs[run] == nil {
		m.runs[run] = make(chan answer, 1)
	}
	return m.runs[run]
}

// say gives the answer of a run, and tells whether it is the first and anybody waits.
func (a *answers) say(f flow.ID, run flow.RunID, said answer) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.flows[f] == nil {
		return false
	}
	select {
	case a.flows[f].box(run) <- said:
		return true
	default:
		return false
	}
}

// respond answers the request that started the run.
type respond struct {
	settings
	Status  int
	Headers map[string]string
	Body    any
}

func (p *respond) Fields() kit.Fields {
	fields := kit.Fields{
		kit.Int(&p.Status, "status", "Status").Checked(p.checkStatus),
		kit.Value(&p.Body, "body", "Body").AsMain().Help("A text goes as it is, all else as JSON."),
		kit.Pairs(&p.Headers, "headers", "Headers").More(),
	}
	return append(fields, web.Taken(append(kit.Fields{p.urlField(), p.secretField()}, p.accessFields()...))...)
}

func (p *respond) checkStatus() error {
	if p.Status < 200 || p.Status > 599 {
		return kit.Fail(kit.Invalid, "%d is no status of an answer", p.Status).On("status").Hint("choose one from 200 to 599")
	}
	return nil
}

// Run says the answer and lets the record go on.
func (p *respond) Run(_ context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	if !p.shared.answers.say(env.Flow, env.Run, answer{p.Status, p.Headers, p.Body}) {
		env.Log(flow.Debug, rec.ID, "nobody waits for this answer")
	}
	return kit.Pass(flow.Done), nil
}
