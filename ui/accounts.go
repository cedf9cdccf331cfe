package ui

import (
	"context"
	"errors"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/connections"
	"jackfield/ui/form"
	"jackfield/ui/palette"
	"jackfield/ui/widgets"
)

// newForm is the form that pages show which may not import it themselves.
func newForm(fields, defaults kit.Fields, changed func(name string, value any)) widgets.Form {
	rows := form.NewRows(fields, defaults, form.Asker{})
	rows.OnSet = changed
	return rows
}

func (w *Window) makeAccounts() {
	w.accounts = connections.New(w.ops)
	w.accounts.NewForm = newForm
	w.accounts.OnSave = w.saveAccount
	w.accounts.OnTest = w.testAccount
	w.accounts.OnCancelTest = func() {
		if w.testing != nil {
			w.testing()
		}
	}
	w.accounts.OnHealth = w.showHealth
	w.accounts.OnOpenFlow = func(id flow.ID) { w.openFlow(id) }
	w.accounts.OnShow = w.showStanding
	w.accounts.OnSignIn = w.signIn
	w.accounts.OnSignOut = w.signOut
	w.accounts.OnBrowse = w.browse
	w.accounts.OnPaste = func(id, address string) {
		w.later("use the address", func(ctx context.Context) error { return w.svc.PasteSignIn(ctx, id, address) }, nil)
	}
	w.accounts.OnCancelSignIn = func() {
		if w.signing != nil {
			w.signing()
		}
	}
	w.accounts.OnLose = func(name string, goOn func()) {
		w.confirm("Discard the changes to "+name+"?", "They are not saved yet.", "Discard", goOn)
	}
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

func (w *Window) saveAccount(c flow.Connection) {
	var all []flow.Connection
	w.tryAccount("save the connection", func(ctx context.Context) (err error) {
		if err = w.svc.SaveConnection(ctx, c); err == nil {
			all, err = w.svc.Connections(ctx)
		}
		return err
	}, func() { w.accounts.Saved(c, all) })
}

func (w *Window) testAccount(c flow.Connection) {
	ctx, cancel := context.WithCancel(w.ctx)
	w.testing = cancel
	w.tryAccount("test the connection", func(context.Context) error {
		for one, err := range w.svc.TestConnection(ctx, c) {
			switch {
			case ctx.Err() != nil:
				return nil // nobody wants to know any more
			case err != nil:
				return err
			}
			w.do(func() {
				if ctx.Err() == nil {
					w.accounts.AddCheck(one)
				}
			})
		}
		return nil
	}, func() {
		if ctx.Err() == nil {
			w.accounts.TestEnded()
		}
		cancel()
	})
}

// tryAccount is later, but what is wrong with the settings is said where they are.
func (w *Window) tryAccount(doing string, work func(context.Context) error, done func()) {
	var wrong app.Problems
	w.laterOr(doing, func(ctx context.Context) error {
		err := work(ctx)
		if problems, ok := errors.AsType[app.Problems](err); ok {
			wrong, err = problems, nil
		}
		return err
	}, func() {
		if len(wrong) > 0 {
			w.accounts.ShowProblems(wrong)
			return
		}
		done()
	}, func() { w.accounts.ShowProblems(nil) })
}

// learnConnectors takes the connectors as they are now: some have come or gone.
func (w *Window) learnConnectors() {
	ops, err := w.svc.Connectors(w.ctx)
	if err != nil {
		return // those that are known stay
	}
	w.ops, w.items = ops, palette.Items(ops)
	w.accounts.SetConnectors(ops)
	w.desk.side.SetItems(w.items)
	w.desk.doc.Know(ops)
}

// showHealth looks how a connection has fared.
func (w *Window) showHealth(name string) {
	var found app.Health
	w.later("look how the connection has fared", func(ctx context.Context) (err error) {
		found, err = w.svc.Health(ctx, name)
		return err
	}, func() { w.accounts.ShowHealth(found) })
}
