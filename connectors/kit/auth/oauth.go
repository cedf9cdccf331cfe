package auth

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"jackfield/connectors/kit"
)

// OAuth is the settings of OAuth 2 (RFC 6749; PKCE: RFC 7636; native apps: RFC 8252;
// devices: RFC 8628).
type OAuth struct {
	Grant        string
	ClientID     string
	ClientSecret kit.Secret
	AuthURL      string
	TokenURL     string
	DeviceURL    string
	Scopes       []string
	Audience     string
	AuthParams   map[string]string
	TokenParams  map[string]string
	ClientAuth   string
	Redirects    []string
	Ended        []string // texts of replies that mean that the access token has ended

	transport http.RoundTripper // of tests; nil makes one
}

// The ways to get a first token.
const (
	CodeGrant   = "code"
	DeviceGrant = "device"
	ClientGrant = "client"
)

// How the client proves itself to the token endpoint.
const (
	clientInHeader = "header"
	clientInBody   = "body"
)

func newOAuth() OAuth { return OAuth{Grant: CodeGrant, ClientAuth: clientInHeader} }

func (o *OAuth) fields() kit.Fields {
	is := func(grants ...string) func() bool {
		return func() bool {
			for _, g := range grants {
				if o.Grant == g {
					return true
				}
			}
			return false
		}
	}
	return kit.Fields{
		kit.Pick(&o.Grant, "oauth_grant", "Who signs in",
			kit.Choice{Value: CodeGrant, Label: "A person, in a browser"},
			kit.Choice{Value: DeviceGrant, Label: "A person, with a code on any device"},
			kit.Choice{Value: ClientGrant, Label: "The program itself"}),
		kit.Text(&o.ClientID, "oauth_client_id", "Client id").Needed().Help("Of the app that you registered with the service."),
		kit.Hidden(&o.ClientSecret, "oauth_client_secret", "Client secret").Help("Empty for an app that has none."),
		o.address(&o.AuthURL, "oauth_auth_url", "Authorization address", "https://login.example.com/authorize").Needed().OnlyIf(is(CodeGrant)),
		o.address(&o.TokenURL, "oauth_token_url", "Token address", "https://login.example.com/token").Needed(),
		o.address(&o.DeviceURL, "oauth_device_url", "Device address", "https://login.example.com/device").OnlyIf(is(CodeGrant, DeviceGrant)).
			Help("Where codes for any device come from; with a browser only the way out where it cannot come back."),
		kit.List(&o.Scopes, "oauth_scopes", "Scopes").Help("What is asked for; many services give a lasting sign-in only with offline_access."),
		kit.List(&o.Redirects, "oauth_redirects", "Redirect addresses").OnlyIf(is(CodeGrant)).More().
			Checked(func() error { return checkRedirects(o.Redirects) }).
			Help("Only where the service demands fixed ones: the first whose port is free is used. An address elsewhere is pasted by hand."),
		kit.Text(&o.Audience, "oauth_audience", "Audience").More(),
		kit.Pairs(&o.AuthParams, "oauth_auth_params", "More for the authorization address").OnlyIf(is(CodeGrant, DeviceGrant)).More(),
		kit.Pairs(&o.TokenParams, "oauth_token_params", "More for the token address").More(),
		kit.Pick(&o.ClientAuth, "oauth_client_auth", "Client secret goes into",
			kit.Choice{Value: clientInHeader, Label: "Header"}, kit.Choice{Value: clientInBody, Label: "Body"}).More(),
		kit.List(&o.Ended, "oauth_ended", "Replies that mean signed out").More().
			Help("Texts in the reply of a service that says so with another status than 401."),
	}
}

func (o *OAuth) address(p *string, name, label, example string) kit.Field {
	return kit.Text(p, name, label).Eg(example).Checked(func() error {
		if strings.TrimSpace(*p) == "" {
			return nil
		}
		u, err := url.Parse(strings.TrimSpace(*p))
		switch {
		case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
			return kit.Fail(kit.Invalid, "%q is no address", *p).Hint("write it like %s", example)
		case u.Scheme == "http" && !loopback(u.Hostname()):
			return kit.Fail(kit.Invalid, "secrets would go to %s where others can read them", u.Host).Hint("use https:")
		}
		return nil
	})
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// config is the settings as the library takes them.
func (o *OAuth) config(redirect string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: o.ClientID, ClientSecret: o.ClientSecret.Reveal(), RedirectURL: redirect, Scopes: o.Scopes,
		Endpoint: oauth2.Endpoint{
			AuthURL: strings.TrimSpace(o.AuthURL), TokenURL: strings.TrimSpace(o.TokenURL),
			DeviceAuthURL: strings.TrimSpace(o.DeviceURL), AuthStyle: o.style(),
		},
	}
}

