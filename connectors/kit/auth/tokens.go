package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"jackfield/connectors/kit"
)

// grantName is under which name a connection keeps its grant.
const grantName = "oauth2"

// grant is what a sign-in gave, as it is kept.
type grant struct {
	Access  string    `json:"access,omitempty"`
	Refresh string    `json:"refresh,omitempty"`
	Got     time.Time `json:"got,omitzero"`
	Ends    time.Time `json:"ends,omitzero"` // of Access; zero where the service did not say
	Scopes  []string  `json:"scopes,omitempty"`
	As      string    `json:"as,omitempty"`      // who signed in, where the service said so
	For     string    `json:"for"`               // a digest of the settings that it was given for
	Refused string    `json:"refused,omitempty"` // why the service takes Refresh no longer
	Rest    time.Time `json:"rest,omitzero"`     // no attempt to renew before
}

func grantOf(kept kit.Secret) grant {
	var g grant
	if json.Unmarshal([]byte(kept.Reveal()), &g) != nil {
		return grant{}
	}
	return g
}

func (g grant) secret() kit.Secret {
	text, err := json.Marshal(g)
	if err != nil {
		return kit.Secret{} // never: it holds texts and times
	}
	return kit.NewSecret(string(text))
}

// leastAhead is how long before its end an access token is renewed at the least. A tenth
// of its life is, where that is more; never more than half.
const leastAhead = time.Minute

// stale says that the access token is to be renewed. One that was got in the future was
// got before the clock was set back, so nobody knows how old it is.
func (g grant) stale(now time.Time) bool {
	if g.Ends.IsZero() {
		return false
	}
	life := g.Ends.Sub(g.Got)
	ahead := min(max(leastAhead, life/10), life/2)
	return !now.Before(g.Ends.Add(-ahead)) || now.Before(g.Got.Add(-leastAhead))
}

// alive says that the access token serves, as far as one can know here.
func (g grant) alive(now time.Time) bool {
	return g.Access != "" && (g.Ends.IsZero() || now.Before(g.Ends))
}

// taking is the grant with what a token endpoint gave.
func (g grant) taking(t *oauth2.Token, now time.Time) grant {
	g.Access, g.Got, g.Ends, g.Refused, g.Rest = t.AccessToken, now.Round(0), time.Time{}, "", time.Time{}
	if t.ExpiresIn > 0 {
		g.Ends = now.Round(0).Add(time.Duration(t.ExpiresIn) * time.Second)
	} else if !t.Expiry.IsZero() {
		g.Ends = t.Expiry.Round(0)
	}
	if t.RefreshToken != "" {
		g.Refresh = t.RefreshToken
	}
	if scope, ok := t.Extra("scope").(string); ok && scope != "" {
		g.Scopes = strings.Fields(strings.ReplaceAll(scope, ",", " "))
	}
	if id, ok := t.Extra("id_token").(string); ok {
		if who := whoSigned(id); who != "" {
			g.As = who
		}
	}
	return g
}

// whoSigned reads the name in an id token. It came from the token endpoint itself, so its
// signature says nothing more (OpenID Connect Core, 3.1.3.7), and it is only shown.
func whoSigned(idToken string) string {
	parts := strings.Split(idToken, ".")
	if len(parts) != 3 {
		return ""
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims struct {
		Email string `json:"email"`
		User  string `json:"preferred_username"`
		Name  string `json:"name"`
		Sub   string `json:"sub"`
	}
	if json.Unmarshal(raw, &claims) != nil {
		return ""
	}
	for _, who := range []string{claims.Email, claims.User, claims.Name, claims.Sub} {
		if who != "" {
			return who
		}
	}
	return ""
}

// signature tells settings apart: a grant serves only those that it was given for, so that
// no other setting, of a step for example, sends it somewhere else.
func (o *OAuth) signature() string {
	sum := sha256.New()
	for _, part := range []string{o.Grant, o.AuthURL, o.TokenURL, o.DeviceURL, o.ClientID, o.Audience, strings.Join(o.Scopes, " ")} {
		sum.Write([]byte(part + "\x00"))
	}
	return hex.EncodeToString(sum.Sum(nil)[:12])
}

// granted is what is kept for these settings; the zero grant where there is nothing.
func (s *Signer) granted(kept kit.Secret) grant {
	g := grantOf(kept)
	if g.For != s.access.OAuth.signature() {
		return grant{For: s.access.OAuth.signature()}
	}
	return g
}

// oauthToken gives an access token that serves, after renewing it where that is due. bad
// is one that the service has refused.
func (s *Signer) oauthToken(ctx context.Context, bad string) (kit.Secret, error) {
	kept, err := s.tokens.Load(ctx, grantName)
	if err != nil {
		return kit.Secret{}, err
	}
	if g := s.granted(kept); g.Access != "" && g.Access != bad && (!g.stale(time.Now()) || g.alive(time.Now()) && time.Now().Before(g.Rest)) {
		return kit.NewSecret(g.Access), nil
	}
	kept, err = s.tokens.Change(ctx, grantName, func(ctx context.Context, was kit.Secret) (kit.Secret, error) {
		before := s.granted(was)
		g, err := s.renewed(ctx, before, bad)
		if g.secret().Reveal() == before.secret().Reveal() {
			return was, err // nothing was learnt: what is kept, maybe for other settings, stays
		}
		return g.secret(), err
	})
	if err != nil {
		return kit.Secret{}, err
	}
	return kit.NewSecret(grantOf(kept).Access), nil
}
