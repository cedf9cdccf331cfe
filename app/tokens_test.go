package app_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"jackfield/app"
	"jackfield/connectors/core"
	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/store"
	"jackfield/store/vault"
)

// probe tells by its tokens that it was there.
type probe struct{ name string }

func (p *probe) Fields() kit.Fields {
	return kit.Fields{kit.Text(&p.name, "name", "Name").Ask(func(ctx context.Context, env kit.Env) ([]kit.Choice, error) {
		seen, err := env.Tokens.Load(ctx, "seen")
		return []kit.Choice{{Value: seen.Reveal()}}, errors.Join(err, env.Tokens.Save(ctx, "seen", kit.NewSecret(seen.Reveal()+" choices")))
	})}
}

func (p *probe) Test(ctx context.Context, env kit.Env) []kit.Check {
	seen, err := env.Tokens.Load(ctx, "seen")
	err = errors.Join(err, env.Tokens.Save(ctx, "seen", kit.NewSecret(seen.Reveal()+" test")))
	return []kit.Check{{Name: "Seen", OK: err == nil, What: strings.ToUpper(seen.Reveal())}} // as it is it would be dots
}

type probeStep struct{ probe }

func (*probeStep) Run(ctx context.Context, env kit.Env, _ flow.Record) (kit.Result, error) {
	seen, err := env.Tokens.Load(ctx, "seen")
	if err == nil {
		err = env.Tokens.Save(ctx, "seen", kit.NewSecret(seen.Reveal()+" step"))
	}
	return kit.Give(seen.Reveal()), err
}

type probeListener struct {
	probe
	heard chan error
}

func (p *probeListener) Listen(ctx context.Context, env kit.Env, _ func(context.Context, kit.Event) (kit.Receipt, error)) error {
	seen, err := env.Tokens.Load(ctx, "seen")
	p.heard <- errors.Join(err, env.Tokens.Save(ctx, "seen", kit.NewSecret(seen.Reveal()+" listener")))
	<-ctx.Done()
	return nil
}

func TestAllThatUseAConnectionHaveTheSameTokens(t *testing.T) {
	home := t.TempDir()
	st, err := store.Open(home, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := vault.Open(home, st, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan error, 1)
	ops := kit.Set{core.New(), {
		ID: "probe", Title: "Probe", Summary: "For tests", Connection: func() kit.Connection { return &probe{} },
		Ops: []kit.Op{
			{ID: "step", Title: "Step", Effect: kit.Reads, New: func() kit.Operation { return &probeStep{} }},
			{ID: "listen", Title: "Listen", Effect: kit.Reads, Trigger: true, New: func() kit.Operation { return &probeListener{heard: heard} }},
		},
	}}
	d := app.New(app.Options{Store: st, Vault: secrets, History: st, Ops: ops, Home: home})
	defer func() {
		if err := errors.Join(d.Close(context.Background()), st.Close()); err != nil {
			t.Error(err)
		}
	}()
	ctx := t.Context()
	conn := flow.Connection{Name: "one", Connector: "probe"}
	if err := d.SaveConnection(ctx, conn); err != nil {
		t.Fatal(err)
	}
	steps, err := d.Save(ctx, flow.Flow{
		ID: "steps", Name: "Steps", Steps: []flow.Step{{ID: "start", Uses: "core.manual"}, {ID: "step", Uses: "probe.step", Connection: "one"}},
		Edges: []flow.Edge{{From: "start", To: "step"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	id, err := d.Start(ctx, app.Start{Flow: steps.ID})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := d.Wait(ctx, id); err != nil || r.State != flow.RunDone {
		t.Fatalf("%+v, %v", r, err)
	}
	listening, err := d.Save(ctx, flow.Flow{ID: "listening", Name: "Listening", Steps: []flow.Step{{ID: "listen", Uses: "probe.listen", Connection: "one"}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Enable(ctx, listening.ID, true); err != nil {
		t.Fatal(err)
	}
	if err := <-heard; err != nil {
		t.Fatal(err)
	}
	if _, err := d.Choices(ctx, steps, "step", "name"); err != nil {
		t.Fatal(err)
	}
	checks, err := found(d.TestConnection(ctx, conn))
	if err != nil || checks[0].What != " STEP LISTENER CHOICES" {
		t.Errorf("%+v, %v; want that the test sees what step, listener and choices kept", checks, err)
	}
	other, err := found(d.TestConnection(ctx, flow.Connection{Name: "other", Connector: "probe"}))
	if err != nil || other[0].What != "" || !other[0].OK {
		t.Errorf("another one, not stored: %+v, %v", other, err)
	}
}