// style is how the client proves itself. One without a secret only names itself.
func (o *OAuth) style() oauth2.AuthStyle {
	if o.ClientAuth == clientInBody || o.ClientSecret.Empty() {
		return oauth2.AuthStyleInParams
	}
	return oauth2.AuthStyleInHeader
}

// params are what the settings add to requests.
func params(audience string, more map[string]string) []oauth2.AuthCodeOption {
	var all []oauth2.AuthCodeOption
	if audience != "" {
		all = append(all, oauth2.SetAuthURLParam("audience", audience))
	}
	for name, v := range more {
		all = append(all, oauth2.SetAuthURLParam(name, v))
	}
	return all
}

// endpointTime is the longest that an authorization server may take for an answer.
const endpointTime = 30 * time.Second

// client speaks with the authorization server. It follows no redirect: what it is sent is
// for that server alone. It holds no line open behind its work.
func (s *Signer) client() (*http.Client, error) {
	over := s.access.OAuth.transport
	if over == nil {
		secure, err := s.access.TLS.forAuthorities(s.env)
		if err != nil {
			return nil, err
		}
		over = &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: secure, DisableKeepAlives: true, TLSHandshakeTimeout: 10 * time.Second}
	}
	return &http.Client{Transport: over, Timeout: endpointTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, nil
}

// forAuthorities is the configuration for another host than the connection's own: the
// name and the pin are of that one.
func (t *TLS) forAuthorities(env kit.Env) (*tls.Config, error) {
	other := *t
	other.ServerName, other.Pin = "", ""
	return other.Config(env)
}

// speaking gives a context in which the library speaks through the client.
func (s *Signer) speaking(ctx context.Context) (context.Context, error) {
	c, err := s.client()
	if err != nil {
		return nil, err
	}
	return context.WithValue(ctx, oauth2.HTTPClient, c), nil
}

// renewed is the grant with an access token that serves. An error with a grant that has
// changed says that this is to be kept all the same.
func (s *Signer) renewed(ctx context.Context, g grant, bad string) (grant, error) {
	now := time.Now()
	usable := g.alive(now) && g.Access != bad
	if usable && (!g.stale(now) || now.Before(g.Rest)) {
		return g, nil // somebody else was quicker
	}
	ctx, err := s.speaking(ctx)
	if err != nil {
		return g, err
	}
	var t *oauth2.Token
	switch {
	case s.access.OAuth.Grant == ClientGrant:
		t, err = s.clientToken(ctx)
	case g.Refresh == "" || g.Refused != "":
		if usable {
			return g, nil
		}
		return g, s.signInAgain(g)
	default:
		t, err = s.refresh(ctx, g.Refresh)
	}
	if err == nil {
		return g.taking(t, time.Now()), nil
	}
	failure := s.endpointFailure("renew the sign-in", err, g.Refresh)
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok && refused.ErrorCode == "invalid_grant" && g.Refresh != "" {
		g.Refused = s.said(refused, g.Refresh)
		failure = s.signInAgain(g)
		if !usable {
			g.Access = "" // the service has refused that too, or it has ended
		}
	}
	if usable {
		g.Rest = now.Add(restTime)
		s.env.Log("warn", "", "%s; the access token serves until %s", failure.What, g.Ends.Local().Format(time.TimeOnly))
		return g, nil
	}
	return g, failure
}

// restTime passes between attempts to renew a token that still serves.
const restTime = 30 * time.Second

func (s *Signer) clientToken(ctx context.Context) (*oauth2.Token, error) {
	o := &s.access.OAuth
	more := url.Values{}
	if o.Audience != "" {
		more.Set("audience", o.Audience)
	}
	for name, v := range o.TokenParams {
		more.Set(name, v)
	}
	c := clientcredentials.Config{
		ClientID: o.ClientID, ClientSecret: o.ClientSecret.Reveal(), TokenURL: strings.TrimSpace(o.TokenURL),
		Scopes: o.Scopes, EndpointParams: more, AuthStyle: o.style(),
	}
	return c.Token(ctx)
}

// refresh asks for a new access token. The library knows no further parameters there, so
// where there are some they go with the exchange of a code, which is the same request but
// for an empty code (which counts as none: RFC 6749, 3.2).
func (s *Signer) refresh(ctx context.Context, token string) (*oauth2.Token, error) {
	o := &s.access.OAuth
	if len(o.TokenParams) == 0 {
		return o.config("").TokenSource(ctx, &oauth2.Token{RefreshToken: token}).Token()
	}
	options := append(params("", o.TokenParams),
		oauth2.SetAuthURLParam("grant_type", "refresh_token"), oauth2.SetAuthURLParam("refresh_token", token))
	return o.config("").Exchange(ctx, "", options...)
}

