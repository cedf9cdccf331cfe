// Package enginetest holds what every History and every runner must pass, and a
// connector whose operations a test can steer.
package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// World is what the operations of the connector "test" act on. Its hooks are set
// before a run and not changed while one goes on.
type World struct {
	// OnSend is asked by test.send and test.sendall for each record; nil is always well.
	OnSend func(env kit.Env, rec flow.Record, data any) error
	// OnSent is asked once a delivery was taken: its error is all that the sender hears.
	OnSent func(env kit.Env, rec flow.Record, data any) error
	// Hangs says that a delivery was taken and no answer comes.
	Hangs func(env kit.Env, rec flow.Record) bool
	// Hold is asked by test.send before that; it may wait, until its context ends.
	Hold func(ctx context.Context, data any) error
	// OnRead is asked by test.pages before each page.
	OnRead func(page int) error
	// OnListen is asked by test.listen before it listens.
	OnListen func() error
	// OnGive is asked by test.weave before each record that it gives.
	OnGive func(n int) error
	// OnFinish is asked by test.file when it is to finish.
	OnFinish func(env kit.Env) error
	// Block is what test.wait waits for; nil waits for the end of its context.
	Block <-chan struct{}
	// Began is told by test.wait that it waits.
	Began chan<- flow.RecordID

	mu       sync.Mutex
	sent     map[string][]any
	finished []string
	gives    map[flow.StepID]func(context.Context, kit.Event) (kit.Receipt, error)
	gave     chan struct{}
}

// NewWorld makes one in which all goes well.
func NewWorld() *World {
	return &World{sent: map[string][]any{}, gives: map[flow.StepID]func(context.Context, kit.Event) (kit.Receipt, error){}, gave: make(chan struct{})}
}

// Sent tells what was sent under each idempotency key, delivery by delivery.
func (w *World) Sent() map[string][]any {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := map[string][]any{}
	for k, v := range w.sent {
		all[k] = slices.Clone(v)
	}
	return all
}

// Finished tells the steps that were finished, in order.
func (w *World) Finished() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.finished)
}

// Give hands an event to the listener of a step, once that listens.
func (w *World) Give(ctx context.Context, step flow.StepID, e kit.Event) (kit.Receipt, error) {
	for {
		w.mu.Lock()
		give, changed := w.gives[step], w.gave
		w.mu.Unlock()
		if give != nil {
			return give(ctx, e)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return kit.Receipt{}, ctx.Err()
		}
	}
}

func (w *World) send(ctx context.Context, env kit.Env, rec flow.Record, data any) error {
	if w.OnSend != nil {
		if err := w.OnSend(env, rec, data); err != nil {
			return err
		}
	}
	w.mu.Lock()
	w.sent[env.Key(rec.ID)] = append(w.sent[env.Key(rec.ID)], data)
	w.mu.Unlock()
	if w.Hangs != nil && w.Hangs(env, rec) {
		<-ctx.Done()
		return ctx.Err()
	}
	if w.OnSent != nil {
		return w.OnSent(env, rec, data)
	}
	return nil
}

