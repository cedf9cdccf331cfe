package ui

import (
	"context"
	"errors"
	"net/url"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/widgets"
)

// showStanding looks how a connection's sign-in stands.
func (w *Window) showStanding(name string) {
	var standing kit.Standing
	w.later("look how the sign-in stands", func(ctx context.Context) (err error) {
		standing, err = w.svc.Standing(ctx, name)
		return err
	}, func() { w.accounts.ShowStanding(name, standing) })
}

// accountChanged looks again at a connection that is shown.
func (w *Window) accountChanged(name string) {
	if w.showing(w.accounts) && w.accounts.Open() == name {
		w.showStanding(name)
	}
}

// signIn sends the person to the service and waits for the end.
func (w *Window) signIn(name string, way kit.Way) {
	if w.signing != nil {
		w.signing()
	}
	ctx, cancel := context.WithCancel(w.ctx)
	w.signing = cancel
	go func() {
		defer cancel()
		invitation, err := w.svc.SignIn(ctx, name, way)
		if err == nil {
			w.do(func() {
				w.accounts.ShowInvitation(name, invitation)
				w.browse(invitation.URL)
			})
			_, err = w.svc.AwaitSignIn(ctx, invitation.ID)
		}
		stopped := ctx.Err() != nil
		if w.ctx.Err() == nil {
			w.do(func() { w.signedIn(name, err, stopped) })
		}
	}()
}

// signedIn shows how a sign-in ended. The window comes to the front, since the person is
// in the browser.
func (w *Window) signedIn(name string, err error, stopped bool) {
	if err == nil {
		w.accounts.SignInEnded(name, nil)
		w.say(widgets.Good, "Signed in to "+name, "", nil)
		w.win.RequestFocus()
		w.showStanding(name)
		return
	}
	var wrong *flow.Problem
	if !stopped {
		p := kit.AsFailure(err).Problem("", "")
		wrong = &p
	}
	var fields app.Problems
	if errors.As(err, &fields) {
		wrong = &flow.Problem{What: "Something is missing above"}
	}
	w.accounts.SignInEnded(name, wrong)
	if len(fields) > 0 && w.accounts.Open() == name {
		w.accounts.ShowProblems(fields)
	}
}

func (w *Window) signOut(name string) {
	w.confirm("Sign out of "+name+"?", "Flows that use it fail until somebody signs in again.", "Sign out", func() {
		w.later("sign out", func(ctx context.Context) error { return w.svc.SignOut(ctx, name) }, func() { w.showStanding(name) })
	})
}

// browse opens an address in the browser; the address stays on the page for whom none opens.
func (w *Window) browse(address string) {
	u, err := url.Parse(address)
	if err == nil {
		err = w.app.OpenURL(u)
	}
	if err != nil {
		w.say(widgets.Bad, "The browser did not open: "+err.Error()+". Copy the address from the page.", "", nil)
	}
}
