package http

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

const (
	secretHeader = "X-Webhook-Secret"
	mostCalled   = 16 << 20 // bytes of a request's body
	anyMethod    = "any"
)

// When a webhook answers.
const (
	replyAccepted = "accepted"
	replyWait     = "wait"
)

// webhook starts a run for each request.
type webhook struct {
	settings
	Path   string
	Method string
	Port   int
	Reply  string
	Sample any
	kit.Gathering
}

func newWebhook(w *shared) *webhook {
	return &webhook{settings: newSettings(w), Method: http.MethodPost, Port: 8095, Reply: replyAccepted}
}

func (h *webhook) Fields() kit.Fields {
	methods := append([]kit.Choice{{Value: anyMethod, Label: "Any"}},
		methodChoices(http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete)...)
	fields := kit.Fields{
		kit.Text(&h.Path, "path", "Path").Eg("/orders").Help("Empty is the flow's own name."),
		kit.Pick(&h.Method, "method", "Method", methods...),
		kit.Pick(&h.Reply, "reply", "Answer",
			kit.Choice{Value: replyAccepted, Label: "At once: taken"}, kit.Choice{Value: replyWait, Label: "What http.reply says, or how the run ended"}),
		kit.Value(&h.Sample, "sample", "Sample").Eg(`{"id": "A-1"}`).Help("The body of the request that a start by hand makes up."),
		kit.Int(&h.Port, "port", "Port").More().Checked(h.checkPort).Help("Of this machine alone; all webhooks may share one."),
		h.secretField().More(),
	}
	for _, f := range h.GatherFields() {
		shown := f.Shown
		fields = append(fields, f.OnlyIf(func() bool { return h.Reply == replyAccepted && (shown == nil || shown()) }))
	}
	return append(fields, web.Taken(append(kit.Fields{h.urlField()}, h.accessFields()...))...)
}

func (h *webhook) checkPort() error {
	if h.Port < 0 || h.Port > 65535 {
		return kit.Fail(kit.Invalid, "there is no port %d", h.Port).On("port").Hint("choose one from 1024 to 65535")
	}
	return nil
}

// Gathers says how requests are gathered; those that are answered by their run are not.
func (h *webhook) Gathers() kit.Gathering {
	if h.Reply != replyAccepted {
		return kit.Gathering{}
	}
	return h.Gathering
}

// Start makes up the request that the sample describes.
func (h *webhook) Start(_ context.Context, env kit.Env) ([]any, error) {
	method := h.Method
	if method == anyMethod {
		method = http.MethodPost
	}
	return []any{map[string]any{
		"method": method, "path": h.path(env), "query": map[string]any{}, "headers": map[string]any{}, "body": h.Sample,
	}}, nil
}

func (h *webhook) path(env kit.Env) string {
	if strings.Trim(h.Path, "/ ") == "" {
		return tidyPath(string(env.Flow))
	}
	return tidyPath(h.Path)
}

// Note tells the address that requests are taken at.
func (h *webhook) Note(env kit.Env) kit.Note {
	path := h.path(env)
	if path == "/" && env.Flow == "" {
		return kit.Note{Text: "Its address ends in the flow's name, which is known once the flow is saved."}
	}
	what := h.Method
	if what == anyMethod {
		what = "all"
	}
	return kit.Note{
		Text: "While the flow is enabled it takes " + what + " requests at",
		Copy: fmt.Sprintf("http://127.0.0.1:%d%s", h.Port, path),
	}
}

// Listen hangs the webhook onto the porch until ctx ends.
func (h *webhook) Listen(ctx context.Context, env kit.Env, give func(context.Context, kit.Event) (kit.Receipt, error)) error {
	path := h.path(env)
	ring := func(w http.ResponseWriter, r *http.Request) {
		within, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(ctx, cancel)()
		h.ring(within, env, w, r, give)
	}
	address, err := h.shared.porch.hang(h.Port, path, &bell{owner: env.Flow, ring: http.HandlerFunc(ring)})
	if err != nil {
		return err
	}
	defer h.shared.porch.takeDown(h.Port, path)
	env.Log(flow.Info, "", "listens at %s", address)
	<-ctx.Done()
	return nil
}

// ring takes one request.
func (h *webhook) ring(ctx context.Context, env kit.Env, w http.ResponseWriter, r *http.Request, give func(context.Context, kit.Event) (kit.Receipt, error)) {
	if h.Method != anyMethod && r.Method != h.Method {
		w.Header().Set("Allow", h.Method)
		problem(w, http.StatusMethodNotAllowed, "only "+h.Method+" is taken here", "")
		return
	}
	if status, err := h.admit(r); err != nil {
		problem(w, status, err.Error(), "")
		return
	}
	event, status, err := eventOf(w, r)
	if err != nil {
		problem(w, status, err.Error(), "")
		return
	}
	waits := h.Reply == replyWait
	if waits {
		h.shared.answers.expect(env.Flow)
		defer h.shared.answers.forget(env.Flow)
	}
	receipt, err := give(ctx, kit.Event{Data: []any{event}, Cause: "webhook"})
	if err != nil {
		env.Log(flow.Warn, "", "a request was not taken: %s", err)
		problem(w, http.StatusServiceUnavailable, "it was not taken: "+err.Error(), "")
		return
	}
	if !waits {
		answer := map[string]any{"run": receipt.Run}
		if receipt.Run == "" {
			answer = map[string]any{"gathered": true}
		}
		writeJSON(w, http.StatusAccepted, answer)
		return
	}
	h.await(ctx, env, w, receipt)
}

// admit says with which status a caller is turned away.
func (h *webhook) admit(r *http.Request) (status int, err error) {
	if h.Secret.Empty() {
		return http.StatusForbidden, fromHere(r)
	}
	given := []byte(r.Header.Get(secretHeader))
	if subtle.ConstantTimeCompare(given, []byte(h.Secret.Reveal())) != 1 {
		return http.StatusUnauthorized, errors.New("the header " + secretHeader + " is missing or wrong")
	}
	return 0, nil
}

// await answers with what http.reply says in the run, or else with how it ended.
func (h *webhook) await(ctx context.Context, env kit.Env, w http.ResponseWriter, receipt kit.Receipt) {
	said := h.shared.answers.of(env.Flow, receipt.Run)
	type end struct {
		run flow.Run
		err error
	}
	ended := make(chan end, 1)
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		run, err := receipt.Wait(within)
		ended <- end{run, err}
	}()
	var e end
	select {
	case a := <-said:
		cancel()
		<-ended
		a.write(w)
		return
	case e = <-ended:
	}
	select {
	case a := <-said: // in the same moment
		a.write(w)
		return
	default:
	}
	switch {
	case e.err != nil:
		problem(w, http.StatusServiceUnavailable, "run "+string(receipt.Run)+" was taken, and goes on without an answer", "")
	case e.run.State == flow.RunFailed || e.run.State == flow.RunStopped:
		writeJSON(w, http.StatusInternalServerError, map[string]any{"run": receipt.Run, "state": e.run.State})
	default:
		writeJSON(w, http.StatusOK, map[string]any{"run": receipt.Run, "state": e.run.State})
	}
}

// Describe knows the shape of the request; its body looks like the sample.
func (h *webhook) Describe(context.Context, kit.Env) (in, out flow.Schema, err error) {
	return in, eventSchema(), nil
}
