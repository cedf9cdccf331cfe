package ui

import (
	"context"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/connections"
)

func (w *Window) makeAccounts() {
	w.accounts = connections.New(w.ops)
	w.accounts.Form = accountForm
	w.accounts.OnSave = func(c flow.Connection) {
		w.later("save the connection", func(ctx context.Context) error { return w.svc.SaveConnection(ctx, c) }, w.fillAccounts)
	}
	w.accounts.OnTest = w.testAccount
	w.accounts.OnRemove = func(name string) {
		w.confirm("Remove "+name+"?", "Flows that name it will not run until it is there again.", "Remove", func() {
			w.later("remove the connection", func(ctx context.Context) error { return w.svc.RemoveConnection(ctx, name) }, w.fillAccounts)
		})
	}
}

// showAccounts goes to the page of connections.
func (w *Window) showAccounts() {
	w.show(w.accounts)
	w.fillAccounts()
}

func (w *Window) fillAccounts() {
	var all []flow.Connection
	w.later("list the connections", func(ctx context.Context) (err error) {
		all, err = w.svc.Connections(ctx)
		return err
	}, func() { w.accounts.Fill(all) })
}

func (w *Window) testAccount(c flow.Connection) {
	var checks []kit.Check
	w.later("test the connection", func(ctx context.Context) (err error) {
		checks, err = w.svc.TestConnection(ctx, c)
		return err
	}, func() { w.accounts.ShowChecks(checks) })
}