// Ops is the connector.
func (w *World) Ops() kit.Set {
	op := func(id string, effect kit.Effect, make func() kit.Operation, more ...func(*kit.Op)) kit.Op {
		o := kit.Op{ID: id, Title: id, Effect: effect, New: make}
		for _, m := range more {
			m(&o)
		}
		return o
	}
	trigger := func(o *kit.Op) { o.Trigger = true }
	return kit.Set{{
		ID: "test", Title: "Test", Connection: func() kit.Connection { return &account{} },
		Ops: []kit.Op{
			op("start", kit.Pure, func() kit.Operation { return &starter{} }, trigger),
			op("listen", kit.Pure, func() kit.Operation { return &listener{world: w} }, trigger),
			op("clock", kit.Pure, func() kit.Operation { return &clock{} }, trigger),
			op("after", kit.Pure, func() kit.Operation { return &after{} }, trigger),
			op("pages", kit.Reads, func() kit.Operation { return &pages{world: w, Pages: 1, Size: 1} }),
			op("map", kit.Pure, func() kit.Operation { return &each{} }, func(o *kit.Op) { o.Each = true; o.Outlets = []flow.Outlet{flow.Done, "empty"} }),
			op("pick", kit.Pure, func() kit.Operation { return &pick{} }),
			op("test", kit.Pure, func() kit.Operation { return &test{} }, func(o *kit.Op) { o.Outlets = []flow.Outlet{"true", "false"} }),
			op("send", kit.Repeatable, func() kit.Operation { return &send{world: w} }),
			op("mail", kit.Once, func() kit.Operation { return &send{world: w} }),
			op("mailall", kit.Once, func() kit.Operation { return &sendAll{world: w} }),
			op("post", kit.Once, func() kit.Operation { return &post{send: send{world: w}} }),
			op("sendall", kit.Repeatable, func() kit.Operation { return &sendAll{world: w} }),
			op("collect", kit.Pure, func() kit.Operation { return &collect{} }, func(o *kit.Op) { o.Barrier = true }),
			op("weave", kit.Pure, func() kit.Operation { return &weave{world: w} }, func(o *kit.Op) { o.Barrier = true }),
			op("wait", kit.Reads, func() kit.Operation { return &wait{world: w} }),
			op("ask", kit.Pure, func() kit.Operation { return &ask{} }, func(o *kit.Op) { o.Outlets = []flow.Outlet{"approved", "rejected"} }),
			op("panic", kit.Pure, func() kit.Operation { return &panics{} }),
			op("odd", kit.Pure, func() kit.Operation { return &odd{} }),
			op("call", kit.Repeatable, func() kit.Operation { return &call{} }),
			op("fork", kit.Repeatable, func() kit.Operation { return &fork{} }),
			op("file", kit.Repeatable, func() kit.Operation { return &file{world: w} }),
			op("join", kit.Pure, func() kit.Operation { return &join{As: string(kit.JoinLists)} }),
			op("each", kit.Pure, func() kit.Operation { return &loop{Items: kit.Itself{}, Give: string(kit.GiveList)} }, func(o *kit.Op) { o.Outlets = []flow.Outlet{flow.Done, flow.Finally} }),
			op("scope", kit.Pure, func() kit.Operation { return &loop{Whole: true, Give: string(kit.GiveResults)} }, func(o *kit.Op) { o.Outlets = []flow.Outlet{flow.Done, flow.Finally} }),
			op("later", kit.Pure, func() kit.Operation { return &later{} }),
		},
	}}
}

// account is the connection of the connector.
type account struct {
	Host  string
	Token kit.Secret
}

func (a *account) Fields() kit.Fields {
	return kit.Fields{kit.Text(&a.Host, "host", "Host").Needed(), kit.Hidden(&a.Token, "token", "Token")}
}

func (a *account) Test(context.Context, kit.Env) []kit.Check { return nil }

// starter gives what its settings say.
type starter struct{ Items any }

func (s *starter) Fields() kit.Fields { return kit.Fields{kit.Value(&s.Items, "items", "Items")} }

func (s *starter) Start(context.Context, kit.Env) ([]any, error) {
	switch items := s.Items.(type) {
	case nil:
		return []any{map[string]any{}}, nil
	case []any:
		return items, nil
	case string:
		return nil, kit.Fail(kit.Refused, "%s", items)
	}
	return []any{s.Items}, nil
}

// listener gives what the test gives it.
type listener struct {
	world *World
	Fail  bool
	kit.Gathering
}

func (l *listener) Fields() kit.Fields {
	return append(kit.Fields{kit.Toggle(&l.Fail, "fail", "Fail")}, l.GatherFields()...)
}

func (l *listener) Listen(ctx context.Context, env kit.Env, give func(context.Context, kit.Event) (kit.Receipt, error)) error {
	if l.Fail {
		return kit.Fail(kit.Busy, "the port is taken")
	}
	if l.world.OnListen != nil {
		if err := l.world.OnListen(); err != nil {
			return err
		}
	}
	set := func(give func(context.Context, kit.Event) (kit.Receipt, error)) {
		l.world.mu.Lock()
		defer l.world.mu.Unlock()
		l.world.gives[env.Step] = give
		close(l.world.gave)
		l.world.gave = make(chan struct{})
	}
	set(give)
	defer set(nil)
	<-ctx.Done()
	return ctx.Err()
}

// clock is fired by the engine.
type clock struct {
	Cron, Timezone, Missed, From, Until, Overlap string
	Every, Jitter                                time.Duration
	Most                                         int
}

func (c *clock) Fields() kit.Fields {
	return kit.Fields{
		kit.Text(&c.Cron, "cron", "Cron"), kit.Duration(&c.Every, "every", "Every"),
		kit.Text(&c.Timezone, "timezone", "Time zone"), kit.Text(&c.Missed, "missed", "Missed"),
		kit.Text(&c.From, "from", "From"), kit.Text(&c.Until, "until", "Until"), kit.Text(&c.Overlap, "overlap", "Overlap"),
		kit.Duration(&c.Jitter, "jitter", "Jitter"), kit.Int(&c.Most, "most", "Most"),
	}
}

