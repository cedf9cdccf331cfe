package declared

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"jackfield/connectors/declared/template"
	"jackfield/connectors/kit"
	"jackfield/flow/value"
)

// carried signs in by what the settings hold.
type carried struct {
	in   place
	name expression
	what expression
}

func (s carried) prepare(ctx context.Context, by *carrier) error {
	name, err := textOf(ctx, s.name, by.scene)
	if err != nil {
		return err
	}
	v, err := textOf(ctx, s.what, by.scene)
	if err != nil || name == "" || v == "" {
		return err
	}
	by.set(s.in, name, v)
	by.scene.secrets = append(by.scene.secrets, v)
	return nil
}

// chosen signs in by one of several ways, which a setting names.
type chosen struct {
	by   expression
	ways map[string]signIn
	of   string
}

func (s chosen) prepare(ctx context.Context, by *carrier) error {
	key, err := textOf(ctx, s.by, by.scene)
	if err != nil {
		return err
	}
	way, ok := s.ways[key]
	if !ok {
		return kit.Fail(kit.Invalid, "%s names no way to sign in: %q", s.of, key).Hint("choose one of %s", strings.Join(sortedNames(s.ways), ", "))
	}
	return way.prepare(ctx, by)
}

// login gets a token with a request of its own, keeps it until it ends, and carries it.
type login struct {
	ask     request
	refresh expression   // the refresh token that the settings hold; nil for none
	given   expression   // an access token that they hold
	renews  string       // the member of the body that carries the refresh token
	token   []expression // where the reply holds the token
	ends    string       // the member of the reply that says in how many seconds it ends, or when
	format  string       // of a moment; "" is seconds
	lasts   template.Span
	rotated string // the member of the reply that holds the next refresh token; "" where it stays
	in      place
	name    expression
	prefix  string
	id      string
}

// pass is a token as it is kept.
type pass struct {
	Token   string    `json:"token,omitempty"`
	Ends    time.Time `json:"ends,omitzero"`
	Refresh string    `json:"refresh,omitempty"` // where the service gave another one
	For     string    `json:"for"`               // a digest of the settings that it was got with
}

func (l *login) prepare(_ context.Context, by *carrier) error {
	by.login = l
	return nil
}

// digest tells settings apart: a token serves only those that it was got with.
func (l *login) digest(by *carrier) string {
	sum := sha256.Sum256(append([]byte(l.id+"\x00"), value.Append(nil, by.scene.config)...))
	return hex.EncodeToString(sum[:12])
}

// key is under which name the token is kept.
func (l *login) key() string { return "declared-" + l.id }

func (l *login) read(kept kit.Secret, by *carrier) pass {
	var p pass
	if json.Unmarshal([]byte(kept.Reveal()), &p) != nil || p.For != l.digest(by) {
		p = pass{For: l.digest(by)}
	}
	return p
}

func (p pass) serves(now time.Time) bool {
	return p.Token != "" && (p.Ends.IsZero() || now.Before(p.Ends))
}

// current gives a token that serves. bad is one that the service has refused.
func (l *login) current(ctx context.Context, by *carrier, bad string) (string, error) {
	tokens := by.session.env.Tokens
	kept, err := tokens.Load(ctx, l.key())
	if err != nil {
		return "", err
	}
	if p := l.read(kept, by); p.serves(time.Now()) && p.Token != bad {
		return p.Token, nil
	}
	kept, err = tokens.Change(ctx, l.key(), func(ctx context.Context, was kit.Secret) (kit.Secret, error) {
		p := l.read(was, by)
		if p.serves(time.Now()) && p.Token != bad {
			return was, nil
		}
		fresh, err := l.get(ctx, by, p)
		if err != nil {
			return was, err
		}
		text, err := json.Marshal(fresh)
		return kit.NewSecret(string(text)), err
	})
	if err != nil {
		return "", err
	}
	return l.read(kept, by).Token, nil
}

