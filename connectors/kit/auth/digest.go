package auth

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"slices"
	"strings"
)

// challenge is what a service asks to be answered with a digest (RFC 7616), and how often
// it was.
type challenge struct {
	realm, nonce, opaque string
	algorithm            string // as the service writes it
	make                 func() hash.Hash
	session              bool
	qop                  string // auth, auth-int; "" for services from before RFC 2617
	userHash             bool
	count                int
}

// digests are the algorithms that are answered, the strongest first.
var digests = []struct {
	name string
	make func() hash.Hash
}{{"SHA-512-256", sha512.New512_256}, {"SHA-256", sha256.New}, {"MD5", md5.New}}

// challenged takes the strongest challenge of a reply, where the one that was answered, if
// any, had only become too old.
func (s *Signer) challenged(res *http.Response) bool {
	if res.StatusCode != http.StatusUnauthorized {
		return false
	}
	var best *challenge
	strength := len(digests)
	stale := false
	for _, params := range challengesOf(res.Header.Values("WWW-Authenticate")) {
		at := slices.IndexFunc(digests, func(d struct {
			name string
			make func() hash.Hash
		},
		) bool {
			name := strings.ToUpper(params["algorithm"])
			return d.name == strings.TrimSuffix(name, "-SESS") || d.name == "MD5" && name == ""
		})
		if at < 0 || at >= strength {
			continue
		}
		strength, stale = at, strings.EqualFold(params["stale"], "true")
		best = &challenge{
			realm: params["realm"], nonce: params["nonce"], opaque: params["opaque"],
			algorithm: params["algorithm"], make: digests[at].make,
			session: strings.HasSuffix(strings.ToUpper(params["algorithm"]), "-SESS"),
			qop:     qopOf(params["qop"]), userHash: strings.EqualFold(params["userhash"], "true"),
		}
	}
	s.learnt.mu.Lock()
	defer s.learnt.mu.Unlock()
	answered := s.learnt.challenge != nil && sentDigest(res.Request)
	if best == nil || answered && !stale && best.nonce == s.learnt.challenge.nonce {
		return false
	}
	if answered && !stale && s.learnt.challenge.count == 1 {
		return false // the very first answer to a fresh nonce was refused: that is the password
	}
	s.learnt.challenge = best
	return true
}

func sentDigest(req *http.Request) bool {
	return req != nil && strings.HasPrefix(req.Header.Get("Authorization"), "Digest ")
}

func qopOf(offered string) string {
	all := strings.FieldsFunc(offered, func(r rune) bool { return r == ',' || r == ' ' })
	for _, one := range []string{"auth", "auth-int"} {
		if slices.Contains(all, one) {
			return one
		}
	}
	return ""
}

// signDigest answers the challenge that there was; before the first there is nothing to
// answer.
func (s *Signer) signDigest(req *http.Request) error {
	s.learnt.mu.Lock()
	if s.learnt.challenge == nil {
		s.learnt.mu.Unlock()
		return nil
	}
	s.learnt.challenge.count++
	c := *s.learnt.challenge
	s.learnt.mu.Unlock()
	body, err := bodyOf(req)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", c.answer(req.Method, req.URL.RequestURI(), s.access.User, s.access.Password.Reveal(), nonce(), body))
	return nil
}

// answer is the header that answers a challenge.
func (c *challenge) answer(method, uri, user, password, own string, body []byte) string {
	h := func(parts ...string) string {
		sum := c.make()
		sum.Write([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(sum.Sum(nil))
	}
	one := h(user, c.realm, password)
	if c.session {
		one = h(one, c.nonce, own)
	}
	two := h(method, uri)
	if c.qop == "auth-int" {
		two = h(method, uri, h(string(body)))
	}
	count := fmt.Sprintf("%08x", c.count)
	response := h(one, c.nonce, two)
	if c.qop != "" {
		response = h(one, c.nonce, count, own, c.qop, two)
	}
	name := user
	if c.userHash {
		name = h(user, c.realm)
	}
	parts := []string{
		"username=" + quoted(name), "realm=" + quoted(c.realm), "nonce=" + quoted(c.nonce),
		"uri=" + quoted(uri), "response=" + quoted(response),
	}
	if c.algorithm != "" {
		parts = append(parts, "algorithm="+c.algorithm)
	}
	if c.opaque != "" {
		parts = append(parts, "opaque="+quoted(c.opaque))
	}
	if c.qop != "" {
		parts = append(parts, "qop="+c.qop, "nc="+count, "cnonce="+quoted(own))
	}
	if c.userHash {
		parts = append(parts, "userhash=true")
	}
	return "Digest " + strings.Join(parts, ", ")
}

func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// challengesOf reads the parameters of each digest challenge in WWW-Authenticate headers
// (RFC 9110, 11.6.1): one header may hold several, with commas between them too.
func challengesOf(headers []string) []map[string]string {
	var found []map[string]string
	for _, text := range headers {
		var now map[string]string // of the challenge that is being read; nil for other schemes
		for text = strings.TrimLeft(text, " ,"); text != ""; text = strings.TrimLeft(text, " ,") {
			end := strings.IndexAny(text, "=, ")
			if end < 0 {
				end = len(text)
			}
			name := text[:end]
			text = strings.TrimLeft(text[end:], " ")
			if !strings.HasPrefix(text, "=") { // a scheme
				now = nil
				if strings.EqualFold(name, "Digest") {
					now = map[string]string{}
					found = append(found, now)
				}
				continue
			}
			var v string
			v, text = valueOf(strings.TrimLeft(text[1:], " "))
			if now != nil {
				now[strings.ToLower(name)] = v
			}
		}
	}
	return found
}

// valueOf reads a token or a quoted text, and gives what is behind it.
func valueOf(text string) (v, rest string) {
	if !strings.HasPrefix(text, `"`) {
		end := strings.IndexAny(text, ", ")
		if end < 0 {
			end = len(text)
		}
		return text[:end], text[end:]
	}
	var out strings.Builder
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			return out.String(), text[i+1:]
		case '\\':
			if i++; i < len(text) {
				out.WriteByte(text[i])
			}
		default:
			out.WriteByte(text[i])
		}
	}
	return out.String(), ""
}
