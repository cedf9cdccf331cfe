package connections

import (
	"context"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/widgets"
)

// gated is a connection that people sign in to where its scheme says so.
type gated struct{ scheme string }

func (g *gated) Fields() kit.Fields                      { return kit.Fields{kit.Text(&g.scheme, "auth", "Scheme")} }
func (*gated) Test(context.Context, kit.Env) []kit.Check { return nil }
func (*gated) SignIn(context.Context, kit.Env, kit.SignIn, func(kit.Invitation)) error {
	return nil
}
func (*gated) SignOut(context.Context, kit.Env) error { return nil }
func (g *gated) Standing(context.Context, kit.Env) (kit.Standing, error) {
	return kit.Standing{Asks: g.scheme == "oauth2"}, nil
}

func newGate(t *testing.T) *book {
	t.Helper()
	b := newBook(t)
	b.Page = New(append(kit.Set{{ID: "gate", Title: "Gate", Connection: func() kit.Connection { return &gated{} }}}, testOps...))
	b.NewForm = newPlainForm
	wish := func(text string) { b.wishes = append(b.wishes, text) }
	b.OnSave = func(c flow.Connection) { wish("save " + c.Name) }
	b.OnShow = func(name string) { wish("show " + name) }
	b.OnSignIn = func(name string, way kit.Way) { wish("sign in " + name + string(way)) }
	b.OnSignOut = func(name string) { wish("sign out " + name) }
	b.OnCancelSignIn = func() { wish("cancel") }
	b.OnPaste = func(id, address string) { wish("paste " + id + " " + address) }
	b.OnBrowse = func(address string) { wish("browse " + address) }
	b.Win.SetContent(widgets.WithLayer(b.Page))
	b.Fill([]flow.Connection{
		{Name: "crm", Connector: "gate", Values: flow.Values{"auth": "oauth2"}},
		{Name: "plain", Connector: "gate", Values: flow.Values{"auth": "none"}},
	})
	return b
}

func TestConnectionThatNobodySignsInToHasNoButton(t *testing.T) {
	b := newGate(t)
	b.Click("plain")
	b.WantNot("Sign in", "Nobody is signed in")
	b.Type("Scheme", "oauth2")
	b.Want("A person has to sign in to this service. Save first.")
	b.wished(t, "show plain")
}

func TestSigningInFromTheForm(t *testing.T) {
	b := newGate(t)
	b.Click("crm")
	b.ShowStanding("crm", kit.Standing{Asks: true, Redirect: "http://127.0.0.1/callback/x7"})
	b.Want("Nobody is signed in", "http://127.0.0.1/callback/x7", "its port may be any")
	b.Click("Sign in")
	b.Want("Asking the service…")
	until := time.Date(2026, 3, 1, 12, 5, 0, 0, time.Local)
	b.ShowInvitation("crm", kit.Invitation{ID: "1", Way: kit.ByBrowser, URL: "https://login.test/a", Redirect: "http://127.0.0.1:4711/callback/x7", Until: until})
	b.Want("Waiting for you to sign in, until 12:05:00", "https://login.test/a")
	b.Click("Open the browser")
	b.Type("If it cannot come back, paste the address that it ended at:", "http://127.0.0.1:4711/callback/x7?code=1")
	b.Click("Use it")
	b.Click("Cancel")
	b.wished(t, "show crm", "sign in crm", "browse https://login.test/a", "paste 1 http://127.0.0.1:4711/callback/x7?code=1", "cancel")
	b.SignInEnded("crm", nil)
	b.ShowStanding("crm", kit.Standing{Asks: true, SignedIn: true, As: "ann@example.com", Renews: true})
	b.Want("Signed in as ann@example.com", "It is renewed by itself.", "Sign in again")
	b.WantNot("Waiting for you", "Nobody is signed in")
	b.Click("Sign out")
	b.wished(t, "sign out crm")
}

func TestSigningInWithACode(t *testing.T) {
	b := newGate(t)
	b.Click("crm")
	b.Click("Sign in")
	b.ShowInvitation("crm", kit.Invitation{ID: "1", Way: kit.ByDevice, URL: "https://login.test/device", Code: "ABCD-EFGH"})
	b.Want("ABCD-EFGH", "https://login.test/device", "on any device")
	b.WantNot("If it cannot come back")
}

func TestWhatWentWrongStandsAtTheSignIn(t *testing.T) {
	b := newGate(t)
	b.Click("crm")
	b.Click("Sign in")
	b.SignInEnded("crm", &flow.Problem{What: "the service did not sign in: access_denied", Fix: "sign in again and allow it"})
	b.Want("Nobody is signed in", "access_denied; sign in again and allow it")
	b.ShowStanding("crm", kit.Standing{Asks: true, SignedIn: true, As: "ann", Problem: &flow.Problem{What: "the service takes the sign-in no longer", Fix: "sign in again"}})
	b.Want("Signed in as ann", "the service takes the sign-in no longer; sign in again")
	b.WantNot("renewed by itself")
}

func TestSignInOfAnotherConnectionIsNotShownHere(t *testing.T) {
	b := newGate(t)
	b.Click("crm")
	b.Click("Sign in")
	b.Click("plain")
	b.ShowInvitation("crm", kit.Invitation{ID: "1", URL: "https://login.test/a"})
	b.WantNot("https://login.test/a")
	b.Click("crm")
	b.Want("https://login.test/a")
	b.ShowStanding("plain", kit.Standing{Asks: true, SignedIn: true, As: "bob"})
	b.WantNot("bob")
}
