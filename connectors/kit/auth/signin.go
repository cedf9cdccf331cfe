package auth

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/url"
	"time"

	"golang.org/x/oauth2"

	"jackfield/connectors/kit"
)

// signInTime is how long a person has to sign in.
const signInTime = 5 * time.Minute

// SignIn leads a person through the browser, or with a code on any device, and keeps what
// the service gives.
func (a *Access) SignIn(ctx context.Context, env kit.Env, how kit.SignIn, show func(kit.Invitation)) error {
	if !a.asks() {
		return kit.Fail(kit.Invalid, "nobody has to sign in to this connection").On("auth").Hint("choose OAuth 2 with a person who signs in, or just use the connection")
	}
	s := a.Signer(env)
	within, cancel := context.WithTimeout(ctx, signInTime)
	defer cancel()
	speaking, err := s.speaking(within)
	if err != nil {
		return err
	}
	t, err := s.signIn(speaking, how, show)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return kit.Fail(kit.TimedOut, "nobody has signed in").Hint("begin again; the address holds for %s", signInTime)
	}
	if err != nil {
		return err
	}
	got := grant{For: a.OAuth.signature(), Scopes: a.OAuth.Scopes}.taking(t, time.Now())
	return s.tokens.Save(ctx, grantName, got.secret())
}

func (a *Access) asks() bool {
	return a.Scheme == OAuth2 && (a.OAuth.Grant == CodeGrant || a.OAuth.Grant == DeviceGrant)
}

func (s *Signer) signIn(ctx context.Context, how kit.SignIn, show func(kit.Invitation)) (*oauth2.Token, error) {
	o := &s.access.OAuth
	if how.Way == kit.ByDevice || how.Way == "" && o.Grant == DeviceGrant {
		return s.byDevice(ctx, show)
	}
	segment, err := s.segment(ctx)
	if err != nil {
		return nil, err
	}
	at, err := landAt(o.Redirects, segment)
	if err != nil && how.Way == "" && o.DeviceURL != "" {
		return s.byDevice(ctx, show)
	}
	if at == nil || how.Way == kit.ByPaste {
		if how.Pasted == nil {
			return nil, kit.Fail(kit.Unavailable, "the browser cannot come back to this machine: %w", err).On("oauth_redirects").Hint("free the port, or name another redirect address")
		}
		at.close()
		at = &landing{redirect: pastedRedirect(o.Redirects, segment)}
	}
	defer at.close()
	return s.byBrowser(ctx, at, how, show)
}

// segment is the part of the redirect address that nobody can guess. It stays the same for
// a connection, because services hold apps to the path that was registered.
func (s *Signer) segment(ctx context.Context) (string, error) {
	const name = "oauth2-path"
	kept, err := s.tokens.Load(ctx, name)
	if err == nil && kept.Empty() {
		kept, err = s.tokens.Change(ctx, name, func(_ context.Context, was kit.Secret) (kit.Secret, error) {
			if was.Empty() {
				return kit.NewSecret(random(9)), nil
			}
			return was, nil
		})
	}
	return kept.Reveal(), err
}

func random(bytes int) string {
	raw := make([]byte, bytes)
	_, _ = rand.Read(raw) // it never fails, says crypto/rand
	return base64.RawURLEncoding.EncodeToString(raw)
}

// byBrowser sends the person to the service and waits for the browser to come back with a
// code, or for the address that it came to.
func (s *Signer) byBrowser(ctx context.Context, at *landing, how kit.SignIn, show func(kit.Invitation)) (t *oauth2.Token, err error) {
	o := &s.access.OAuth
	verifier := oauth2.GenerateVerifier()
	back := &comeback{state: random(24), arrived: make(chan arrival, 1), over: make(chan struct{})}
	defer func() { back.end(err) }()
	config := o.config(at.redirect)
	until, _ := ctx.Deadline()
	invitation := kit.Invitation{Way: kit.ByBrowser, Redirect: at.redirect, Until: until}
	invitation.URL = config.AuthCodeURL(back.state, append(params(o.Audience, o.AuthParams), oauth2.S256ChallengeOption(verifier))...)
	if len(at.listeners) == 0 {
		invitation.Way = kit.ByPaste
	}
	at.serve(back)
	show(invitation)
	came, err := back.wait(ctx, how.Pasted)
	if err != nil {
		return nil, err
	}
	return s.exchange(ctx, config, came, verifier)
}

func (s *Signer) exchange(ctx context.Context, config *oauth2.Config, came arrival, verifier string) (*oauth2.Token, error) {
	if came.refused != "" {
		return nil, kit.Fail(kit.Denied, "the service did not sign in: %s", came.refused).On("auth").Hint("sign in again and allow it; where the service names a setting, check that")
	}
	t, err := config.Exchange(ctx, came.code, append(params("", s.access.OAuth.TokenParams), oauth2.VerifierOption(verifier))...)
	if err != nil {
		return nil, s.endpointFailure("sign in", err, came.code, verifier)
	}
	return t, nil
}