// oauthAgain renews a token that the service refused before its time.
func (s *Signer) oauthAgain(ctx context.Context, res *http.Response) (bool, error) {
	if res.Request == nil {
		return false, nil
	}
	bad, sent := strings.CutPrefix(res.Request.Header.Get("Authorization"), "Bearer ")
	if !sent || res.StatusCode != http.StatusUnauthorized && !s.saysEnded(res) {
		return false, nil
	}
	if _, err := s.oauthToken(ctx, bad); err != nil {
		return false, err
	}
	return true, nil
}

// saysEnded looks for the texts by which a service says that the access token has ended,
// where it says so with another status. The body stays to be read.
func (s *Signer) saysEnded(res *http.Response) bool {
	if len(s.access.OAuth.Ended) == 0 || res.Body == nil {
		return false
	}
	body := res.Body
	begin, err := io.ReadAll(io.LimitReader(body, endedBytes))
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(begin), body), body}
	return err == nil && slices.ContainsFunc(s.access.OAuth.Ended, func(text string) bool {
		return text != "" && bytes.Contains(begin, []byte(text))
	})
}

// endedBytes is how far into a reply its error is looked for.
const endedBytes = 64 << 10

// signInAgain says that a person has to sign in, and why.
func (s *Signer) signInAgain(g grant) *kit.Failure {
	what, how := "nobody has signed in yet", "sign in"
	if g.Refused != "" || g.Access != "" {
		how = "sign in again"
	}
	switch {
	case g.Refused != "":
		what = "the service takes the sign-in no longer: " + g.Refused
	case g.Access != "":
		what = "the sign-in has ended, and the service gave nothing to renew it with"
	}
	return kit.Fail(kit.Denied, "%s", what).On("auth").Hint("%s: in the connection's form, or with jackfield connections sign-in", how)
}

// endpointFailure says what went wrong with the authorization server. Nothing that was sent
// to it is shown, and of its answer only the words that it has for people.
func (s *Signer) endpointFailure(doing string, err error, sent ...string) *kit.Failure {
	o := &s.access.OAuth
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		what := fmt.Sprintf("%s: the authorization server says %s", doing, s.said(refused, sent...))
		switch {
		case refused.ErrorCode == "invalid_client" || refused.ErrorCode == "unauthorized_client":
			return kit.Fail(kit.Denied, "%s", what).On("oauth_client_id").Hint("check the client id and secret, and whether the secret goes into the header or the body")
		case refused.ErrorCode == "invalid_scope":
			return kit.Fail(kit.Denied, "%s", what).On("oauth_scopes").Hint("ask for scopes that the app may have")
		case refused.ErrorCode == "access_denied":
			return kit.Fail(kit.Denied, "%s", what).On("auth").Hint("allow it when you sign in again, or ask whoever may")
		case refused.Response != nil && refused.Response.StatusCode == http.StatusTooManyRequests:
			return kit.Fail(kit.Throttled, "%s", what)
		case refused.Response != nil && refused.Response.StatusCode >= 500:
			return kit.Fail(kit.Unavailable, "%s", what).Hint("retry later; if it stays so, tell those who run it")
		}
		return kit.Fail(kit.Denied, "%s", what).On("oauth_token_url").Hint("check the addresses and the client's settings")
	}
	host := o.TokenURL
	if u, bad := url.Parse(o.TokenURL); bad == nil {
		host = u.Host
	}
	if f := Distrust(host, err); f != nil {
		return f
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		f := kit.AsFailure(outer.Err)
		if f.Kind == kit.Unknown {
			f.Kind = kit.Unavailable
		}
		return &kit.Failure{Kind: f.Kind, What: doing + ": " + host + ": " + f.What, Fix: f.Fix, Field: "oauth_token_url"}
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return kit.AsFailure(err)
	}
	return kit.Fail(kit.Malformed, "%s: %s gave no token", doing, host).On("oauth_token_url").Hint("check that this is the token address of the service")
}

// said is what the authorization server says for people, without anything that it was sent.
func (s *Signer) said(refused *oauth2.RetrieveError, sent ...string) string {
	text := refused.ErrorCode
	if refused.ErrorDescription != "" {
		text += ": " + refused.ErrorDescription
	}
	if text == "" && refused.Response != nil {
		text = refused.Response.Status
	}
	for _, secret := range append(sent, s.access.OAuth.ClientSecret.Reveal()) {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "•••")
		}
	}
	return clip(text, 300)
}

// clip makes one line of a text, of at most so many letters.
func clip(text string, most int) string {
	letters := []rune(strings.Join(strings.Fields(strings.ToValidUTF8(text, "�")), " "))
	if len(letters) <= most {
		return string(letters)
	}
	return string(letters[:most]) + "…"
}