// get asks for a token.
func (l *login) get(ctx context.Context, by *carrier, was pass) (pass, error) {
	in := *by.scene
	x := extra{body: map[string]any{}}
	if l.renews != "" {
		token := was.Refresh
		if token == "" {
			var err error
			if token, err = textOf(ctx, l.refresh, &in); err != nil {
				return was, err
			}
		}
		if token == "" {
			return was, kit.Fail(kit.Invalid, "there is no refresh token").Hint("set the refresh token of the connection")
		}
		x.body[l.renews] = token
		in.secrets = append(in.secrets, token)
	}
	reply, _, err := l.ask.sendWith(ctx, &session{account: by.session.account, env: by.session.env, signer: noSigner{}}, &in, x, "")
	if err != nil {
		f := *kit.AsFailure(err)
		f.What = "sign in: " + f.What
		if f.Kind == kit.Refused || f.Kind == kit.Missing {
			f.Kind, f.Fix = kit.Denied, "check the keys of the connection"
		}
		return was, &f
	}
	body, err := reply.JSON()
	if err != nil {
		return was, err
	}
	p := pass{For: was.For, Refresh: was.Refresh}
	v, _ := digAll(ctx, body, l.token, &in)
	if p.Token = plainText(v); p.Token == "" || v == nil {
		return was, kit.Fail(kit.Denied, "sign in: the reply of %s holds no token", reply.Asked).Hint("check the keys of the connection")
	}
	object, _ := body.(map[string]any)
	p.Ends = l.ending(object[l.ends], time.Now())
	if next, is := object[l.rotated].(string); is && l.rotated != "" && next != "" {
		p.Refresh = next
	}
	return p, nil
}

// ending is when a token is to be renewed: a tenth of its life before its end.
func (l *login) ending(v any, now time.Time) time.Time {
	if v == nil {
		if l.lasts == (template.Span{}) {
			return time.Time{}
		}
		return l.lasts.After(now)
	}
	if l.format != "" {
		if at, ok := template.ParseTime(plainText(v), l.format); ok {
			return at.Add(-time.Minute)
		}
	}
	n, ok := numberOf(plainText(v))
	seconds, _ := n.(float64)
	if whole, is := n.(int); is {
		seconds = float64(whole)
	}
	if !ok || seconds <= 0 || seconds > 1e9 {
		return time.Time{}
	}
	return now.Add(time.Duration(seconds * 0.9 * float64(time.Second)))
}

func (l *login) sign(ctx context.Context, by *carrier, req *http.Request) error {
	token, err := textOf(ctx, l.given, by.scene)
	if err == nil && token == "" {
		token, err = l.current(ctx, by, "")
	}
	if err != nil {
		return err
	}
	return l.carry(ctx, by, req, token)
}

func (l *login) carry(ctx context.Context, by *carrier, req *http.Request, token string) error {
	name, err := textOf(ctx, l.name, by.scene)
	if err != nil {
		return err
	}
	switch l.in {
	case inQuery:
		u := *req.URL
		q := u.Query()
		q.Set(name, l.prefix+token)
		u.RawQuery = q.Encode()
		req.URL = &u
	case inCookie:
		req.AddCookie(&http.Cookie{Name: name, Value: l.prefix + token})
	default:
		req.Header.Set(name, l.prefix+token)
	}
	return nil
}

// again renews a token that the service refused before its time.
func (l *login) again(ctx context.Context, by *carrier, reply *http.Response) (bool, error) {
	if reply.StatusCode != http.StatusUnauthorized || reply.Request == nil {
		return false, nil
	}
	kept, err := by.session.env.Tokens.Load(ctx, l.key())
	if err != nil {
		return false, err
	}
	if _, err := l.current(ctx, by, l.read(kept, by).Token); err != nil {
		return false, err
	}
	return true, nil
}

// noSigner signs nothing.
type noSigner struct{}

func (noSigner) Sign(context.Context, *http.Request) error { return nil }

func (noSigner) Again(context.Context, *http.Response) (bool, error) { return false, nil }

// digAll follows a path of expressions.
func digAll(ctx context.Context, v any, path []expression, in *scene) (any, error) {
	for _, one := range path {
		name, err := textOf(ctx, one, in)
		if err != nil {
			return nil, err
		}
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			i, ok := numberOf(name)
			n, whole := i.(int)
			if !ok || !whole || n < 0 || n >= len(in) {
				return nil, nil
			}
			v = in[n]
		default:
			return nil, nil
		}
	}
	return v, nil
}

// replaceAll shows dots in place of a secret.
func replaceAll(text, secret string) string {
	if secret == "" {
		return text
	}
	return strings.ReplaceAll(text, secret, "•••")
}