func (c *clock) Schedule() kit.Schedule {
	return kit.Schedule{
		Cron: c.Cron, Every: c.Every, Timezone: c.Timezone, Missed: c.Missed, From: c.From, Until: c.Until,
		Overlap: kit.Overlap(c.Overlap), Jitter: c.Jitter, Most: c.Most,
	}
}

// after is fired by the ends of other flows' runs.
type after struct {
	Flow   string
	States []string
}

func (a *after) Fields() kit.Fields {
	return kit.Fields{kit.Text(&a.Flow, "flow", "Flow"), kit.List(&a.States, "states", "States")}
}

func (a *after) Follows() kit.Following {
	f := kit.Following{Flow: a.Flow, States: []flow.RunState{flow.RunDone}}
	if len(a.States) > 0 {
		f.States = nil
	}
	for _, s := range a.States {
		f.States = append(f.States, flow.RunState(s))
	}
	return f
}

// pages reads {page, n, of} records, n running on through all pages.
type pages struct {
	world       *World
	Pages, Size int
	Of          any
	Mark        bool
	Stuck       bool
}

func (p *pages) Fields() kit.Fields {
	return kit.Fields{
		kit.Int(&p.Pages, "pages", "Pages"), kit.Int(&p.Size, "size", "Size"), kit.Value(&p.Of, "of", "Of"),
		kit.Toggle(&p.Mark, "mark", "Mark"), kit.Toggle(&p.Stuck, "stuck", "Stuck"),
	}
}

func (p *pages) Read(_ context.Context, env kit.Env, after flow.Cursor) (kit.Page, error) {
	at := 0
	if after != nil {
		if err := json.Unmarshal(after, &at); err != nil {
			return kit.Page{}, err
		}
	}
	if p.world.OnRead != nil {
		if err := p.world.OnRead(at); err != nil {
			return kit.Page{}, err
		}
	}
	env.Log(flow.Info, "", "read page %d", at)
	var page kit.Page
	for i := range p.Size {
		page.Data = append(page.Data, map[string]any{"page": at, "n": at*p.Size + i, "of": p.Of})
	}
	next := fmt.Append(nil, at+1)
	if p.Stuck {
		next = after
	}
	page.More, page.Next = at+1 < p.Pages || p.Stuck, next
	if p.Mark {
		page.Mark = fmt.Append(nil, at+1)
	}
	return page, nil
}

// each gives on each value of its mapping.
type each struct{}

func (*each) Fields() kit.Fields { return nil }

func (*each) RunAll(_ context.Context, _ kit.Env, batch flow.Batch) ([]kit.Result, error) {
	results := make([]kit.Result, len(batch))
	for i, r := range batch {
		results[i] = kit.Give(r.Data)
	}
	return results, nil
}

// pick sends a record by the first case that holds.
type pick struct {
	Cases  []kit.Case
	Chosen string
}

func (p *pick) Fields() kit.Fields {
	return kit.Fields{kit.Cases(&p.Cases, &p.Chosen, "cases", "Cases").Needed()}
}

func (p *pick) Outlets() []flow.Outlet {
	var outlets []flow.Outlet
	for _, c := range p.Cases {
		outlets = append(outlets, flow.Outlet(c.Name))
	}
	return append(outlets, "unmatched")
}

func (p *pick) Run(context.Context, kit.Env, flow.Record) (kit.Result, error) {
	if p.Chosen == "" {
		return kit.Pass("unmatched"), nil
	}
	return kit.Pass(flow.Outlet(p.Chosen)), nil
}

// test parts records in two.
type test struct{ When bool }

func (t *test) Fields() kit.Fields { return kit.Fields{kit.Test(&t.When, "when", "When").Needed()} }

func (t *test) Run(context.Context, kit.Env, flow.Record) (kit.Result, error) {
	return kit.Pass(flow.Outlet(fmt.Sprint(t.When))), nil
}

// send is a service that takes records one by one.
type send struct {
	world *World
	account
	Body any
	To   string
}

func (s *send) Fields() kit.Fields {
	return append(kit.Fields{
		kit.Value(&s.Body, "body", "Body").AsMain(),
		kit.Text(&s.To, "to", "To"),
	}, kit.Text(&s.Host, "host", "Host"), kit.Hidden(&s.Token, "token", "Token"))
}

func (s *send) Run(ctx context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	if s.world.Hold != nil {
		if err := s.world.Hold(ctx, s.Body); err != nil {
			return kit.Result{}, err
		}
	}
	data := s.Body
	if s.To != "" || s.Host != "" || !s.Token.Empty() {
		data = map[string]any{"body": s.Body, "to": s.To, "host": s.Host, "token": s.Token.Reveal()}
	}
	return kit.Give(s.Body), s.world.send(ctx, env, rec, data)
}

