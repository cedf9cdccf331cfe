package auth_test

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// digestService checks answers to its challenge by RFC 7616, in its own words.
type digestService struct {
	mu             sync.Mutex
	challenge      string
	nonce          string
	user, password string
	asked, wrong   int
	counts         map[string]bool
}

func newDigestService(challenge, user, password string) *digestService {
	return &digestService{challenge: challenge, nonce: "n1", user: user, password: password, counts: map[string]bool{}}
}

// newNonce makes the old one stale.
func (d *digestService) newNonce(to string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.challenge = strings.ReplaceAll(d.challenge, `nonce="`+d.nonce+`"`, `stale=true, nonce="`+to+`"`)
	d.nonce = to
}

var parameter = regexp.MustCompile(`([a-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^",\s]+))`)

func (d *digestService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	answer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Digest ")
	if why := ""; ok {
		if why = d.check(r, answer); why == "" {
			return
		}
		d.wrong++
		w.Header().Set("X-Why", why)
	} else {
		d.asked++
	}
	w.Header().Add("WWW-Authenticate", "Negotiate abc==")
	w.Header().Add("WWW-Authenticate", d.challenge)
	w.WriteHeader(http.StatusUnauthorized)
	fmt.Fprint(w, w.Header().Get("X-Why"))
}

func (d *digestService) check(r *http.Request, answer string) string {
	p := map[string]string{}
	for _, m := range parameter.FindAllStringSubmatch(answer, -1) {
		p[m[1]] = strings.ReplaceAll(m[2]+m[3], `\"`, `"`)
	}
	make := func() hash.Hash { return md5.New() }
	if strings.HasPrefix(p["algorithm"], "SHA-256") {
		make = sha256.New
	} else if strings.Contains(d.challenge, "SHA-256") {
		return "the weaker algorithm was chosen"
	}
	h := func(text string) string {
		sum := make()
		io.WriteString(sum, text)
		return hex.EncodeToString(sum.Sum(nil))
	}
	name := d.user
	if p["userhash"] == "true" {
		name = h(d.user + ":" + p["realm"])
	}
	key := p["nonce"] + " " + p["nc"]
	switch {
	case p["username"] != name:
		return "username " + p["username"]
	case p["nonce"] != d.nonce:
		return "nonce " + p["nonce"]
	case p["uri"] != r.RequestURI:
		return "uri " + p["uri"]
	case p["qop"] != "" && d.counts[key]:
		return "nc twice"
	case strings.Contains(d.challenge, "opaque") && p["opaque"] != "o":
		return "opaque"
	case strings.Contains(d.challenge, "qop") && p["qop"] == "":
		return "no qop"
	}
	d.counts[key] = true
	one := h(d.user + ":" + p["realm"] + ":" + d.password)
	if strings.HasSuffix(p["algorithm"], "-sess") {
		one = h(one + ":" + p["nonce"] + ":" + p["cnonce"])
	}
	two := h(r.Method + ":" + r.RequestURI)
	if p["qop"] == "auth-int" {
		body, _ := io.ReadAll(r.Body)
		two = h(r.Method + ":" + r.RequestURI + ":" + h(string(body)))
	}
	want := h(one + ":" + p["nonce"] + ":" + two)
	if p["qop"] != "" {
		want = h(strings.Join([]string{one, p["nonce"], p["nc"], p["cnonce"], p["qop"], two}, ":"))
	}
	if p["response"] != want {
		return "response"
	}
	return ""
}