// byDevice shows a code that the person types in at the service's page.
func (s *Signer) byDevice(ctx context.Context, show func(kit.Invitation)) (*oauth2.Token, error) {
	o := &s.access.OAuth
	if o.DeviceURL == "" {
		return nil, kit.Fail(kit.Invalid, "there is no device address").On("oauth_device_url").Hint("set it, or sign in by the browser")
	}
	options := params(o.Audience, o.AuthParams)
	if o.ClientAuth == clientInBody && !o.ClientSecret.Empty() {
		options = append(options, oauth2.SetAuthURLParam("client_secret", o.ClientSecret.Reveal()))
	}
	config := o.config("")
	asked, err := config.DeviceAuth(ctx, options...)
	if err != nil {
		return nil, s.endpointFailure("ask for a code", err)
	}
	until, _ := ctx.Deadline()
	if !asked.Expiry.IsZero() && asked.Expiry.Before(until) {
		until = asked.Expiry
	}
	if u, err := url.Parse(asked.VerificationURI); err != nil || u.Scheme != "https" && !loopback(u.Hostname()) {
		return nil, kit.Fail(kit.Malformed, "the service names no page to type the code in").On("oauth_device_url").Hint("check that this is its device address")
	}
	show(kit.Invitation{Way: kit.ByDevice, URL: asked.VerificationURI, Code: asked.UserCode, Until: until})
	within, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	t, err := s.poll(within, config, asked)
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok && refused.ErrorCode == "expired_token" || errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, kit.Fail(kit.TimedOut, "nobody has typed the code in while it held").Hint("begin again; there will be another code")
	}
	if err != nil {
		return nil, s.endpointFailure("sign in", err, asked.DeviceCode)
	}
	return t, nil
}

// poll asks until the code was typed in. A line that breaks in between is no end (RFC 8628,
// 3.5).
func (s *Signer) poll(ctx context.Context, config *oauth2.Config, asked *oauth2.DeviceAuthResponse) (*oauth2.Token, error) {
	for {
		t, err := config.DeviceAccessToken(ctx, asked, params("", s.access.OAuth.TokenParams)...)
		var broken *url.Error
		if err == nil || !errors.As(err, &broken) || ctx.Err() != nil {
			return t, err
		}
		asked.Interval = min(2*max(asked.Interval, 5), 60)
	}
}

// Standing tells how the sign-in stands.
func (a *Access) Standing(ctx context.Context, env kit.Env) (kit.Standing, error) {
	standing := kit.Standing{Asks: a.asks()}
	if !standing.Asks {
		return standing, nil
	}
	s := a.Signer(env)
	kept, err := s.tokens.Load(ctx, grantName)
	if err != nil {
		return standing, err
	}
	if a.OAuth.Grant == CodeGrant && s.tokens != nil {
		segment, err := s.segment(ctx)
		if err != nil {
			return standing, err
		}
		standing.Redirect = pastedRedirect(a.OAuth.Redirects, segment)
	}
	g := s.granted(kept)
	renews := g.Refresh != "" && g.Refused == ""
	standing.SignedIn = renews || g.alive(time.Now())
	standing.As, standing.Until, standing.Renews, standing.Scopes = g.As, g.Ends, renews, g.Scopes
	switch {
	case g.Refused != "", g.Access != "" && !standing.SignedIn:
		p := s.signInAgain(g).Problem("", "")
		standing.Problem = &p
	case g.Access == "" && grantOf(kept).Access != "":
		p := kit.Fail(kit.Denied, "the settings have changed since somebody signed in").On("auth").Hint("sign in again").Problem("", "")
		standing.Problem = &p
	}
	return standing, nil
}

// Enters says whether requests are signed by what an authorization server gives.
func (s *Signer) Enters() bool { return s.access.Scheme == OAuth2 }

// Enter gets an access token where there is none that serves, and says whose it is.
func (s *Signer) Enter(ctx context.Context) (string, error) {
	if _, err := s.oauthToken(ctx, ""); err != nil {
		return "", err
	}
	kept, err := s.tokens.Load(ctx, grantName)
	if err != nil {
		return "", err
	}
	g := s.granted(kept)
	who := "signed in"
	if g.As != "" {
		who += " as " + g.As
	}
	if !g.Ends.IsZero() {
		who += "; the access token serves until " + g.Ends.Local().Format(time.DateTime)
	}
	return who, nil
}

// SignOut forgets what the service gave.
func (a *Access) SignOut(ctx context.Context, env kit.Env) error {
	return env.Tokens.Save(ctx, grantName, kit.Secret{})
}
