package auth

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"strings"

	"jackfield/connectors/kit"
)

// HMAC is the settings of a signature that each service makes up in its own way: what is
// signed, how, and where the signature goes.
type HMAC struct {
	ID        string
	Secret    kit.Secret
	SecretAs  string // how the secret is written
	Algorithm string
	Encoding  string
	Text      string // the template of what is signed
	Header    string
	Value     string            // the template of the header
	Headers   map[string]string // templates of headers that are set before
}

// The ways to write bytes.
const (
	asText      = "text"
	asHex       = "hex"
	asBase64    = "base64"
	asBase64URL = "base64url"
)

func newHMAC() HMAC {
	return HMAC{
		SecretAs: asText, Algorithm: "sha256", Encoding: asHex,
		Text: "{method}\n{path_query}\n{time}\n{body}", Header: "X-Signature", Value: "{signature}",
	}
}

// hashes are the algorithms, in the order that forms show them.
func hashes() []struct {
	name string
	make func() hash.Hash
} {
	return []struct {
		name string
		make func() hash.Hash
	}{{"sha256", sha256.New}, {"sha512", sha512.New}, {"sha384", sha512.New384}, {"sha1", sha1.New}, {"md5", md5.New}}
}

// hmacNames are what the templates may hold: pieces of the request, and what is made for
// each. A piece behind the name of a hash is that of the body: {body_sha256}.
var hmacNames = []string{
	"id", "method", "host", "path", "query", "path_query", "url", "body", "header.",
	"body_md5", "body_sha256", "body_sha256_hex", "body_sha512", "body_md5_hex",
	"time", "time_ms", "date", "nonce", "http_date",
}

func (h *HMAC) fields() kit.Fields {
	var algorithms []kit.Choice
	for _, one := range hashes() {
		algorithms = append(algorithms, kit.Choice{Value: one.name, Label: strings.ToUpper(one.name)})
	}
	return kit.Fields{
		kit.Text(&h.ID, "hmac_id", "Key id").Help("What {id} stands for: the public half of the key."),
		kit.Hidden(&h.Secret, "hmac_secret", "Signing secret").Needed(),
		kit.Pick(&h.SecretAs, "hmac_secret_as", "The secret is", kit.Choice{Value: asText, Label: "Text"},
			kit.Choice{Value: asHex, Label: "Hex"}, kit.Choice{Value: asBase64, Label: "Base64"}).More(),
		kit.Pick(&h.Algorithm, "hmac_algorithm", "Algorithm", algorithms...),
		kit.Pick(&h.Encoding, "hmac_encoding", "Signature written as", kit.Choice{Value: asHex, Label: "Hex"},
			kit.Choice{Value: asBase64, Label: "Base64"}, kit.Choice{Value: asBase64URL, Label: "Base64 for addresses"}),
		kit.Long(&h.Text, "hmac_text", "What is signed").
			Checked(func() error { return checkTemplate(h.Text, hmacNames) }).
			Help("Pieces of the request in braces: {method}, {host}, {path}, {query}, {path_query}, {url}, {body}, {body_sha256}, {header.Name}, {time}, {date}, {nonce}."),
		kit.Pairs(&h.Headers, "hmac_headers", "Headers set before").
			Checked(func() error {
				for _, text := range h.Headers {
					if err := checkTemplate(text, hmacNames); err != nil {
						return err
					}
				}
				return nil
			}).Help("Such as X-Timestamp with {time}; {time} and {nonce} are the same in all of them."),
		kit.Text(&h.Header, "hmac_header", "Header of the signature").Eg("Authorization"),
		kit.Text(&h.Value, "hmac_value", "Value of that header").
			Checked(func() error { return checkTemplate(h.Value, append([]string{"signature"}, hmacNames...)) }).
			Eg("HMAC {id}:{signature}"),
	}
}

func (s *Signer) signHMAC(req *http.Request) error {
	h := &s.access.HMAC
	body, err := bodyOf(req)
	if err != nil {
		return err
	}
	made := s.moment()
	meaning := func(name string) (string, error) { return h.piece(req, body, made, name) }
	for name, text := range h.Headers {
		v, err := expand(text, meaning)
		if err != nil {
			return kit.AsFailure(err).On("hmac_headers")
		}
		req.Header.Set(name, v)
	}
	text, err := expand(h.Text, meaning)
	if err != nil {
		return kit.AsFailure(err).On("hmac_text")
	}
	signature, err := h.signature(text)
	if err != nil {
		return err
	}
	value, err := expand(h.Value, func(name string) (string, error) {
		if name == "signature" {
			return signature, nil
		}
		return meaning(name)
	})
	if err != nil {
		return kit.AsFailure(err).On("hmac_value")
	}
	req.Header.Set(h.Header, value)
	return nil
}

func (h *HMAC) signature(text string) (string, error) {
	key, err := read(h.Secret.Reveal(), h.SecretAs)
	if err != nil {
		return "", kit.Fail(kit.Invalid, "the signing secret is not written as %s", h.SecretAs).On("hmac_secret").Hint("paste it as the service shows it, or say that it is text")
	}
	for _, one := range hashes() {
		if one.name == h.Algorithm {
			m := hmac.New(one.make, key)
			m.Write([]byte(text))
			return written(m.Sum(nil), h.Encoding), nil
		}
	}
	return "", kit.Fail(kit.Invalid, "there is no algorithm %q", h.Algorithm).On("hmac_algorithm")
}

func (h *HMAC) piece(req *http.Request, body []byte, made moment, name string) (string, error) {
	switch name {
	case "id":
		return h.ID, nil
	case "method":
		return req.Method, nil
	case "host":
		return hostWithoutDefaultPort(req), nil
	case "path":
		return req.URL.EscapedPath(), nil
	case "query":
		return req.URL.RawQuery, nil
	case "path_query":
		return req.URL.RequestURI(), nil
	case "url":
		return req.URL.String(), nil
	case "body":
		return string(body), nil
	case "body_md5":
		return digestOf(md5.New, body, asBase64), nil
	case "body_md5_hex":
		return digestOf(md5.New, body, asHex), nil
	case "body_sha256":
		return digestOf(sha256.New, body, asBase64), nil
	case "body_sha256_hex":
		return digestOf(sha256.New, body, asHex), nil
	case "body_sha512":
		return digestOf(sha512.New, body, asBase64), nil
	case "http_date":
		return made.at.UTC().Format(http.TimeFormat), nil
	}
	if header, ok := strings.CutPrefix(name, "header."); ok {
		return req.Header.Get(header), nil
	}
	return made.or(nil)(name)
}

func digestOf(make func() hash.Hash, body []byte, as string) string {
	sum := make()
	sum.Write(body)
	return written(sum.Sum(nil), as)
}

func written(raw []byte, as string) string {
	switch as {
	case asBase64:
		return base64.StdEncoding.EncodeToString(raw)
	case asBase64URL:
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	return hex.EncodeToString(raw)
}

func read(text, as string) ([]byte, error) {
	switch as {
	case asHex:
		return hex.DecodeString(strings.TrimSpace(text))
	case asBase64:
		return base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	}
	return []byte(text), nil
}
