package declared

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"jackfield/connectors/declared/template"
	"jackfield/flow/value"
)

// authenticator reads a way to sign in to requests with that base.
func (a *airbyte) authenticator(c *component, base expression) signIn {
	header := func(what expression) signIn { return carried{in: inHeader, name: fixed{"Authorization"}, what: what} }
	switch kind := a.kind(c, ""); kind {
	case "NoAuth", "":
		return nil
	case "BearerAuthenticator":
		return header(prefixed{"Bearer ", a.textAt(c, "api_token")})
	case "BasicHttpAuthenticator":
		return header(basic{a.textAt(c, "username"), a.textAt(c, "password")})
	case "ApiKeyAuthenticator":
		one := carried{in: inHeader, name: a.textAt(c, "header"), what: a.textAt(c, "api_token")}
		if into := a.at(c, "inject_into"); into != nil {
			one.in, one.name = a.option(&request{}, into)
		}
		return one
	case "SelectiveAuthenticator":
		return a.selective(c, base)
	case "OAuthAuthenticator":
		return a.oauth(c)
	case "SessionTokenAuthenticator":
		return a.session(c)
	case "LegacySessionTokenAuthenticator":
		return a.oldSession(c, base)
	default:
		a.unknown(c, kind)
	}
	return nil
}

func (a *airbyte) selective(c *component, base expression) signIn {
	s := chosen{ways: map[string]signIn{}, by: configAt(a.path(c, "authenticator_selection_path")), of: "the setting that chooses how to sign in"}
	ways := a.at(c, "authenticators")
	if ways == nil {
		a.cannot(c.node, "name its authenticators", "SelectiveAuthenticator has no authenticators")
		return nil
	}
	for _, name := range ways.names {
		if one := a.part(ways.members[name], ways.given, name); one != nil && name != "$parameters" && name != "type" {
			way := a.authenticator(one, base)
			if way == nil {
				way = allWays{}
			}
			s.ways[name] = way
		}
	}
	return s
}

// oauth reads a sign-in whose refresh token, or client, is among the settings.
func (a *airbyte) oauth(c *component) signIn {
	grant := a.known(c, "grant_type", "refresh_token")
	l := &login{
		ask: request{base: a.textAt(c, "token_refresh_endpoint"), method: http.MethodPost, form: true, headers: a.textAt(c, "refresh_request_headers")},
		id:  a.sum(c), in: inHeader, name: fixed{"Authorization"}, prefix: "Bearer ",
		token: []expression{fixed{a.known(c, "access_token_name", "access_token")}}, ends: a.known(c, "expires_in_name", "expires_in"),
		format: a.known(c, "token_expiry_date_format", ""),
	}
	client := structure{
		names: []expression{
			fixed{a.known(c, "grant_type_name", "grant_type")}, fixed{a.known(c, "client_id_name", "client_id")}, fixed{a.known(c, "client_secret_name", "client_secret")}, fixed{"scope"},
		},
		values: []expression{fixed{grant}, orNothing(a.textAt(c, "client_id")), orNothing(a.textAt(c, "client_secret")), spaced{a.expression(a.at(c, "scopes"), true, "scopes")}},
	}
	l.ask.body = together{client, orNothing(a.expression(a.at(c, "refresh_request_body"), true, "refresh_request_body"))}
	if grant == "refresh_token" {
		l.renews = a.known(c, "refresh_token_name", "refresh_token")
		l.refresh = a.textAt(c, "refresh_token")
	}
	if next := a.at(c, "refresh_token_updater"); next != nil {
		l.rotated = a.known(next, "refresh_token_name", "refresh_token")
	}
	if l.ask.base == nil {
		l.given = a.textAt(c, "access_token_value")
		if l.given == nil {
			a.cannot(c.node, "name its token_refresh_endpoint", "OAuthAuthenticator has no token_refresh_endpoint")
		}
	}
	if l.renews != "" && l.refresh == nil {
		l.given = a.textAt(c, "access_token_value")
	}
	if profile := a.at(c, "profile_assertion"); profile != nil {
		a.unknown(profile, a.kind(profile, "JwtAuthenticator"))
	}
	return l
}

// sum tells one way to sign in from others: streams that have the same share its token.
func (a *airbyte) sum(c *component) string {
	sum := sha256.Sum256(value.Append(nil, a.whole(c, 0)))
	return hex.EncodeToString(sum[:8])
}

// oldSession reads a sign-in with user and password, or with a token that is set.
func (a *airbyte) oldSession(c *component, base expression) signIn {
	l := &login{
		id: a.sum(c), in: inHeader, name: a.textAt(c, "header"), given: a.textAt(c, "session_token"), token: a.path(c, "session_token_response_key"),
		ask: request{base: base, path: a.textAt(c, "login_url"), method: http.MethodPost},
	}
	l.ask.body = structure{
		names:  []expression{fixed{"username"}, fixed{"password"}},
		values: []expression{orNothing(a.textAt(c, "username")), orNothing(a.textAt(c, "password"))},
	}
	return l
}

// session reads a sign-in by a request of its own.
func (a *airbyte) session(c *component) signIn {
	l := &login{id: a.sum(c), in: inHeader, name: fixed{"Authorization"}, token: a.path(c, "session_token_path"), ask: request{method: http.MethodPost}}
	a.requester(&l.ask, a.at(c, "login_requester"), c)
	if decode := a.at(c, "decoder"); decode != nil {
		a.decoder(&l.ask.decode, decode)
	}
	if text := a.known(c, "expiration_duration", ""); text != "" {
		span, ok := template.ParseSpan(text)
		if l.lasts = span; !ok {
			a.cannot(c.node, "write it like PT1H", "the expiration_duration %q does not read", text)
		}
	}
	switch by := a.at(c, "request_authentication"); a.kind(by, "Bearer") {
	case "ApiKey":
		l.in, l.name = a.option(&request{}, a.at(by, "inject_into"))
	default:
		l.prefix = "Bearer "
	}
	return l
}
