// Package auth is how connections sign in: with keys and passwords, tokens that renew
// themselves, signatures, certificates.
//
// Its nouns: Access is the settings of a sign-in, to embed in a connection; a Signer
// applies them to requests; OAuth, AWS, HMAC and the like are the settings of one scheme;
// TLS says whom a connection trusts and what it shows of itself. Its rules: a secret is
// revealed where it goes into a request and nowhere else; what changes by itself is kept
// in kit.Tokens before it is used; an error never holds what a service was sent.
package auth

import (
	"slices"

	"jackfield/connectors/kit"
)

// The schemes of signing in.
const (
	None        = "none"
	Basic       = "basic"
	Bearer      = "bearer"
	APIKey      = "api_key"
	OAuth2      = "oauth2"
	AWSv4       = "aws"
	Signed      = "hmac"
	Digest      = "digest"
	Certificate = "mtls"
	Custom      = "custom"
)

// The places of an API key.
const (
	InHeader = "header"
	InQuery  = "query"
	InCookie = "cookie"
)

// Access is the settings of a sign-in. Embedded in a connection it brings the ability to
// sign in by a browser with it (kit.Entry).
type Access struct {
	Scheme   string
	User     string
	Password kit.Secret
	Token    kit.Secret
	Key      kit.Secret
	KeyName  string
	KeyIn    string
	Headers  map[string]string // of the custom scheme
	Query    map[string]string
	OAuth    OAuth
	AWS      AWS
	HMAC     HMAC
	TLS      TLS

	offered []string
	learnt  *learnt
}

// New is an access with its defaults. A connector that serves some schemes only names
// them; the first is the default.
func New(schemes ...string) Access {
	if len(schemes) == 0 {
		for _, c := range schemeChoices() {
			schemes = append(schemes, c.Value)
		}
	}
	return Access{
		Scheme: schemes[0], KeyName: "X-API-Key", KeyIn: InHeader,
		OAuth: newOAuth(), AWS: AWS{Region: "us-east-1", Service: "execute-api"}, HMAC: newHMAC(),
		offered: schemes, learnt: &learnt{tokens: kit.NewTokens(nil)},
	}
}

func schemeChoices() []kit.Choice {
	return []kit.Choice{
		{Value: None, Label: "Without"},
		{Value: Basic, Label: "User and password"},
		{Value: Bearer, Label: "Bearer token"},
		{Value: APIKey, Label: "API key"},
		{Value: OAuth2, Label: "OAuth 2"},
		{Value: Digest, Label: "Digest"},
		{Value: AWSv4, Label: "AWS signature"},
		{Value: Signed, Label: "HMAC signature"},
		{Value: Certificate, Label: "Client certificate"},
		{Value: Custom, Label: "Custom headers"},
	}
}

// Fields are the choice of a scheme and the settings of each, shown where it is chosen.
func (a *Access) Fields() kit.Fields {
	offered := slices.DeleteFunc(schemeChoices(), func(c kit.Choice) bool { return !a.offers(c.Value) })
	fields := kit.Fields{kit.Pick(&a.Scheme, "auth", "Sign in", offered...)}
	for _, part := range []struct {
		schemes []string
		fields  kit.Fields
	}{
		{[]string{Basic, Digest, Custom}, a.userFields()},
		{[]string{Bearer, Custom}, kit.Fields{kit.Hidden(&a.Token, "token", "Token").Needed()}},
		{[]string{APIKey, Custom}, kit.Fields{kit.Hidden(&a.Key, "key", "Key").Needed()}},
		{[]string{APIKey}, a.keyFields()},
		{[]string{Custom}, a.customFields()},
		{[]string{OAuth2}, a.OAuth.fields()},
		{[]string{AWSv4}, a.AWS.fields()},
		{[]string{Signed}, a.HMAC.fields()},
		{[]string{Certificate}, a.TLS.clientFields()},
	} {
		if slices.ContainsFunc(part.schemes, a.offers) {
			fields = append(fields, a.shownFor(part.fields, part.schemes)...)
		}
	}
	return append(fields, a.TLS.trustFields()...)
}

func (a *Access) offers(scheme string) bool { return slices.Contains(a.offered, scheme) }

// shownFor shows fields where one of the schemes is chosen, and where they say so too. The
// custom scheme may do without what others need.
func (a *Access) shownFor(fields kit.Fields, schemes []string) kit.Fields {
	for i, f := range fields {
		too := f.Shown
		fields[i].Required = f.Required && a.Scheme != Custom
		fields[i] = fields[i].OnlyIf(func() bool {
			return slices.Contains(schemes, a.Scheme) && (too == nil || too())
		})
	}
	return fields
}

func (a *Access) userFields() kit.Fields {
	return kit.Fields{
		kit.Text(&a.User, "user", "User").Needed(),
		kit.Hidden(&a.Password, "password", "Password"),
	}
}

func (a *Access) keyFields() kit.Fields {
	return kit.Fields{
		kit.Text(&a.KeyName, "key_name", "Name of the key").Needed().Help("The header, query parameter or cookie that carries the key."),
		kit.Pick(&a.KeyIn, "key_in", "Place of the key",
			kit.Choice{Value: InHeader, Label: "Header"}, kit.Choice{Value: InQuery, Label: "Query parameter"},
			kit.Choice{Value: InCookie, Label: "Cookie"}),
	}
}

func (a *Access) customFields() kit.Fields {
	check := func(of *map[string]string) func() error {
		return func() error {
			for _, text := range *of {
				if err := checkTemplate(text, customNames); err != nil {
					return err
				}
			}
			return nil
		}
	}
	return kit.Fields{
		kit.Pairs(&a.Headers, "auth_headers", "Headers that sign in").Checked(check(&a.Headers)).
			Help("{user}, {password}, {token} and {key} stand for the settings above; {time}, {date} and {nonce} are made for each request."),
		kit.Pairs(&a.Query, "auth_query", "Query parameters that sign in").Checked(check(&a.Query)).
			Help("With the same names in braces as the headers."),
	}
}
