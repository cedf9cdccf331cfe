package kit

import (
	"context"
	"time"

	"jackfield/flow"
)

// Entry is a connection that a person may have to sign in to, in a browser or with a code
// on any device. What the service gives for that is kept in Env.Tokens.
type Entry interface {
	Connection
	// SignIn leads one sign-in to its end, which is within minutes: what is to be done is
	// shown once, and then waited for.
	SignIn(ctx context.Context, env Env, how SignIn, show func(Invitation)) error
	// Standing tells how the sign-in stands, without asking the service.
	Standing(ctx context.Context, env Env) (Standing, error)
	// SignOut forgets what the service gave.
	SignOut(ctx context.Context, env Env) error
}

// SignIn says how a person wants to sign in.
type SignIn struct {
	Way Way
	// Pasted waits for the address that the browser was sent to in the end, where a person
	// brings it by hand; nil where nobody can.
	Pasted func(ctx context.Context) (string, error)
}

// Way is a way to sign in.
type Way string

// The ways to sign in; "" takes the best that the settings allow.
const (
	ByBrowser Way = "browser" // it comes back to this machine by itself
	ByDevice  Way = "device"  // with a code that is typed in on any device
	ByPaste   Way = "paste"   // the address that the browser ends at is brought by hand
)

// Invitation is what a person has to do to sign in.
type Invitation struct {
	ID       string    `json:"id,omitempty"` // of this sign-in, at the door
	Way      Way       `json:"way"`
	URL      string    `json:"url"`                // to open in a browser
	Code     string    `json:"code,omitempty"`     // to type in there
	Redirect string    `json:"redirect,omitempty"` // where the browser is sent back to
	Until    time.Time `json:"until"`
}

// Standing is how a connection's sign-in stands.
type Standing struct {
	Asks     bool          `json:"asks"` // a person has to sign in to this connection
	SignedIn bool          `json:"signed_in"`
	As       string        `json:"as,omitempty"`     // who, where the service said so
	Until    time.Time     `json:"until,omitzero"`   // the end of the access token
	Renews   bool          `json:"renews,omitempty"` // it is renewed without anybody
	Scopes   []string      `json:"scopes,omitempty"` // that were given
	Redirect string        `json:"redirect,omitempty"`
	Problem  *flow.Problem `json:"problem,omitempty"` // why it does not serve, or soon will not
}
