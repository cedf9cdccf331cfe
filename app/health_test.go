package app_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// fickle is a service that answers as its settings say.
type fickle struct {
	mood  string
	until time.Time
}

func (f *fickle) Fields() kit.Fields { return kit.Fields{kit.Text(&f.mood, "mood", "Mood")} }

func (f *fickle) Test(_ context.Context, env kit.Env) []kit.Check {
	return []kit.Check{{Name: "Certificate", OK: f.mood != "bad", What: f.mood, Fix: "cheer it up", Until: f.until}}
}

// ask is its operation.
type ask struct{ mood string }

func (a *ask) Fields() kit.Fields { return kit.Fields{kit.Text(&a.mood, "mood", "Mood")} }

func (a *ask) Run(_ context.Context, env kit.Env, r flow.Record) (kit.Result, error) {
	switch a.mood {
	case "bad":
		return kit.Result{}, kit.Fail(kit.Denied, "the password is not taken").Hint("type it again")
	case "picky":
		return kit.Result{}, kit.Fail(kit.Malformed, "this record is not what it should be")
	}
	env.Allowed(7, time.Hour)
	return kit.Give(r.Data), nil
}

func fickleConnector(until time.Time) kit.Connector {
	return kit.Connector{
		ID: "fickle", Title: "Fickle", Summary: "For tests",
		Connection: func() kit.Connection { return &fickle{until: until} },
		Ops:        []kit.Op{{ID: "ask", Title: "Ask", Summary: "For tests", Effect: kit.Reads, New: func() kit.Operation { return &ask{} }}},
	}
}

const askFickle = `jackfield: 1
name: Ask
steps:
  - {id: nightly, uses: core.schedule, with: {cron: "30 2 * * *", timezone: UTC}}
  - {id: ask, uses: fickle.ask, connection: crm}
edges:
  - nightly -> ask
`

// asked is a home with that flow, and a connection of that mood.
func asked(t *testing.T, d *desk, mood string) flow.Flow {
	t.Helper()
	d.moody(mood)
	f, problems := flow.ReadFile([]byte(askFickle), "ask.flow.yaml")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	f, err := d.Save(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// moody saves the connection.
func (d *desk) moody(mood string) {
	d.t.Helper()
	if err := d.SaveConnection(d.t.Context(), flow.Connection{Name: "crm", Connector: "fickle", Values: flow.Values{"mood": mood}}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) health(name string) app.Health {
	d.t.Helper()
	h, err := d.Health(d.t.Context(), name)
	if err != nil {
		d.t.Fatal(err)
	}
	return h
}

func (d *desk) runs(f flow.Flow) {
	d.t.Helper()
	id, err := d.Start(d.t.Context(), app.Start{Flow: f.ID})
	if err == nil {
		_, err = d.Wait(d.t.Context(), id)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

func TestHealthTellsHowAConnectionServed(t *testing.T) {
	d := open(t, fickleConnector(time.Time{}))
	f := asked(t, d, "good")
	if h := d.health("crm"); !h.Worked.IsZero() || !h.Failed.IsZero() || h.Warning != nil {
		t.Errorf("before its first use: %+v", h)
	}
	d.runs(f)
	h := d.health("crm")
	if h.Worked.IsZero() || h.WorkedFor != "Ask, ask" || !h.Failed.IsZero() || h.Left != 7 {
		t.Errorf("after a run: %+v", h)
	}
	worked := h.Worked
	d.moody("picky")
	d.runs(f)
	if h := d.health("crm"); !h.Failed.IsZero() {
		t.Errorf("a record that was wrong counts as a failure of the connection: %+v", h)
	}
	d.moody("bad")
	d.runs(f)
	h = d.health("crm")
	if !h.Worked.Equal(worked) || h.FailedFor != "Ask, ask" || h.Problem == nil || h.Problem.What != "the password is not taken" {
		t.Errorf("after a failure: %+v %+v", h, h.Problem)
	}
	if want := []app.Use{{Flow: "ask", Name: "Ask", Step: "ask", Title: "ask"}}; !slices.Equal(h.Uses, want) {
		t.Errorf("it is used by %+v", h.Uses)
	}
	if h.Warning != nil || !h.Next.IsZero() {
		t.Errorf("no schedule is live, and it warns: %+v", h)
	}
	if err := d.RemoveConnection(t.Context(), "crm"); err != nil {
		t.Fatal(err)
	}
	d.moody("good")
	if h := d.health("crm"); !h.Failed.IsZero() {
		t.Errorf("one of the same name took over what the removed one did: %+v", h)
	}
}

func TestHealthIsThereAfterARestart(t *testing.T) {
	d := open(t, fickleConnector(time.Time{}))
	f := asked(t, d, "good")
	d.runs(f)
	if err := d.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := app.New(app.Options{Store: d.st, Vault: nil, History: d.st, Ops: kit.Set{fickleConnector(time.Time{})}, Home: d.home})
	defer again.Close(t.Context())
	h, err := again.Health(t.Context(), "crm")
	if err != nil || h.Worked.IsZero() || h.WorkedFor != "Ask, ask" {
		t.Errorf("it tells %+v, %v", h, err)
	}
}

func TestATestOfWhatIsStoredCounts(t *testing.T) {
	until := time.Now().Add(48 * time.Hour).Truncate(time.Second)
	d := open(t, fickleConnector(until))
	asked(t, d, "bad")
	all, err := d.Connections(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := found(d.TestConnection(t.Context(), flow.Connection{Name: "crm", Connector: "fickle", Values: flow.Values{"mood": "other"}})); err != nil {
		t.Fatal(err)
	}
	if h := d.health("crm"); !h.Worked.IsZero() {
		t.Errorf("a test of other settings counts: %+v", h)
	}
	if _, err := found(d.TestConnection(t.Context(), all[len(all)-1])); err != nil {
		t.Fatal(err)
	}
	h := d.health("crm")
	if h.FailedFor != "a test" || h.Problem == nil || h.Problem.What != "Certificate: bad" || !h.Certificate.Equal(until) {
		t.Errorf("it tells %+v %+v", h, h.Problem)
	}
}

func TestAFailureIsToldBeforeTheScheduleMeetsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open(t, fickleConnector(time.Now().Add(time.Hour))) // its certificate ends before the next slot
		f := asked(t, d, "good")
		all, err := d.Connections(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := found(d.TestConnection(t.Context(), all[len(all)-1])); err != nil {
			t.Fatal(err)
		}
		if err := d.Enable(t.Context(), f.ID, true); err != nil {
			t.Fatal(err)
		}
		h := d.health("crm")
		if h.By != "Ask" || h.Next.IsZero() || h.Warning == nil || !strings.Contains(h.Warning.What, "the certificate of crm ends at") {
			t.Fatalf("it tells %+v %+v", h, h.Warning)
		}
		ctx, cancel := context.WithCancel(t.Context())
		events := d.Watch(ctx)
		if err := d.Serve(ctx); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(5*time.Minute, cancel)
		told := 0
		for e := range events {
			if e.Kind == flow.Trouble && e.Flow == f.ID && strings.HasPrefix(e.What, "the certificate of crm ends at") {
				told++
			}
		}
		if told != 1 {
			t.Errorf("it was told %d times in five minutes, want once", told)
		}
	})
}