// post is a service to which the record may say that each delivery counts.
type post struct {
	send
	Counts bool
}

func (p *post) Fields() kit.Fields {
	return append(p.send.Fields(), kit.Toggle(&p.Counts, "counts", "Counts"))
}

func (p *post) Effect() kit.Effect {
	if p.Counts {
		return kit.Once
	}
	return kit.Repeatable
}

// sendAll is a service that takes many records at once.
type sendAll struct {
	world *World
	Body  any
	Table string
}

func (s *sendAll) Fields() kit.Fields {
	return kit.Fields{kit.Value(&s.Body, "body", "Body").AsMain(), kit.Text(&s.Table, "table", "Table").Needed()}
}

func (s *sendAll) RunAll(ctx context.Context, env kit.Env, batch flow.Batch) ([]kit.Result, error) {
	results := make([]kit.Result, len(batch))
	for i, r := range batch {
		results[i] = kit.Pass(flow.Done)
		results[i].Err = s.world.send(ctx, env, r, map[string]any{"table": s.Table, "body": r.Data})
	}
	return results, nil
}

// collect gives one list of all.
type collect struct{ Fail string }

func (c *collect) Fields() kit.Fields { return kit.Fields{kit.Text(&c.Fail, "fail", "Fail")} }

func (c *collect) Gather(_ context.Context, _ kit.Env, all iter.Seq2[flow.Record, error], give func(flow.Outlet, flow.Record) error) error {
	if c.Fail != "" {
		return errors.New(c.Fail)
	}
	list := []any{}
	for r, err := range all {
		if err != nil {
			return err
		}
		list = append(list, r.Data)
	}
	return give("", flow.Record{Data: list})
}

// loop has steps in it.
type loop struct {
	Whole  bool
	Items  any
	AtOnce int
	Stop   bool
	Give   string
}

func (l *loop) Fields() kit.Fields {
	return kit.Fields{
		kit.Expr(&l.Items, "items", "Items"), kit.Int(&l.AtOnce, "at_once", "At once"),
		kit.Test(&l.Stop, "stop_when", "Stop when"), kit.Text(&l.Give, "give", "Give"),
	}
}

func (l *loop) Scope() kit.Scope {
	return kit.Scope{Whole: l.Whole, Items: l.Items, AtOnce: l.AtOnce, Stop: "stop_when", Give: kit.ScopeGive(l.Give)}
}

// later lets a record wait: so long, or for a run.
type later struct {
	In  any
	Run any
}

func (l *later) Fields() kit.Fields {
	return kit.Fields{kit.Expr(&l.In, "in", "In"), kit.Expr(&l.Run, "run", "Run")}
}

func (l *later) RunAll(_ context.Context, env kit.Env, batch flow.Batch) ([]kit.Result, error) {
	results := make([]kit.Result, len(batch))
	for i := range batch {
		id, _ := l.Run.(string)
		text, _ := l.In.(string)
		switch d, err := time.ParseDuration(text); {
		case env.Woken:
			results[i] = kit.Pass(flow.Done)
		case id != "":
			results[i] = kit.WaitForRun(flow.RunID(id))
		case err != nil:
			return nil, kit.Fail(kit.Invalid, "%q is no time to wait", text)
		default:
			results[i] = kit.WaitUntil(time.Now().Add(d))
		}
	}
	return results, nil
}

// join says how ways meet.
type join struct {
	As    string
	ByKey any
}

func (j *join) Fields() kit.Fields {
	return kit.Fields{kit.Text(&j.As, "as", "As"), kit.Expr(&j.ByKey, "key", "Key")}
}

func (j *join) Policy() kit.JoinPolicy { return kit.JoinPolicy(j.As) }

func (j *join) Key() any { return j.ByKey }

func (j *join) Outlets() []flow.Outlet { return []flow.Outlet{flow.Done, "late", "unmatched"} }

// weave lets what came go on and gives new records behind it.
type weave struct {
	world *World
	Key   any
	New   int
	Size  int // of each, in bytes
}

func (w *weave) Fields() kit.Fields {
	return kit.Fields{kit.Expr(&w.Key, "key", "Key"), kit.Int(&w.New, "new", "New"), kit.Int(&w.Size, "size", "Size")}
}

