package auth

import (
	"strings"
	"testing"
)

func FuzzChallenge(f *testing.F) {
	for _, seed := range []string{`Digest realm="r, s", nonce=n, qop="auth,auth-int"`, `Basic, Digest a="\"", Negotiate abc==`, `=,= "`, `Digest realm="open`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		for _, p := range challengesOf([]string{header}) {
			c := challenge{realm: p["realm"], nonce: p["nonce"], make: digests[0].make}
			again := challengesOf([]string{c.answer("GET", "/", "ann", "pw", "own", nil)})
			if len(again) != 1 || again[0]["realm"] != p["realm"] || again[0]["nonce"] != p["nonce"] {
				t.Errorf("%q: what is answered does not read as it was asked: %v", header, again)
			}
		}
	})
}

func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{"{a}", "{{a}}", "a{", "}", "{a}{b}{{", "{header.X-Y}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		same, err := expand(text, func(name string) (string, error) { return "{" + name + "}", nil })
		if err != nil {
			return
		}
		plain := strings.NewReplacer("{{", "{", "}}", "}").Replace(text)
		if len(same) > len(text) || len(same) < len(plain) {
			t.Errorf("%q becomes %q", text, same)
		}
	})
}