func (w *weave) Gather(_ context.Context, _ kit.Env, all iter.Seq2[flow.Record, error], give func(flow.Outlet, flow.Record) error) error {
	gave := 0
	one := func(rec flow.Record) error {
		if w.world.OnGive != nil {
			if err := w.world.OnGive(gave); err != nil {
				return err
			}
		}
		gave++
		return give("", rec)
	}
	sum := 0
	for rec, err := range all {
		if err != nil {
			return err
		}
		if n, ok := w.Key.(int); ok {
			sum += n
		}
		if err := one(rec); err != nil {
			return err
		}
	}
	for i := range w.New {
		if err := one(flow.Record{Data: map[string]any{"new": i, "sum": sum, "text": strings.Repeat("x", w.Size)}}); err != nil {
			return err
		}
	}
	return nil
}

// wait takes as long as the test wants.
type wait struct{ world *World }

func (*wait) Fields() kit.Fields { return nil }

func (w *wait) Run(ctx context.Context, _ kit.Env, rec flow.Record) (kit.Result, error) {
	if w.world.Began != nil {
		w.world.Began <- rec.ID
	}
	select {
	case <-w.world.Block:
		return kit.Pass(flow.Done), nil
	case <-ctx.Done():
		return kit.Result{}, fmt.Errorf("wait: %w", ctx.Err())
	}
}

// ask lets each record wait for an approval.
type ask struct {
	Text string
	Due  time.Duration
}

func (a *ask) Fields() kit.Fields {
	return kit.Fields{kit.Text(&a.Text, "text", "Text"), kit.Duration(&a.Due, "due", "Due")}
}

func (a *ask) Run(_ context.Context, env kit.Env, _ flow.Record) (kit.Result, error) {
	if env.Answer == nil {
		q := flow.Ask{Kind: flow.Approval, Text: a.Text, Choices: []string{flow.Approve, flow.Reject}}
		if a.Due > 0 {
			q.Due, q.Else = env.Started.Add(a.Due), flow.Reject
		}
		return kit.Ask(q), nil
	}
	if env.Answer.Choice == flow.Approve {
		return kit.Pass("approved"), nil
	}
	return kit.Pass("rejected"), nil
}

// panics breaks down.
type panics struct{}

func (*panics) Fields() kit.Fields { return nil }

func (*panics) Run(_ context.Context, _ kit.Env, rec flow.Record) (kit.Result, error) {
	if m, ok := rec.Data.(map[string]any); ok && m["ok"] == true {
		return kit.Pass(flow.Done), nil
	}
	panic("not ready for this")
}

// odd gives what it should not.
type odd struct{ Give string }

func (o *odd) Fields() kit.Fields { return kit.Fields{kit.Text(&o.Give, "give", "Give")} }

func (o *odd) Run(context.Context, kit.Env, flow.Record) (kit.Result, error) {
	switch o.Give {
	case "outlet":
		return kit.Pass("nowhere"), nil
	case "channel":
		return kit.Give(1, make(chan int)), nil
	case "nothing":
		return kit.Give(), nil
	case "int64":
		return kit.Give(int64(7), time.Unix(0, 0).UTC()), nil
	}
	return kit.Give("fine"), nil
}

// call calls a flow.
type call struct{ Flow string }

func (c *call) Fields() kit.Fields { return kit.Fields{kit.Text(&c.Flow, "flow", "Flow").Needed()} }

func (c *call) Run(ctx context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	values, err := env.Call(ctx, c.Flow, []any{rec.Data})
	return kit.Give(values...), err
}

// fork starts a flow, and gives the record with the id of that run.
type fork struct{ call }

func (f *fork) Run(ctx context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	id, err := env.Start(ctx, f.Flow, []any{rec.Data})
	if err != nil {
		return kit.Result{}, err
	}
	data := map[string]any{"run": string(id)}
	maps.Copy(data, rec.Data.(map[string]any))
	return kit.Give(data), nil
}

// file has something to finish.
type file struct{ world *World }

func (f *file) Fields() kit.Fields { return nil }

func (f *file) RunAll(ctx context.Context, env kit.Env, batch flow.Batch) ([]kit.Result, error) {
	results := make([]kit.Result, len(batch))
	for i, r := range batch {
		results[i] = kit.Pass(flow.Done)
		results[i].Err = f.world.send(ctx, env, r, r.Data)
	}
	return results, nil
}

func (f *file) Finish(_ context.Context, env kit.Env) error {
	if f.world.OnFinish != nil {
		if err := f.world.OnFinish(env); err != nil {
			return err
		}
	}
	f.world.mu.Lock()
	defer f.world.mu.Unlock()
	f.world.finished = append(f.world.finished, string(env.Step))
	return nil
}
